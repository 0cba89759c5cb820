"""Products with what can be ordered for them, and what is no longer current."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from media_assets import html
from media_assets.admin import ProductAdmin
from media_assets.models import CadFile, Product
from rendering import materials, orders
from rendering.admin import material_tree, order_page
from rendering.admin.control import ControlAdmin, operator, plural
from rendering.admin.material_tree import Viewer
from rendering.admin.staleness import Standing, revision, standings
from rendering.models import Order
from rendering.orders import OrderRefused

admin.site.unregister(Product)


@admin.register(Product)
class OrderableProductAdmin(ControlAdmin, ProductAdmin):
    actions = ("order_output_types", "render_again", "render_stale")
    list_display = (*ProductAdmin.list_display[:-1], "current", ProductAdmin.list_display[-1])
    fieldsets: ClassVar[Any] = (
        ProductAdmin.fieldsets[0],
        ("Pictures", {"fields": ("revision", "pictures", "geometry", "revised")}),
        ("Materials", {"fields": ("materials",)}),
    )
    readonly_fields = (*ProductAdmin.readonly_fields, "revision", "materials")

    class Media:
        css = {"all": ("rendering/materials.css",)}

    def get_changelist_instance(self, request: HttpRequest) -> Any:
        """Return the list with the standing of its rows: one query for the whole page."""
        page = super().get_changelist_instance(request)
        page.result_list = list(page.result_list)
        found = standings(page.result_list)
        for product in page.result_list:
            product.standing = found[product.pk]
        return page

    def get_object(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Product | None:
        """Return the product with its standing, and whether this user may order."""
        product = super().get_object(request, *args, **kwargs)
        if product is not None:
            product.standing = standings([product])[product.pk]
            product.may_order = self.has_order_permission(request)
            product.viewer = material_tree.viewer(request, product)
        return product

    @admin.display(description="pictures")
    def current(self, product: Product) -> SafeString | str:
        standing = _standing(product)
        if not standing.delivered:
            return "-"
        if standing.stale:
            coming = len(standing.being_replaced)
            told = f"{len(standing.stale)} of {len(standing.delivered)} stale"
            return html.badge("stale", f"{told}, {coming} on the way" if coming else told)
        return html.badge("done", f"{len(standing.delivered)} current")

    @admin.display(description="standing")
    def revision(self, product: Product) -> SafeString:
        context = revision(product, _standing(product))
        may_order = getattr(product, "may_order", False)
        return render_to_string("desk/revision.html", {**context, "may_order": may_order})

    @admin.display(description="materials")
    def materials(self, product: Product) -> SafeString:
        viewer = getattr(product, "viewer", Viewer(product))
        tree = product.cad_file.tree if product.cad_file else {}
        context = {
            "groups": material_tree.groups(tree, materials.load(), viewer),
            "product": product,
            "may_add": viewer.may_add,
        }
        return render_to_string("desk/materials.html", context)

    @admin.action(permissions=["order"], description="Order output types…")
    def order_output_types(self, request: HttpRequest, queryset: QuerySet[Product]) -> HttpResponse:
        return order_page.prefilled(request, queryset)

    @admin.action(permissions=["order"], description="Re-render…")
    def render_again(self, request: HttpRequest, queryset: QuerySet[Product]) -> HttpResponse:
        return order_page.prefilled(request, queryset, force=True)

    @admin.action(permissions=["order"], description="Re-render what is stale")
    def render_stale(self, request: HttpRequest, queryset: QuerySet[Product]) -> HttpResponse | None:
        """Order what was delivered before and is no longer current."""
        found = standings(list(queryset))
        wishes = [orders.Wish(item.product, item.output_type) for one in found.values() for item in one.stale]
        if not wishes:
            self.message_user(request, "Nothing is stale: every delivered picture is current.")
            return None
        try:
            order = orders.place(wishes, trigger=Order.Trigger.RERENDER, user=operator(request))
        except OrderRefused as error:
            self.message_user(request, str(error), messages.ERROR)
            return None
        address = reverse("admin:rendering_order_change", args=[order.pk])
        what = f"placed: {plural(len(wishes), 'stale picture')} rendered again."
        self.message_user(request, format_html('<a href="{}">{}</a> {}', address, order, what))
        return HttpResponseRedirect(address)

    def offers(self, action: str, obj: Any) -> bool:
        if action == "render_stale":
            return bool(_standing(obj).stale)
        return obj.cad_file_id is not None

    def assign(self, request: HttpRequest, product: Product, cad_file: CadFile) -> None:
        """Make *cad_file* the current one; what can't be ordered for it now is said, not raised."""
        try:
            super().assign(request, product, cad_file)
        except OrderRefused as error:
            self.message_user(request, f"The CAD file was not assigned. {error}", messages.ERROR)


def _standing(product: Any) -> Standing:
    """The standing that the list or the page has found; none on the add page."""
    return getattr(product, "standing", None) or Standing()
