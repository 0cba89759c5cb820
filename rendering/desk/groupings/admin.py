"""Customers, collections and tags: what products are filtered, ordered and reported by."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import Count, QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy

from gpu.admin.bounded import BoundedAdmin
from media_assets.models import Collection, Customer, Grouping, Product, Tag, sight


class GroupingAdmin(BoundedAdmin):
    list_display = ("name", "products")
    search_fields = ("name",)
    list_per_page = 50

    def get_queryset(self, request: HttpRequest) -> QuerySet[Grouping]:
        rows: QuerySet[Grouping] = super().get_queryset(request)
        return rows.annotate(product_count=Count("products", filter=sight.among("products", Product)))

    @admin.display(description=gettext_lazy("products"), ordering="product_count")
    def products(self, row: Any) -> SafeString:
        address = reverse("admin:media_assets_product_changelist")
        return format_html(
            '<a href="{}?{}={}">{}</a>', address, self.opts.model_name, row.pk, row.product_count
        )


@admin.register(Customer)
class CustomerAdmin(GroupingAdmin):
    empty_words = gettext_lazy(
        "Lists, orders, reports and permissions can be limited to the products of a customer. "
        "Add one, then choose it on the pages of its products."
    )


@admin.register(Collection)
class CollectionAdmin(GroupingAdmin):
    empty_words = gettext_lazy(
        "A collection has products that belong together, for example those of a catalog. "
        "Add one, then choose it on the pages of its products."
    )


@admin.register(Tag)
class TagAdmin(GroupingAdmin):
    empty_words = gettext_lazy(
        "A tag is a word of your own by which products are found and ordered. "
        "Add one, then choose it on the pages of its products."
    )
