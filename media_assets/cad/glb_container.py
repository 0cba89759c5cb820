"""Looks at a GLB from outside, before anybody trusts it: what it is in, what it says it holds, and whether it is there.

The file was written by a process that a stranger's file may have taken over. Only what Renderdesk writes passes: one
buffer, which the file holds itself, and images in it (``glb_images``). Standard library only.
"""

from __future__ import annotations

import json
import struct
import zlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from media_assets.cad.glb_images import check_surfaces

MOST_TEXT = 1 << 28  # bytes of JSON

_HEADER, _CHUNK = struct.Struct("<4sII"), struct.Struct("<I4s")
_KEYS = frozenset(
    {"asset", "scene", "scenes", "nodes", "meshes", "materials", "accessors", "bufferViews", "buffers"}
)
_MORE_KEYS = frozenset({"images", "samplers", "textures", "extensionsUsed"})
_ATTRIBUTES = frozenset({"POSITION", "NORMAL", "COLOR_0", *(f"TEXCOORD_{number}" for number in range(4))})
_CONTRADICTIONS = (
    *(struct.error, zlib.error, ValueError, RecursionError, TypeError, KeyError, IndexError, AttributeError),
    OverflowError,
)
_SIZES = {5121: 1, 5123: 2, 5125: 4, 5126: 4}
_WIDTHS = {"SCALAR": 1, "VEC2": 2, "VEC3": 3, "VEC4": 4}


class BadGlb(Exception):
    """The file is no GLB as Renderdesk writes it; the message says in what."""


def check_container(path: Path) -> None:
    """Raise BadGlb, whatever the bytes are, unless header, chunks and arrays fit each other; OSError."""
    with path.open("rb") as stream:
        size = path.stat().st_size
        try:
            magic, version, length = _HEADER.unpack(stream.read(_HEADER.size))
            text_bytes, text_kind = _CHUNK.unpack(stream.read(_CHUNK.size))
            if (magic, version, length, text_kind) != (b"glTF", 2, size, b"JSON") or text_bytes > MOST_TEXT:
                raise BadGlb("its header does not fit the file")
            document = json.loads(stream.read(text_bytes))
            binary_bytes, binary_kind = _CHUNK.unpack(stream.read(_CHUNK.size))
            if binary_kind != b"BIN\0" or stream.tell() + binary_bytes != size:
                raise BadGlb("its chunks do not fill the file")
            _check_arrays(document, binary_bytes)
            start = stream.tell()

            def read(view: int) -> bytes:
                found = document["bufferViews"][_whole(view)]
                stream.seek(start + found["byteOffset"])
                return stream.read(found["byteLength"])

            check_surfaces(document, read)
        except _CONTRADICTIONS as error:
            raise BadGlb(f"it contradicts itself ({type(error).__name__})") from error


def _check_arrays(document: Mapping[str, Any], binary_bytes: int) -> None:
    """Raise BadGlb, or what Python has to say, where an array is not in the file."""
    if not _KEYS <= document.keys() <= _KEYS | _MORE_KEYS or document["asset"]["version"] != "2.0":
        raise BadGlb("it is not as Renderdesk writes it")
    (buffer,) = document["buffers"]
    if buffer.keys() != {"byteLength"} or not 0 <= _whole(buffer["byteLength"]) <= binary_bytes:
        raise BadGlb("its buffer is not in the file")
    views = document["bufferViews"]
    for view in views:
        begin, length = _whole(view.get("byteOffset", 0)), _whole(view["byteLength"])
        if view["buffer"] != 0 or begin + length > buffer["byteLength"]:
            raise BadGlb("an array reaches beyond the file")
    for accessor in document["accessors"]:
        needed = _whole(accessor["count"]) * _SIZES[accessor["componentType"]] * _WIDTHS[accessor["type"]]
        if "byteOffset" in accessor or needed > views[_whole(accessor["bufferView"])]["byteLength"]:
            raise BadGlb("an array is longer than its bytes")
    for mesh in document["meshes"]:
        for primitive in mesh["primitives"]:
            if not primitive["attributes"].keys() <= _ATTRIBUTES:
                raise BadGlb("its points have more than Renderdesk writes")
            for number in (primitive["indices"], *primitive["attributes"].values()):
                _ = document["accessors"][_whole(number)]


def _whole(number: Any) -> int:
    """Return a number that counts. Raises ValueError for anything else."""
    if not isinstance(number, int) or isinstance(number, bool) or number < 0:
        raise ValueError(number)
    return number
