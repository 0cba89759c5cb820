"""Reads STL, binary and text: one part for each solid, corners welded, normals of our own. In the child process only.

The normals in the file are not used: they are those of flat triangles, and often wrong.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import partial
from pathlib import Path

import numpy as np
import numpy.typing as npt

from media_assets.cad.centering import far_points
from media_assets.cad.contract import NO_FILES, Finding, Limits, Reading
from media_assets.cad.errors import CadError
from media_assets.cad.meshes.colors import Colored, shaded, tinted, to_linear
from media_assets.cad.meshes.normals import Carried, smooth_surface, usable
from media_assets.cad.meshes.scan import STL_HEADER, STL_TRIANGLE, is_binary_stl
from media_assets.cad.meshes.scene import (
    UNIT_NAMES,
    Corners,
    Floats,
    MeshGroup,
    MeshScene,
    decimal_commas,
    dropped_triangles,
    flat_scene,
    number_with_comma,
    quoted,
    read_names,
    to_millimeters,
    too_many_triangles,
)
from media_assets.cad.surfaces import Surface

_SOLID = re.compile(rb"^[ \t]*solid\b[ \t]*([^\r\n]*)", re.IGNORECASE | re.MULTILINE)
_COMMA = re.compile(rb"\bvertex\s[^\r\na-z]{0,100}\d,\d", re.IGNORECASE)
_MATERIAL = b"MATERIAL="
_MAGICS = re.compile(rb"COLOR=(.{4})", re.DOTALL)
_CORNER = re.compile(rb"\bvertex\s+(\S+)\s+(\S+)\s+(\S+)", re.IGNORECASE)


def read_stl(
    path: Path, name: str, reading: Reading, limits: Limits, companions: Mapping[str, Path] = NO_FILES
) -> MeshScene:
    """Return what is in an STL file; ``name`` is for a solid without one.

    Raises CadError: unit_unknown, damaged, truncated, too_large, too_many_instances, no_usable_geometry.
    """
    factor = to_millimeters(reading.unit, "stl")
    content = path.read_bytes()
    findings = []
    is_binary = is_binary_stl(content)
    if not is_binary and (comma := _COMMA.search(content)):
        findings.append(decimal_commas(content.count(b"\n", 0, comma.start()) + 1))
        content = number_with_comma(content)
    solids = _binary(content, limits) if is_binary else _text(content, limits)
    heads = [] if is_binary else _SOLID.findall(content)
    names = read_names(map(bytes.strip, heads), reading.code_page)
    groups, dropped = [], 0
    origin: Floats | None = None
    for number, (raw, points) in enumerate(solids):
        points *= factor
        origin = far_points(points) if number == 0 else origin
        if origin is not None:
            points -= origin
        corners = np.arange(len(points)).reshape(-1, 3)
        sound = usable(points, corners)
        dropped += int((~sound).sum())
        rgb = _colors(content) if is_binary else None
        if rgb is None:
            surface = smooth_surface(points, corners[sound]) if sound.any() else None
            found: list[Colored] = [(None, surface)] if surface else []
        else:
            carried = Carried()
            make = partial(_surface, points, corners[sound], carried)
            light = np.column_stack([to_linear(rgb[:, :3]), rgb[:, 3]]).repeat(3, axis=0)
            found = [
                (shaded(color, None, is_tinted=one.tints is not None), one)
                for color, one in tinted(corners[sound], light, carried, make)
            ]
        if found:
            groups.append(MeshGroup((names.text.get(raw) or name,), found))
    return flat_scene(
        name,
        groups,
        UNIT_NAMES[reading.unit],
        limits,
        facts=names.facts,
        origin=origin,
        findings=findings + _left_out(content, is_binary) + dropped_triangles(dropped) + names.findings,
    )


def _left_out(content: bytes, is_binary: bool) -> list[Finding]:
    """Return what to say about the shine that Magics writes into the header."""
    if not is_binary or content.find(_MATERIAL, 0, STL_HEADER - 4) < 0:
        return []
    return [
        Finding(
            "properties_left_out",
            "The file says how strongly its surfaces reflect; only their color is kept. Assign a finish where the "
            "picture looks different.",
            _MATERIAL.decode(),
        )
    ]


def _surface(points: Floats, corners: Corners, carried: Carried, rows: Corners) -> Surface | None:
    return smooth_surface(points, corners[rows], carried)


def _colors(content: bytes) -> Floats | None:
    """Return the colors of the triangles (m, 4; sRGB and opacity; not a number: it has none), or None without any.

    Two programs put five bits of each channel into the two bytes after a triangle: Magics, which says COLOR= in the
    header and sets the highest bit for the color of the whole, and VisCAM, which sets it for a color of its own.
    """
    announced = int.from_bytes(content[STL_HEADER - 4 : STL_HEADER], "little")
    words: npt.NDArray[np.uint16] = np.ndarray(
        (announced,), "<u2", content, STL_HEADER + STL_TRIANGLE - 2, (STL_TRIANGLE,)
    )
    channels = np.stack([words & 31, words >> 5 & 31, words >> 10 & 31], axis=1) / 31
    own = words >> 15 == 1
    default = _MAGICS.search(content, 0, STL_HEADER - 4)
    rgba = np.ones((announced, 4))
    if default:
        rgba[:, :3] = channels
        *rgb, alpha = np.frombuffer(default[1], np.uint8) / 255
        rgba[own] = (*rgb, alpha or 1.0)  # some programs leave the fourth byte empty
        return rgba
    if not own.any():
        return None
    rgba[:, :3] = channels[:, ::-1]
    rgba[~own] = np.nan
    return rgba


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
