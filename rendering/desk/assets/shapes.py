"""Files that no render is behind, in plain words: what they hold, and how far they are from the CAD."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop, ngettext

from media_assets.cad.drawing.wanted import CRASHED, FAILED, NO_SHAPE, SLOW
from media_assets.models import MediaAsset, numbers
from rendering.models import OutputType
from rendering.pictures.kinds import KINDS, Source
from rendering.reports.table import duration

VIEWS = {
    "front": gettext_noop("front"),
    "top": gettext_noop("top"),
    "right": gettext_noop("right"),
    "iso": gettext_noop("isometric"),
}

NOT_EXACT = {
    SLOW: gettext_noop("not exact, as that takes too long"),
    CRASHED: gettext_noop("not exact, as the CAD kernel crashed"),
    FAILED: gettext_noop("not exact, as the CAD kernel refused"),
    NO_SHAPE: gettext_noop("not exact, as there is no exact shape, or too large a one"),
}


def is_shape(asset: MediaAsset) -> bool:
    """Return whether a file was made of the geometry, or of other files, without a render of its own."""
    return asset.kind in KINDS and KINDS[asset.kind].source in (Source.GEOMETRY, Source.LINES, Source.FILES)


def how(asset: MediaAsset) -> Iterator[tuple[str, str]]:
    """Yield what was measured in it, each with its name."""
    measured = asset.how_made.measured or {}
    if seconds := (asset.receipt.get("seconds") or {}).get("encode"):
        is_bound = KINDS[asset.kind].source is Source.FILES
        words = _("of other files of the product in %(time)s") if is_bound else ""
        words = words or _("of the geometry, without a render, in %(time)s")
        yield _("Made"), words % {"time": duration(seconds)}
    if count := measured.get("pages"):
        yield _("Pages"), str(count)
    if count := measured.get("parts"):
        yield _("Parts"), str(count)
    if size := measured.get("size_mm"):
        yield _("Size"), " × ".join(numbers.local(f"{side:,.2f}") for side in size) + " mm"
    if drawn := measured.get("drawn"):
        yield _("Lines"), lines_found(drawn)
    if count := measured.get("triangles"):
        words = _("%(count)s of %(all)s, all instances counted")
        before = numbers.grouped(measured["triangles_before"])
        yield _("Triangles"), words % {"count": numbers.grouped(count), "all": before}
    if "moved_mm" in measured:
        words = _("the surface is nowhere farther than %(distance)s mm from the tessellation")
        exact = _("not at all: these are the triangles of the tessellation")
        moved = measured["moved_mm"]
        yield _("Simplified"), words % {"distance": numbers.local(f"{moved:.2g}")} if moved else exact
    if "outline" in measured:
        words = _("differs by %(percent)s %% of its area at most, seen along the axes")
        yield _("Outline"), words % {"percent": numbers.local(f"{100 * measured['outline']:.2f}")}


def lines_found(drawn: Mapping[str, Any]) -> str:
    """Return in words how the lines of a drawing were found, in which views they are exact, and why not in others."""
    words = []
    by_view = drawn.get("by_view") or {}
    exact = [name for name, said in by_view.items() if "why" not in said]
    if exact:
        words.append(_("exact: %(views)s") % {"views": _views(exact)})
    for code, why in NOT_EXACT.items():
        if others := [name for name, said in by_view.items() if said.get("why") == code]:
            words.append(f"{_views(others)}: {_(why)}")
    if drawn.get("by") == "triangles":
        words.append(_("by the triangles of the tessellation"))
    elif len(exact) < len(by_view) or not by_view:
        words.append(_("polygonal, by the CAD kernel"))
    if count := drawn.get("mended"):
        corrected = ngettext(
            "%(count)d line corrected by what is in front of it",
            "%(count)d lines corrected by what is in front of them",
            count,
        )
        words.append(corrected % {"count": count})
    return "; ".join(words)


def _views(names: Iterable[str]) -> str:
    return ", ".join(_(VIEWS[name]) for name in names if name in VIEWS)


def what(asset: MediaAsset) -> Iterator[tuple[str, str]]:
    """Yield what it was made from, each with its name."""
    recipe = asset.recipe
    if pages := recipe.get("pages"):
        yield _("Shows"), ", ".join(one["title"] for one in pages)
    if materials := recipe.get("materials"):
        finishes = (recipe.get("finishes") or {}).get("surfaces") or {}
        names = ", ".join(name.replace("_", " ") for name in finishes)
        label = str(OutputType.Materials(materials).label)
        yield _("Materials"), f"{label}: {names}" if names else label
    if "compress" in recipe:
        yield _("Compressed"), _("with Draco") if recipe["compress"] else _("no")
