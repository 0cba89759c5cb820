"""The ingest report in plain words: the file, its contents, what was kept, the time of each stage.

Reports of earlier versions lack some values; missing ones are left out, none is invented.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.template.defaultfilters import filesizeformat
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from media_assets.formats import cad
from media_assets.ingest.text import size_mm, spelled, visible
from media_assets.models import CadFile, numbers

FILES = {"geometry.glb": "GLB", "master.usdc": gettext_noop("USD master")}
STAGES = {
    "prescan": gettext_noop("checking the file"),
    "read": gettext_noop("reading"),
    "document": gettext_noop("opening the saved document"),
    "transfer": gettext_noop("building shapes"),
    "keep": gettext_noop("saving the document"),
    "tree": gettext_noop("parts, names, colors"),
    "mesh": gettext_noop("meshing"),
    "triangles": gettext_noop("collecting triangles"),
    "glb": gettext_noop("writing GLB"),
    "check": gettext_noop("checking the GLB"),
    "usd": gettext_noop("writing USD"),
    "report": gettext_noop("writing this report"),
}
MEASURES = {
    "volume": gettext_noop("volume"),
    "area": gettext_noop("area"),
    "center": gettext_noop("center"),
}
NAMES_SHOWN = 12


@dataclass(frozen=True)
class ReportFact:
    """One line of the report. *colors* are #RRGGBB, shown beside the value; *is_bad* asks for attention."""

    name: str
    value: str
    is_bad: bool = False
    colors: tuple[str, ...] = ()


@dataclass(frozen=True)
class ReportGroup:
    title: str
    facts: tuple[ReportFact, ...]


@dataclass(frozen=True)
class StageTime:
    """One stage of the conversion: seconds, peak memory in MB (None: unknown), its place in the whole (0 to 1)."""

    name: str
    seconds: float
    peak_mb: float | None
    start: float
    share: float


@dataclass(frozen=True)
class Summary:
    groups: tuple[ReportGroup, ...]
    stages: tuple[StageTime, ...]
    seconds: float
    peak_mb: float | None
    warnings: tuple[Mapping[str, str], ...]


def summarize(report: Mapping[str, Any]) -> Summary:
    """Return *report* as its readers want it; an empty report gives empty groups."""
    stages = tuple(_stages(report))
    groups = (
        ReportGroup(_("File"), tuple(came(report))),
        ReportGroup(_("Contents"), tuple(_inside(report))),
        ReportGroup(_("Result"), tuple(_became(report))),
        ReportGroup(_("Comparison with the values in the file"), tuple(_validation(report))),
    )
    return Summary(
        groups=tuple(group for group in groups if group.facts),
        stages=stages,
        seconds=sum(stage.seconds for stage in stages),
        peak_mb=_number(report.get("peak_mb")),
        warnings=tuple(one for one in _list(report.get("warnings")) if isinstance(one, Mapping)),
    )


def document(cad_file: CadFile) -> dict[str, Any]:
    """Return the report as programs get it: the file, its state, the report as it was written, the product tree."""
    return {
        "cad_file": cad_file.pk,
        "name": cad_file.original_name,
        "sha256": cad_file.sha256,
        "bytes": cad_file.bytes,
        "uploaded": cad_file.created.isoformat(),
        "products": [product.number for product in cad_file.products.all()],
        "state": cad_file.state,
        "error_code": cad_file.error_code or None,
        "error": cad_file.error or None,
        "report": cad_file.report,
        "tree": cad_file.tree,
    }


