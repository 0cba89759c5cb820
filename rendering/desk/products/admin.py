"""Products: current CAD file, pictures, ordering, stale pictures."""

from __future__ import annotations

import json
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.forms import ModelForm, Script
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.loader import render_to_string
from django.urls import path, reverse
from django.utils.html import format_html
from django.utils.http import urlencode
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, ngettext_lazy
from django.views.decorators.http import require_POST, require_safe

from gpu.admin.bounded import is_key_of
from gpu.admin.versions import VersionedAdmin
from media_assets.ingest import receive
from media_assets.models import CadFile, MediaAsset, Product, ProductIdentifier, ProductRevision, sight
from media_assets.serving import html
from rendering import orders
from rendering.catalog import materials
from rendering.desk.groupings.filters import CollectionFilter, CustomerFilter, TagFilter
from rendering.desk.materials import assign, unfit, variants
from rendering.desk.materials import tree as material_tree
from rendering.desk.materials.tree import Viewer
from rendering.desk.orders import placing
from rendering.desk.parts import page as parts
from rendering.desk.products import identifiers, orientation, overview, revisions
from rendering.desk.products.staleness import ProductFreshness, freshness_of, revision
from rendering.desk.shared.archiving import ArchivedFilter, ArchivingAdmin
from rendering.desk.shared.base import ASSETS_JS, picture_of, sees_pictures
from rendering.desk.shared.control import operator
from rendering.desk.shared.labels import NamedInlineFormSet
from rendering.desk.shared.large import LargeAdmin
from rendering.models import ChannelProfile, Order, Workflow
from rendering.orders import OrderRefused
from rendering.orders.channels import compliance
from rendering.queue import waiting

GALLERY_LIMIT = 24


class PausedFilter(admin.SimpleListFilter):
    """Products that are paused, and those that are not."""

    title = gettext_lazy("pause")
    parameter_name = "paused"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("yes", _("Paused")), ("no", _("Not paused"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Product]) -> QuerySet[Product]:
        if self.value() not in ("yes", "no"):
            return queryset
        return queryset.filter(paused_since__isnull=self.value() == "no")


class IdentifierInline(admin.TabularInline):  # type: ignore[type-arg]
    """Identifiers, for whoever may change the product."""

    model = ProductIdentifier
    formset = NamedInlineFormSet
    extra = 0
    fields = ("scheme", "value")

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return request.user.has_perm("media_assets.view_product")

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return request.user.has_perm("media_assets.change_product")

    has_add_permission = has_change_permission
    has_delete_permission = has_change_permission


