"""From the frames of a turntable to a film: ffmpeg's arguments, and the pictures it gets. Pure."""

from __future__ import annotations

import io
import struct
import uuid
import zipfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from PIL import Image, ImageFilter

from rendering.pictures import animated_webp, formats, metadata
from rendering.pictures.encode import flattened, resized

THREADS = 4  # the same everywhere: the encoders' bytes depend on it
XMP_BOX = uuid.UUID("be7acfcb-97a9-42e8-9c71-999491e3afac").bytes
BLEED_PX = 4  # over which the color of the subject runs into what is transparent


def crf(format_name: str, quality: int) -> int:
    """Return the constant rate factor for a quality of 1 to 100: 90, 75, 50 are 18, 23, 32 (MP4), 24, 30, 41 (WebM).

    Quality 90 is what eyes can't tell from the frames; at 1 both are at their coarsest. As x264 and VP9 count it.
    """
    at_90, step = formats.output(format_name).crf
    return round(at_90 + (90 - quality) * step)


def is_transparent(recipe: Mapping[str, Any]) -> bool:
    """Whether the film of this recipe has an alpha channel."""
    return not recipe.get("background") and formats.output(recipe["format"]).has_alpha


def pictures(master: Path, recipe: Mapping[str, Any]) -> Iterator[Image.Image]:
    """Yield the frames of *master* as the film shows them: its size, its background laid in; RGBA only with alpha."""
    with zipfile.ZipFile(master) as archive:
        for name in sorted(archive.namelist()):
            with Image.open(io.BytesIO(archive.read(name))) as frame:
                image = resized(frame, recipe["width"], recipe["height"])
            if is_transparent(recipe):
                yield bled(image.convert("RGBA"))
            else:
                yield flattened(image, recipe["background"])


def bled(image: Image.Image) -> Image.Image:
    """Return straight RGBA whose clear pixels have the color of what is beside them.

    A codec halves the resolution of color and smears it: black beside an edge would give it a dark fringe.
    """
    beside = image.convert("RGBa").filter(ImageFilter.GaussianBlur(BLEED_PX)).convert("RGBA").convert("RGB")
    alpha = image.getchannel("A")
    beside.paste(image.convert("RGB"), mask=alpha.point(lambda level: 255 if level else 0))
    beside.putalpha(alpha)
    return beside


def arguments(recipe: Mapping[str, Any], about: Mapping[str, Any], target: str) -> list[str]:
    """Return ffmpeg's arguments: raw frames on stdin, *target* as the file recipe says, progress on stdout."""
    pixels = "rgba" if is_transparent(recipe) else "rgb24"
    size = f"{recipe['width']}x{recipe['height']}"
    tags = metadata.film_tags(recipe, about)
    source = ["-f", "rawvideo", "-pix_fmt", pixels, "-s", size, "-framerate", str(recipe["fps"])]
    return [
        *("-v", "warning", "-progress", "pipe:1"),
        *source,
        *("-i", "pipe:0"),
        *formats.function(formats.output(recipe["format"]).encoder)(recipe),
        *("-bitexact", "-threads", str(THREADS)),
        *(word for name, value in tags.items() for word in ("-metadata", f"{name}={value}")),
        target,
    ]


def h264(recipe: Mapping[str, Any]) -> list[str]:
    """Return the codec's arguments of an MP4."""
    return [
        *_television("yuv420p"),
        *("-c:v", "libx264", "-preset", "slow", "-crf", str(crf("mp4", recipe["quality"]))),
        *_seek(recipe),
        *("-movflags", "+faststart"),
    ]


def vp9(recipe: Mapping[str, Any]) -> list[str]:
    """Return the codec's arguments of a WebM."""
    # Hidden frames would be shown in the stream of the alpha.
    alpha = ["-auto-alt-ref", "0"] if is_transparent(recipe) else []
    return [
        *_television("yuva420p" if is_transparent(recipe) else "yuv420p"),
        *("-c:v", "libvpx-vp9", "-b:v", "0", "-crf", str(crf("webm", recipe["quality"]))),
        *("-row-mt", "1", "-cpu-used", "2"),
        *_seek(recipe),
        *alpha,
    ]


def animation(recipe: Mapping[str, Any]) -> list[str]:
    """Return the codec's arguments of an animated WebP."""
    return [
        *("-c:v", "libwebp_anim", "-pix_fmt", "bgra", "-loop", "0"),
        *("-quality", str(recipe["quality"]), "-compression_level", "4"),
    ]


def finish(target: Path, recipe: Mapping[str, Any], about: Mapping[str, Any]) -> None:
    """Do what ffmpeg leaves undone in a film of this format. Raises OSError or ValueError."""
    if name := formats.output(recipe["format"]).finish:
        formats.function(name)(target, recipe, about)


def finish_animation(target: Path, recipe: Mapping[str, Any], about: Mapping[str, Any]) -> None:
    """Give an animated WebP its exact times and what is embedded."""
    embedded = {
        b"EXIF": metadata.exif(about).removeprefix(b"Exif\0\0"),
        b"XMP ": metadata.xmp(recipe, about),
    }
    animated_webp.finish(target, recipe["fps"], embedded)


def finish_mp4(target: Path, recipe: Mapping[str, Any], about: Mapping[str, Any]) -> None:
    """Give an MP4 its XMP packet, in a box at its end (ISO 16684-3, 2.4)."""
    body = XMP_BOX + metadata.xmp(recipe, about)
    with target.open("ab") as file:
        file.write(struct.pack(">I4s", 8 + len(body), b"uuid") + body)


def _seek(recipe: Mapping[str, Any]) -> list[str]:
    # Two key frames a second, and no frame that leans on one beyond: whoever drags the slider sees the product turn.
    return ["-g", str(max(1, recipe["fps"] // 2))]


def _television(pixel_format: str) -> list[str]:
    """Return the filter that turns RGB into BT.709 in television range, and marks the stream so."""
    tags = "color_primaries=bt709:color_trc=bt709:colorspace=bt709:range=tv"
    return [
        "-vf",
        f"scale=out_color_matrix=bt709:out_range=tv:flags=area+accurate_rnd+full_chroma_inp,format={pixel_format},setparams={tags}",
    ]
