"""Recognizes meshes (GLB, STL, OBJ) by their bytes, before any reader opens them. Standard library only.

Only GLB has a mark of its own; STL and OBJ are recognized by what must hold for every one of them.
"""

from __future__ import annotations

import math
import mmap
import re
import struct

from media_assets.cad.errors import CadError
from media_assets.cad.prescan import NOTHING, Bytes, Prescan
from media_assets.formats import cad

HEAD_BYTES = 65536
STL_HEADER, STL_TRIANGLE = 84, 50
SAMPLED_TRIANGLES = 8

_OBJ_WORDS = frozenset(
    b"v vt vn vp f l p o g s mg usemtl mtllib cstype deg curv curv2 surf parm trim hole end bevel c_interp d_interp "
    b"lod shadow_obj trace_obj".split()
)
_NUMBER = re.compile(rb"[-+]?(?:\d++[.,]?\d*+|[.,]\d++)(?:[eE][-+]?\d++)?")
_IN_NUMBERS = b"0123456789.,eE+-"


def scan_glb(told: Bytes) -> Prescan | None:
    """Recognize GLB. Raises CadError: truncated, unreadable (an old version)."""
    return _glb(told.content) if told.head.startswith(b"glTF") else None


def scan_stl(told: Bytes) -> Prescan | None:
    """Recognize STL, binary and text. Raises CadError: truncated, nothing_to_show."""
    return _binary_stl(told.content) or _text_stl(told.content, told.head)


def scan_obj(told: Bytes) -> Prescan | None:
    """Recognize OBJ, whose first lines are all words that it knows."""
    return Prescan("obj", len(told.content)) if _is_obj(told.head) else None


def unit_unknown(format_name: str) -> CadError:
    """Return the error of a mesh file whose unit nobody stated."""
    return CadError("unit_unknown", "mesh", format=cad.of(format_name).label)


def _glb(content: mmap.mmap) -> Prescan:
    if len(content) < 20:
        raise CadError("truncated", "glb_header")
    version, length = struct.unpack_from("<II", content, 4)
    if version != 2:
        raise CadError("unreadable", "gltf_version", version=version)
    if length > len(content):
        raise CadError("truncated", "glb_length", written=length, held=len(content))
    return Prescan("glb", len(content), unit="metre")


def is_binary_stl(content: bytes | mmap.mmap) -> bool:
    """Return whether these are the bytes of a binary STL: its length fits its count, or what follows are triangles.

    The header says nothing: many programs begin it with "solid", as a text does, and some write more at the end.
    """
    if len(content) < STL_HEADER:
        return False
    (triangles,) = struct.unpack_from("<I", content, STL_HEADER - 4)
    if STL_HEADER + STL_TRIANGLE * triangles == len(content):
        return True
    return triangles > 0 and _look_like_triangles(content[:HEAD_BYTES])


def _binary_stl(content: mmap.mmap) -> Prescan | None:
    if not is_binary_stl(content):
        return None
    (triangles,) = struct.unpack_from("<I", content, STL_HEADER - 4)
    wanted = STL_HEADER + STL_TRIANGLE * triangles
    if triangles == 0:
        raise CadError("nothing_to_show", "stl")
    if wanted > len(content):
        raise CadError(
            "truncated", "stl_count", announced=triangles, held=(len(content) - STL_HEADER) // STL_TRIANGLE
        )
    after = len(content) - wanted if content[wanted:].strip(NOTHING) else 0
    return Prescan("stl", len(content), faces=triangles, after_end=after)


def _look_like_triangles(head: bytes) -> bool:
    """Whether the first triangles have unit or no normals and numbers of a sensible size."""
    found = 0
    for start in range(STL_HEADER, len(head) - STL_TRIANGLE + 1, STL_TRIANGLE)[:SAMPLED_TRIANGLES]:
        numbers = struct.unpack_from("<12f", head, start)
        # Text read as numbers is either huge or tiny, and its "normals" have no length of 1.
        length = math.hypot(*numbers[:3])
        if not all(map(math.isfinite, numbers)) or not (length == 0 or 0.9 < length < 1.1):
            return False
        found += 1
    return found > 0 and any(head[STL_HEADER : STL_HEADER + found * STL_TRIANGLE])


def _text_stl(content: mmap.mmap, head: bytes) -> Prescan | None:
    text = head.lstrip().rstrip(NOTHING).lower()
    if not re.match(rb"solid\b", text) or b"\0" in text:
        return None
    if not re.search(rb"\bfacet\s+normal\b", text):
        if re.search(rb"\bendsolid\b", text):
            raise CadError("nothing_to_show", "stl")
        return None
    if b"endsolid" not in content[-HEAD_BYTES:].lower():
        raise CadError("truncated", "stl_end")
    return Prescan("stl", len(content))


def _is_obj(head: bytes) -> bool:
    text = head.rstrip(NOTHING) if len(head) < HEAD_BYTES else head
    lines = text.replace(b"\\\r\n", b" ").replace(b"\\\n", b" ").splitlines()
    if len(head) == HEAD_BYTES:
        lines.pop()  # it may go on
    has_vertex = False
    for line in lines:
        words = line.split(None, 4)
        if not words or words[0].startswith(b"#"):
            continue
        if words[0] not in _OBJ_WORDS:
            return False
        has_vertex = has_vertex or _is_vertex(words)
    return has_vertex


def _is_vertex(words: list[bytes]) -> bool:
    """Whether these words of a line place a point; what follows its coordinates is a weight or a color."""
    numbers, rest = words[1:4], b"".join(words[4:])
    is_point = words[0] == b"v" and len(numbers) == 3 and all(map(_NUMBER.fullmatch, numbers))
    return is_point and not b"".join(rest.split()).strip(_IN_NUMBERS)
