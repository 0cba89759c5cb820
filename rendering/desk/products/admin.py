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

from media_assets.models import CadFile, Product
from media_assets.serving import html
from rendering import orders
from rendering.catalog import materials
from rendering.desk.materials import tree as material_tree
from rendering.desk.materials.tree import Viewer
from rendering.desk.media_base import ProductAdmin
from rendering.desk.orders import placing
from rendering.desk.products.staleness import ProductFreshness, revision, standings
from rendering.desk.shared.control import ControlAdmin, operator, plural
from rendering.models import Order, Workflow
from rendering.orders import OrderRefused
from rendering.queue import waiting

admin.site.unregister(Product)


class PausedFilter(admin.SimpleListFilter):
    """Products that are paused, and those that are not."""

    title, parameter_name = "pause", "paused"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("yes", "Paused"), ("no", "Not paused")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Product]) -> QuerySet[Product]:
        if self.value() not in ("yes", "no"):
            return queryset
        return queryset.filter(paused_since__isnull=self.value() == "no")


@admin.register(Product)
class OrderableProductAdmin(ControlAdmin, ProductAdmin):
    actions = ("order_output_types", "render_again", "render_stale", "run_workflow", "pause", "resume")
    list_filter: ClassVar[tuple[Any, ...]] = (
        *ProductAdmin.list_filter,
        PausedFilter,
    )
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
        paused = html.badge("paused", "Paused") if product.paused_since else ""
        fresh = self._freshness(_standing(product))
        return format_html("{} {}", paused, fresh) if paused and fresh != "-" else paused or fresh

    def _freshness(self, standing: ProductFreshness) -> SafeString | str:
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
        more = {"may_order": may_order, "paused": waiting.words(product)}
        return render_to_string("desk/revision.html", {**context, **more})

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
        return placing.prefilled(request, queryset)

    @admin.action(permissions=["order"], description="Run workflow…")
    def run_workflow(self, request: HttpRequest, queryset: QuerySet[Product]) -> HttpResponse:
        """Lead to the order's page; where there is only one workflow it is chosen already."""
        known = list(Workflow.objects.all()[:2])
        return placing.prefilled(request, queryset, workflow=known[0] if len(known) == 1 else None)

    @admin.action(permissions=["order"], description="Re-render…")
    def render_again(self, request: HttpRequest, queryset: QuerySet[Product]) -> HttpResponse:
        return placing.prefilled(request, queryset, force=True)

    @admin.action(permissions=["order"], description="Re-render what is stale")
    def render_stale(self, request: HttpRequest, queryset: QuerySet[Product]) -> HttpResponse | None:
        """Order what was delivered before and is no longer current."""
        found = standings(list(queryset))
        wishes = [orders.Wish(item.product, item.output_type) for one in found.values() for item in one.stale]
        if not wishes:
            self.message_user(
                request, "Nothing is stale: every delivered picture is current.", messages.WARNING
            )
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

    @admin.action(permissions=["pause"], description="Pause")
    def pause(self, request: HttpRequest, queryset: QuerySet[Product]) -> None:
        by = request.user.get_username()
        happened = [orders.pause_product(product, by) for product in queryset]
        self.tell(request, happened, "product", "paused; what runs goes on", "paused already")

    @admin.action(permissions=["pause"], description="Resume")
    def resume(self, request: HttpRequest, queryset: QuerySet[Product]) -> None:
        happened = [orders.resume_product(product) for product in queryset]
        self.tell(request, happened, "product", "resumed", "not paused")

    def offers(self, action: str, obj: Any) -> bool:
        match action:
            case "render_stale":
                return bool(_standing(obj).stale)
            case "pause" | "resume":
                return (obj.paused_since is None) == (action == "pause")
        return obj.cad_file_id is not None

    def assign(self, request: HttpRequest, product: Product, cad_file: CadFile) -> None:
        """Make *cad_file* the current one; what can't be ordered for it now is said, not raised."""
        try:
            super().assign(request, product, cad_file)
        except OrderRefused as error:
            self.message_user(request, f"The CAD file was not assigned. {error}", messages.ERROR)


def _standing(product: Any) -> ProductFreshness:
    """The standing that the list or the page has found; none on the add page."""
    return getattr(product, "standing", None) or ProductFreshness()
