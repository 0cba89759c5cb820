"""What the fields and constraints of an output type have in common."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from django.core.validators import MaxValueValidator, MinValueValidator, RegexValidator
from django.db import models
from django.db.models import Q
from django.utils.functional import lazy
from django.utils.text import get_text_list
from django.utils.translation import gettext, gettext_lazy

from rendering.pictures import formats
from rendering.pictures.formats import OutputFormat

COLOR = RegexValidator(r"^#[0-9a-fA-F]{6}$", gettext_lazy("Write the color as #rrggbb."))


def usual(value: Any) -> dict[str, Any]:
    """Return the default of a field, which rows of earlier releases get as well."""
    return {"default": value, "db_default": value}


def within(lowest: float, highest: float) -> list[Any]:
    """Return the validators of a number between these, both included."""
    return [MinValueValidator(lowest), MaxValueValidator(highest)]


def in_range(name: str, lowest: float, highest: float, words: Any, fields: Iterable[str] = ()) -> Any:
    """Return the constraint that a number, or each of *fields*, is between these, both included."""
    bounds = {
        f"{one}__{end}": at for one in fields or (name,) for end, at in (("gte", lowest), ("lte", highest))
    }
    return models.CheckConstraint(
        condition=Q(**bounds), name=f"outputtype_{name}_in_range", violation_error_message=words
    )


def one_of(field: str, names: Iterable[str]) -> Q:
    """Return the condition that a field is one of these."""
    one, *more = names
    return Q(**({f"{field}__in": (one, *more)} if more else {field: one}))


def of_formats(holds: Callable[[OutputFormat], bool]) -> Q:
    """Return the condition that the format is one of those of which something holds."""
    return one_of("format", formats.named(holds))


def in_words(text: str, holds: Callable[[OutputFormat], bool], more: str = "") -> Any:
    """Return *text* with the %(formats)s of which something holds, and *more*; in the language of the request."""

    def shown() -> str:
        names = [*formats.said(holds), *([gettext(more)] if more else [])]
        return gettext(text) % {"formats": get_text_list(names, gettext("and")), "px": formats.MAX_PX}

    return lazy(shown, str)()
