"""The section that an output type asks for, in the axes of the geometry, however the product stands in its pictures."""

from __future__ import annotations

import math

from media_assets.cad.section.wanted import Section, Vector
from media_assets.models.turns import Rotation
from rendering.catalog.counting import counts
from rendering.models import OutputType

_FRONT: Vector = (0.0, -1.0, 0.0)
_RIGHT: Vector = (1.0, 0.0, 0.0)
_TOP: Vector = (0.0, 0.0, 1.0)

PAIRS = {
    OutputType.SectionFrom.FRONT: (_FRONT, _RIGHT),
    OutputType.SectionFrom.RIGHT: (_RIGHT, _FRONT),
    OutputType.SectionFrom.TOP: (_TOP, _RIGHT),
}
"""Where the plane of a half section looks, and the other plane of a quarter section. Z is up and -Y the front."""


def section_of(output_type: OutputType, orientation: Rotation = ()) -> Section | None:
    """Return the section of *output_type* through a product that its pictures turn so; None for none."""
    if not output_type.section or not counts(output_type, "section"):
        return None
    pair = PAIRS[OutputType.SectionFrom(output_type.section_from)]
    normals = [_turned(normal, output_type.section_angle, output_type.section_from) for normal in pair]
    if output_type.section_other_side:
        normals[0] = _rounded(tuple(-number for number in normals[0]))
    if output_type.section == OutputType.SectionKind.HALF:
        del normals[1]
    return Section(
        tuple(_in_file(normal, orientation) for normal in normals),
        offset=output_type.section_offset / 100.0,
        part=output_type.section_part.strip(),
        uncut=output_type.section_uncut,
        hatched=output_type.section_hatched,
    )


def _turned(normal: Vector, degrees: float, seen_from: str) -> Vector:
    """Return a normal turned about the upright axis; for a plane seen from the top, about the one to the right."""
    x, y, z = normal
    cosine, sine = math.cos(math.radians(degrees)), math.sin(math.radians(degrees))
    if seen_from == OutputType.SectionFrom.TOP:
        return _rounded((x, cosine * y - sine * z, sine * y + cosine * z))
    return _rounded((cosine * x - sine * y, sine * x + cosine * y, z))


def _in_file(normal: Vector, orientation: Rotation) -> Vector:
    """Return a direction of the product as it stands in its pictures in the axes of the geometry."""
    if not orientation:
        return normal
    rows = [orientation[at : at + 3] for at in (0, 3, 6)]
    return _rounded(
        tuple(sum(row[axis] * part for row, part in zip(rows, normal, strict=True)) for axis in range(3))
    )


def _rounded(numbers: tuple[float, ...]) -> Vector:
    x, y, z = (round(number, 9) + 0.0 for number in numbers)
    return x, y, z
