"""The few pieces of HTML that all admin pages share; each is a template."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from typing import Any

from django.db.models import Case, CharField, F, OuterRef, Q, Subquery, Value, When
from django.db.models.functions import JSONObject
from django.template.defaultfilters import filesizeformat
from django.template.loader import render_to_string
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from media_assets.formats.files import shown_types
from media_assets.models import CadFile, MediaAsset, numbers
from media_assets.models.turns import Rotation
from media_assets.serving.links import SVG, asset_url, light_url, small_url, spin_url

HASH_LENGTH = 64
SHOWN_AT_ONCE = 20_000_000  # bytes of geometry that a page loads unasked
LIST_LIMIT = 12  # items shown of a long list


def badge(state: str, label: str) -> SafeString:
    """Return a state as a colored word; the style sheet chooses the color."""
    return render_to_string("desk/shared/badge.html", {"state": state, "label": label})


def thumb(picture: Mapping[str, Any] | None, alt: str, link: str = "") -> SafeString:
    """Return a small picture from `newest_picture`, or an empty frame where there is none yet."""
    source = light_url(picture["id"], picture["file"], picture["width"], picture["bytes"]) if picture else ""
    return render_to_string("desk/shared/thumb.html", {"source": source, "alt": alt, "link": link})


def preview(asset: MediaAsset | None, *, large: bool = False) -> SafeString:
    """Return an asset as a picture, a film to play, geometry to turn (large), or its format's name."""
    if asset is not None and asset.pruned:
        return render_to_string("desk/shared/pruned.html", {"asset": asset, "large": large})
    if large and asset is not None and asset.kind == MediaAsset.Kind.SPIN:
        context = {"asset": asset, "source": spin_url(asset), "poster": small_url(asset), "alt": str(asset)}
        return render_to_string("desk/shared/spin.html", context)
    if large and asset is not None and asset.is_turned_in_3d:
        return viewer(asset, alt=str(asset.cad_file), at_once=True)
    return render_to_string(
        "desk/shared/preview.html",
        {
            "asset": asset,
            "source": asset_url(asset) if asset else "",
            "small": small_url(asset) if asset else "",
            "is_picture": asset is not None and asset.mime_type in (*shown_types(), SVG),
            "is_film": asset is not None and asset.is_film,
            "large": large,
            "frames": _frames(asset) if asset is not None and large else 0,
        },
    )


def _frames(asset: MediaAsset) -> int:
    """Return how many frames a film has, by its recipe; 0 if unknown."""
    view = asset.recipe.get("view")
    return int(view.get("frames") or 0) if isinstance(view, Mapping) else 0


def viewer(
    asset: MediaAsset, *, alt: str = "", at_once: bool = False, turned: Rotation = (), **more: object
) -> SafeString:
    """Return GLB geometry, so turned, to look at from all sides; *at_once*: unasked, where it is not too large."""
    context = {
        **more,
        "asset": asset,
        "source": asset_url(asset),
        "alt": alt or str(asset),
        "at_once": at_once and asset.bytes <= SHOWN_AT_ONCE,
        "turned": angles(turned) if turned else "",
    }
    return render_to_string("desk/shared/viewer.html", context)


def angles(turned: Rotation) -> str:
    """Return a rotation as the viewer has it, which has Y up: roll, pitch and yaw."""
    across, back, up = ((turned[at], turned[at + 2], -turned[at + 1]) for at in (0, 3, 6))
    pitch = math.asin(max(-1.0, min(1.0, -up[2])))
    if abs(up[2]) < 0.9999999:  # else roll and yaw are about the same axis
        roll, yaw = math.atan2(up[0], up[1]), math.atan2(across[2], -back[2])
    else:
        roll, yaw = 0.0, math.atan2(back[0], across[0])
    return " ".join(f"{one:.6f}rad" for one in (roll, pitch, yaw))


def newest_geometry(cad_file: CadFile | None) -> MediaAsset | None:
    """Return the newest GLB geometry of a CAD file; None where there is none yet."""
    if cad_file is None:
        return None
    return MediaAsset.objects.kept().filter(kind=MediaAsset.Kind.GLTF_GEOMETRY, cad_file=cad_file).first()


def newest_picture(cad_file: str) -> Subquery:
    """Return what `thumb` shows of the newest picture of the CAD file in field *cad_file*, a thumbnail if there is one.

    A film's poster where there is nothing else. One subquery for a whole list, whatever its length.
    """
    pictures = MediaAsset.objects.filter(
        is_shown(), kind__in=MediaAsset.PICTURES, cad_file=OuterRef(cad_file)
    )
    first = Case(
        When(kind=MediaAsset.Kind.THUMBNAIL, then=0), When(kind=MediaAsset.Kind.STILL, then=1), default=2
    )
    newest = pictures.order_by(first, F("produced").desc())
    return Subquery(newest.values(picture=shown())[:1])


def is_shown(asset: str = "") -> Q:
    """Return the condition that a list can show an asset, itself or its poster; *asset* is a path to it, "asset__".

    None that is archived, or whose file was pruned.
    """
    is_picture = Q(**{f"{asset}mime_type__in": [*shown_types(), SVG]}) | Q(**{f"{asset}poster__gt": ""})
    return is_picture & Q(**{f"{asset}archived_at__isnull": True, f"{asset}pruned": None})


def shown(asset: str = "") -> JSONObject:
    """Return {id, file, width, bytes} of what a list shows of an asset; *asset* is a path to it, as in `is_shown`."""
    has_none = Q(**{f"{asset}poster": ""})
    return JSONObject(
        id=f"{asset}pk",
        file=Case(When(has_none, then=F(f"{asset}file")), default=F(f"{asset}poster")),
        width=Case(When(has_none, then=F(f"{asset}width")), default=0),
        bytes=Case(When(has_none, then=F(f"{asset}bytes")), default=0),
    )


NO_PICTURE = Value(None, output_field=CharField())


def facts(mapping: Mapping[str, Any]) -> SafeString:
    """Return nested JSON as a readable table: one row a value, named by its path in plain words."""
    return render_to_string("desk/shared/facts.html", {"rows": list(_rows(mapping))})


def _rows(mapping: Mapping[str, Any], path: str = "") -> Iterator[tuple[str, str, str]]:
    """Yield (name, value, full value when it was shortened)."""
    for key, value in mapping.items():
        name = f"{path}{str(key).replace('_', ' ')}"
        if isinstance(value, Mapping):
            yield from _rows(value, f"{name} › ")
        elif value not in (None, "", [], ()):
            text, full = _plain(key, value)
            yield name, text, full


def _plain(key: str, value: Any) -> tuple[str, str]:
    if isinstance(value, bool):
        return (_("yes") if value else _("no")), ""
    if isinstance(value, str) and len(value) == HASH_LENGTH:
        return f"{value[:12]}…", value
    if isinstance(value, float):
        return f"{value:.6g}", ""
    if isinstance(value, int) and str(key).endswith("bytes"):
        return filesizeformat(value).replace("\xa0", " "), _("%(count)s bytes") % {"count": value}
    if isinstance(value, (list, tuple)):
        listed = ", ".join(_plain(key, item)[0] for item in value[:LIST_LIMIT])
        if len(value) <= LIST_LIMIT:
            return listed, ""
        more = {"names": listed, "count": numbers.grouped(len(value) - LIST_LIMIT)}
        return _("%(names)s … and %(count)s more") % more, ""
    return str(value), ""
