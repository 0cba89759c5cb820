"""From a render master to the ordered file: size, format, color profile, and what it is, embedded."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

from PIL import Image, ImageCms
from PIL.PngImagePlugin import PngInfo

from rendering.pictures import derive, exr, formats, metadata, press, sixteen_bit

LOWEST_STEP, STEP = 40, 5
"""Of the quality, where a file must stay below a number of bytes."""

MANIFEST_BYTES = 16_384  # that a signed manifest adds at most: 13,000 with a chain of two certificates


def encode(master: Path, target: Path, recipe: Mapping[str, Any], about: Mapping[str, Any]) -> int | None:
    """Write *master* to *target* as the file recipe says (size in px, background, format, bits, quality, lossless).

    Returns the quality, where it had to be lowered for the file to stay below its limit of bytes.

    *master* is a PNG as displayed, for an EXR an EXR. *about* is embedded as JSON: in the EXIF user comment, of a TIFF
    in the image description, of an EXR in its header. Raises OSError, RuntimeError (libtiff) or ValueError when it
    can't be read or written.
    """
    lowered: int | None = formats.function(formats.output(recipe["format"]).encoder)(
        master, target, recipe, about
    )
    return lowered


def by_pillow(master: Path, target: Path, recipe: Mapping[str, Any], about: Mapping[str, Any]) -> int | None:
    """Write what Pillow writes; 16 bits, which it does not know, by the function that the format has for them."""
    row = formats.output(recipe["format"])
    depth = recipe.get("bit_depth", 8) if row.deep_encoder else 8
    pixels = picture(master, recipe, depth)
    resources = photoshop(master, recipe)
    if depth == 16:
        formats.function(row.deep_encoder)(target, pixels, recipe, about, resources)
        return None
    image, settings = Image.fromarray(pixels), options(recipe)
    common = embedded(recipe, about, resources)
    if cmyk := recipe.get("cmyk"):
        common["icc_profile"] = target.with_name(profile_name(cmyk)).read_bytes()
        image = press.separated(image, common["icc_profile"], cmyk)
    image.save(target, **settings, **common)
    limit, ordered = recipe.get("max_bytes"), settings.get("quality")
    if not limit or ordered is None:
        return None
    limit -= MANIFEST_BYTES if recipe.get("signed") else 0
    quality = ordered
    while target.stat().st_size > limit and quality > LOWEST_STEP:
        quality = max(quality - STEP, LOWEST_STEP)
        image.save(target, **{**settings, "quality": quality}, **common)
    return quality if quality != ordered else None


def profile_name(cmyk: Mapping[str, Any]) -> str:
    """Return the name of the press's profile, which lies beside the file that is written."""
    return f"{cmyk['profile']}.icc"


def photoshop(master: Path, recipe: Mapping[str, Any]) -> bytes:
    """Return the image resources with the clipping path, where the recipe has one."""
    if not recipe.get("clipping_path"):
        return b""
    alpha = derive.alpha_of(derive.master(master), recipe["width"], recipe["height"])
    made: bytes = formats.function("outline.photoshop_resources")(
        alpha, has_shadow=recipe["view"]["look"]["ground"] != "none"
    )
    return made


def deep_png(
    target: Path,
    pixels: derive.Pixels,
    recipe: Mapping[str, Any],
    about: Mapping[str, Any],
    _resources: bytes = b"",
) -> None:
    """Write a PNG of 16 bits."""
    exif, xmp = metadata.exif(about), metadata.xmp(recipe, about)
    sixteen_bit.write_png(target, pixels, srgb_profile(), exif, recipe.get("dpi"), xmp)


def deep_tiff(
    target: Path,
    pixels: derive.Pixels,
    recipe: Mapping[str, Any],
    about: Mapping[str, Any],
    resources: bytes = b"",
) -> None:
    """Write a TIFF of 16 bits."""
    words = metadata.description(about)
    sixteen_bit.write_tiff(
        target, pixels, srgb_profile(), words, recipe.get("dpi"), metadata.xmp(recipe, about), resources
    )


