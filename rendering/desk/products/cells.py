"""The cells of a product in the list."""

from __future__ import annotations

from django.contrib import admin
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from media_assets.models import Product
from media_assets.serving import html
from rendering.desk.products.staleness import ProductFreshness, freshness_found
from rendering.desk.shared.base import picture_of


class ProductCells:
    """One column each."""

    @admin.display(description=gettext_lazy("name"), ordering="name")
    def name_and_groups(self, product: Product) -> SafeString:
        """The name, and whom and what the product belongs to, in one column: the list fits a window of 1280 px."""
        return render_to_string("desk/products/name.html", {"product": product})

    @admin.display(description=gettext_lazy("picture"))
    def picture(self, product: Product) -> SafeString:
        link = reverse("admin:media_assets_product_change", args=[product.pk])
        return html.thumb(picture_of(product), str(product), link)

    @admin.display(description=gettext_lazy("current CAD file"))
    def cad_link(self, product: Product) -> SafeString | str:
        if product.cad_file is None:
            return "-"
        link = reverse("admin:media_assets_cadfile_change", args=[product.cad_file.pk])
        badge = html.badge(product.cad_file.state, product.cad_file.get_state_display())
        return format_html('<a href="{}">{}</a><br>{}', link, product.cad_file, badge)

    @admin.display(description=gettext_lazy("pictures"))
    def current(self, product: Product) -> SafeString | str:
        paused = html.badge("paused", _("Paused")) if product.paused_since else ""
        fresh = self._freshness(freshness_found(product))
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
