"""Receipts in plain words: how a file was made.

Older receipts lack some values: missing ones are left out, none is invented.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from gpu.models.device import Backend
from media_assets.models import MediaAsset, numbers
from rendering.catalog.channels.facts import PictureFacts
from rendering.desk.assets import passes, shapes
from rendering.desk.assets.recipe import AssetFact, Data, camera, file_format, label, view_of
from rendering.desk.shared.labels import within
from rendering.models import OutputType
from rendering.reports.table import duration, size

NAMED_PARTS = 5
STAGES = {
    "import": gettext_lazy("starting Blender"),
    "geometry": gettext_lazy("loading the geometry"),
    "scene": gettext_lazy("setting up the scene"),
    "sync": gettext_lazy("sending the scene to Cycles"),
    "preview": gettext_lazy("rendering a preview"),
    "sample": gettext_lazy("sampling"),
    "save": gettext_lazy("saving"),
}
TELLING = 0.05  # s: shorter stages are left out
CAD_TOOLS = {
    "converter": gettext_lazy("converter"),
    "cadquery-ocp-novtk": "OpenCASCADE",
    "usd-core": "OpenUSD",
}


def sentence(asset: MediaAsset) -> str:
    """Return the whole file in one or two sentences; "" for a file that nobody rendered."""
    view = view_of(asset)
    if not view:
        return ""
    taken = _render_seconds(asset.receipt)
    made = _in(_where(asset.receipt), taken) if asset.receipt.get("device_used") else _in("", taken)
    made = _("Rendered %(how)s") % {"how": made} if made else _("Rendered")
    if how := list(
        filter(None, [_samples(asset.receipt, view), _denoised(view), _blender(asset.receipt, view)])
    ):
        made = f"{made}: {', '.join(how)}"
    look = view.get("look") or {}
    shown = [
        _("%(camera)s camera") % {"camera": within(camera(look))},
        "" if passes.is_pass(view) else within(label(OutputType.Lighting, look.get("lighting"))),
        file_format(asset.recipe),
    ]
    words = ", ".join(filter(None, shown))
    saved = f", {asset.against_png}" if asset.against_png else ""
    return f"{made}. {words[:1].upper()}{words[1:]}{saved}." if words else f"{made}."


def how(asset: MediaAsset) -> list[AssetFact]:
    """Return how the file was really made: its receipt."""
    if shapes.is_shape(asset):
        return [AssetFact(name, words) for name, words in shapes.how(asset)]
    facts = _rendered(asset) if view_of(asset) else _converted(asset)
    return [fact for fact in facts if fact.value]


def _rendered(asset: MediaAsset) -> Iterator[AssetFact]:
    receipt, view = asset.receipt, view_of(asset)
    seconds = receipt.get("seconds") or {}
    taken = _render_seconds(receipt)
    frames = receipt.get("frames")
    if receipt.get("device_used"):
        words = _in(_where(receipt, named=True), taken)
        if frames:
            count = ngettext("%(count)d frame", "%(count)d frames", frames) % {"count": frames}
            words = f"{count} {words}"
        if frames and taken:
            words += ", " + _("%(time)s per frame") % {"time": duration(taken / frames)}
        yield AssetFact(_("Rendered"), words)
    if len(receipt.get("devices") or {}) > 1:
        yield AssetFact(
            _("Shared by"), ", ".join(f"{name} ({count})" for name, count in receipt["devices"].items())
        )
    stages = [(words, seconds.get(name, 0.0)) for name, words in STAGES.items()]
    yield AssetFact(
        _("Of which"), ", ".join(f"{words} {duration(spent)}" for words, spent in stages if spent >= TELLING)
    )
    if seconds.get("wait", 0.0) >= TELLING:
        yield AssetFact(_("Waited"), _("%(time)s for a worker") % {"time": duration(seconds["wait"])})
    yield AssetFact(_("Sampling"), _sampling(receipt, view))
    yield AssetFact(_("Denoised"), _("with OpenImageDenoise") if view.get("denoise") else _("no"))
    yield AssetFact("Blender", _blender(receipt, view).removeprefix("Blender "))
    yield AssetFact(_("Proof"), _proof(str(receipt.get("device_proof") or "")))
    yield from (AssetFact(label, words) for label, words in asset.how_made.shown())
    yield from _measured(asset)
    yield from _encoded(asset)


def _measured(asset: MediaAsset) -> Iterator[AssetFact]:
    """What channels judge the file by, and what the passes of a render have."""
    yield from (AssetFact(name, words) for name, words in passes.what_is_seen(asset))
    if asset.recipe.get("signed"):
        yield AssetFact(_("Signed"), _("with a C2PA manifest"))
    if asset.how_made.facts is None:
        return
    facts = PictureFacts.from_json(asset.how_made.facts)
    if asset.recipe.get("cmyk"):
        yield AssetFact(_("Colors"), _("CMYK by %(profile)s") % {"profile": facts.profile})
    if facts.clipping_path:
        yield AssetFact(_("Clipping path"), _("the outline of the product"))
    if facts.fill is not None:
        words = _("the product fills %(fill).1f %% of the picture's side") % {"fill": 100 * facts.fill}
        yield AssetFact(_("Measured"), words)
    if facts.off_white_px is not None:
        white = (
            _("nowhere but on the product")
            if not facts.off_white_px
            else _("up to %(px)d px from the product")
        )
        yield AssetFact(_("Not white"), white % {"px": facts.off_white_px})


def _encoded(asset: MediaAsset) -> Iterator[AssetFact]:
    seconds = asset.receipt.get("seconds") or {}
    if "encode" in seconds:
        written = {"format": file_format(asset.recipe), "time": duration(seconds["encode"])}
        words = _("as %(format)s, in %(time)s") % written
        if "gate" in seconds:
            words += ", " + _("checked in %(time)s before it was published") % {
                "time": duration(seconds["gate"])
            }
        yield AssetFact(_("Written"), words)
    if asset.against_png:
        yield AssetFact(_("Compared with PNG"), f"{asset.against_png} ({size(asset.receipt['png_bytes'])})")


def _converted(asset: MediaAsset) -> Iterator[AssetFact]:
    receipt = asset.receipt
    spent = (receipt.get("seconds") or {}).get("convert")
    if receipt.get("device_used"):
        yield AssetFact(_("Converted"), _in(_where(receipt), spent))
    yield AssetFact(_("Section"), _cut(receipt.get("section") or {}))
    if receipt.get("drawing"):
        yield AssetFact(_("Lines"), shapes.lines_found(receipt["drawing"]))
    tools = receipt.get("tools") or asset.recipe.get("tools") or {}
    yield AssetFact(
        _("Tools"), ", ".join(f"{CAD_TOOLS.get(name, name)} {version}" for name, version in tools.items())
    )


def _cut(said: Data) -> str:
    """Return in words what a section cut, and what it could not cut exactly."""
    if not said:
        return ""
    parts = ngettext("%(count)d part cut", "%(count)d parts cut", said["cut"]) % {"count": said["cut"]}
    words = [parts + ", " + _("%(area)s mm² in all") % {"area": numbers.local(f"{said['area_mm2']:,.6g}")}]
    if said["uncut"]:
        words.append(_("left whole: %(parts)s") % {"parts": _named(said["uncut_parts"], said["uncut"])})
    if said["by_triangles"]:
        named = _named(said["triangle_parts"], said["by_triangles"])
        words.append(_("not exact, but by their triangles: %(parts)s") % {"parts": named})
    if said["open"]:
        named = _named(said["open_parts"], said["open"])
        words.append(_("without cut faces, as they are not closed: %(parts)s") % {"parts": named})
    return "; ".join(words)


def _named(parts: Iterable[str], count: int) -> str:
    names = [key.rpartition("/")[2] for key in parts][:NAMED_PARTS]
    more = count - len(names)
    return ", ".join(names) + (" " + _("and %(count)d more") % {"count": more} if more else "")


def _render_seconds(receipt: Data) -> float:
    seconds = receipt.get("seconds") or {}
    return float(seconds.get("total") or seconds.get("render") or seconds.get("sample") or 0.0)


def _in(where: str, seconds: float | None) -> str:
    """Return *where*, followed by the time that it took."""
    taken = _("in %(time)s") % {"time": duration(seconds)} if seconds else ""
    return " ".join(filter(None, (where, taken)))


def _where(receipt: Data, *, named: bool = False) -> str:
    """Return "on the CPU", "on the CPU instead of a GPU" or "on" and the GPU's name."""
    name = str(receipt.get("device_name") or "")
    if receipt.get("device_used") != "GPU":
        model = f" ({name})" if named and name and name != "CPU" else ""
        if receipt.get("gpu_fallback"):
            return _("on the CPU%(model)s instead of a GPU") % {"model": model}
        return _("on the CPU%(model)s") % {"model": model}
    backend = label(Backend, receipt.get("compute_type"))
    if named and backend:
        return _("on %(gpu)s by %(backend)s") % {"gpu": name or _("a GPU"), "backend": backend}
    return _("on %(gpu)s") % {"gpu": name or _("a GPU")}


def _samples(receipt: Data, view: Data) -> str:
    count = receipt.get("samples") or view.get("samples")
    return ngettext("%(count)d sample", "%(count)d samples", count) % {"count": count} if count else ""


def _sampling(receipt: Data, view: Data) -> str:
    count, threshold = _samples(receipt, view), view.get("noise_threshold")
    if not count:
        return ""
    if not threshold:
        return _("%(samples)s per pixel") % {"samples": count}
    words = _("up to %(samples)s per pixel, fewer where the noise is below %(threshold)s")
    return words % {"samples": count, "threshold": numbers.local(f"{threshold:g}")}


def _denoised(view: Data) -> str:
    return _("denoised with OpenImageDenoise") if view.get("denoise") else ""


def _blender(receipt: Data, view: Data) -> str:
    version = receipt.get("blender_version") or (view.get("renderer") or {}).get("blender")
    return f"Blender {version}" if version else ""


def _proof(proof: str) -> str:
    if not proof:
        return ""
    if proof == "EMBREE":
        return _("Cycles' own log says %(name)s, which is the CPU") % {"name": proof}
    return _("Cycles' own log says %(name)s, which is a GPU") % {"name": proof}
