"""Serves stored files to users who may see them. There is no other way to get them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import IO, cast

from django.contrib.admin.views.decorators import staff_member_required
from django.contrib.auth.decorators import permission_required
from django.db.models.fields.files import FieldFile
from django.http import (
    FileResponse,
    Http404,
    HttpRequest,
    HttpResponse,
    HttpResponseBase,
    HttpResponseRedirect,
    StreamingHttpResponse,
)
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.cache import get_conditional_response, patch_cache_control
from django.utils.formats import date_format
from django.utils.http import content_disposition_header, quote_etag
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from media_assets import storage
from media_assets.formats import cad, files
from media_assets.models import CadFile, MediaAsset
from media_assets.serving import small as small_pictures
from media_assets.serving import spins
from media_assets.serving.links import asset_name, is_of_content, poster_name, usdz_name
from media_assets.serving.ranges import ByteRange, Unsatisfiable
from media_assets.serving.usdz import Package
from media_assets.storage.offload import header

View = Callable[..., HttpResponseBase]
USD_NAME = "master.usdc"  # of the file inside a .usdz package
A_YEAR = 31_536_000  # seconds; RFC 9111 has no "for ever"


def _for_staff_with(permission: str) -> Callable[[View], View]:
    """Ask strangers to log in, and refuse staff without *permission*."""

    def decorate(view: View) -> View:
        guarded: View = permission_required(permission, raise_exception=True)(view)
        return cast("View", staff_member_required(login_url="admin:login")(guarded))

    return decorate


@require_safe
@_for_staff_with("media_assets.view_mediaasset")
def asset(request: HttpRequest, pk: int, name: str) -> HttpResponseBase:
    """Return the file of an asset, or its poster by the name of that: pictures and films to look at, others to keep."""
    found = get_object_or_404(MediaAsset.objects.select_related("product"), pk=pk)
    _refuse_pruned(found)
    MediaAsset.objects.use([found])
    poster = Path(str(found.poster.name)).stem if found.poster else ""
    if poster and is_of_content(name, poster):
        return stored_file(
            request,
            found.poster,
            sha256=poster,
            mime_type=small_pictures.MIME_TYPE,
            name=poster_name(found),
            inline=True,
            forever=True,
        )
    return asset_file(
        request,
        found,
        inline=found.is_image or found.is_film,
        forever=is_of_content(name, found.sha256),
        # Scripts of a page, such as the 3-D viewer, get nothing from elsewhere, and pictures not either.
        elsewhere=not found.is_image and not found.is_turned_in_3d,
    )


@require_safe
@_for_staff_with("media_assets.view_mediaasset")
def small(request: HttpRequest, pk: int, name: str) -> HttpResponseBase:
    """Return the small picture of an asset for lists; it is made when it is first asked for."""
    found = get_object_or_404(MediaAsset.objects.select_related("product"), pk=pk)
    _refuse_pruned(found)
    forever = is_of_content(name, found.sha256)
    if not found.poster:
        try:
            content = small_pictures.keep(found)
        except small_pictures.NoSmallPicture as error:
            raise Http404(str(error)) from error
        if content is not None:
            return _kept_by_browser(HttpResponse(content, content_type=small_pictures.MIME_TYPE), "", False)
    return stored_file(
        request,
        found.poster,
        sha256=Path(str(found.poster.name)).stem,
        mime_type=small_pictures.MIME_TYPE,
        name=poster_name(found),
        inline=True,
        forever=forever,
    )


@require_safe
@_for_staff_with("media_assets.view_mediaasset")
def usdz(request: HttpRequest, pk: int, name: str) -> HttpResponseBase:
    """Return a USD master as .usdz, which is packed while it is sent."""
    masters = MediaAsset.objects.filter(kind=MediaAsset.Kind.USD_MASTER).select_related("product")
    found = get_object_or_404(masters, pk=pk)
    _refuse_pruned(found)
    MediaAsset.objects.use([found])
    etag = quote_etag(f"{found.sha256}-usdz")
    response: HttpResponseBase | None = get_conditional_response(request, etag=etag)
    if response is None:
        package = Package.of(_opened(found.file, asset_name(found)), USD_NAME)
        response = StreamingHttpResponse(package.chunks(), content_type=files.mime_type("usdz"))
        response["Content-Length"] = str(package.length)
        response["Content-Disposition"] = content_disposition_header(True, usdz_name(found)) or "attachment"
    return _kept_by_browser(response, etag, is_of_content(name, found.sha256))


@require_safe
@_for_staff_with("media_assets.view_mediaasset")
def spin(request: HttpRequest, pk: int, digits: str, name: str) -> HttpResponseBase:
    """Return one picture of a spin, or its list."""
    found = get_object_or_404(MediaAsset, pk=pk)
    _refuse_pruned(found)
    MediaAsset.objects.use([found])
    return _kept_by_browser(spins.member(found, name), "", is_of_content(digits, found.sha256))


@require_safe
@_for_staff_with("media_assets.view_cadfile")
def cad_source(request: HttpRequest, pk: int, name: str) -> HttpResponseBase:
    """Return the bytes of a CAD file as they were uploaded, under the name they came with."""
    found = get_object_or_404(CadFile, pk=pk)
    return stored_file(
        request,
        found.file,
        sha256=found.sha256,
        mime_type=cad.of(found.format).mime_type,
        name=found.original_name,
        inline=False,
        forever=True,
        elsewhere=True,
    )


def asset_file(
    request: HttpRequest,
    asset: MediaAsset,
    *,
    inline: bool = False,
    forever: bool = False,
    elsewhere: bool = False,
    until: datetime | None = None,
    name: str = "",
) -> HttpResponseBase:
    """Return the file of an asset under its name for people, or 304; to be kept, unless it is shown *inline*.

    *name*: another one than the usual.
    """
    return stored_file(
        request,
        asset.file,
        sha256=asset.sha256,
        mime_type=asset.mime_type,
        name=name or asset_name(asset),
        inline=inline,
        forever=forever,
        elsewhere=elsewhere,
        until=until,
    )


def stored_file(
    request: HttpRequest,
    file: FieldFile,
    *,
    sha256: str,
    mime_type: str,
    name: str,
    inline: bool,
    forever: bool,
    elsewhere: bool = False,
    until: datetime | None = None,
) -> HttpResponseBase:
    """Return the stored file, or 304 when the browser has these bytes. *forever*: the address names the content.

    *elsewhere*: a bucket may send it by itself, at an address that ends, at the latest *until* then. Raises Http404,
    StorageAway.
    """
    etag = quote_etag(sha256)
    response: HttpResponseBase | None = get_conditional_response(request, etag=etag)
    if response is not None:
        return _kept_by_browser(response, etag, forever)
    with storage.away_errors():
        handed_over = header(file)
        # An address is signed for one method.
        is_led = elsewhere and request.method == "GET"
        address = storage.link(file, name, mime_type, inline=inline, until=until) if is_led else ""
        if (handed_over or address) and not storage.exists(file):
            raise _gone(name)
        if address:
            return HttpResponseRedirect(address, headers={"Cache-Control": "private, no-store"})
        if handed_over is not None:
            # No ETag of ours: the web server has one of its own, and answers ranges and conditions by it.
            response = HttpResponse(content_type=mime_type, headers=dict([handed_over]))
            response["Content-Disposition"] = content_disposition_header(not inline, name) or "inline"
            return _kept_by_browser(response, "", forever)
        response = _part(request, file, name, etag, mime_type) or FileResponse(
            _opened(file, name), content_type=mime_type, as_attachment=not inline, filename=name
        )
    response["Accept-Ranges"] = "bytes"
    return _kept_by_browser(response, etag, forever)


def _part(
    request: HttpRequest, file: FieldFile, name: str, etag: str, mime_type: str
) -> HttpResponseBase | None:
    """Return the part of the file that the browser asks for; None when it wants all of it, or had another version."""
    asked = request.headers.get("Range", "")
    if not asked or request.method != "GET" or request.headers.get("If-Range", etag) != etag:
        return None  # RFC 9110, 14.2: only GET knows ranges
    try:
        size = storage.size(file)
        part = ByteRange.asked(asked, size)
    except FileNotFoundError as error:
        raise _gone(name) from error
    except Unsatisfiable:
        return HttpResponse(status=416, headers={"Content-Range": f"bytes */{size}"})
    if part is None:
        return None
    chunks = storage.distant_part(file, part.start, part.length)
    response = StreamingHttpResponse(
        chunks or part.chunks(_opened(file, name)), status=206, content_type=mime_type
    )
    response["Content-Range"] = f"bytes {part.start}-{part.end}/{size}"
    response["Content-Length"] = str(part.length)
    return response


def _opened(file: FieldFile, name: str) -> IO[bytes]:
    try:
        return storage.open_stored(file)
    except FileNotFoundError as error:
        raise _gone(name) from error


def _gone(name: str) -> Http404:
    return Http404(
        _(
            "The stored file of %(name)s is missing from the media folder. "
            "Restore it from a backup, or order the picture again."
        )
        % {"name": name}
    )


def _refuse_pruned(found: MediaAsset) -> None:
    """Raise Http404 where the file was deleted to free space."""
    if found.pruned:
        words = _("The file of %(name)s was deleted on %(when)s to free space. Order it again.")
        when = date_format(timezone.localtime(found.pruned))
        raise Http404(words % {"name": asset_name(found), "when": when})


def _kept_by_browser(response: HttpResponseBase, etag: str, forever: bool) -> HttpResponseBase:
    if etag:
        response["ETag"] = etag
    response["X-Content-Type-Options"] = "nosniff"
    if forever:
        patch_cache_control(response, private=True, immutable=True, max_age=A_YEAR)
    else:
        patch_cache_control(response, private=True, no_cache=True)
    return response
