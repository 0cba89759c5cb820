"""Filters of products by customer, collection and tag: the names with the most products, and the chosen one."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib import admin
from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy

from media_assets.models import Collection, Customer, Grouping, Product, Tag, sight

MOST = 30  # names of one filter


class GroupingFilter(admin.SimpleListFilter):
    """One customer, collection or tag by its id."""

    model: ClassVar[type[Grouping]]
    field: ClassVar[str]

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        rows = self.model._default_manager.annotate(
            count=Count("products", filter=sight.among("products", Product))
        ).order_by("-count", "name")
        shown = list(rows.values_list("pk", "name")[:MOST])
        chosen = self.value() or ""
        if _is_id(chosen) and int(chosen) not in dict(shown):
            shown += rows.filter(pk=chosen).values_list("pk", "name")
        return [(str(pk), name) for pk, name in sorted(shown, key=lambda one: one[1].lower())]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Product]) -> QuerySet[Product]:
        chosen = self.value() or ""
        return queryset.filter(Q(**{self.field: chosen})) if _is_id(chosen) else queryset


class CustomerFilter(GroupingFilter):
    title, parameter_name, model, field = gettext_lazy("customer"), "customer", Customer, "customer"


class CollectionFilter(GroupingFilter):
    title, parameter_name, model, field = gettext_lazy("collection"), "collection", Collection, "collection"


class TagFilter(GroupingFilter):
    title, parameter_name, model, field = gettext_lazy("tag"), "tag", Tag, "tags"


def _is_id(text: str) -> bool:
    return text.isdecimal() and len(text) < 19
