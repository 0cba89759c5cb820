"""The formats in which pictures and films are delivered: one row each, which everything else reads.

A new format is a row here, and the functions that it names if none of the existing ones serves: an image that Pillow
writes needs none. A table: it imports nothing of the app, so every room may read it, models included.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from importlib import import_module
from typing import Any

from media_assets.cad.problem import gettext_noop as _
from media_assets.formats.files import GLB, USDZ, FileFormat

LOWEST_QUALITY, HIGHEST_QUALITY, QUALITY = 1, 100, 90
HIGHEST_EFFORT, EFFORT = 6, 4
"""Of WebP: 6 takes 16 times as long as 4 for 4 % fewer bytes."""

AVIF_SPEED = 7  # 6 takes twice as long for 5 % fewer bytes
SUBSAMPLING = "4:4:4"  # red edges of CAD colors smear otherwise


@dataclass(frozen=True, kw_only=True)
class OutputFormat(FileFormat):
    """A format that can be ordered. `max_px` is the longest side that it holds; `choice` is its label in forms, where
    that says more, `in_words` the one within a sentence.

    Functions are named by their module in rendering.pictures. `encoder` of an image writes (master, target, recipe,
    about); "" for a format that only kinds with a writer of their own have (`kinds`). `pillow` is what Pillow's `save`
    is told for it, `deep_encoder` writes 16 bits (target, pixels, about) where the format has them. `encoder` of a film
    returns ffmpeg's codec arguments for a recipe, `crf` are the constant rate factor for quality 90 and its step,
    `finish` does (target, recipe, about) afterwards; `frames` returns what the
    film shows, for the last look, decoded by ffmpeg's `decoder` or its own. Each film has a poster.

    `is_linear`: scene-linear light, without a background.
    `has_lossless`, `has_effort`: the encoder has such a switch. `has_dpi`: the file says its resolution.
    `has_press`: it holds the inks of a press and a clipping path. `has_manifest`: it can hold a signed C2PA manifest.
    `has_legend`: it says which part is what, by the parts list. `has_compression`: its triangles can be packed.
    `is_exact`: one sample, in the middle of each pixel, is all that it can have.
    """

    max_px: int = 2**31 - 1
    encoder: str = "encode.by_pillow"
    choice: str = ""
    in_words: str = ""
    is_lossy: bool = False
    is_linear: bool = False
    has_alpha: bool = True
    has_lossless: bool = False
    has_effort: bool = False
    has_dpi: bool = False
    has_manifest: bool = False
    has_press: bool = False
    has_legend: bool = False
    has_compression: bool = False
    is_exact: bool = False
    needs_even_size: bool = False
    pillow: Mapping[str, Any] = field(default_factory=dict)
    deep_encoder: str = ""
    crf: tuple[int, float] = (0, 0.0)
    decoder: tuple[str, ...] = ()
    finish: str = ""
    frames: str = ""

    @property
    def bit_depths(self) -> tuple[int, ...]:
        return (8, 16) if self.deep_encoder else (8,)

    @property
    def said(self) -> str:
        """Its name within a sentence."""
        return self.in_words or self.label


_ROWS = (
    OutputFormat(
        name="png",
        has_manifest=True,
        has_dpi=True,
        label="PNG",
        mime_type="image/png",
        suffix=".png",
        is_shown=True,
        pillow={"format": "PNG", "compress_level": 6},
        deep_encoder="encode.deep_png",
    ),
    OutputFormat(
        name="jpg",
        has_manifest=True,
        has_press=True,
        has_dpi=True,
        label="JPEG",
        mime_type="image/jpeg",
        suffix=".jpg",
        is_shown=True,
        max_px=65_500,  # libjpeg
        pillow={"format": "JPEG", "subsampling": SUBSAMPLING, "progressive": True, "optimize": True},
        is_lossy=True,
        has_alpha=False,
    ),
    OutputFormat(
        name="webp",
        has_manifest=True,
        label="WebP",
        mime_type="image/webp",
        suffix=".webp",
        is_shown=True,
        max_px=16_383,  # 14 bits
        pillow={"format": "WEBP"},
        is_lossy=True,
        has_lossless=True,
        has_effort=True,
    ),
    OutputFormat(
        name="avif",
        has_manifest=True,
        label="AVIF",
        mime_type="image/avif",
        suffix=".avif",
        is_shown=True,
        max_px=65_536,  # AV1
        pillow={"format": "AVIF", "speed": AVIF_SPEED, "subsampling": SUBSAMPLING},
        is_lossy=True,
    ),
    OutputFormat(
        name="tiff",
        has_manifest=True,
        has_press=True,
        has_dpi=True,
        label="TIFF",
        mime_type="image/tiff",
        suffix=".tiff",
        pillow={"format": "TIFF", "compression": "tiff_adobe_deflate"},
        deep_encoder="encode.deep_tiff",
    ),
    OutputFormat(
        name="exr",
        label="OpenEXR",
        choice=_("OpenEXR (scene-linear)"),
        mime_type="image/x-exr",
        suffix=".exr",
        encoder="encode.light",
        is_linear=True,
    ),
    OutputFormat(
        name="mp4",
        has_manifest=True,
        label="MP4",
        choice="MP4 (H.264)",
        mime_type="video/mp4",
        suffix=".mp4",
        max_px=16_384,  # x264
        encoder="film.h264",
        is_film=True,
        is_lossy=True,
        has_alpha=False,
        needs_even_size=True,  # 4:2:0
        crf=(18, 0.35),
        finish="film.finish_mp4",
        frames="film_gate.video",
    ),
    OutputFormat(
        name="webm",
        label="WebM",
        choice="WebM (VP9)",
        mime_type="video/webm",
        suffix=".webm",
        max_px=65_536,  # VP9
        encoder="film.vp9",
        is_film=True,
        is_lossy=True,
        crf=(24, 0.43),
        decoder=("-c:v", "libvpx-vp9"),  # the one that knows alpha
        frames="film_gate.video",
    ),
    OutputFormat(
        name="awebp",
        has_manifest=True,
        label=_("Animated WebP"),
        in_words=_("animated WebP"),
        mime_type="image/webp",
        suffix=".webp",
        max_px=16_383,
        encoder="film.animation",
        is_film=True,
        is_lossy=True,
        finish="film.finish_animation",
        frames="film_gate.animation",
    ),
    OutputFormat(
        name="jpg360",
        label=_("Spin, JPEG (ZIP)"),
        in_words=_("JPEG spins"),
        mime_type="application/zip",
        suffix=".zip",
        max_px=65_500,
        encoder="",
        pillow={"format": "JPEG", "subsampling": SUBSAMPLING, "progressive": True, "optimize": True},
        is_lossy=True,
        has_alpha=False,
    ),
    OutputFormat(
        name="webp360",
        label=_("Spin, WebP (ZIP)"),
        in_words=_("WebP spins"),
        mime_type="application/zip",
        suffix=".zip",
        max_px=16_383,
        encoder="",
        pillow={"format": "WEBP"},
        is_lossy=True,
    ),
    OutputFormat(**asdict(GLB), choice=_("GLB (glTF 2.0)"), encoder="", has_compression=True),
    OutputFormat(
        name="svg", label="SVG", mime_type="image/svg+xml", suffix=".svg", encoder="", has_alpha=True
    ),
    OutputFormat(name="pdf", label="PDF", mime_type="application/pdf", suffix=".pdf", encoder=""),
    OutputFormat(
        name="webpage", label=_("Web page (ZIP)"), mime_type="application/zip", suffix=".zip", encoder=""
    ),
    OutputFormat(name="dxf", label="DXF", mime_type="application/dxf", suffix=".dxf", encoder=""),
    OutputFormat(
        name="ids",
        label=_("Part ids (ZIP)"),
        choice=_("Part ids: PNG and legend (ZIP)"),
        mime_type="application/zip",
        suffix=".zip",
        encoder="",
        is_exact=True,
        has_legend=True,
    ),
    OutputFormat(
        name="mattes",
        label="Cryptomatte",
        choice="Cryptomatte (OpenEXR)",
        mime_type="image/x-exr",
        suffix=".exr",
        encoder="",
        has_legend=True,
    ),
    OutputFormat(
        name="depth",
        label=_("Depth"),
        choice=_("Depth in mm (OpenEXR)"),
        mime_type="image/x-exr",
        suffix=".exr",
        encoder="",
        is_exact=True,
    ),
    OutputFormat(
        name="normals",
        label=_("Normals"),
        choice=_("Normals (OpenEXR)"),
        mime_type="image/x-exr",
        suffix=".exr",
        encoder="",
        is_exact=True,
    ),
    OutputFormat(
        name="depthpng",
        label=_("Depth (PNG)"),
        choice=_("Depth (PNG, 16 bit)"),
        mime_type="image/png",
        suffix=".png",
        encoder="",
    ),
    OutputFormat(
        name="normalspng",
        label=_("Normals (PNG)"),
        choice=_("Normals (PNG, 16 bit)"),
        mime_type="image/png",
        suffix=".png",
        encoder="",
    ),
    OutputFormat(
        name="hotspots",
        label=_("Hot-spots (ZIP)"),
        choice=_("Hot-spots: page, SVG, JSON (ZIP)"),
        mime_type="application/zip",
        suffix=".zip",
        encoder="",
        is_lossy=True,
    ),
    OutputFormat(**asdict(USDZ), choice=_("USDZ (AR Quick Look)"), encoder=""),
)

OUTPUT_FORMATS = {row.name: row for row in _ROWS}

REFERENCE = "png"
"""What the bytes of the others are compared with, and what stands for those that browsers don't show."""

