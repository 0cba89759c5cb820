"""Reads an image to its last pixel: `python reader.py KIND FILE PREVIEW`, in a process of its own with limits.

An untrusted file may crash its decoder or fill its memory, so the web process starts this program and only reads its
answer: a small picture as WebP and a line of JSON with `suffix`, `width` and `height` (px), of a texture its mean
`color` too; or with a code as `refused` and what a sentence about it needs. It uses no Django.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import OpenImageIO as oiio
from PIL import Image, ImageCms

FROM_TOP_LEFT = 1  # the orientation of TIFF and Exif
EXIF_ORIENTATION = 0x0112

PANORAMAS = {(0, b"#?"): ".hdr", (0, b"\x76\x2f\x31\x01"): ".exr"}
"""What Radiance and OpenEXR files begin with (OpenEXR's magic number is 20000630, little-endian)."""
LIGHT_PX = (64, 8192)
LIGHT_PREVIEW = (512, 256)
BRIGHTEST = 65504.0  # the largest half float

TEXTURES = {
    (0, b"\x89PNG\r\n\x1a\n"): ".png",
    (0, b"\xff\xd8\xff"): ".jpg",
    (8, b"WEBP"): ".webp",
    (0, b"II*\x00"): ".tif",
    (0, b"MM\x00*"): ".tif",
}
TEXTURE_PX = (16, 8192)
TEXTURE_PREVIEW = 512
MODES = ("1", "L", "LA", "P", "PA", "RGB", "RGBA", "I;16", "I;16B", "I;16L")
SHOWN_MODES = {"F": "32-bit", "I": "32-bit", "LAB": "CIELAB"}
SAME_COLOR = 4  # levels of 256 by which a profile may differ from sRGB


class Refused(Exception):
    """The image can't be used: a code, and what a sentence about it needs."""

    def __init__(self, code: str, **details: Any) -> None:
        super().__init__(code)
        self.answer = {"refused": code, **details}


def main(kind: str, source: Path, preview: Path) -> None:
    """Print what *source* is and write *preview*."""
    try:
        answer = READERS[kind](source, preview)
    except Refused as why:
        answer = why.answer
    sys.stdout.write(json.dumps(answer) + "\n")


def panorama(source: Path, preview: Path) -> dict[str, Any]:
    """Read a panorama in linear light. Raises Refused."""
    suffix = suffix_of(source, PANORAMAS)
    image, spec = opened(preview, suffix)
    check_panorama(spec.width, spec.height)
    if spec.get_int_attribute("Orientation", FROM_TOP_LEFT) != FROM_TOP_LEFT:
        raise Refused("orientation")
    names = list(spec.channelnames)
    if not {"R", "G", "B"} <= set(names):
        raise Refused("channels")
    columns = [names.index(name) for name in "RGB"]
    pixels = pixels_of(image, max(columns) + 1, oiio.UNKNOWN)  # as the file has it
    step = max(1, spec.width // LIGHT_PREVIEW[0])
    small = np.nan_to_num(pixels[::step, ::step, columns].astype(np.float32), posinf=BRIGHTEST)
    tone_mapped(np.clip(small, 0, BRIGHTEST)).save(preview, "WEBP", quality=85)
    return {"suffix": suffix, "width": spec.width, "height": spec.height}


def check_panorama(width: int, height: int) -> None:
    """Raise Refused unless the size is that of an equirectangular panorama."""
    if width != 2 * height:
        raise Refused("shape", width=width, height=height)
    smallest, largest = LIGHT_PX
    if not smallest <= width <= largest:
        raise Refused("size", width=width, smallest=smallest, largest=largest)


def texture(source: Path, preview: Path) -> dict[str, Any]:
    """Read a texture: by Pillow, which notices what is missing, and as Blender does. Raises Refused."""
    suffix = suffix_of(source, TEXTURES)
    try:
        with Image.open(source) as image:
            check_texture(image)
            image.load()
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
        raise Refused("damaged", reason=_words(str(error), source)) from error
    lines, spec = opened(preview, suffix)
    pixels = pixels_of(lines, spec.nchannels, oiio.UINT8)
    is_clear = bool(spec.nchannels in (2, 4) and pixels[:, :, -1].min() < 255)
    colors = pixels[:, :, :3] if spec.nchannels > 2 else np.repeat(pixels[:, :, :1], 3, axis=2)
    step = max(1, max(spec.width, spec.height) // (2 * TEXTURE_PREVIEW))
    shown = np.concatenate((colors, pixels[:, :, -1:]), axis=2) if is_clear else colors
    small = Image.fromarray(np.ascontiguousarray(shown[::step, ::step]))
    small.thumbnail((TEXTURE_PREVIEW, TEXTURE_PREVIEW), Image.Resampling.LANCZOS)
    small.save(preview, "WEBP", quality=85)
    size = {"width": spec.width, "height": spec.height}
    return {"suffix": suffix, **size, "color": mean_color(colors), "is_clear": is_clear}


def check_texture(image: Image.Image) -> None:
    """Raise Refused for a picture that can't be repeated over a surface as it is, before its pixels are read."""
    smallest, largest = TEXTURE_PX
    if not (smallest <= min(image.size) and max(image.size) <= largest):
        raise Refused("size", width=image.width, height=image.height, smallest=smallest, largest=largest)
    frames = getattr(image, "n_frames", 1)
    if frames > 1 and image.format != "MPO":  # cameras add a small copy, or how bright each place is
        raise Refused("frames", count=frames)
    if image.mode not in MODES:
        raise Refused("colors", mode=SHOWN_MODES.get(image.mode, image.mode))
    if image.getexif().get(EXIF_ORIENTATION, FROM_TOP_LEFT) != FROM_TOP_LEFT:
        raise Refused("orientation")
    profile = image.info.get("icc_profile")
    if profile and image.mode in ("RGB", "RGBA", "P"):
        check_profile(profile)


def check_profile(content: bytes) -> None:
    """Raise Refused unless the colors are those of sRGB: Blender takes them as such."""
    levels = np.linspace(0, 255, 6).astype(np.uint8)
    ramp = np.stack(np.meshgrid(levels, levels, levels), axis=-1).reshape(1, -1, 3)
    try:
        profile = ImageCms.ImageCmsProfile(BytesIO(content))
        name = ImageCms.getProfileDescription(profile).strip()[:80]
        shown = ImageCms.profileToProfile(Image.fromarray(ramp), profile, ImageCms.createProfile("sRGB"))
    except (OSError, ImageCms.PyCMSError) as error:
        raise Refused("profile", name="?") from error
    if shown is None or np.abs(np.asarray(shown, np.int16) - ramp).max() > SAME_COLOR:
        raise Refused("profile", name=name)


def mean_color(colors: Any) -> str:
    """Return the mean of sRGB colors (rows, columns, RGB) in linear light, as #rrggbb."""
    levels = np.arange(256) / 255
    light = np.where(levels <= 0.04045, levels / 12.92, ((levels + 0.055) / 1.055) ** 2.4)
    counts = [np.bincount(colors[:, :, channel].reshape(-1), minlength=256) for channel in range(3)]
    means = [float(light @ count) / count.sum() for count in counts]
    return "#" + "".join(f"{int(np.abs(light - mean).argmin()):02x}" for mean in means)


def suffix_of(source: Path, known: Mapping[tuple[int, bytes], str]) -> str:
    """Return what the name of such a file ends with, by its first bytes. Raises Refused."""
    with source.open("rb") as file:
        head = file.read(16)
    for (start, magic), suffix in known.items():
        if head[start:].startswith(magic):
            return suffix
    raise Refused("format")


def opened(preview: Path, suffix: str) -> tuple[Any, Any]:
    """Return OpenImageIO's reader of the image and what its header says. Raises Refused."""
    oiio.attribute("threads", 1)
    oiio.attribute("try_all_readers", 0)
    named = preview.with_name(f"image{suffix}")  # a link to it, with the name that its reader wants
    image = oiio.ImageInput.open(str(named))
    if image is None:
        raise Refused("damaged", reason=_words(oiio.geterror(), named))
    return image, image.spec()


def pixels_of(image: Any, channels: int, kind: Any) -> Any:
    """Return the first channels of all pixels (rows, columns, channels). Raises Refused."""
    pixels = image.read_image(0, channels, kind)
    if pixels is None:
        raise Refused("damaged", reason=" ".join(image.geterror().split())[:200])
    return pixels


def tone_mapped(light: Any) -> Image.Image:
    """Return linear light as a picture to look at: exposed to its average, bright places rolled off, sRGB."""
    shades = np.sort(light.mean(axis=2), axis=None)
    exposed = light * (0.35 / max(1e-6, shades[: shades.size * 95 // 100].mean()))
    rolled = np.minimum(exposed / (1 + exposed) * 1.25, 1)  # Reinhard's curve, a little brighter
    image = Image.fromarray(np.rint(255 * rolled ** (1 / 2.2)).astype(np.uint8))
    return image.resize(LIGHT_PREVIEW, Image.Resampling.LANCZOS)


def _words(problem: str, source: Path) -> str:
    return " ".join(problem.replace(str(source), source.name).split())[:200]


READERS = {"panorama": panorama, "texture": texture}

if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3]))
