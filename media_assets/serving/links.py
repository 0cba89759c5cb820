"""Addresses of stored files. They name the content, so browsers may cache it forever."""

from __future__ import annotations

from pathlib import Path

from django.conf import settings
from django.urls import reverse
from django.utils.text import slugify

from media_assets.formats.files import shown_types
from media_assets.formats.spins import LIST
from media_assets.models import CadFile, MediaAsset

HASH_DIGITS = 12  # of the SHA-256 in an address: enough to tell the versions of one asset apart
LIGHT_PX, LIGHT_BYTES = 640, 120_000  # of a picture that lists show as it is
SVG = "image/svg+xml"  # shown as it is, whatever its size
MADE_SMALL = {".png", ".jpg", ".webp", ".avif"}


def whole(path: str) -> str:
    """Return the full address of a path of ours, as people outside see it, whatever the browser called us."""
    return f"{settings.SITE_URL.rstrip('/')}{path}"


def asset_name(asset: MediaAsset) -> str:
    """Return a file name for people: product, kind, size and content."""
    product = slugify(asset.product.number, allow_unicode=True) if asset.product else ""
    size = f"{asset.width}x{asset.height}" if asset.width and asset.height else ""
    parts = (product, asset.kind, size, asset.sha256[:HASH_DIGITS])
    return "-".join(part for part in parts if part) + Path(str(asset.file.name)).suffix


def poster_name(asset: MediaAsset) -> str:
    """Return a file name for people of a film's small picture."""
    return f"{Path(asset_name(asset)).stem}-poster{Path(str(asset.poster.name)).suffix}"


def asset_url(asset: MediaAsset) -> str:
    """Return the address of an asset's present bytes."""
    return picture_url(asset.pk, str(asset.file.name))


def list_url(asset: MediaAsset) -> str:
    """Return the address of what a list shows of an asset; "" for one without a picture, or whose file was pruned."""
    is_shown = asset.poster or asset.mime_type in (*shown_types(), SVG)
    return small_url(asset) if is_shown and asset.pruned is None else ""


def small_url(asset: MediaAsset) -> str:
    """Return the address of an asset's picture in a list: its poster, a light picture itself, a small one."""
    if asset.poster:
        return picture_url(asset.pk, str(asset.poster.name))
    return light_url(asset.pk, str(asset.file.name), asset.width, asset.bytes)


def light_url(pk: int, stored_name: str, width: int | None, size: int) -> str:
    """Return the address of a picture for a list, given its storage name, width (px) and size (bytes).

    A large one is asked for small: that is made when it is first asked for.
    """
    path = Path(stored_name)
    is_light = (width or 0) <= LIGHT_PX and size <= LIGHT_BYTES
    if is_light or path.suffix not in MADE_SMALL:
        return picture_url(pk, stored_name)
    return reverse("media_assets:small", args=[pk, f"{path.stem[:HASH_DIGITS]}.webp"])


def spin_url(asset: MediaAsset) -> str:
    """Return the address of the list in a spin; its pictures are beside it."""
    return reverse("media_assets:spin", args=[asset.pk, asset.sha256[:HASH_DIGITS], LIST])


def usdz_name(asset: MediaAsset) -> str:
    """Return the file name for people of a USD master packed as .usdz."""
    return str(Path(asset_name(asset)).with_suffix(".usdz"))


def usdz_url(asset: MediaAsset) -> str:
    """Return the address of a USD master's present bytes, packed as .usdz."""
    return reverse("media_assets:usdz", args=[asset.pk, f"{asset.sha256[:HASH_DIGITS]}.usdz"])


def picture_url(pk: int, stored_name: str) -> str:
    """Return the address of an asset or its poster, given its id and the storage name (folder/ab/sha256.suffix)."""
    path = Path(stored_name)
    return reverse("media_assets:asset", args=[pk, f"{path.stem[:HASH_DIGITS]}{path.suffix}"])


def cad_url(cad_file: CadFile) -> str:
    """Return the address of an uploaded file's bytes."""
    name = f"{cad_file.sha256[:HASH_DIGITS]}{Path(str(cad_file.file.name)).suffix}"
    return reverse("media_assets:cad_source", args=[cad_file.pk, name])


def is_of_content(name: str, sha256: str) -> bool:
    """Whether *name* in an address names these bytes: an old address shows the new picture, but is not kept."""
    return sha256[:HASH_DIGITS] in name
