"""A sentence that is kept with its values, and worded for whoever reads it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

from django.utils import translation
from django.utils.text import get_text_list
from django.utils.translation import gettext

from media_assets.cad.problem import Failure
from media_assets.models import numbers
from rendering.models.errors import words_of


@dataclass(frozen=True)
class Sentence:
    """Its English, marked for translation, with the values that it names.

    A value that is a list are alternatives ("A, B or C"), a Failure or another Sentence stands there in words.
    """

    english: str
    values: Mapping[str, Any]

    @classmethod
    def of(cls, english: str, **values: Any) -> Self:
        return cls(english, {name: _kept(value) for name, value in values.items()})

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


def _kept(value: Any) -> Any:
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
