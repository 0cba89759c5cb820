"""Recipes and receipts in plain words: what a file was made from, and how.

Pure. Older receipts lack some values: missing ones are left out, none is invented.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import TextChoices
from django.utils.translation import gettext as _

from gpu.models.device import Backend
from media_assets.models import MediaAsset
from rendering.models import OutputType
from rendering.pictures.formats import OUTPUT_FORMATS
from rendering.reports.table import duration, size

STAGES = {
    "import": "starting Blender",
    "geometry": "loading the geometry",
    "scene": "setting up the scene",
    "sync": "handing the scene to Cycles",
    "preview": "a coarse picture first",
    "sample": "sampling",
    "save": "saving",
}
TELLING = 0.05  # s: shorter stages are left out
CAD_TOOLS = {"converter": "our converter", "cadquery-ocp-novtk": "OpenCASCADE", "usd-core": "OpenUSD"}

Data = Mapping[str, Any]


@dataclass(frozen=True)
class AssetFact:
    """One row of a table: a name, and what there is to say."""

    name: str
    value: str


def sentence(asset: MediaAsset) -> str:
    """Return the whole file in one or two sentences; "" for a file that nobody rendered."""
    view = _view(asset)
    if not view:
        return ""
    taken = _render_seconds(asset.receipt)
    made = [f"Rendered {_where(asset.receipt)}" if asset.receipt.get("device_used") else "Rendered"]
    if taken:
        made.append(f" in {duration(taken)}")
    if how := list(
        filter(None, [_samples(asset.receipt, view), _denoised(view), _blender(asset.receipt, view)])
    ):
        made.append(f": {', '.join(how)}")
    look = view.get("look") or {}
    shown = [
        f"{_camera(look).lower()} camera",
        _label(OutputType.Lighting, look.get("lighting")).lower(),
        _file(asset.recipe),
    ]
    words = ", ".join(filter(None, shown))
    saved = f", {asset.against_png}" if asset.against_png else ""
    return f"{''.join(made)}. {words[:1].upper()}{words[1:]}{saved}." if words else f"{''.join(made)}."


def how(asset: MediaAsset) -> list[AssetFact]:
    """Return how the file was really made: its receipt."""
    facts = _rendered(asset) if _view(asset) else _converted(asset)
    return [fact for fact in facts if fact.value]


def what(asset: MediaAsset) -> list[AssetFact]:
    """Return what the file was made from: its recipe, its CAD file apart."""
    facts = _pictured(asset) if _view(asset) else _meshed(asset.recipe)
    return [fact for fact in facts if fact.value]


def _rendered(asset: MediaAsset) -> Iterator[AssetFact]:
    receipt, view = asset.receipt, _view(asset)
    seconds = receipt.get("seconds") or {}
    taken = _render_seconds(receipt)
    frames = receipt.get("frames")
    each = f", {duration(taken / frames)} a frame" if frames and taken else ""
    if receipt.get("device_used"):
        count = f"{frames} frames " if frames else ""
        yield AssetFact(
            "Rendered",
            f"{count}{_where(receipt, named=True)}{f' in {duration(taken)}' if taken else ''}{each}",
        )
    if len(receipt.get("devices") or {}) > 1:
        yield AssetFact(
            "Shared by", ", ".join(f"{name} ({count})" for name, count in receipt["devices"].items())
        )
    stages = [(words, seconds.get(name, 0.0)) for name, words in STAGES.items()]
    yield AssetFact(
        "Of that", ", ".join(f"{words} {duration(spent)}" for words, spent in stages if spent >= TELLING)
    )
    if seconds.get("wait", 0.0) >= TELLING:
        yield AssetFact("Waited", f"{duration(seconds['wait'])} for a worker")
    yield AssetFact("Sampling", _sampling(receipt, view))
    yield AssetFact("Denoised", "with OpenImageDenoise" if view.get("denoise") else "no")
    yield AssetFact("Blender", _blender(receipt, view).removeprefix("Blender "))
    yield AssetFact("Proof", _proof(str(receipt.get("device_proof") or "")))
    yield from (AssetFact(label, words) for label, words in asset.how_made.shown())
    yield from _encoded(asset)


def _encoded(asset: MediaAsset) -> Iterator[AssetFact]:
    seconds = asset.receipt.get("seconds") or {}
    if "encode" in seconds:
        checked = (
            f", checked in {duration(seconds['gate'])} before it was published" if "gate" in seconds else ""
        )
        yield AssetFact("Written", f"as {_file(asset.recipe)}, in {duration(seconds['encode'])}{checked}")
    if asset.against_png:
        yield AssetFact("Against PNG", f"{asset.against_png} ({size(asset.receipt['png_bytes'])})")


def _converted(asset: MediaAsset) -> Iterator[AssetFact]:
    receipt = asset.receipt
    spent = (receipt.get("seconds") or {}).get("convert")
    if receipt.get("device_used"):
        yield AssetFact("Converted", f"{_where(receipt)}{f' in {duration(spent)}' if spent else ''}")
    tools = receipt.get("tools") or asset.recipe.get("tools") or {}
    yield AssetFact(
        "Tools", ", ".join(f"{CAD_TOOLS.get(name, name)} {version}" for name, version in tools.items())
    )


def _pictured(asset: MediaAsset) -> Iterator[AssetFact]:
    recipe, view = asset.recipe, _view(asset)
    look = view.get("look") or {}
    yield AssetFact("Camera", ", ".join(filter(None, [_camera(look), *_lens(look)])))
    yield AssetFact(
        "Light",
        ", ".join(filter(None, [_label(OutputType.Lighting, look.get("lighting")), *_panorama(look)])),
    )
    yield AssetFact("Ground", _label(OutputType.Ground, look.get("ground")))
    yield AssetFact("Materials", _materials(look, view))
    if "edges" in look:
        yield AssetFact(
            "Edges", "softened, so that they catch light" if look["edges"] else "as in the CAD file"
        )
    exposure = look.get("exposure") or 0.0
    yield AssetFact(
        "Color", f"{look.get('view_transform', '')}{f', exposure {exposure:+g} stops' if exposure else ''}"
    )
    if recipe.get("format"):
        yield AssetFact("Background", _background(recipe))
        yield AssetFact("File", ", ".join(filter(None, [_file(recipe), _size(recipe)])))
    else:
        light = "scene-linear light" if recipe.get("linear") else ""
        yield AssetFact("Size", ", ".join(filter(None, [_size(recipe), light])))
    if view.get("frames"):
        rate = (
            f", {recipe['fps']} a second: {view['frames'] / recipe['fps']:.3g} s" if recipe.get("fps") else ""
        )
        yield AssetFact("Turns", f"once, in {view['frames']} frames{rate}")


def _meshed(recipe: Data) -> Iterator[AssetFact]:
    fineness = recipe.get("tessellation") or {}
    if fineness:
        yield AssetFact("Quality", _label(OutputType.Tessellation, fineness.get("preset")))
        yield AssetFact(
            "Angle",
            f"at most {fineness['angular']:g} rad between neighboring normals"
            if "angular" in fineness
            else "",
        )
    said = {"code_page": "code page", "unit": "length unit"}
    reading = recipe.get("reading") or {}
    yield AssetFact(
        "Reading", ", ".join(f"{said.get(name, name)} {value}" for name, value in reading.items())
    )


def _view(asset: MediaAsset) -> Data:
    view = asset.recipe.get("view")
    return view if isinstance(view, Mapping) else {}


def _render_seconds(receipt: Data) -> float:
    seconds = receipt.get("seconds") or {}
    return float(seconds.get("total") or seconds.get("render") or seconds.get("sample") or 0.0)


def _where(receipt: Data, *, named: bool = False) -> str:
    """Return "on the CPU", "on the CPU instead of a GPU" or "on" and the GPU's name."""
    name = str(receipt.get("device_name") or "")
    if receipt.get("device_used") != "GPU":
        model = f" ({name})" if named and name and name != "CPU" else ""
        return f"on the CPU{model}{' instead of a GPU' if receipt.get('gpu_fallback') else ''}"
    backend = _label(Backend, receipt.get("compute_type"))
    return f"on {name or 'a GPU'}{f' by {backend}' if named and backend else ''}"


