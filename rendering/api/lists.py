"""Lists: pages by cursor, the newest first; only what changed since; only some fields."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable, Iterable, Sequence
from typing import Annotated, Any, Generic, TypeVar

from django.db.models import Model, Q, QuerySet, TextChoices
from django.http import HttpResponse, JsonResponse
from django.utils.translation import gettext as _
from ninja import Schema
from pydantic import AfterValidator, AwareDatetime, BeforeValidator, Field, WithJsonSchema

from rendering.api.problems import ApiRefused

MOST_ID = 2**63 - 1
T = TypeVar("T", bound=Schema)


def _storable(text: str) -> str:
    if "\0" in text or any(0xD800 <= ord(one) <= 0xDFFF for one in text):
        raise ValueError("Text must not contain NUL or surrogates")
    return text


def _written_out(value: Any) -> Any:
    if isinstance(value, str) and "-" not in value:
        raise ValueError(
            "Write a time as 2026-01-31T00:00:00Z"
        )  # a number would be read as seconds since 1970
    return value


def values_of(choices: type[TextChoices]) -> WithJsonSchema:
    """Let the document of a parameter name its values where it stands: several classes are called State."""
    return WithJsonSchema({"type": "string", "enum": choices.values})


Moment = Annotated[AwareDatetime, BeforeValidator(_written_out)]
Text = Annotated[str, Field(max_length=300), AfterValidator(_storable)]
RowId = Annotated[int, Field(ge=1, le=MOST_ID)]


class ListWanted(Schema):
    """Which part of a list is asked for."""

    cursor: Text = Field("", description="`next` of the page before; empty: the first page")
    limit: int = Field(50, ge=1, le=200, description="Items of a page")
    fields: Text = Field("", description="Only these fields of each item, separated by commas; empty: all")
    updated_since: Moment | None = Field(
        None, description="Only what was made or changed at this time or later (RFC 3339)"
    )


class Page(Schema, Generic[T]):
    """A page of a list, the newest first."""

    items: list[T]
    next: str | None = Field(description="The cursor of the next page; null: this is the last")


def page(
    wanted: ListWanted,
    rows: QuerySet[Any],
    shape: type[Schema],
    document: Callable[[Any], dict[str, Any]],
    *,
    changed: Sequence[str],
    together: Callable[[list[Any]], object] | None = None,
) -> HttpResponse:
    """Return the page of *rows* that is *wanted*, each as the *document* of this *shape*.

    *changed*: the columns with the times at which a row was made or changed. *together* looks up what the documents of
    all rows of the page say.
    """
    include = _fields(wanted.fields, shape)
    if wanted.cursor:
        rows = rows.filter(pk__lt=_position(wanted.cursor))
    if wanted.updated_since:
        since = Q()
        for column in changed:
            since |= Q(**{f"{column}__gte": wanted.updated_since})
        rows = rows.filter(since)
    found = list(rows.order_by("-pk")[: wanted.limit + 1])
    shown = found[: wanted.limit]
    if together and shown:
        together(shown)
    items = [dump(shape, document(row), include) for row in shown]
    following = _cursor(shown[-1]) if len(found) > wanted.limit else None
    return JsonResponse({"items": items, "next": following})


def one(shape: type[Schema], document: dict[str, Any], status: int = 200, **headers: str) -> HttpResponse:
    """Return one document of this *shape*."""
    answer = JsonResponse(dump(shape, document), status=status)
    for name, value in headers.items():
        answer[name.replace("_", "-")] = value
    return answer


def dump(shape: type[Schema], document: dict[str, Any], include: set[str] | None = None) -> dict[str, Any]:
    """Return *document* as its shape says, so that nothing leaves that the API's document does not describe."""
    return shape.model_validate(document).model_dump(mode="json", include=include)


def found(rows: QuerySet[Any], name: str, **key: Any) -> Any:
    """Return the one row; ApiRefused with 404 where there is none. *name*: what it is called in words."""
    row = rows.filter(**key).first()
    if row is None:
        what = next(iter(key.values()))
        raise ApiRefused(404, "not_found", _("There is no {name} {what!r}.").format(name=name, what=what))
    return row


def _fields(text: str, shape: type[Schema]) -> set[str] | None:
    names = {name.strip() for name in text.split(",") if name.strip()}
    unknown = sorted(names - set(shape.model_fields))
    if unknown:
        known = ", ".join(shape.model_fields)
        words = _("There are no fields {names}.").format(names=", ".join(unknown))
        raise ApiRefused(422, "unknown_field", words, _("There are: {known}.").format(known=known))
    return names or None


def _cursor(row: Model) -> str:
    return base64.urlsafe_b64encode(str(row.pk).encode()).decode().rstrip("=")


def _position(cursor: str) -> int:
    try:
        number = int(base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True))
    except (ValueError, binascii.Error):
        number = 0
    if not 0 < number <= MOST_ID:
        raise ApiRefused(422, "bad_cursor", _("This is no cursor."), _("Take `next` of the page before."))
    return number


def csv_of(values: Iterable[str]) -> list[str]:
    """Return the values of a repeated or comma-separated parameter."""
    return [one.strip() for value in values for one in value.split(",") if one.strip()]
