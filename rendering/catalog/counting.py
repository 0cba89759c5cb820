"""Which fields of an output type apply to its other choices: recipes omit the rest, and the form hides it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_noop as _

from blender_scripts.presets import PRESETS
from rendering.models import OutputType
from rendering.pictures.formats import OUTPUT_FORMATS, OutputFormat
from rendering.pictures.kinds import ROWS, SECTION


@dataclass(frozen=True)
class Condition:
    """Fields that count only where something holds, and why they do not elsewhere (marked for translation)."""

    fields: tuple[str, ...]
    holds: Callable[[OutputType], bool]
    why_not: str


def _format(output_type: OutputType) -> OutputFormat:
    return OUTPUT_FORMATS[output_type.format]


def _is_each(output_type: OutputType) -> bool:
    return output_type.parts == OutputType.Parts.EACH and output_type.kind_row.has("parts")


CHOSEN_BY = (
    *("kind", "camera", "orthographic", "lighting", "background", "format", "lossless", "bit_depth"),
    *("section", "exploded", "parts", "rest", "studio", "rows"),
)
"""The fields that conditions look at."""

CONDITIONS = (
    Condition(
        ("azimuth", "roll"),
        lambda one: one.camera == OutputType.Camera.CUSTOM,
        _("Only for a custom camera."),
    ),
    Condition(
        ("elevation",),
        lambda one: one.camera == OutputType.Camera.CUSTOM and not one.elevations,
        _("Only for a custom camera, and one row."),
    ),
    Condition(ROWS[1:], lambda one: bool(one.elevations), _("Only for more than one row.")),
    Condition(
        # The focal length stays in the recipe all the same: to leave it out would give every picture another key.
        ("focal_length", "f_stop"),
        lambda one: not one.orthographic,
        _("An orthographic camera has none."),
    ),
    Condition(
        ("environment",),
        lambda one: PRESETS[one.lighting].needs_file,
        _("Only for lighting by a panorama of your own."),
    ),
    Condition(
        ("studio",),
        lambda one: PRESETS[one.lighting].needs_studio,
        _("Only for lighting by a studio of your own."),
    ),
    Condition(
        ("ground",),
        lambda one: one.studio is None or not one.studio.has_ground,
        _("This studio has a ground of its own."),
    ),
    Condition(
        ("hdri_rotation", "hdri_strength"),
        lambda one: PRESETS[one.lighting].is_panorama,
        _("Only for lighting by a panorama."),
    ),
    Condition(
        ("part_words", "part_key"), lambda one: one.parts == OutputType.Parts.SOME, _("Only for these parts.")
    ),
    Condition(("section",), lambda one: not _is_each(one), _("A part by itself is not cut.")),
    Condition(
        ("rest", "part_color"), lambda one: bool(one.parts), _("Only where not all parts are shown alike.")
    ),
    Condition(
        ("rest_opacity",),
        lambda one: bool(one.parts) and one.rest == OutputType.Rest.GHOST,
        _("Only for ghosts."),
    ),
    Condition(SECTION[1:], lambda one: bool(one.section) and not _is_each(one), _("Only for a section.")),
    Condition(
        ("exploded",),
        lambda one: not one.section and not _is_each(one),
        _("A section, and a part by itself, are not taken apart."),
    ),
    Condition(
        ("exploded_depth", "exploded_lines", "exploded_motion"),
        lambda one: bool(one.exploded) and not one.section and not _is_each(one),
        _("Only for an exploded view."),
    ),
    Condition(
        ("background_color",),
        lambda one: one.background != OutputType.Background.TRANSPARENT,
        _("A transparent background has no color."),
    ),
    Condition(
        ("gradient_color",),
        lambda one: one.background == OutputType.Background.GRADIENT,
        _("Only for a gradient."),
    ),
    Condition(
        ("quality",),
        lambda one: _format(one).is_lossy and not one.lossless,
        _("This format keeps every pixel."),
    ),
    Condition(
        ("samples",),
        lambda one: not _format(one).is_exact,
        _("One sample, in the middle of each pixel, is exact."),
    ),
    Condition(("lossless",), lambda one: _format(one).has_lossless, _("This format has no such switch.")),
    Condition(("effort",), lambda one: _format(one).has_effort, _("This format has no such setting.")),
    Condition(("bit_depth",), lambda one: 16 in _format(one).bit_depths, _("This format has 8 bits.")),
    Condition(
        ("max_bytes",),
        lambda one: (
            not one.kind_row.is_rendered
            or (_format(one).is_lossy and not one.lossless and not _format(one).is_film)
        ),
        _("Only a picture with a quality can be made smaller."),
    ),
    Condition(("compress",), lambda one: _format(one).has_compression, _("This format has no such switch.")),
    Condition(("dpi",), lambda one: _format(one).has_dpi, _("This format does not say its resolution.")),
    Condition(
        ("product_data",),
        lambda one: not _format(one).is_linear,
        _("OpenEXR has none."),
    ),
    Condition(("clipping_path",), lambda one: _format(one).has_press, _("Only for JPEG and TIFF.")),
    Condition(
        ("color_profile", "intent", "black_point"),
        lambda one: (
            _format(one).has_press
            and one.background != OutputType.Background.TRANSPARENT
            and (one.bit_depth == 8 or 16 not in _format(one).bit_depths)
        ),
        _("Only for JPEG and TIFF of 8 bit with a background."),
    ),
    Condition(("signed",), lambda one: _format(one).has_manifest, _("This format holds no signed manifest.")),
)

MUST_BE_EMPTY = ("frames", "fps")
"""What a kind that does not have it refuses."""

_NOT_THIS_KIND = _("This kind of file has none.")
_LEFT_EMPTY = _("This kind of file has none: leave it empty.")

_OF_FIELD = {field: condition for condition in CONDITIONS for field in condition.fields}


def why_not(output_type: OutputType, field: str) -> str:
    """Return why a field of this output type does not count, marked for translation; "" for one that does.

    What its kind has and no condition forbids counts.
    """
    if not output_type.kind_row.has(field):
        return _LEFT_EMPTY if field in MUST_BE_EMPTY else _NOT_THIS_KIND
    condition = _OF_FIELD.get(field)
    return "" if condition is None or condition.holds(output_type) else condition.why_not


def counts(output_type: OutputType, field: str) -> bool:
    """Return whether a field of this output type counts."""
    return not why_not(output_type, field)


def counted(output_type: OutputType, field: str, otherwise: Any) -> Any:
    """Return the value of a field where it counts."""
    return getattr(output_type, field) if counts(output_type, field) else otherwise


def shows_each_part(output_type: OutputType) -> bool:
    """Return whether it is ordered for one part of each kind, a picture each."""
    return bool(counted(output_type, "parts", "") == OutputType.Parts.EACH)