def _samples(receipt: Data, view: Data) -> str:
    count = receipt.get("samples") or view.get("samples")
    return f"{count} sample{'' if count == 1 else 's'}" if count else ""


def _sampling(receipt: Data, view: Data) -> str:
    count, threshold = _samples(receipt, view), view.get("noise_threshold")
    if not count:
        return ""
    return (
        f"up to {count} a pixel, fewer where the noise is below {threshold:g}"
        if threshold
        else f"{count} a pixel"
    )


def _denoised(view: Data) -> str:
    return "denoised with OpenImageDenoise" if view.get("denoise") else ""


def _blender(receipt: Data, view: Data) -> str:
    version = receipt.get("blender_version") or (view.get("renderer") or {}).get("blender")
    return f"Blender {version}" if version else ""


def _proof(proof: str) -> str:
    device = "the CPU" if proof == "EMBREE" else "a GPU"
    return f"Cycles' own log says {proof}, which is {device}" if proof else ""


def _camera(look: Data) -> str:
    if look.get("azimuth") is None and look.get("elevation") is None:
        return _label(OutputType.Camera, look.get("camera_view"))
    angles = [f"azimuth {look.get('azimuth') or 0:g}°", f"elevation {look.get('elevation') or 0:g}°"]
    return ", ".join([*angles, *([f"roll {look['roll']:g}°"] if look.get("roll") else [])])


