"""The sections of a product's page, each with a template of its own."""

from __future__ import annotations

import json

from django.contrib import admin
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.html import format_html
from django.utils.http import urlencode
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy

from media_assets.models import MediaAsset, Product
from media_assets.serving import html
from rendering.catalog import materials
from rendering.desk.materials import assign, labels, unfit, variants
from rendering.desk.materials import tree as material_tree
from rendering.desk.materials.tree import Viewer
from rendering.desk.products import orientation, overview, revisions
from rendering.desk.products.staleness import freshness_found, revision
from rendering.models import ChannelProfile
from rendering.orders.channels import compliance
from rendering.queue import waiting

GALLERY_LIMIT = 24


class ProductSections:
    """What the page shows beside the fields that can be typed into."""

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

    @admin.display(description=gettext_lazy("status"))
    def revision(self, product: Product) -> SafeString:
        context = revision(product, freshness_found(product))
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
            "unfit": [*unfit.words(product), *labels.gone(product)],
            "labels": list(product.labels.select_related("picture")),
            "label": labels.address(product) if viewer.may_label else "",
        }
        return render_to_string("desk/products/materials.html", context)
