"""Recipes in plain words: what a file was made from."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import TextChoices
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from media_assets.models import MediaAsset, numbers
from rendering.desk.assets import passes, shapes
from rendering.models import Environment, OutputType, Studio
from rendering.pictures.formats import OUTPUT_FORMATS

Data = Mapping[str, Any]


@dataclass(frozen=True)
class AssetFact:
    """One row of a table: a name, and what there is to say."""

    name: str
    value: str


def what(asset: MediaAsset) -> list[AssetFact]:
    """Return what the file was made from: its recipe, its CAD file apart."""
    if shapes.is_shape(asset):
        return [AssetFact(name, words) for name, words in shapes.what(asset)]
    facts = _pictured(asset) if view_of(asset) else _meshed(asset.recipe)
    return [fact for fact in facts if fact.value]


def _pictured(asset: MediaAsset) -> Iterator[AssetFact]:
    recipe, view = asset.recipe, view_of(asset)
    look = view.get("look") or {}
    yield AssetFact(_("Camera"), ", ".join(filter(None, [camera(look), *_lens(look)])))
    yield AssetFact(_("Section"), _section(view))
    yield AssetFact(_("Exploded view"), _exploded(view))
    if not passes.is_pass(view):
        yield from _lit(look, view)
    if recipe.get("format"):
        yield AssetFact(_("Background"), _background(recipe))
        yield AssetFact(_("File"), ", ".join(filter(None, [file_format(recipe), _size(recipe)])))
    else:
        light = _("scene-linear light") if recipe.get("linear") else ""
        yield AssetFact(_("Size"), ", ".join(filter(None, [_size(recipe), light])))
    if view.get("frames"):
        rows = view.get("elevations") or ()
        frames = view["frames"] // max(1, len(rows))
        words = ngettext("once, in %(count)d frame", "once, in %(count)d frames", frames) % {"count": frames}
        if rows:
            words += ", " + _("in %(count)d rows from %(lowest)s° to %(highest)s°") % {
                "count": len(rows),
                "lowest": numbers.local(f"{rows[0]:g}"),
                "highest": numbers.local(f"{rows[-1]:g}"),
            }
        if fps := recipe.get("fps"):
            rate = {"fps": fps, "seconds": numbers.local(f"{view['frames'] / fps:.3g}")}
            words += ", " + _("%(fps)s per second: %(seconds)s s") % rate
        yield AssetFact(_("Turns"), words)


def _lit(look: Data, view: Data) -> Iterator[AssetFact]:
    """What makes the light and the colors of a picture."""
    light = [label(OutputType.Lighting, look.get("lighting")), *_own_light(look), *_panorama(look)]
    yield AssetFact(_("Light"), ", ".join(filter(None, light)))
    yield AssetFact(_("Ground"), label(OutputType.Ground, look.get("ground")))
    yield AssetFact(_("Materials"), _materials(look, view))
    if "edges" in look:
        yield AssetFact(
            _("Edges"), _("softened, to catch light") if look["edges"] else _("as in the CAD file")
        )
    exposure = look.get("exposure") or 0.0
    color = str(look.get("view_transform", ""))
    if exposure:
        color += ", " + _("exposure %(stops)s stops") % {"stops": numbers.local(f"{exposure:+g}")}
    yield AssetFact(_("Color"), color)


def _section(recipe: Data) -> str:
    """Return in words how the product is cut."""
    section = recipe.get("section")
    if not section:
        return ""
    words = [_("quarter") if len(section["normals"]) > 1 else _("half")]
    if section["part"]:
        words.append(_("through “%(part)s”") % {"part": section["part"]})
    if section["offset"]:
        words.append(_("offset %(offset)s %%") % {"offset": numbers.local(f"{100 * section['offset']:+g}")})
    words.append(_("hatched") if section["hatched"] else _("plain"))
    return ", ".join(words)


def _exploded(recipe: Data) -> str:
    """Return in words how the product is taken apart."""
    explosion = recipe.get("explosion")
    if not explosion:
        return ""
    depth, changes = explosion["depth"], len(explosion["changes"])
    words = [
        ngettext("%(count)d level", "%(count)d levels", depth) % {"count": depth}
        if depth
        else _("all levels")
    ]
    if explosion["forced"]:
        words.append(_("interlocked parts as well"))
    if changes:
        words.append(
            ngettext("%(count)d changed move", "%(count)d changed moves", changes) % {"count": changes}
        )
    return ", ".join(words)


def _meshed(recipe: Data) -> Iterator[AssetFact]:
    yield AssetFact(_("Section"), _section(recipe))
    yield AssetFact(_("Exploded view"), _exploded(recipe))
    fineness = recipe.get("tessellation") or {}
    if fineness:
        yield AssetFact(_("Quality"), label(OutputType.Tessellation, fineness.get("preset")))
        yield AssetFact(
            _("Angle"),
            _("at most %(angle)s rad between neighboring normals")
            % {"angle": numbers.local(f"{fineness['angular']:g}")}
            if "angular" in fineness
            else "",
        )
    names = {"code_page": _("code page"), "unit": _("length unit")}
    reading = recipe.get("reading") or {}
    yield AssetFact(
        _("Reading"), ", ".join(f"{names.get(name, name)} {value}" for name, value in reading.items())
    )


def view_of(asset: MediaAsset) -> Data:
    view = asset.recipe.get("view")
    return view if isinstance(view, Mapping) else {}


def camera(look: Data) -> str:
    if look.get("azimuth") is None and look.get("elevation") is None:
        return label(OutputType.Camera, look.get("camera_view"))
    angles = [_("azimuth %(angle)s°") % {"angle": numbers.local(f"{look.get('azimuth') or 0:g}")}]
    if look.get("elevation") is not None:
        angles.append(_("elevation %(angle)s°") % {"angle": numbers.local(f"{look['elevation']:g}")})
    if look.get("roll"):
        angles.append(_("roll %(angle)s°") % {"angle": numbers.local(f"{look['roll']:g}")})
    return ", ".join(angles)


def _lens(look: Data) -> Iterator[str]:
    if look.get("orthographic"):
        yield _("orthographic")
    elif look.get("focal_length_mm"):
        yield numbers.local(f"{look['focal_length_mm']:g} mm")
    yield numbers.local(f"f/{look['f_stop']:g}") if look.get("f_stop") else _("everything sharp")
    if look.get("margin"):
        yield _("%(percent)s %% empty border") % {"percent": numbers.local(f"{100 * look['margin']:g}")}


def _own_light(look: Data) -> Iterator[str]:
    """Yield the name of the panorama or the studio of one's own, as it is called today."""
    for model, field in ((Environment, "hdri"), (Studio, "studio")):
        if sha256 := look.get(field):
            name = model.objects.filter(sha256=sha256).values_list("name", flat=True).first()
            yield f"“{name}”" if name else _("deleted since")


