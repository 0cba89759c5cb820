"""Reads STL, binary and text: one part for each solid, corners welded, normals of our own. In the child process only.

The normals in the file are not used: they are those of flat triangles, and often wrong.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import numpy.typing as npt

from media_assets.cad.contract import Limits, Reading
from media_assets.cad.errors import CadError
from media_assets.cad.meshes.normals import smooth_surface, usable
from media_assets.cad.meshes.scan import STL_HEADER, STL_TRIANGLE
from media_assets.cad.meshes.scene import (
    UNIT_NAMES,
    Floats,
    MeshGroup,
    MeshScene,
    dropped_triangles,
    flat_scene,
    quoted,
    read_names,
    to_millimeters,
    too_many_triangles,
)

_SOLID = re.compile(rb"^[ \t]*solid\b[ \t]*([^\r\n]*)", re.IGNORECASE | re.MULTILINE)
_CORNER = re.compile(rb"\bvertex\s+(\S+)\s+(\S+)\s+(\S+)", re.IGNORECASE)


def read_stl(path: Path, name: str, reading: Reading, limits: Limits) -> MeshScene:
    """Return what is in an STL file; ``name`` is for a solid without one.

    Raises CadError: unit_unknown, damaged, truncated, too_large, too_many_instances, no_usable_geometry.
    """
    factor = to_millimeters(reading.unit, "stl")
    content = path.read_bytes()
    is_binary = _is_binary(content)
    solids = _binary(content, limits) if is_binary else _text(content, limits)
    heads = [] if is_binary else _SOLID.findall(content)
    names = read_names(map(bytes.strip, heads), reading.code_page)
    groups, dropped = [], 0
    for raw, points in solids:
        points *= factor
        corners = np.arange(len(points)).reshape(-1, 3)
        sound = usable(points, corners)
        dropped += int((~sound).sum())
        surface = smooth_surface(points, corners[sound]) if sound.any() else None
        if surface:
            groups.append(MeshGroup((names.text.get(raw) or name,), surface))
    return flat_scene(
        name,
        groups,
        UNIT_NAMES[reading.unit],
        limits,
        facts=names.facts,
        findings=dropped_triangles(dropped) + names.findings,
    )


def _is_binary(content: bytes) -> bool:
    """Text starts with "solid"; so does the header of many binary files, whose length then fits their count."""
    if not content[:4096].lstrip().lower().startswith(b"solid"):
        return True
    announced = int.from_bytes(content[STL_HEADER - 4 : STL_HEADER], "little")
    return len(content) == STL_HEADER + STL_TRIANGLE * announced


def _binary(content: bytes, limits: Limits) -> Iterator[tuple[bytes, Floats]]:
    announced = int.from_bytes(content[STL_HEADER - 4 : STL_HEADER], "little")
    if len(content) < STL_HEADER + STL_TRIANGLE * announced:
        raise CadError(
            "truncated",
            "stl_count",
            announced=announced,
            held=max(0, len(content) - STL_HEADER) // STL_TRIANGLE,
        )
    if announced > limits.max_triangles:
        raise too_many_triangles(limits)
    corners: npt.NDArray[np.float32] = np.ndarray(
        (announced, 9), "<f4", content, STL_HEADER + 12, (STL_TRIANGLE, 4)
    )
    yield b"", corners.astype(np.float64).reshape(-1, 3)


def _text(content: bytes, limits: Limits) -> Iterator[tuple[bytes, Floats]]:
    heads = list(_SOLID.finditer(content))
    left = limits.max_triangles
    for number, head in enumerate(heads):
        end = heads[number + 1].start() if number + 1 < len(heads) else len(content)
        words: list[bytes] = []
        for corner in _CORNER.finditer(content, head.end(), end):
            words.extend(corner.groups())
            if len(words) > 9 * left:
                raise too_many_triangles(limits)
        if not words:
            continue
        if len(words) % 9:
            raise CadError("damaged", "triangle_numbers")
        left -= len(words) // 9
        try:
            # A sign, digits, a point and an exponent need no more than 40 characters.
            points = np.array([float(word[:40]) for word in words]).reshape(-1, 3)
        except ValueError as error:
            raise CadError("damaged", "corner_number", found=quoted(_no_number(words))) from error
        yield head[1].strip(), points


def _no_number(words: list[bytes]) -> bytes:
    """Return the first word that is no number."""
    for word in words:
        try:
            float(word[:40])
        except ValueError:
            return word
    return b""