def light(master: Path, target: Path, recipe: Mapping[str, Any], about: Mapping[str, Any]) -> None:
    """Write the EXR of a linear master."""
    resized_light = exr.resized(exr.read(master), recipe["width"], recipe["height"])
    exr.write(target, resized_light, about, recipe.get("credit", {}))


def picture(master: Path, recipe: Mapping[str, Any], depth: int) -> derive.Pixels:
    """Return the pixels that the file of *recipe* shows, in 8 or 16 bits: (height, width, 3 or 4)."""
    return derive.picture(
        derive.master(master), recipe["width"], recipe["height"], recipe.get("background", ()), depth
    )


def png_bytes(master: Path, recipe: Mapping[str, Any]) -> int:
    """Return how many bytes the picture of *recipe* takes as the PNG of 8 bits that we would deliver."""
    stream = io.BytesIO()
    image = Image.fromarray(picture(master, recipe, 8))
    image.save(stream, **options({"format": formats.REFERENCE}), icc_profile=srgb_profile())
    return stream.tell()


def resized(image: Image.Image, width: int, height: int) -> Image.Image:
    """Return *image* as 8-bit RGB or RGBA at this size in px (Lanczos, alpha weighted)."""
    mode = "RGBA" if "A" in image.getbands() or "transparency" in image.info else "RGB"
    image = image.convert(mode)
    if image.size == (width, height):
        return image
    if mode == "RGBA":  # unweighted, transparent pixels would bleed their color into the edges
        return image.convert("RGBa").resize((width, height), Image.Resampling.LANCZOS).convert("RGBA")
    return image.resize((width, height), Image.Resampling.LANCZOS)


def flattened(image: Image.Image, colors: Sequence[str]) -> Image.Image:
    """Return straight RGBA laid over one color (#rrggbb), or over a gradient from the first to the second below."""
    behind = Image.new("RGB", image.size, colors[0])
    if len(colors) > 1:
        ramp = Image.linear_gradient("L").point(lambda level: round(255 * smooth(level / 255)))
        behind.paste(Image.new("RGB", image.size, colors[1]), mask=ramp.resize(image.size))
    if image.mode == "RGBA":
        behind.paste(image, mask=image.getchannel("A"))
    return behind


def smooth(share: float) -> float:
    """Return the smoothstep of *share*, from 0 to 1."""
    return share * share * (3 - 2 * share)


def options(recipe: Mapping[str, Any]) -> dict[str, Any]:
    """Return Pillow's arguments for the format of a file recipe."""
    row = formats.output(recipe["format"])
    return {
        **row.pillow,
        **({"quality": recipe.get("quality", formats.QUALITY)} if row.is_lossy else {}),
        **({"method": recipe.get("effort", formats.EFFORT)} if row.has_effort else {}),
        **({"lossless": recipe.get("lossless", False)} if row.has_lossless else {}),
    }


def embedded(recipe: Mapping[str, Any], about: Mapping[str, Any], resources: bytes = b"") -> dict[str, Any]:
    """Return Pillow's arguments for what the file says of itself: color profile, resolution, XMP and *about*."""
    found: dict[str, Any] = {"icc_profile": srgb_profile()}
    if dpi := recipe.get("dpi"):
        found["dpi"] = (dpi, dpi)
    packet = metadata.xmp(recipe, about)
    if recipe["format"] == "tiff":  # libtiff can't write a directory of EXIF into a compressed file
        found["tiffinfo"] = {270: metadata.description(about), 305: metadata.MAKER, 700: packet}
        if resources:
            found["tiffinfo"][34377] = resources
        return found
    found["exif"] = metadata.exif(about)
    if recipe["format"] == "png":
        found["pnginfo"] = PngInfo()
        found["pnginfo"].add_itxt("XML:com.adobe.xmp", packet.decode())
    else:
        found["xmp"] = packet
    if resources:
        found["extra"] = formats.function("outline.segment")(resources)
    return found


@cache
def srgb_profile() -> bytes:
    """Return an sRGB profile with its date zeroed, so that equal pictures stay equal bytes (ICC.1:2022, 7.2.8)."""
    profile = bytearray(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
    profile[24:36] = bytes(12)
    return bytes(profile)