def _lens(look: Data) -> Iterator[str]:
    if look.get("orthographic"):
        yield "orthographic"
    elif look.get("focal_length_mm"):
        yield f"{look['focal_length_mm']:g} mm"
    yield f"f/{look['f_stop']:g}" if look.get("f_stop") else "everything sharp"
    if look.get("margin"):
        yield f"{100 * look['margin']:g} % free edge"


def _panorama(look: Data) -> Iterator[str]:
    if look.get("hdri_rotation"):
        yield f"turned by {look['hdri_rotation']:g}°"
    if look.get("hdri_strength") not in (None, 1.0):
        yield f"strength {look['hdri_strength']:g}"


def _materials(look: Data, view: Data) -> str:
    finishes = (view.get("finishes") or {}).get("surfaces") or {}
    names = ", ".join(name.replace("_", " ") for name in finishes)
    return f"{_label(OutputType.Materials, look.get('materials'))}{f': {names}' if names else ''}"


def _background(recipe: Data) -> str:
    colors = recipe.get("background") or []
    return " to ".join(colors) if colors else "transparent"


def _file(recipe: Data) -> str:
    """Return the format with what made it so: "WebP, quality 90"; "" for a file that is no delivered picture."""
    if not recipe.get("format"):
        return ""
    row = OUTPUT_FORMATS.get(recipe["format"])
    words = [_(row.label) if row else str(recipe["format"])]
    if recipe.get("lossless"):
        words.append("lossless")
    elif recipe.get("quality"):
        words.append(f"quality {recipe['quality']}")
    if recipe.get("bit_depth") == 16:
        words.append("16 bit")
    return ", ".join(words)


def _size(recipe: Data) -> str:
    return (
        f"{recipe['width']} × {recipe['height']} px" if recipe.get("width") and recipe.get("height") else ""
    )


def _label(choices: type[TextChoices], value: object) -> str:
    """Return the words of a choice; a value that is none of today's stays as it is."""
    if value in (None, "", "NONE"):
        return ""
    return str(choices(value).label) if value in choices.values else str(value).replace("_", " ")
