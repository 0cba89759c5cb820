"""Labels: a picture on a face of a part of one product, in mm; a label whose part is gone says so."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from django.contrib import admin
from django.contrib.admin.widgets import AdminTextInputWidget
from django.db.models import QuerySet
from django.forms import Script
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from blender_scripts.finish_rules import problems
from gpu.admin.versions import VersionedAdmin, VersionedForm
from media_assets.ingest import orientation
from media_assets.models import Product, numbers
from media_assets.models.turns import Rotation
from media_assets.serving import html
from rendering.catalog.images.textures import TEXTURE
from rendering.catalog.labels import sides
from rendering.catalog.materials import parts_of
from rendering.desk.materials import variants
from rendering.desk.shared.base import ASSETS_JS, sees_pictures
from rendering.models import Label

NAMED = 8  # parts that an error names


def keys_of(product: Product | None) -> set[str]:
    """Return the keys of a product's parts; none before its CAD file was converted."""
    tree = product.cad_file.tree if product and product.cad_file else {}
    return {part.key for part in parts_of(tree)} if tree else set()


def gone(product: Product) -> Iterator[str]:
    """Yield what to say of each active label whose part the current CAD file has not."""
    rows = list(product.labels.filter(is_active=True).select_related("picture"))
    known = keys_of(product) if rows else set()
    for row in rows:
        if known and row.part_key not in known:
            yield _("Label %(picture)s is on a part that is gone or has another name now: %(part)s.") % {
                "picture": row.picture,
                "part": row.part_key,
            }


def address(product: Product, key: str = "", spot: Mapping[str, str] | None = None) -> str:
    """Return where a label of a product is added: on a part at this side, x and y (mm), or else at its front."""
    asked: dict[str, Any] = {"product": product.pk}
    if key:
        asked |= {"part_key": key, "side": Label.Side.FRONT}
    if key and spot and spot.get("side") in Label.Side.values:
        asked |= {name: spot[name] for name in ("side", "x", "y") if name in spot}
    return f"{reverse('admin:rendering_label_add')}?{urlencode(asked)}"


def of_viewer(product: Product) -> dict[str, Any]:
    """Return what the 3-D viewer of a product needs to say where on which side it was clicked."""
    return {"label": address(product), "label_sides": json.dumps(sides(turned(product)))}


def turned(product: Product) -> Rotation:
    """Return how the product stands in its pictures."""
    return orientation.rotations([(product.cad_file, product.pk)])[0] if product.cad_file else ()


class LabelForm(VersionedForm):
    def clean(self) -> dict[str, Any]:
        """Refuse a part that the product has not now."""
        data = super().clean()
        known, key = keys_of(data.get("product")), data.get("part_key")
        if key and (problem := problems("", key, "", "")["key"]):
            self.add_error("part_key", problem)
        elif (
            known
            and key
            and key not in known
            and ("part_key" in self.changed_data or "product" in self.changed_data)
        ):
            words = _("%(product)s has no part with this key. Its parts are: %(parts)s.")
            named = ", ".join(sorted(known)[:NAMED]) + (", …" if len(known) > NAMED else "")
            self.add_error("part_key", words % {"product": data["product"].number, "parts": named})
        return data


@admin.register(Label)
class LabelAdmin(VersionedAdmin):
    empty_words = gettext_lazy(
        "A label is a picture on a face of a part, printed or engraved. Upload the picture as a texture, then add one."
    )
    form = LabelForm
    list_display = ("shown", "product", "part_key", "side", "mm", "manner", "is_active")
    list_display_links = ("part_key",)
    search_fields = ("product__number", "product__name", "part_key", "picture__name")
    autocomplete_fields = ("product", "picture")
    save_as = True
    fieldsets = (
        (None, {"fields": ("product", "part_key", "picture", "is_active")}),
        (
            gettext_lazy("Place"),
            {
                "description": gettext_lazy(
                    "The label lies flat on what the part has outermost on this side of the product, as the product "
                    "stands in its pictures."
                ),
                "fields": ("side", ("mm", "turn"), ("x", "y"), "reach"),
            },
        ),
        (gettext_lazy("Surface"), {"fields": ("depth",)}),
    )

    class Media:
        css = {
            "all": (
                "rendering/images/images.css",
                "rendering/shared/media.css",
                "rendering/materials/materials.css",
            )
        }
        js = (
            Script("rendering/materials/finishes.js", defer=True),
            Script("rendering/materials/labels.js", defer=True),
            ASSETS_JS,
        )

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        """Show the product beside the form, with the label as it will be."""
        form = context["adminform"].form
        if "product" in form.fields:
            context["place"] = self._place(request, form["product"].value())
        return super().render_change_form(request, context, *args, **kwargs)

    def _place(self, request: HttpRequest, chosen: Any) -> dict[str, Any]:
        """Return the view of the product that the form has chosen, or ?product=, and else why there is none."""
        asked = str((request.method == "GET" and request.GET.get("product")) or chosen or "")
        number = int(asked) if asked.isdecimal() and len(asked) < 19 else 0
        product = Product.objects.with_cad().filter(pk=number).first() if number else None
        geometry = html.newest_geometry(product.cad_file) if product else None
        if product is None or not (
            sees_pictures(request) and request.user.has_perm("media_assets.view_product")
        ):
            return {"words": _("Choose a product: it is shown here, and a click on a part places the label.")}
        if geometry is None:
            return {"words": _("The product is shown here once its CAD file has been converted.")}
        shown = html.viewer(
            geometry,
            alt=str(product),
            at_once=True,
            turned=turned(product),
            finishes=variants.address(product, "finishes", None),
            **of_viewer(product),
        )
        return {"viewer": shown}

    def get_queryset(self, request: HttpRequest) -> QuerySet[Label]:
        rows: QuerySet[Label] = super().get_queryset(request)
        return rows.select_related("product", "picture")

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        field = super().formfield_for_dbfield(db_field, request, **kwargs)
        if field is not None and db_field.name == "part_key":
            field.widget = AdminTextInputWidget(attrs={"class": "vLargeTextField"})
        return field

    @admin.display(description=gettext_lazy("picture"), ordering="picture__name")
    def shown(self, label: Label) -> SafeString:
        context = {
            "source": reverse("admin:rendering_texture_preview", args=[label.picture_id]),
            "alt": f"{TEXTURE.model._meta.verbose_name} {label.picture}",
            "style": "uploaded-small uploaded-whole",
            "width": label.picture.width,
            "height": label.picture.height,
        }
        return render_to_string("desk/images/picture.html", context)

    @admin.display(description=gettext_lazy("surface"), ordering="depth")
    def manner(self, label: Label) -> str:
        if not label.depth:
            return _("printed")
        return _("engraved, %(depth)s mm") % {"depth": numbers.local(f"{label.depth:g}")}
