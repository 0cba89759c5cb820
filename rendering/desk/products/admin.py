"""Products: current CAD file, pictures, ordering, stale pictures."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.forms import ModelForm, Script
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from gpu.admin.bounded import is_key_of
from gpu.admin.versions import VersionedAdmin
from media_assets.ingest import receive
from media_assets.models import CadFile, Product, ProductRevision, sight
from media_assets.serving import html
from rendering.desk.explosions import page as explosions
from rendering.desk.groupings.filters import CollectionFilter, CustomerFilter, TagFilter
from rendering.desk.materials import assign
from rendering.desk.materials import tree as material_tree
from rendering.desk.parts import page as parts
from rendering.desk.products import identifiers, overview
from rendering.desk.products.actions import ProductActions
from rendering.desk.products.cells import ProductCells
from rendering.desk.products.filters import PausedFilter
from rendering.desk.products.identifiers import IdentifierInline
from rendering.desk.products.sections import ProductSections
from rendering.desk.products.staleness import freshness_of
from rendering.desk.shared.archiving import ArchivedFilter
from rendering.desk.shared.base import ASSETS_JS, sees_pictures
from rendering.desk.shared.control import operator
from rendering.desk.shared.large import LargeAdmin
from rendering.orders import OrderRefused


@admin.register(Product)
class ProductAdmin(ProductSections, ProductCells, VersionedAdmin, ProductActions, LargeAdmin):
    empty_words = gettext_lazy(
        "A product has its pictures, revisions, finishes, orders and 3-D view on one page. Upload a CAD file: "
        "it becomes a product with a first picture."
    )
    list_display = ("picture", "number", "name_and_groups", "cad_link", "current", "revised")
    list_display_links = ("number",)
    list_filter = (
        CustomerFilter,
        CollectionFilter,
        TagFilter,
        *("cad_file__state", "revised", PausedFilter, ArchivedFilter),
    )
    search_fields = ("number", "name", "cad_file__original_name", "customer__name", "collection__name")
    list_per_page = 50
    autocomplete_fields = ("cad_file", "customer", "collection", "tags")
    fieldsets = (
        (None, {"fields": ("number", "name", ("customer", "collection"), "tags")}),
        (gettext_lazy("Pictures"), {"fields": ("revision", "pictures")}),
        (gettext_lazy("Deliverables and orders"), {"fields": ("work",)}),
        (gettext_lazy("Revisions"), {"fields": ("history", "cad_file")}),
        (gettext_lazy("Channels"), {"fields": ("channels",)}),
        (gettext_lazy("Orientation"), {"fields": ("orientation", "stands", "turn", "geometry")}),
        (gettext_lazy("Materials"), {"fields": ("materials",)}),
    )
    inlines = (IdentifierInline,)
    readonly_fields = (
        *("channels", "pictures", "geometry", "stands", "revision", "materials", "work", "history"),
    )

    class Media:
        css = {
            "all": (
                "rendering/shared/media.css",
                "rendering/materials/materials.css",
                "rendering/channels/channels.css",
            )
        }
        js = (
            ASSETS_JS,
            Script("rendering/products/orientation.js", defer=True, blocking="render"),
            Script("rendering/materials/finishes.js", defer=True),
            Script("rendering/materials/labels.js", defer=True),
        )

    def get_queryset(self, request: HttpRequest) -> QuerySet[Product]:
        picture = html.newest_picture("cad_file") if sees_pictures(request) else html.NO_PICTURE
        rows: QuerySet[Product] = super().get_queryset(request)
        light = rows.select_related("cad_file", "customer", "collection")
        light = light.defer("cad_file__tree", "cad_file__report").prefetch_related("tags")
        return light.annotate(picture_of=picture)

    def get_urls(self) -> list[Any]:
        view = self.admin_site.admin_view
        return [
            path(
                "<int:pk>/finishes/",
                view(assign.page),
                name="media_assets_product_assign",
            ),
            path(
                "<int:pk>/finishes.json",
                view(require_safe(assign.decided)),
                name="media_assets_product_finishes",
            ),
            path(
                "<int:pk>/current/",
                view(require_POST(self.make_current)),
                name="media_assets_product_current",
            ),
            path("<int:pk>/parts/", view(parts.page), name="media_assets_product_parts"),
            path(
                "<int:pk>/parts.<str:kind>", view(parts.download), name="media_assets_product_parts_download"
            ),
            path("<int:pk>/exploded/", view(explosions.page), name="media_assets_product_exploded"),
            path("identifiers/", view(identifiers.answer), name="media_assets_product_identifiers"),
            *super().get_urls(),
        ]

    def get_fieldsets(self, request: HttpRequest, obj: Product | None = None) -> Any:
        """Leave out pictures where they may not be seen, and what would have to be rendered of what is archived."""
        first, (title, pictures), work, revisions, channels, *rest = super().get_fieldsets(request, obj)
        if obj is None:
            return [(first[0], {**first[1], "fields": (*first[1]["fields"], "cad_file")})]
        works = [work] if request.user.has_perm("rendering.view_order") else []
        if not sees_pictures(request):
            return [first, *works, revisions]
        if obj.is_archived:
            pictures = {**pictures, "fields": [name for name in pictures["fields"] if name != "revision"]}
        if works and request.user.has_perm("rendering.view_channelprofile"):
            rest = [channels, *rest]
        return [first, (title, pictures), *works, revisions, *rest]

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        """Leave out the green plus: CAD files are uploaded on a page of their own, which is no pop-up."""
        form = super().get_form(request, obj, change, **kwargs)
        if "cad_file" in form.base_fields:
            form.base_fields["cad_file"].widget.can_add_related = False
        return form

    def formfield_for_choice_field(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """Say what the empty choices mean."""
        empty = {"orientation": _("As its CAD system usually has it"), "turn": _("Not turned")}
        if db_field.name in empty:
            kwargs["choices"] = [("", empty[db_field.name]), *db_field.choices]
        return super().formfield_for_choice_field(db_field, request, **kwargs)

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name == "cad_file":
            kwargs["queryset"] = CadFile.objects.unarchived()
        field = super().formfield_for_foreignkey(db_field, request, **kwargs)
        if db_field.name == "customer" and sight.now() and field:
            field.required = True
        return field

    def save_model(self, request: HttpRequest, obj: Product, form: ModelForm[Product], change: bool) -> None:
        """Save; a new current CAD file goes through ingest, so that it is converted and old pictures are stale."""
        if "cad_file" not in form.changed_data or obj.cad_file is None:
            super().save_model(request, obj, form, change)
            return
        cad_file, obj.cad_file_id = obj.cad_file, form.initial.get("cad_file")
        super().save_model(request, obj, form, change)
        self.assign(request, obj, cad_file)

    def assign(self, request: HttpRequest, product: Product, cad_file: CadFile) -> bool:
        """Make *cad_file* the product's current one; if its orders are refused, a message says so. Return whether."""
        try:
            receive.assign(product, cad_file, operator(request))
        except OrderRefused as error:
            words = _("The CAD file was not assigned. %(reason)s")
            self.message_user(request, words % {"reason": error}, messages.ERROR)
            return False
        return True

    def make_current(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Make one of the CAD files that the product has had its current one."""
        product = get_object_or_404(Product, pk=pk)
        if not self.has_change_permission(request, product):
            raise PermissionDenied
        chosen = request.POST.get("revision", "")
        known = product.history.select_related("cad_file")
        revision = known.filter(pk=chosen).first() if is_key_of(ProductRevision, chosen) else None
        if revision is None:
            self.message_user(request, _("This revision is no longer there."), messages.WARNING)
        elif revision.cad_file.is_archived:
            words = _("The CAD file of this revision is archived. Bring it back first.")
            self.message_user(request, words, messages.WARNING)
        elif self.assign(request, product, revision.cad_file):
            words = _("%(revision)s is the current one now. Pictures of another revision are stale.")
            self.message_user(request, words % {"revision": revision})
        return HttpResponseRedirect(self.url("change", pk))

    def links(self, request: HttpRequest, obj: Any) -> list[tuple[str, str]]:
        found = []
        if obj.cad_file_id and sees_pictures(request):
            found.append((explosions.address(obj), _("Exploded view")))
        if not obj.is_archived and request.user.has_perm("media_assets.add_cadfile"):
            address = reverse("admin:media_assets_cadfile_add")
            found.append((f"{address}?revision_of={obj.pk}", _("Upload new revision…")))
        return found

    def get_changelist_instance(self, request: HttpRequest) -> Any:
        """Return the list with the freshness of its rows: one query for the whole page."""
        page = super().get_changelist_instance(request)
        page.result_list = list(page.result_list)
        found = freshness_of(page.result_list)
        for product in page.result_list:
            product.freshness = found[product.pk]
        return page

    def get_object(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Product | None:
        """Return the product with its freshness, and whether this user may order."""
        product = super().get_object(request, *args, **kwargs)
        if product is not None:
            product.freshness = freshness_of([product])[product.pk]
            product.may_order = self.has_order_permission(request)
            product.may_state = request.user.has_perm("media_assets.change_cadfile")
            product.viewer = material_tree.viewer(request, product)
            product.conversion = overview.conversion(request, product)
            product.may_change = self.has_change_permission(request, product)
            product.all_compared = "compared" in request.GET
        return product