FRAMES = FileFormat(name="frames", label=_("Frames (ZIP)"), mime_type="application/zip", suffix=".zip")
"""The render master of a film."""

PASSES = FileFormat(name="passes", label=_("Passes (ZIP)"), mime_type="application/zip", suffix=".zip")
"""The render master of render passes."""

MAX_PX = min(row.max_px for row in _ROWS)
"""The largest side that can be ordered: one render serves every format, so it is that of the narrowest."""


def output(name: str) -> OutputFormat:
    """Return the format of this name. Raises ValueError for one that can't be ordered."""
    if name not in OUTPUT_FORMATS:
        raise ValueError(f"No encoder for format {name!r}.")
    return OUTPUT_FORMATS[name]


def is_linear(name: str) -> bool:
    """Return whether files of this format are made of scene-linear light, not of the picture as displayed."""
    return name in OUTPUT_FORMATS and OUTPUT_FORMATS[name].is_linear


def named(holds: Callable[[OutputFormat], bool]) -> list[str]:
    """Return the names of the formats of which something holds."""
    return [row.name for row in OUTPUT_FORMATS.values() if holds(row)]


def said(holds: Callable[[OutputFormat], bool]) -> list[str]:
    """Return what the formats of which something holds are called in a sentence."""
    return [row.said for row in OUTPUT_FORMATS.values() if holds(row)]


def function(name: str) -> Callable[..., Any]:
    """Return the function that a row names."""
    module, _dot, name = name.rpartition(".")
    found: Callable[..., Any] = getattr(import_module(f"rendering.pictures.{module}"), name)
    return found
