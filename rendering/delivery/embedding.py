"""What other web pages show of a share link in a frame: one spin or 3-D model, as long as the link is open."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from csp.decorators import csp_replace
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.html import escape
from django.views.decorators.clickjacking import xframe_options_exempt

from media_assets.formats.files import USDZ
from media_assets.formats.spins import LIST
from media_assets.models import MediaAsset
from media_assets.serving.links import HASH_DIGITS, whole
from rendering.delivery import shares
from rendering.delivery.share_views import address, of_link, poster_address, refusal
from rendering.models import ShareLink

POSTERS = (MediaAsset.Kind.STILL, MediaAsset.Kind.THUMBNAIL)
SNIPPET = (
    '<iframe src="{address}" title="{title}" width="640" height="560" style="border: 0; max-width: 100%" '
    'loading="lazy" allow="fullscreen; xr-spatial-tracking"></iframe>'
)


def may_embed(asset: MediaAsset) -> bool:
    """Return whether there is a page of a file for other pages: spins and models that browsers show."""
    return asset.kind == MediaAsset.Kind.SPIN or (
        asset.kind == MediaAsset.Kind.MODEL and asset.is_turned_in_3d
    )


@dataclass(frozen=True)
class Embedded:
    """The whole address of an embedded page, and the HTML that shows it."""

    asset: MediaAsset
    address: str

    @property
    def snippet(self) -> str:
        number = self.asset.product.number if self.asset.product else ""
        title = " ".join(filter(None, (number, str(self.asset.get_kind_display()))))
        return SNIPPET.format(address=escape(self.address), title=escape(title))


def embedded(link: ShareLink) -> list[Embedded]:
    """Return what other pages can embed of a link."""
    token = shares.token(link)
    return [
        Embedded(asset, whole(reverse("shares:embed", args=[token, asset.sha256[:HASH_DIGITS]])))
        for asset in link.files()
        if may_embed(asset)
    ]


@xframe_options_exempt
@csp_replace({"frame-ancestors": ["*"]})  # type: ignore[untyped-decorator]  # whoever has the link may show it
@of_link
def embed(request: HttpRequest, link: ShareLink, token: str, digits: str) -> HttpResponseBase:
    """Show one spin or model of a link, alone."""
    files = list(link.files())
    asset = next((one for one in files if one.sha256[:HASH_DIGITS] == digits and may_embed(one)), None)
    if asset is None:
        return refusal(request, 404)
    shares.note_visit(link)
    beside = [one for one in files if one.product_id == asset.product_id]
    context = {
        "asset": asset,
        "title": asset.product.name or asset.product.number if asset.product else str(asset),
        "poster": _poster(asset, beside, token),
        "source": address(token, asset, LIST)
        if asset.kind == MediaAsset.Kind.SPIN
        else address(token, asset),
    }
    if asset.kind == MediaAsset.Kind.MODEL:
        context |= _augmented(asset, beside, token, str(context["title"]))
    response = render(request, "delivery/shares/embed.html", context)
    response["Cache-Control"] = "private, no-store"
    return response


def _poster(asset: MediaAsset, beside: Sequence[MediaAsset], token: str) -> str:
    """Return the address of what is shown first: the newest still of the product that the link opens, or its own."""
    stills = [
        one for one in beside if one.kind in POSTERS and one.is_image and one.cad_file_id == asset.cad_file_id
    ]
    stills.sort(key=lambda one: (-POSTERS.index(one.kind), one.produced))
    if asset.kind != MediaAsset.Kind.SPIN and stills:
        return address(token, stills[-1])
    return poster_address(token, asset)


def _augmented(asset: MediaAsset, beside: Sequence[MediaAsset], token: str, title: str) -> dict[str, Any]:
    """Return the addresses with which phones show a model in the room, in its real size.

    Apple, "Viewing augmented reality assets in Safari"; Google, "Scene Viewer": intents of Android.
    """
    found: dict[str, Any] = {}
    packages = [
        one for one in beside if one.mime_type == USDZ.mime_type and one.cad_file_id == asset.cad_file_id
    ]
    if packages:
        newest = max(packages, key=lambda one: one.produced)
        found["ios"] = f"{address(token, newest)}#allowsContentScaling=0"
    file = quote(whole(address(token, asset)), safe="")
    back = quote(whole(reverse("shares:embed", args=[token, asset.sha256[:HASH_DIGITS]])), safe="")
    found["android"] = (
        f"intent://arvr.google.com/scene-viewer/1.0?file={file}&mode=ar_preferred&resizable=false&title={quote(title)}"
        "#Intent;scheme=https;package=com.google.ar.core;action=android.intent.action.VIEW;"
        f"S.browser_fallback_url={back};end;"
    )
    return found
