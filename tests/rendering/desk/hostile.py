"""Hostile requests: every address of the site, every query parameter that its view reads, values that break parsers."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.contrib import admin
from django.http import QueryDict
from django.urls import URLPattern, URLResolver, get_resolver, reverse
from django.urls.resolvers import RegexPattern, RoutePattern

VALUES = (
    "",
    "²",
    "٣",
    "-1",
    "9" * 19,
    "9" * 25,
    "9" * 5000,
    "\x00",
    "a\x00b",
    "1" + "\x00",
    "'\"(%\\",
    "\ud7ff\ufffe",
    "1e400",
    "nan",
    "[1",
    "0000-99-99",
    "0001-01-01 00:00:00",
    "9999-12-31",
    "1,²",
    "true",
    "a " * 1500,
    "x" * 20_000,
)
LOOKUPS = (
    "",
    "__exact",
    "__in",
    "__isnull",
    "__gte",
    "__lt",
    "__year",
    "__year__gte",
    "__month",
    "__day",
    "__date",
    "__week_day",
    "__range",
    "__icontains",
    "__regex",
    "__id__exact",
    "__nothing",
)


def addresses(rows: dict[str, list[str]]) -> Iterator[str]:
    """Yield every address of the site; *rows* has the values of each name of a part (also by "name")."""
    yield from _under(get_resolver(), "/", rows)


def _under(resolver: URLResolver, before: str, rows: dict[str, list[str]]) -> Iterator[str]:
    for one in resolver.url_patterns:
        for path in _filled(one.pattern, before, rows):
            if isinstance(one, URLPattern):
                yield path
            else:
                yield from _under(one, path, rows)


def _filled(pattern: Any, before: str, rows: dict[str, list[str]]) -> Iterator[str]:
    if isinstance(pattern, RegexPattern):  # Django's own: the list of one app, and "anything else"
        yield before
        return
    assert isinstance(pattern, RoutePattern)
    paths = [before + pattern._route]
    for name in pattern.converters:
        paths = [
            f"{head}{value}{tail}"
            for path in paths
            for value in rows.get(name, ["1"])
            for head, tail in [_around(path, name)]
        ]
    yield from paths


def _around(path: str, name: str) -> tuple[str, str]:
    head, _, rest = path.partition("<")
    kind, _, tail = rest.partition(">")
    assert kind.rpartition(":")[2] == name, path
    return head, tail


@contextmanager
def watched() -> Iterator[set[str]]:
    """Gather the names of query parameters that are asked for meanwhile."""
    asked: set[str] = set()
    kept = {name: getattr(QueryDict, name) for name in ("get", "getlist", "__getitem__", "__contains__")}

    def watching(method: Any) -> Any:
        def call(self: QueryDict, key: Any, *rest: Any, **named: Any) -> Any:
            asked.add(str(key))
            return method(self, key, *rest, **named)

        return call

    for name, method in kept.items():
        setattr(QueryDict, name, watching(method))
    try:
        yield asked
    finally:
        for name, method in kept.items():
            if name in ("get", "getlist", "__getitem__"):
                setattr(QueryDict, name, method)
            else:
                del QueryDict.__contains__


def filters_of(model_admin: admin.ModelAdmin[Any]) -> Iterator[str]:
    """Yield what a list's address may filter by: each field with each lookup, and the parameters of own filters."""
    for field in model_admin.opts.get_fields():
        for lookup in LOOKUPS:
            yield f"{field.name}{lookup}"
    for one in model_admin.list_filter:
        if isinstance(one, type):
            yield str(getattr(one, "parameter_name", ""))


def pages() -> list[str]:
    """Return each address of the site, with ids that there are and ids that there can't be."""
    odd = {
        "object_id": ["²", "9" * 25, "9" * 5000, "a%00b", "_5F"],
        "name": ["durations", "%00"],
        "kind": ["csv"],
    }
    found = list(addresses(odd))
    for model in admin.site._registry:
        row = model._default_manager.order_by("-pk").first()
        if row is not None:
            names = ("change", "history", "delete")
            found += [reverse(f"admin:{_name(model)}_{one}", args=[row.pk]) for one in names]
    return list(dict.fromkeys(one for one in found if "logout" not in one))


def lists() -> dict[str, list[str]]:
    """Return the address of each list, with the filters that may be tried there."""
    return {
        reverse(f"admin:{_name(model)}_changelist"): list(filters_of(model_admin))
        for model, model_admin in admin.site._registry.items()
    }


def _name(model: type[Any]) -> str:
    return f"{model._meta.app_label}_{model._meta.model_name}"