def _panorama(look: Data) -> Iterator[str]:
    if look.get("hdri_rotation"):
        yield _("turned by %(angle)s°") % {"angle": numbers.local(f"{look['hdri_rotation']:g}")}
    if look.get("hdri_strength") not in (None, 1.0):
        yield _("strength %(strength)s") % {"strength": numbers.local(f"{look['hdri_strength']:g}")}


def _materials(look: Data, view: Data) -> str:
    finishes = (view.get("finishes") or {}).get("surfaces") or {}
    names = ", ".join(name.replace("_", " ") for name in finishes)
    words = f"{label(OutputType.Materials, look.get('materials'))}{f': {names}' if names else ''}"
    labels = len((view.get("finishes") or {}).get("labels") or ())
    if labels:
        words += ", " + ngettext("%(count)d label", "%(count)d labels", labels) % {"count": labels}
    return words


def _background(recipe: Data) -> str:
    colors = recipe.get("background") or []
    return (
        _("%(first)s to %(last)s") % {"first": colors[0], "last": colors[-1]}
        if len(colors) > 1
        else "".join(colors) or _("transparent")
    )


def file_format(recipe: Data) -> str:
    """Return the format with what made it so: "WebP, quality 90"; "" for a file that is no delivered picture."""
    if not recipe.get("format"):
        return ""
    row = OUTPUT_FORMATS.get(recipe["format"])
    words = [_(row.label) if row else str(recipe["format"])]
    if recipe.get("lossless"):
        words.append(_("lossless"))
    elif recipe.get("quality"):
        words.append(_("quality %(quality)s") % {"quality": recipe["quality"]})
    if recipe.get("bit_depth") == 16:
        words.append(_("16 bit"))
    return ", ".join(words)


def _size(recipe: Data) -> str:
    return (
        f"{recipe['width']} × {recipe['height']} px" if recipe.get("width") and recipe.get("height") else ""
    )


def label(choices: type[TextChoices], value: object) -> str:
    """Return the words of a choice; a value that is none of today's stays as it is."""
    if value in (None, "", "NONE"):
        return ""
    return str(choices(value).label) if value in choices.values else str(value).replace("_", " ")
