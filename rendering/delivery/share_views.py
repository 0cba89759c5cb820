"""What visitors of a share link see: one page with its files, and the files; and the files of webhooks. No login."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from itertools import groupby
from pathlib import Path
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.cache import patch_cache_control
from django.views.decorators.http import require_safe

from gpu.models import SystemSettings
from media_assets.formats import files as formats
from media_assets.formats.spins import LIST
from media_assets.models import MediaAsset, sight
from media_assets.serving import small as small_pictures
from media_assets.serving import spins
from media_assets.serving.links import HASH_DIGITS, SVG, asset_name, poster_name
from media_assets.serving.views import asset_file, stored_file
from rendering.catalog.channels.names import DEFAULT_PATTERN, Pattern
from rendering.delivery import archives, ending_links, shares
from rendering.models import ShareLink

A_DAY = 86_400  # seconds
NO_TRACE = {"X-Robots-Tag": "noindex, nofollow, noarchive", "Referrer-Policy": "no-referrer"}


def of_link(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
    """Give *view* an open link, or answer 404 or 410; keep search engines away."""

    @require_safe
    @sight.of_everybody()
    @wraps(view)
    def opened(request: HttpRequest, token: str, **rest: Any) -> HttpResponseBase:
        link = shares.find(token)
        if link is None:
            response: HttpResponseBase = refusal(request, 404)
        elif link.state_at(timezone.now()) != "open":
            response = refusal(request, 410)
        else:
            response = view(request, link, token, **rest)
        for name, value in NO_TRACE.items():
            response[name] = value
        return response

    return opened


def refusal(request: HttpRequest, status: int) -> HttpResponseBase:
    """Return the page that says that there is nothing here, or no more."""
    response = render(request, "delivery/shares/refusal.html", {"is_over": status == 410}, status=status)
    response["Cache-Control"] = "no-store"
    return response


@of_link
def page(request: HttpRequest, link: ShareLink, token: str) -> HttpResponseBase:
    """Show the files of a link."""
    shares.note_visit(link)
    names = archives.names(shares.wanted(link))
    files = [_shown(asset, token, names.get(asset.pk) or asset_name(asset)) for asset in link.files()]
    sender = SystemSettings.load()
    context = {
        "link": link,
        "products": [
            (product, list(some)) for product, some in groupby(files, key=lambda one: one["asset"].product)
        ],
        "count": len(files),
        "bytes": sum(one["asset"].bytes for one in files),
        "sender": sender.sender_name,
        "logo": reverse("shares:logo", args=[token]) if sender.sender_logo else "",
        "archive": reverse("shares:archive", args=[token]) if len(names) > 1 else "",
    }
    response = render(request, "delivery/shares/page.html", context)
    response["Cache-Control"] = "private, no-store"
    return response


@of_link
def logo(request: HttpRequest, link: ShareLink, token: str) -> HttpResponseBase:
    """Return the sender's logo."""
    kept = bytes(SystemSettings.load().sender_logo)
    return HttpResponse(kept, content_type="image/png") if kept else refusal(request, 404)


@of_link
def archive(request: HttpRequest, link: ShareLink, token: str) -> HttpResponseBase:
    """Return all files of a link as one ZIP archive, named as in the archive of the order; counted as a download."""
    wanted = shares.wanted(link)
    if not wanted:
        return refusal(request, 404)
    packing = archives.Packing.of(wanted, Pattern.of(DEFAULT_PATTERN))
    name = f"order-{link.order_id}.zip" if link.order_id else "files.zip"
    if request.method == "GET":
        shares.note_download(link)
    return archives.response(packing, name)


def _shown(asset: MediaAsset, token: str, name: str) -> dict[str, Any]:
    return {
        "asset": asset,
        "name": name,
        "source": _address(token, asset.sha256, name),
        "poster": poster_address(token, asset),
        "spin": address(token, asset, LIST) if asset.kind == MediaAsset.Kind.SPIN else "",
        "is_picture": asset.mime_type in (*formats.shown_types(), SVG) and not asset.is_film,
    }


def address(token: str, asset: MediaAsset, inside: str = "") -> str:
    """Return the address of a file of a link; *inside*: of one in a spin."""
    digits = asset.sha256[:HASH_DIGITS]
    if inside:
        return reverse("shares:spin", args=[token, digits, inside])
    return _address(token, asset.sha256, asset_name(asset))


def poster_address(token: str, asset: MediaAsset) -> str:
    """Return the address of a file's small picture; "" where it has none."""
    if not asset.poster:
        return ""
    return _address(token, Path(str(asset.poster.name)).stem, poster_name(asset))


def _address(token: str, sha256: str, name: str) -> str:
    return reverse("shares:file", args=[token, sha256[:HASH_DIGITS], name])


@of_link
def spin(request: HttpRequest, link: ShareLink, token: str, digits: str, name: str) -> HttpResponseBase:
    """Return one picture of a spin of a link, or its list."""
    found = next((one for one in link.files() if one.sha256[:HASH_DIGITS] == digits), None)
    if found is None:
        return refusal(request, 404)
    response = spins.member(found, name)
    patch_cache_control(response, private=True, max_age=A_DAY)
    return response


@of_link
def file(request: HttpRequest, link: ShareLink, token: str, digits: str, name: str) -> HttpResponseBase:
    """Return one file of a link; ?save counts as a download, and is one."""
    for asset in link.files():
        poster = Path(str(asset.poster.name)).stem if asset.poster else ""
        if asset.sha256[:HASH_DIGITS] == digits:
            saves = "save" in request.GET
            response = asset_file(
                request,
                asset,
                inline=not saves and (asset.is_image or asset.is_film or asset.kind == MediaAsset.Kind.MODEL),
                elsewhere=saves or asset.is_film,
                until=link.expires,
                name=archives.names(shares.wanted(link)).get(asset.pk, "") if saves else "",
            )
            if saves and request.method == "GET" and response.status_code in (200, 302):
                shares.note_download(link)
            return response
        if poster and poster[:HASH_DIGITS] == digits:
            return stored_file(
                request,
                asset.poster,
                sha256=poster,
                mime_type=small_pictures.MIME_TYPE,
                name=poster_name(asset),
                inline=True,
                forever=False,
            )
    return refusal(request, 404)


@require_safe
@sight.of_everybody()
def ending(request: HttpRequest, token: str, name: str) -> HttpResponseBase:
    """Return the picture that a webhook was given the address of, with ranges and If-None-Match."""
    try:
        asset = ending_links.find(token)
        response = refusal(request, 404) if asset is None else None
    except ending_links.LinkOver:
        asset, response = None, refusal(request, 410)
    if asset is not None:
        MediaAsset.objects.use([asset])
        response = asset_file(request, asset)
    assert response is not None
    for header, value in NO_TRACE.items():
        response[header] = value
    return response
