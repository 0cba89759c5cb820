"""A color chart as a GLB: flat square patches in CAD colors, close together in the middle of a wide subject."""

from __future__ import annotations

import struct
from collections.abc import Sequence
from pathlib import Path

from tests.blender_scripts.glb import write_document
from tests.color_difference import linear

PITCH, HALF, COLUMNS = 0.13, 0.058, 4
FAR = 0.7
"""Meters; two tiny patches this far out make the chart's sphere so large that the light is the same on all others."""


def rgb(color: str) -> tuple[float, float, float]:
    """#rrggbb as sRGB from 0 to 1."""
    red, green, blue = (int(color[at : at + 2], 16) / 255 for at in (1, 3, 5))
    return red, green, blue


def place(index: int) -> tuple[float, float]:
    """Middle of a patch in units of the chart's radius, to the right and to the back."""
    radius = (FAR + 0.01) * 2**0.5
    return (index % COLUMNS - (COLUMNS - 1) / 2) * PITCH / radius, (index // COLUMNS - 1) * PITCH / radius


def write_chart(path: Path, colors: Sequence[str]) -> Path:
    """Write a chart that faces up (meters, Y up) and return its path."""
    radius = (FAR + 0.01) * 2**0.5
    squares = [(*(radius * at for at in place(index)), HALF, one) for index, one in enumerate(colors)]
    squares += [(FAR, FAR, 0.01, "#808080"), (-FAR, -FAR, 0.01, "#808080")]
    points = [
        (x + dx * half, 0.0, -(y + dy * half))
        for x, y, half, _ in squares
        for dx, dy in ((-1, -1), (1, -1), (1, 1), (-1, 1))
    ]
    binary = b"".join(struct.pack("<3f", *point) for point in points) + struct.pack("<6H", 0, 1, 2, 0, 2, 3)
    facing = len(binary)
    binary += struct.pack("<3f", 0.0, 1.0, 0.0) * 4
    each = 4 * 12
    views = [{"buffer": 0, "byteOffset": at * each, "byteLength": each} for at in range(len(squares))]
    views.append({"buffer": 0, "byteOffset": len(squares) * each, "byteLength": 12})
    views.append({"buffer": 0, "byteOffset": facing, "byteLength": 48})
    accessors: list[dict[str, object]] = []
    for at in range(len(squares)):
        corners = points[4 * at : 4 * at + 4]
        low, high = ([pick(axis) for axis in zip(*corners, strict=True)] for pick in (min, max))
        accessors.append(
            {"bufferView": at, "componentType": 5126, "count": 4, "type": "VEC3", "min": low, "max": high}
        )
    accessors.append({"bufferView": len(squares), "componentType": 5123, "count": 6, "type": "SCALAR"})
    accessors.append({"bufferView": len(squares) + 1, "componentType": 5126, "count": 4, "type": "VEC3"})
    parts = range(len(squares))
    document: dict[str, object] = {
        "asset": {"version": "2.0"},
        "scene": 0,
        "scenes": [{"nodes": list(parts)}],
        "nodes": [{"mesh": at, "name": f"patch {at}"} for at in parts],
        "meshes": [
            {
                "name": f"patch {at}",
                "primitives": [
                    {
                        "attributes": {"POSITION": at, "NORMAL": len(squares) + 1},
                        "indices": len(squares),
                        "material": at,
                        "mode": 4,
                    }
                ],
            }
            for at in parts
        ],
        "materials": [
            {
                "name": f"color {at}",
                "pbrMetallicRoughness": {"baseColorFactor": [*map(linear, rgb(color)), 1.0]},
            }
            for at, (*_, color) in enumerate(squares)
        ],
        "buffers": [{"byteLength": len(binary)}],
        "bufferViews": views,
        "accessors": accessors,
    }
    return write_document(path, document, binary)