def came(report: Mapping[str, Any]) -> Iterator[ReportFact]:
    """Yield what the file is, what wrote it, in which unit, how large it is, and how its names are encoded."""
    schema, protocol = str(report.get("schema") or ""), str(report.get("protocol") or "")
    kind = str(report.get("format") or "")
    kind = cad.of(kind).label or kind
    yield from _text(_("format"), " ".join(filter(None, [kind, protocol or schema])))
    yield from _text(_("made with"), report.get("originating_system"))
    yield from _text(_("written by"), report.get("preprocessor"))
    yield from _text(_("unit"), spelled(str(report.get("unit") or "")))
    if size := size_mm(report.get("size_mm")):
        yield ReportFact(_("size"), _("%(size)s mm") % {"size": size})
    page = _mapping(report.get("code_page"))
    if page.get("used"):
        unsure = page.get("sure") is False
        how = _("guessed") if unsure else str(page.get("how") or "")
        told = f" ({how})" if how not in ("", page["used"]) else ""
        yield ReportFact(_("encoding of names"), f"{page['used']}{told}", is_bad=unsure)


def _inside(report: Mapping[str, Any]) -> Iterator[ReportFact]:
    yield from _count(_("parts"), report.get("parts"), report.get("instances"))
    yield from _count(_("assemblies"), report.get("assemblies"))
    yield from _count(_("solids"), report.get("solids"), report.get("solids_placed"))
    yield from _count(_("faces"), report.get("faces"), report.get("faces_placed"))
    if (free := _number(report.get("free_surfaces"))) is not None:
        outside = _("%(count)s outside solids") % {"count": f"{free:,.0f}"}
        yield ReportFact(_("free surfaces"), outside if free else _("none"))
    names = _list(report.get("names"))
    yield from _kept(_("names"), report, "names", numbers.grouped(len(names)) if names else _("none"))
    colors = tuple(str(one) for one in _list(report.get("colors")))
    yield from _kept(_("colors"), report, "colors", str(len(colors)) if colors else _("none"), colors)
    materials = report.get("materials")
    if found := [*_list(materials), *_mapping(materials)]:
        yield ReportFact(_("materials"), _listed(sorted(visible(str(one)) for one in found)))
    if area := _number(report.get("area_mm2")):
        yield ReportFact(_("area"), _("%(area)s mm²") % {"area": _measure(area)})
    if volume := _number(report.get("volume_mm3")):
        yield ReportFact(_("volume"), _("%(volume)s mm³") % {"volume": _measure(volume)})


def _became(report: Mapping[str, Any]) -> Iterator[ReportFact]:
    yield from _count(_("triangles"), report.get("triangles"), report.get("triangles_placed"))
    yield from _count(_("meshes"), report.get("meshes"))
    if (holes := _number(report.get("unmeshed_faces"))) is not None:
        yield ReportFact(_("faces left out"), f"{holes:,.0f}" if holes else _("none"), is_bad=holes > 0)
    if (read := _mapping(report.get("document"))).get("reused"):
        yield ReportFact(_("source"), _("document saved by an earlier conversion"))
    elif read.get("why"):
        yield from _text(_("document"), _("not saved: %(reason)s") % {"reason": read["why"]})
    yield from _text(_("quality"), _quality(_mapping(report.get("tessellation")), report.get("size_mm")))
    for name, given in _mapping(report.get("bytes")).items():
        if (size := _number(given)) is not None:
            yield ReportFact(
                _(FILES[name]) if name in FILES else str(name), filesizeformat(size).replace("\xa0", " ")
            )


def _quality(quality: Mapping[str, Any], size: Any) -> str:
    """Return the preset with what it means for this file: the largest distance in mm, the largest angle."""
    words = [str(quality.get("preset") or "")]
    linear, angular = _number(quality.get("linear")), _number(quality.get("angular"))
    edges = [_number(edge) or 0.0 for edge in _list(size)]
    if linear is not None and edges:
        low, high = _number(quality.get("min_mm")) or 0.0, _number(quality.get("max_mm")) or math.inf
        distance = f"{min(max(linear * math.hypot(*edges), low), high):.2g}"
        words.append(_("within %(distance)s mm") % {"distance": distance})
    if angular is not None:
        words.append(_("%(angle)s° between facets") % {"angle": f"{math.degrees(angular):.2g}"})
    return ", ".join(filter(None, words))


