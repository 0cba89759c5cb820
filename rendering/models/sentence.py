"""A sentence that is kept with its values, and worded for whoever reads it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Self

from django.db import models
from django.db.models.query_utils import DeferredAttribute
from django.utils import translation
from django.utils.functional import Promise
from django.utils.text import get_text_list
from django.utils.translation import gettext

from media_assets.cad import spoken
from media_assets.cad.problem import Failure
from media_assets.models import numbers
from rendering.models.errors import words_of

if TYPE_CHECKING:
    _TextField = models.TextField["Sentence | str", "Sentence"]
else:
    _TextField = models.TextField

KEPT = '{"english":'


@dataclass(frozen=True)
class Sentence:
    """Its English, marked for translation, with the values that it names.

    A value that is a list are alternatives ("A, B or C"), a Failure, another Sentence or a lazy text stands there in
    words. One without words is false.
    """

    english: str
    values: Mapping[str, Any]

    @classmethod
    def of(cls, english: str, **values: Any) -> Self:
        return cls(english, {name: _kept(value) for name, value in values.items()})

    def __bool__(self) -> bool:
        return bool(self.english)

    def __str__(self) -> str:
        said = {name: _said(value) for name, value in self.values.items()}
        return numbers.say(gettext(self.english), **said).strip()

    @property
    def for_programs(self) -> str:
        with translation.override("en"):
            return str(self)

    def to_json(self) -> dict[str, Any]:
        return {"english": self.english, "values": dict(self.values)}

    @classmethod
    def from_json(cls, document: Mapping[str, Any]) -> Self:
        return cls(**document)

    def to_text(self) -> str:
        """Return it as a column of text keeps it."""
        return json.dumps(self.to_json(), ensure_ascii=False, separators=(",", ":")) if self else ""

    @classmethod
    def from_text(cls, text: str) -> Self:
        """Return what `to_text` gave, never what a stranger wrote; any other text stands for itself."""
        if text.startswith(KEPT):
            return cls.from_json(json.loads(text))
        return cls.plain(text)

    @classmethod
    def plain(cls, text: str) -> Self:
        """Return what says just that in every language, whoever wrote it."""
        return cls.of("{said}", said=text) if text else cls("", {})


class _Attribute(DeferredAttribute):
    def __set__(self, instance: models.Model, value: Any) -> None:
        instance.__dict__[self.field.attname] = self.field.to_python(value)


class SentenceField(_TextField):
    """A sentence as a text of JSON. What was written as plain text is read as a sentence that says just that."""

    descriptor_class = _Attribute

    def to_python(self, value: Any) -> Any:
        return Sentence.from_text(value) if isinstance(value, str) else value

    def from_db_value(self, value: Any, *_given: Any) -> Any:
        return self.to_python(value)

    def get_prep_value(self, value: Any) -> Any:
        return value.to_text() if isinstance(value, Sentence) else value

    def value_to_string(self, obj: models.Model) -> str:
        return str(self.get_prep_value(self.value_from_object(obj)))


def _kept(value: Any) -> Any:
    if isinstance(value, Promise):
        with translation.override("en"):
            return Sentence.of(str(value)).to_json()
    if isinstance(value, str):
        return spoken.words(value)
    return value.to_json() if isinstance(value, (Failure, Sentence)) else value


def _said(value: Any) -> Any:
    match value:
        case list():
            return get_text_list(value)
        case {"code": _}:
            problem = words_of(Failure.from_json(value))
            return f"{problem.message} {problem.next_step}".strip()
        case dict():
            return str(Sentence.from_json(value))
    return value
