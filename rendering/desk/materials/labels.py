"""Labels: a picture on a face of a part of one product, in mm; a label whose part is gone says so."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.contrib import admin
from django.contrib.admin.widgets import AdminTextInputWidget
from django.db.models import QuerySet
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from blender_scripts.finish_rules import problems
from gpu.admin.versions import VersionedAdmin, VersionedForm
from media_assets.models import Product, numbers
from rendering.catalog.images.textures import TEXTURE
from rendering.catalog.materials import parts_of
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
        css = {"all": ("rendering/images/images.css",)}

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
