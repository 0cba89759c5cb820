"""Products with what can be ordered for them."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse

from media_assets.admin import ProductAdmin
from media_assets.models import CadFile, Product
from rendering.admin import order_page
from rendering.admin.control import ControlAdmin
from rendering.orders import OrderRefused

admin.site.unregister(Product)


@admin.register(Product)
class OrderableProductAdmin(ControlAdmin, ProductAdmin):
    actions = ("order_output_types", "render_again")

    @admin.action(permissions=["order"], description="Order output types…")
    def order_output_types(self, request: HttpRequest, queryset: QuerySet[Product]) -> HttpResponse:
        return order_page.prefilled(request, queryset)

    @admin.action(permissions=["order"], description="Re-render…")
    def render_again(self, request: HttpRequest, queryset: QuerySet[Product]) -> HttpResponse:
        return order_page.prefilled(request, queryset, force=True)

    def offers(self, action: str, obj: Any) -> bool:
        return obj.cad_file_id is not None

    def assign(self, request: HttpRequest, product: Product, cad_file: CadFile) -> None:
        """Make *cad_file* the current one; what can't be ordered for it now is said, not raised."""
        try:
            super().assign(request, product, cad_file)
        except OrderRefused as error:
            self.message_user(request, f"The CAD file was not assigned. {error}", messages.ERROR)