def _validation(report: Mapping[str, Any]) -> Iterator[ReportFact]:
    """Yield how volume, area and center compare with what the file states for its parts."""
    compared = _mapping(report.get("validation"))
    differing = [_mapping(one) for one in _list(compared.get("differing"))]
    checked = _number(compared.get("checked")) or 0.0
    if checked and not differing:
        yield ReportFact(
            _("compared"), _("%(count)s: volume, area and center match") % {"count": f"{checked:,.0f}"}
        )
    for one in differing[:NAMES_SHOWN]:
        what = spelled(str(one.get("what")))
        sizes = _("%(what)s %(found)s instead of %(stated)s") % {
            "what": _(MEASURES[what]) if what in MEASURES else what,
            "found": _size(one.get("found")),
            "stated": _size(one.get("stated")),
        }
        yield ReportFact(visible(str(one.get("name") or "")), sizes, is_bad=True)
    if unsure := _number(compared.get("unsure")):
        yield ReportFact(
            _("not compared"),
            _("%(count)s: measuring them exactly takes too long") % {"count": f"{unsure:,.0f}"},
        )


def _size(value: Any) -> str:
    """Return an area, a volume or the coordinates of a center."""
    numbers = [_number(one) for one in (value if isinstance(value, (list, tuple)) else [value])]
    return ", ".join("?" if one is None else _measure(one) for one in numbers)


def _stages(report: Mapping[str, Any]) -> Iterator[StageTime]:
    times = {
        str(name): max(0.0, value)
        for name, given in _mapping(report.get("seconds")).items()
        if (value := _number(given)) is not None
    }
    peaks = _mapping(report.get("stage_peak_mb"))
    total = sum(times.values()) or 1.0
    start = 0.0
    for name, value in times.items():
        shown = _(STAGES[name]) if name in STAGES else name
        yield StageTime(shown, value, _number(peaks.get(name)), start / total, value / total)
        start += value


def _text(name: str, value: Any) -> Iterator[ReportFact]:
    if text := visible(str(value or "")):
        yield ReportFact(name, text)


def _count(name: str, count: Any, placed: Any = None) -> Iterator[ReportFact]:
    """Yield "67 (94 placed)"; nothing where the report does not say."""
    if (number := _number(count)) is None:
        return
    times = _number(placed)
    if times is None or times == number:
        yield ReportFact(name, f"{number:,.0f}")
        return
    counts = {"count": f"{number:,.0f}", "placed": f"{times:,.0f}"}
    yield ReportFact(name, _("%(count)s (%(placed)s placed)") % counts)


def _kept(
    name: str, report: Mapping[str, Any], key: str, plain: str, colors: tuple[str, ...] = ()
) -> Iterator[ReportFact]:
    """Yield how many names or colors were kept of those found in the file; only *plain* where nobody counted."""
    if key not in report:
        return
    found, kept = (_number(_mapping(report.get(word)).get(key)) for word in ("found", "kept"))
    if found is None or kept is None:
        yield ReportFact(name, plain, colors=colors[:NAMES_SHOWN])
    elif kept < found:
        counts = {"kept": f"{kept:,.0f}", "found": f"{found:,.0f}"}
        value = _("%(kept)s kept of %(found)s found") % counts
        yield ReportFact(name, value, is_bad=True, colors=colors[:NAMES_SHOWN])
    else:
        value = _("all %(count)s kept") % {"count": f"{found:,.0f}"} if found else plain
        yield ReportFact(name, value, colors=colors[:NAMES_SHOWN])


def _listed(names: list[str]) -> str:
    shown = ", ".join(names[:NAMES_SHOWN])
    if len(names) <= NAMES_SHOWN:
        return shown
    return _("%(names)s … and %(count)s more") % {
        "names": shown,
        "count": numbers.grouped(len(names) - NAMES_SHOWN),
    }


def _measure(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= 10_000 else f"{value:.5g}"


def _list(value: Any) -> list[Any]:
    return list(value) if isinstance(value, (list, tuple)) else []


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _number(value: Any) -> float | None:
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not math.isfinite(value):
        return None
    return float(value)
