"""Lists of many rows: counted up to a limit, paged by ids alone, searched through the small tables."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Any, ClassVar

from django.contrib import admin
from django.core.exceptions import ValidationError
from django.core.paginator import Page, Paginator
from django.db import connections
from django.db.models import Model, OuterRef, Q, QuerySet, Subquery
from django.http import HttpRequest
from django.utils.text import smart_split, unescape_string_literal
from django.utils.translation import gettext as _

from gpu.admin.bounded import BoundedAdmin, bounded
from media_assets.models import numbers, sight
from media_assets.models.archivable import Archivable

EXACT_ROWS = 20_000  # a table that PostgreSQL thinks to be larger is not counted
COUNTED = 10_000  # rows that a filter leaves are counted up to here
FOUND = 1_000  # rows that a search finds are counted up to here
FEW = 500  # rows of another table that a search names one by one; SQLite takes 999 parameters
COMMON = 20_000  # and from here on they are so many that hardly any row leads to none of them
HASH = re.compile(r"[0-9a-f]{6,64}\Z")
AFTER_HEX = "g"  # sorts after each digit of a hash


class Count(int):
    """A number of rows that says in words (with %(count)s) that it is no exact one."""

    words: str

    def __new__(cls, value: int, words: str) -> Count:
        made = super().__new__(cls, value)
        made.words = words
        return made

    def __str__(self) -> str:
        return self.words % {"count": numbers.grouped(int(self))}


class LargePaginator(Paginator):  # type: ignore[type-arg]
    """Pages of a queryset that may be long.

    Only ids are paged, so that an index can lead to a far page and nothing is worked out for the rows before it.
    What a filter or a search leaves is looked for up to *most* rows, once; of a large table as a whole PostgreSQL's
    own estimate is shown. The rows of a page are taken from *whole*, where it is given, without the conditions again.
    """

    most = COUNTED
    whole: QuerySet[Any] | None = None

    @cached_property
    def count(self) -> int:
        if not isinstance(self.object_list, QuerySet):
            return super().count
        if self._few is None:
            guess = estimate(self.object_list)
            return Count(guess, _("about %(count)s")) if guess > EXACT_ROWS else self.object_list.count()
        found = len(self._few)
        return Count(self.most, _("more than %(count)s")) if found > self.most else found

    @cached_property
    def _few(self) -> list[Any] | None:
        """The ids of the rows that are counted; None for a table as a whole."""
        rows: Any = self.object_list
        return None if _is_whole_table(rows) else list(rows.values_list("pk", flat=True)[: self.most + 1])

    def page(self, number: Any) -> Any:
        number = self.validate_number(number)
        rows: Any = self.object_list
        if not isinstance(rows, QuerySet):
            return super().page(number)
        ids = rows.values_list("pk", flat=True)
        first = (number - 1) * self.per_page
        found = ids if self._few is None else self._few[: self.most]
        chosen = list(found[first : first + self.per_page])
        if not chosen and number > 1:  # the table is shorter than it was thought to be: the last rows then
            chosen = list(ids.reverse()[: self.per_page])
        return Page(self._rows(rows).filter(pk__in=chosen), number, self)

    def _rows(self, rows: QuerySet[Any]) -> QuerySet[Any]:
        """Return what the rows of a page are taken from: in the same order, with the same columns."""
        if self.whole is None:
            return rows
        found: QuerySet[Any] = self.whole.order_by(*rows.query.order_by)
        found.query.select_related = rows.query.select_related
        found.query.deferred_loading = rows.query.deferred_loading
        return found


def _is_whole_table(rows: QuerySet[Any]) -> bool:
    query = rows.query
    if query.distinct or query.combinator or query.is_sliced or sight.now():
        return False
    in_use: Any = rows.model._default_manager
    is_usual = issubclass(rows.model, Archivable) and query.where == in_use.unarchived().query.where
    return is_usual or not query.where


def estimate(rows: QuerySet[Any]) -> int:
    """Return how many rows the table of *rows* has, as PostgreSQL last saw; 0 where nobody knows."""
    connection = connections[rows.db]
    if connection.vendor != "postgresql":
        return 0
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT reltuples::bigint FROM pg_class WHERE oid = %s::regclass", [_quoted(rows.model)]
        )
        row = cursor.fetchone()
    return max(0, int(row[0]))


def _quoted(model: type[Model]) -> str:
    return f'"{model._meta.db_table}"'


class LargeAdmin(BoundedAdmin):
    """A list of a table that grows for ever.

    `search_fields` are Django's, but paths to other tables are followed one by one, so that an index serves each;
    "^" is a hash, of which the first six digits or more are given. `search_only` narrows a field that no index
    serves: it is looked for in those rows alone.
    """

    paginator = LargePaginator
    show_full_result_count = False
    show_facets = admin.ShowFacets.NEVER  # counting each choice goes through all rows
    search_only: ClassVar[Mapping[str, Q]] = {}
    searched_by: ClassVar[tuple[str, ...]] = ("q",)  # parameters that are words to look for

    def get_paginator(self, request: HttpRequest, queryset: Any, *args: Any, **kwargs: Any) -> Any:
        made = super().get_paginator(request, queryset, *args, **kwargs)
        if isinstance(made, LargePaginator) and getattr(queryset, "model", None) is self.model:
            made.whole = self.get_queryset(request)
            made.most = FOUND if any(map(request.GET.get, self.searched_by)) else COUNTED
        return made

    def get_changelist_instance(self, request: HttpRequest) -> Any:
        """Return the list; beside the search it offers to show all only where something is left out."""
        page = super().get_changelist_instance(request)
        if not (page.query or page.has_active_filters):
            page.full_result_count = page.result_count
        return page

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        fields = list(self.get_search_fields(request))
        for word in words(bounded(search_term)[0]) if fields else ():
            queryset = queryset.filter(matching(queryset.model, fields, word, self.search_only))
        return queryset, False


def words(text: str) -> list[str]:
    """Return the words of a search; text in quotes is one word."""
    found = (word.strip() for word in smart_split(text))
    quoted = (
        unescape_string_literal(word) if word[:1] in "\"'" and word[-1:] == word[:1] else word
        for word in found
    )
    return [word.replace("\x00", "") for word in quoted if word.strip("\"'\x00")]


def matching(model: type[Model], fields: Sequence[str], word: str, only: Mapping[str, Q] | None = None) -> Q:
    """Return the condition that one of *fields* of a row of *model*, or of a row that it leads to, has *word*."""
    found = Q(pk__in=())
    paths: dict[str, list[str]] = {}
    for field in fields:
        first, _, rest = field.lstrip("=^").partition("__")
        if rest:
            paths.setdefault(first, []).append(f"{field[: len(field) - len(field.lstrip('=^'))]}{rest}")
        else:
            found |= _own(model, field, word) & (only or {}).get(field, Q())
    for first, rests in paths.items():
        found |= _by_way_of(model, first, rests, word)
    return found


def _own(model: type[Model], field: str, word: str) -> Q:
    name = field.lstrip("=^")
    if field.startswith("^"):
        low = word.lower()
        return Q(**{f"{name}__gte": low, f"{name}__lt": low + AFTER_HEX}) if HASH.match(low) else Q(pk__in=())
    if not field.startswith("="):
        return Q(**{f"{name}__icontains": word})
    field_of_key: Any = model._meta.get_field(name)
    try:
        field_of_key.to_python(word)
    except ValidationError:
        return Q(pk__in=())
    return Q(**{name: word})


def _by_way_of(model: type[Model], name: str, rests: Sequence[str], word: str) -> Q:
    """Return the condition that a row leads by its relation *name* to a row in which one of *rests* has *word*.

    Many rows of a larger table, and those that nearly every row leads to, are not gathered: the one that a row leads
    to is looked at, and of common ones a page is soon full.
    """
    relation: Any = model._meta.get_field(name)
    others = relation.related_model._default_manager.filter(
        matching(relation.related_model, rests, word)
    ).order_by()
    own, key = ("pk", relation.field.attname) if relation.one_to_many else (name, "pk")
    ids = set(others.values_list(key, flat=True)[: FEW + 1])
    if len(ids) > FEW and not relation.one_to_many:
        is_larger = estimate(relation.related_model._default_manager.all()) > estimate(
            model._default_manager.all()
        )
        if is_larger or others[COMMON:].exists():
            # Not EXISTS: PostgreSQL would gather the other table for that all the same.
            return Q(**{name: Subquery(others.filter(pk=OuterRef(name)).values("pk")[:1])})
    return Q(**{f"{own}__in": ids - {None} if len(ids) <= FEW else others.values(key)})
