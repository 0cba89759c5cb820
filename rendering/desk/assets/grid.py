"""The list of assets as a grid of pictures, beside Django's table: the same rows, filters, actions and pages."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.contrib.admin.templatetags.admin_list import result_headers
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext_lazy

from gpu.admin.bounded import BoundedChangeList
from media_assets.models import MediaAsset
from media_assets.serving import html
from media_assets.serving.links import light_url, list_url
from rendering.desk.assets.filters import format_label

VIEW_VAR = "view"
VIEWS = {"list": gettext_lazy("List"), "grid": gettext_lazy("Grid")}
REMEMBERED = "assets_view"  # in the session: whoever chose the grid gets it the next time


class AssetList(BoundedChangeList):
    """A page of assets, as a table or as a grid."""

    view = "list"

    def get_filters_params(self, params: Any = None) -> dict[str, Any]:
        """Return what filters; how the list is shown is no filter."""
        found: dict[str, Any] = super().get_filters_params(params)
        found.pop(VIEW_VAR, None)
        return found

    def get_queryset(self, request: HttpRequest, exclude_parameters: Any = None) -> QuerySet[MediaAsset]:
        # These are long, and a list shows nothing of them.
        rows: QuerySet[MediaAsset] = super().get_queryset(request, exclude_parameters)
        return rows.defer("recipe", "cad_file__tree", "cad_file__report")

    @property
    def is_grid(self) -> bool:
        return self.view == "grid" and not self.is_popup

    @property
    def views(self) -> list[dict[str, Any]]:
        """The ways to show the list, with their addresses."""
        return [
            {"label": label, "url": self.get_query_string({VIEW_VAR: name}), "is_now": name == self.view}
            for name, label in VIEWS.items()
        ]

    @property
    def sorts(self) -> list[dict[str, Any]]:
        """The columns that the table can be sorted by, for the grid, which has no heads to press."""
        return [header for header in result_headers(self) if header["sortable"]]

    @property
    def cards(self) -> list[dict[str, Any]]:
        """What the grid shows of each row."""
        has_actions = "action_checkbox" in self.list_display
        rows: Sequence[Any] = self.result_list
        own = {asset.pk: list_url(asset) for asset in rows}
        others = _others([asset for asset in rows if not own[asset.pk]])
        return [
            {
                "asset": asset,
                "url": reverse("admin:media_assets_mediaasset_change", args=[asset.pk]),
                "source": own[asset.pk] or others.get(asset.pk, ""),
                "is_own": bool(own[asset.pk]),
                "format": format_label(asset, asset.format_name),
                "freshness": getattr(asset, "freshness", None),
                "checkbox": self.model_admin.action_checkbox(asset) if has_actions else "",
            }
            for asset in rows
        ]


def chosen(request: HttpRequest) -> str:
    """Return how this person wants the list: as the address says, which is kept for the next time, or as before."""
    asked = request.GET.get(VIEW_VAR, "")
    if asked in VIEWS and request.session.get(REMEMBERED) != asked:
        request.session[REMEMBERED] = asked
    kept = str(request.session.get(REMEMBERED, ""))
    return asked if asked in VIEWS else kept if kept in VIEWS else "list"


def _others(assets: Sequence[MediaAsset]) -> dict[int, str]:
    """Return, for files that are no pictures, the address of the newest picture of the same CAD file: one query."""
    rows = MediaAsset.objects.filter(pk__in=[asset.pk for asset in assets]).order_by()
    found = rows.annotate(picture=html.newest_picture("cad_file")).values_list("pk", "picture")
    return {
        pk: light_url(picture["id"], picture["file"], picture["width"], picture["bytes"])
        for pk, picture in found
        if picture
    }
