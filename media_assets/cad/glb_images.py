"""Looks at what a GLB says of its surfaces, and at the images in it, from outside. Standard library only.

An image is a PNG of 8 bits with one header, its pixels and an end, and nothing else; each byte is accounted for.
"""

from __future__ import annotations

import math
import struct
import zlib
from collections.abc import Callable, Mapping
from typing import Any

from media_assets.cad.described import BASIS, FACTORS, PLACES, SECTIONS, STRENGTHS, TRANSFORM, UNLIT, WRAPS

MOST_SIDE = 4096  # px
MOST_PIXELS = 1 << 27  # of all images
CHANNELS = {2: 3, 6: 4}  # of PNG's color types

_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_LENGTH_AND_KIND, _HEADER = struct.Struct(">I4s"), struct.Struct(">IIBBBBB")
_EXTENSIONS = SECTIONS - {"", BASIS} | {UNLIT}
_FILTERS = {9728, 9729}


def check_surfaces(document: Mapping[str, Any], read: Callable[[int], bytes]) -> None:
    """Raise ValueError, KeyError, IndexError or TypeError unless materials, textures and images are as Renderdesk
    writes them. ``read`` returns the bytes of a buffer view."""
    if not set(document.get("extensionsUsed", ())) <= _EXTENSIONS | {TRANSFORM}:
        raise ValueError("extensionsUsed")
    pixels = 0
    for image in document.get("images", ()):
        if image.keys() != {"bufferView", "mimeType"} or image["mimeType"] != "image/png":
            raise ValueError("image")
        pixels += check_png(read(image["bufferView"]))
        if pixels > MOST_PIXELS:
            raise ValueError("images")
    for sampler in document.get("samplers", ()):
        _only(sampler, {"magFilter": _FILTERS, "wrapS": WRAPS, "wrapT": WRAPS})
    for texture in document.get("textures", ()):
        _only(texture, {"source": _up_to(document["images"]), "sampler": _up_to(document["samplers"])})
    for material in document["materials"]:
        _check_material(material, len(document.get("textures", ())))


def _check_material(material: dict[str, Any], textures: int) -> None:
    known = material.get("extensions", {})
    if not known.keys() <= _EXTENSIONS:
        raise ValueError("extensions")
    apart = {"name", "alphaMode", "alphaCutoff", "extras", "extensions", BASIS}
    for place, section in (("", material), (BASIS, material.get(BASIS, {})), *known.items()):
        numbers = {name for one, name, _ in FACTORS.values() if one == place}
        pictures = {name: field for field, (one, name) in PLACES.items() if one == place}
        for name, value in section.items():
            if name in numbers:
                _check_numbers(value)
            elif name in pictures:
                _check_texture(value, textures, STRENGTHS.get(pictures[name], ""))
            elif place or name not in apart:
                raise ValueError(name)
    if material.get("alphaMode", "BLEND") not in ("BLEND", "MASK"):
        raise ValueError("alphaMode")
    _check_numbers(material.get("alphaCutoff", 0.5))
    if not isinstance(material["name"], str) or not material.get("extras", {}).keys() <= {
        "cad_color",
        "described",
    }:
        raise ValueError("material")


def _check_texture(entry: dict[str, Any], textures: int, strength: str) -> None:
    if not entry.keys() <= {"index", "texCoord", "extensions", strength}:
        raise ValueError("texture")
    if entry["index"] not in range(textures) or entry.get("texCoord", 0) not in range(4):
        raise ValueError("texture")
    _check_numbers(entry.get(strength, 1.0))
    known = entry.get("extensions", {})
    if not known.keys() <= {TRANSFORM} or not known.get(TRANSFORM, {}).keys() <= {
        "offset",
        "rotation",
        "scale",
    }:
        raise ValueError("texture")
    for value in known.get(TRANSFORM, {}).values():
        _check_numbers(value)


def _check_numbers(value: Any) -> None:
    for one in value if isinstance(value, list) and len(value) <= 4 else [value]:
        if isinstance(one, bool) or not isinstance(one, int | float) or not math.isfinite(one):
            raise ValueError("number")


def _only(entry: dict[str, Any], known: Mapping[str, Any]) -> None:
    if entry.keys() != known.keys() or not all(entry[name] in known[name] for name in known):
        raise ValueError("entry")


def _up_to(things: list[Any]) -> range:
    return range(len(things))


def check_png(content: bytes) -> int:
    """Return how many pixels an image has. Raises ValueError unless it is a whole PNG as Renderdesk writes them."""
    if not content.startswith(_SIGNATURE):
        raise ValueError("no PNG")
    kinds: list[bytes] = []
    at, expected, pixels = len(_SIGNATURE), 0, 0
    unpacking = zlib.decompressobj()
    while at < len(content):
        length, kind = _LENGTH_AND_KIND.unpack_from(content, at)
        body = content[at + 8 : at + 8 + length]
        (stated,) = struct.unpack_from(">I", content, at + 8 + length)
        if stated != zlib.crc32(kind + body):
            raise ValueError("damaged PNG")
        at += 12 + length
        if kind == b"IHDR" and not kinds:
            width, height, *how = _HEADER.unpack(body)
            if how not in ([8, color, 0, 0, 0] for color in CHANNELS):
                raise ValueError("another kind of PNG")
            if not (1 <= width <= MOST_SIDE and 1 <= height <= MOST_SIDE):
                raise ValueError("large PNG")
            pixels = width * height
            expected = height * (1 + width * CHANNELS[how[1]])
        elif kind == b"IDAT" and kinds:
            while body:
                expected -= len(unpacking.decompress(body, 1 << 20))
                body = unpacking.unconsumed_tail
                if expected < 0 or unpacking.unused_data:
                    raise ValueError("long PNG")
        elif kind != b"IEND" or body:
            raise ValueError("another kind of PNG")
        kinds.append(kind)
    expected -= len(unpacking.flush()) if kinds else 0
    if kinds[-1:] != [b"IEND"] or kinds.count(b"IEND") != 1 or expected or not unpacking.eof:
        raise ValueError("cut PNG")
    return pixels