@admin.register(Product)
class ProductAdmin(VersionedAdmin, ArchivingAdmin, LargeAdmin):
    list_display = ("picture", "number", "name", "groups", "cad_link", "cad_state", "current", "revised")
    list_display_links = ("number", "name")
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
    actions = (
        *("order_output_types", "render_again", "render_stale", "run_workflow", "pause", "resume"),
        *ArchivingAdmin.archiving,
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
            Script("rendering/products/orientation.js", defer=True),
            Script("rendering/materials/finishes.js", defer=True),
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
        if obj.is_archived or not request.user.has_perm("media_assets.add_cadfile"):
            return []
        address = reverse("admin:media_assets_cadfile_add")
        return [(f"{address}?revision_of={obj.pk}", _("Upload new revision…"))]

    @admin.display(description=gettext_lazy("belongs to"))
    def groups(self, product: Product) -> SafeString:
        return render_to_string("desk/products/groups.html", {"product": product})

    @admin.display(description=gettext_lazy("picture"))
    def picture(self, product: Product) -> SafeString:
        link = reverse("admin:media_assets_product_change", args=[product.pk])
        return html.thumb(picture_of(product), str(product), link)

    @admin.display(description=gettext_lazy("current CAD file"))
    def cad_link(self, product: Product) -> SafeString | str:
        if product.cad_file is None:
            return "-"
        link = reverse("admin:media_assets_cadfile_change", args=[product.cad_file.pk])
        return format_html('<a href="{}">{}</a>', link, product.cad_file)

    @admin.display(description=gettext_lazy("geometry"))
    def cad_state(self, product: Product) -> SafeString | str:
        cad_file = product.cad_file
        return html.badge(cad_file.state, cad_file.get_state_display()) if cad_file else "-"

    @admin.display(description=gettext_lazy("newest"))
    def pictures(self, product: Product) -> SafeString:
        assets = MediaAsset.objects.kept().unarchived().filter(product=product, kind__in=MediaAsset.PICTURES)
        shown = [
            {
                "preview": html.preview(asset),
                "asset": asset,
                "link": reverse("admin:media_assets_mediaasset_change", args=[asset.pk]),
                "is_stale": asset.cad_file_id != product.cad_file_id,
            }
            for asset in assets[:GALLERY_LIMIT]
        ]
        everything = (
            f"{reverse('admin:media_assets_mediaasset_changelist')}?{urlencode({'product': product.number})}"
        )
        now = getattr(product, "conversion", {})
        context = {"shown": shown, "everything": everything, "now": now, "product": product}
        return render_to_string("desk/products/gallery.html", context)

    @admin.display(description=gettext_lazy("work"))
    def work(self, product: Product) -> SafeString:
        context = {
            "product": product,
            "cells": overview.deliverables(product),
            "orders": overview.orders_of(product),
            "may_order": getattr(product, "may_order", False) and not product.is_archived,
        }
        return render_to_string("desk/products/work.html", context)

    @admin.display(description=gettext_lazy("revisions"))
    def history(self, product: Product) -> SafeString:
        asked = getattr(product, "all_compared", False)
        context = {
            "product": product,
            "now": getattr(product, "conversion", {}),
            "may_change": getattr(product, "may_change", False),
            **revisions.shown(product, all_compared=asked),
        }
        return render_to_string("desk/products/history.html", context)

    @admin.display(description=gettext_lazy("geometry"))
    def geometry(self, product: Product) -> SafeString | str:
        newest = html.newest_geometry(product.cad_file)
        if newest is None:
            return "-"
        choices = json.dumps(orientation.choices(product))
        return html.viewer(
            newest, alt=str(product), orientations=choices, product=product, **assign.of_viewer(product)
        )

    @admin.display(description=gettext_lazy("gives"))
    def stands(self, product: Product) -> SafeString:
        shown = orientation.choices(product).get(product.orientation)
        words = shown["words"] if shown else ""
        return format_html('<span class="orientation-words" role="status">{}</span>', words)

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

    @admin.display(description=gettext_lazy("pictures"))
    def current(self, product: Product) -> SafeString | str:
        paused = html.badge("paused", _("Paused")) if product.paused_since else ""
        fresh = self._freshness(_freshness_of(product))
        return format_html("{} {}", paused, fresh) if paused and fresh != "-" else paused or fresh

    def _freshness(self, freshness: ProductFreshness) -> SafeString | str:
        if not freshness.delivered:
            return "-"
        if freshness.stale:
            coming = len(freshness.being_replaced)
            words = (
                _("%(stale)d of %(all)d stale, %(coming)d in progress")
                if coming
                else _("%(stale)d of %(all)d stale")
            )
            counts = {"stale": len(freshness.stale), "all": len(freshness.delivered), "coming": coming}
            return html.badge("stale", words % counts)
        return html.badge("done", _("%(count)d current") % {"count": len(freshness.delivered)})

    @admin.display(description=gettext_lazy("status"))
    def revision(self, product: Product) -> SafeString:
        context = revision(product, _freshness_of(product))
        may_order = getattr(product, "may_order", False)
        more = {
            "may_order": may_order,
            "paused": waiting.words(product),
            "may_state": getattr(product, "may_state", False),
            "now": getattr(product, "conversion", {}),
        }
        return render_to_string("desk/products/revision.html", {**context, **more})

    @admin.display(description=gettext_lazy("readiness"))
    def channels(self, product: Product) -> SafeString:
        found = [
            (profile, compliance.Checker.of(profile).check([product])[0])
            for profile in ChannelProfile.objects.all()
        ]
        shown = [
            {"profile": profile, "checked": one}
            for profile, one in found
            if any(file.asset for file in one.files)
        ]
        return render_to_string("desk/products/channels.html", {"shown": shown, "any": bool(found)})

    @admin.display(description=gettext_lazy("materials"))
    def materials(self, product: Product) -> SafeString:
        viewer = getattr(product, "viewer", Viewer(product))
        tree = product.cad_file.tree if product.cad_file else {}
        context = {
            "groups": material_tree.groups(tree, materials.load(), viewer),
            "product": product,
            "may_add": viewer.may_add,
            "assign": assign.address(product) if viewer.may_assign else "",
            "variants": variants.links(product, list(product.variants.order_by("pk"))),
            "unfit": unfit.words(product),
        }
        return render_to_string("desk/products/materials.html", context)

    @admin.action(permissions=["order"], description=gettext_lazy("Order output types…"))
    def order_output_types(self, request: HttpRequest, queryset: QuerySet[Product]) -> HttpResponse:
        return placing.prefilled(request, queryset)

    @admin.action(permissions=["order"], description=gettext_lazy("Run workflow…"))
    def run_workflow(self, request: HttpRequest, queryset: QuerySet[Product]) -> HttpResponse:
        """Lead to the order's page; where there is only one workflow it is chosen already."""
        known = list(Workflow.objects.all()[:2])
        return placing.prefilled(request, queryset, workflow=known[0] if len(known) == 1 else None)

    @admin.action(permissions=["order"], description=gettext_lazy("Re-render…"))
    def render_again(self, request: HttpRequest, queryset: QuerySet[Product]) -> HttpResponse:
        return placing.prefilled(request, queryset, force=True)

    @admin.action(permissions=["order"], description=gettext_lazy("Re-render what is stale"))
    def render_stale(self, request: HttpRequest, queryset: QuerySet[Product]) -> HttpResponse | None:
        """Order what was delivered before and is no longer current."""
        found = freshness_of(list(queryset))
        wishes = [item.wish() for one in found.values() for item in one.stale]
        if not wishes:
            self.message_user(
                request, _("Nothing is stale: every delivered picture is current."), messages.WARNING
            )
            return None
        try:
            order = orders.place(wishes, trigger=Order.Trigger.RERENDER, user=operator(request))
        except OrderRefused as error:
            self.message_user(request, str(error), messages.ERROR)
            return None
        address = reverse("admin:rendering_order_change", args=[order.pk])
        words = ngettext(
            "{order} placed: {count} stale picture will be rendered again.",
            "{order} placed: {count} stale pictures will be rendered again.",
            len(wishes),
        )
        link = format_html('<a href="{}">{}</a>', address, order)
        self.message_user(request, format_html(words, order=link, count=len(wishes)))
        return HttpResponseRedirect(address)

    @admin.action(permissions=["pause"], description=gettext_lazy("Pause"))
    def pause(self, request: HttpRequest, queryset: QuerySet[Product]) -> None:
        by = request.user.get_username()
        happened = [orders.pause_product(product, by) for product in queryset]
        self.report(
            request,
            happened,
            ngettext_lazy(
                "%(count)d product paused. Jobs that are already running will finish.",
                "%(count)d products paused. Jobs that are already running will finish.",
                "count",
            ),
            ngettext_lazy(
                "%(count)d product skipped: already paused.",
                "%(count)d products skipped: already paused.",
                "count",
            ),
        )

    @admin.action(permissions=["pause"], description=gettext_lazy("Resume"))
    def resume(self, request: HttpRequest, queryset: QuerySet[Product]) -> None:
        happened = [orders.resume_product(product) for product in queryset]
        self.report(
            request,
            happened,
            ngettext_lazy("%(count)d product resumed.", "%(count)d products resumed.", "count"),
            ngettext_lazy(
                "%(count)d product skipped: not paused.", "%(count)d products skipped: not paused.", "count"
            ),
        )

    def offers_unarchived(self, action: str, obj: Any) -> bool:
        match action:
            case "render_stale":
                return bool(_freshness_of(obj).stale)
            case "pause" | "resume":
                return (obj.paused_since is None) == (action == "pause")
        return obj.cad_file is not None and obj.cad_file.state != CadFile.State.FAILED


def _freshness_of(product: Any) -> ProductFreshness:
    """The freshness that the list or the page has found; none on the add page."""
    return getattr(product, "freshness", None) or ProductFreshness()
