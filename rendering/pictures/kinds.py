"""The kinds of files that can be ordered: one row each, which everything else reads.

A new kind is a row here, a member of `MediaAsset.Kind` and the migrations. One that is no picture and no film names the
function that writes its file and the one that checks it; formats that only it has are rows of `formats` without an
encoder.
A table: it imports nothing of the app, so every room may read it, models included.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import StrEnum

from media_assets.cad.problem import gettext_noop as _
from rendering.pictures import formats


class Source(StrEnum):
    """What files of a kind are derived from."""

    PICTURE = "picture"  # a render master
    SHADOW = "shadow"  # a render master that shows the shadow alone
    PASSES = "passes"  # which part, how far and which way each pixel is: a render without light
    FRAMES = "frames"  # the render master of a turntable
    BALLOONS = "balloons"  # a render master, and the passes of the same view
    GEOMETRY = "geometry"  # the geometry alone: nothing is rendered
    LINES = "lines"  # the lines of a drawing, which the CAD reader finds
    FILES = "files"  # other files that are delivered of the same product


CAMERA = ("camera", "azimuth", "elevation", "roll", "orthographic", "focal_length", "margin")
SHADED = (
    *("f_stop", "materials", "soft_edges", "lighting", "environment", "hdri_rotation", "hdri_strength"),
    "studio",
    *("exposure", "background", "background_color", "gradient_color", "view_transform"),
    *("samples", "noise_threshold", "denoise"),
)
LOOK = (*CAMERA, *SHADED, "edge_color", "ground")
SECTION = (
    *("section", "section_from", "section_angle", "section_offset", "section_part", "section_other_side"),
    *("section_uncut", "section_hatched"),
)
EXPLODED = ("exploded", "exploded_depth", "exploded_lines")
LINES = ("exact_lines",)
PARTS = ("parts", "part_words", "part_key", "rest", "rest_opacity", "part_color")
SIZE = ("width", "height")
ENCODING = ("quality", "lossless", "effort", "bit_depth", "max_bytes", "dpi", "product_data", "signed")
ROWS = ("rows", "lowest_row", "highest_row")
PRESS = ("color_profile", "intent", "black_point", "clipping_path")


@dataclass(frozen=True, kw_only=True)
class OutputKind:
    """One kind. `fields` of the output type count (see `catalog.counting`), beside those that every kind has.
    `has_legend`: its files say which part is what, by the parts list.

    Functions are named by their module in rendering.pictures and run in the encoder's child. `writer` does (source,
    target, recipe, about): it makes the file of a recipe from the geometry (GLB), the frames or other files (ZIP), and
    a small picture (WebP) at about["poster"] if it has one. `gate` does (source, target, recipe) afterwards: it reads
    the file back, raises GateError, or returns what it measured (JSON) and what looks wrong. `version` is raised when
    the writer makes other bytes of the same source.
    """

    name: str
    label: str
    plural: str
    source: Source
    formats: tuple[str, ...]
    fields: tuple[str, ...]
    has_legend: bool = False
    writer: str = ""
    gate: str = ""
    version: int = 0

    @property
    def is_rendered(self) -> bool:
        return self.source not in (Source.GEOMETRY, Source.LINES)

    @property
    def render_pass(self) -> str:
        """Return what is rendered instead of the picture; "" where it is the picture."""
        return self.name if self.source in (Source.SHADOW, Source.PASSES) else ""

    @property
    def scene(self) -> str:
        """Return what Blender renders for it: a kind of `blender_scripts.contract`."""
        return {Source.FRAMES: "turntable", Source.BALLOONS: "still"}.get(self.source, self.name)

    def has(self, field: str) -> bool:
        """Return whether a field of the output type belongs to this kind; the name and its like belong to all."""
        return field in self.fields or field not in FIELDS


IMAGES = tuple(formats.named(lambda row: bool(row.encoder) and not row.is_film))
FILMS = tuple(formats.named(lambda row: row.is_film))

_ROWS = (
    OutputKind(
        name="thumbnail",
        label=_("Thumbnail"),
        plural=_("Thumbnails"),
        source=Source.PICTURE,
        formats=IMAGES,
        fields=(*LOOK, *SECTION, *EXPLODED, *PARTS, *SIZE, *ENCODING, *PRESS),
    ),
    OutputKind(
        name="still",
        label=_("Still"),
        plural=_("Stills"),
        source=Source.PICTURE,
        formats=IMAGES,
        fields=(*LOOK, *SECTION, *EXPLODED, *PARTS, *SIZE, *ENCODING, *PRESS),
    ),
    OutputKind(
        name="turntable",
        label=_("Turntable"),
        plural=_("Turntables"),
        source=Source.FRAMES,
        formats=FILMS,
        fields=(*LOOK, *SECTION, *EXPLODED, "exploded_motion", *PARTS, *SIZE, *ENCODING, "frames", "fps"),
    ),
    OutputKind(
        name="spin",
        label=_("360° spin"),
        plural=_("360° spins"),
        source=Source.FRAMES,
        formats=("jpg360", "webp360"),
        fields=(*LOOK, *SIZE, "quality", "frames", *ROWS),
        writer="spin.write",
        gate="spin.check",
        version=1,
    ),
    OutputKind(
        name="model",
        label=_("3-D model"),
        plural=_("3-D models"),
        source=Source.GEOMETRY,
        formats=("glb", "usdz"),
        fields=(
            "materials",
            *SECTION,
            "exploded",
            "exploded_depth",
            "max_triangles",
            "compress",
            "max_bytes",
        ),
        writer="shapes.web_model.write",
        gate="shapes.web_model.check",
        version=1,
    ),
    OutputKind(
        name="drawing",
        label=_("Line drawing"),
        plural=_("Line drawings"),
        source=Source.LINES,
        formats=("svg", "pdf", "dxf"),
        fields=("hidden_lines", *LINES),
        writer="drawings.drawing.write",
        gate="drawings.drawing.check",
        version=1,
    ),
    OutputKind(
        name="shadow",
        label=_("Shadow"),
        plural=_("Shadows"),
        source=Source.SHADOW,
        formats=IMAGES,
        fields=(
            *(*CAMERA, *SHADED, *SECTION, "exploded", "exploded_depth"),
            *("parts", "part_words", "part_key", "rest", *SIZE, *ENCODING),
        ),
    ),
    OutputKind(
        name="passes",
        label=_("Render pass"),
        plural=_("Render passes"),
        source=Source.PASSES,
        formats=("ids", "mattes", "depth", "normals", "depthpng", "normalspng"),
        fields=(
            *(*CAMERA, "samples", *SECTION, "exploded", "exploded_depth"),
            *("parts", "part_words", "part_key", "rest", *SIZE),
        ),
        writer="passes.files.write",
        gate="passes.files.check",
        version=1,
    ),
    OutputKind(
        name="balloons",
        label=_("Picture with balloons"),
        plural=_("Pictures with balloons"),
        source=Source.BALLOONS,
        formats=("png", "jpg", "webp", "svg", "hotspots"),
        fields=(*LOOK, *SECTION, *EXPLODED, *PARTS, *SIZE, "quality"),
        has_legend=True,
        writer="balloons.files.write",
        gate="balloons.files.check",
        version=2,
    ),
    OutputKind(
        name="book",
        label=_("Spare-parts book"),
        plural=_("Spare-parts books"),
        source=Source.FILES,
        formats=("pdf", "webpage"),
        fields=(),
        writer="book.book.write",
        gate="book.book.check",
        version=1,
    ),
)

KINDS = {row.name: row for row in _ROWS}
FIELDS = frozenset(field for row in _ROWS for field in row.fields)


def named(holds: Callable[[OutputKind], bool]) -> list[str]:
    """Return the names of the kinds of which something holds."""
    return [row.name for row in KINDS.values() if holds(row)]


def by_formats() -> Iterable[tuple[tuple[str, ...], list[str]]]:
    """Yield each set of formats with the kinds that have it."""
    found: dict[tuple[str, ...], list[str]] = {}
    for row in KINDS.values():
        found.setdefault(row.formats, []).append(row.name)
    return found.items()
