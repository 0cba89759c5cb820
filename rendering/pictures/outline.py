"""The outline of the product as a clipping path, in the image resources of Adobe Photoshop.

Imported by the encoder's child alone (`formats.function`): its libraries are large.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable

import contourpy
import numpy as np
import numpy.typing as npt
import shapely

from rendering.pictures.gate import OPAQUE

Outline = npt.NDArray[np.float64]
"""(points, 2): x and y in px from the top left; the last point is joined to the first."""

CLOSED_LENGTH, CLOSED_CORNER, FILL_RULE = 0, 2, 6  # kinds of path records
FIRST_PATH, CLIPPING_PATH = 2000, 2999  # resources (Adobe, "Photoshop File Formats")
CLIPPING_MARK = b"8BIM" + struct.pack(">H", CLIPPING_PATH)
NAME = b"Path 1"
ONE = 1 << 24  # the whole side of the picture, in 8.24 fixed point
MOST_BYTES = 60_000  # of a segment of a JPEG, which holds 65,533
TOLERANCE_PX = 0.5
SMALLEST = 4  # tolerances that a speck or a hole is wide, at least


def photoshop_resources(alpha: npt.NDArray[np.float32], *, has_shadow: bool) -> bytes:
    """Return the image resources that hold the outline of what is opaque, named as the clipping path.

    *has_shadow*: what is half transparent may be a shadow, so only what is opaque counts. Coarser, until it fits.
    """
    height, width = alpha.shape
    rings = traced(alpha, OPAQUE / 255 if has_shadow else 0.5)
    tolerance = TOLERANCE_PX
    while True:
        whole = rings[shapely.area(rings) >= (SMALLEST * tolerance) ** 2]
        outlines = [np.asarray(one.exterior.coords)[:-1] for one in shapely.simplify(whole, tolerance)]
        path = path_records(outlines, width, height)
        if len(path) <= MOST_BYTES:
            break
        tolerance *= 2
    return _resource(FIRST_PATH, path, NAME) + _resource(CLIPPING_PATH, bytes([len(NAME)]) + NAME)


def traced(alpha: npt.NDArray[np.float32], level: float) -> npt.NDArray[np.object_]:
    """Return the outlines of where *alpha* reaches *level* as polygons in px, each hole as one of its own."""
    padded = np.pad(alpha, 1)  # an outline along the border is closed as well
    lines = contourpy.contour_generator(z=padded).lines(level)
    # Without the padding; and a value is that of its pixel's middle.
    found = [shapely.Polygon(np.asarray(line) - 0.5) for line in lines]
    return np.array(found, dtype=object)


def path_records(outlines: Iterable[Outline], width: int, height: int) -> bytes:
    """Return a path of corners: 26 bytes a record, vertical before horizontal, as fractions of the picture's sides."""
    records = [struct.pack(">H24x", FILL_RULE)]
    for outline in outlines:
        records.append(struct.pack(">HH22x", CLOSED_LENGTH, len(outline)))
        for x, y in outline.clip(0, (width, height)):
            point = round(y / height * ONE), round(x / width * ONE)
            records.append(struct.pack(">H6i", CLOSED_CORNER, *point * 3))
    return b"".join(records)


def segment(resources: bytes) -> bytes:
    """Return the APP13 segment of a JPEG with these resources."""
    body = b"Photoshop 3.0\0" + resources
    return b"\xff\xed" + struct.pack(">H", 2 + len(body)) + body


def _resource(number: int, body: bytes, name: bytes = b"") -> bytes:
    named = bytes([len(name)]) + name
    named += b"\0" * (len(named) % 2)
    return (
        b"8BIM"
        + struct.pack(">H", number)
        + named
        + struct.pack(">I", len(body))
        + body
        + b"\0" * (len(body) % 2)
    )
