"""A label on a face of a part: printed or engraved, in its true size. Standard library only; both sides read it."""

# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

from blender_scripts.finish_rules import SHA256
from blender_scripts.jsonform import ContractError, JsonForm

SIDES: Mapping[str, tuple[tuple[float, ...], tuple[float, ...]]] = {
    "front": ((0.0, -1.0, 0.0), (0.0, 0.0, 1.0)),
    "back": ((0.0, 1.0, 0.0), (0.0, 0.0, 1.0)),
    "left": ((-1.0, 0.0, 0.0), (0.0, 0.0, 1.0)),
    "right": ((1.0, 0.0, 0.0), (0.0, 0.0, 1.0)),
    "top": ((0.0, 0.0, 1.0), (0.0, 1.0, 0.0)),
    "bottom": ((0.0, 0.0, -1.0), (0.0, -1.0, 0.0)),
}
"""Where a face looks and what is up on it for who looks at it, in the product's axes."""

FACING = 0.5
"""Cosine of the angle from which on a surface looks another way: a label ends at 60 degrees."""

LOOKS = (-0.45, -0.3, -0.15, 0.0, 0.15, 0.3, 0.45)
"""Where, in widths and heights, the part is looked for below a label."""

INK_ROUGHNESS = 0.45

Direction = tuple[float, ...]

LIMITS = {"mm": (0.1, 10_000.0), "depth": (0.0, 5.0), "reach": (0.01, 1000.0), "turn": (-360.0, 360.0)}


@dataclass(frozen=True, slots=True)
class LabelSpec(JsonForm):
    """The picture with this SHA-256 on the part with this key: `mm` wide, turned counterclockwise by `turn` degrees.

    It lies on what the part has outermost along `normal`, with `up` above (unit vectors in the file's axes), its middle
    `x` mm to the right of that of the part's box and `y` mm above it, and covers what is at most `reach` mm below.
    Its `depth` in mm is how far dark places are engraved, by shading alone; 0: it is printed.
    """

    sha256: str
    part: str
    normal: tuple[float, ...]
    up: tuple[float, ...]
    mm: float
    x: float = 0.0
    y: float = 0.0
    turn: float = 0.0
    depth: float = 0.0
    reach: float = 1.0

    def __post_init__(self) -> None:
        if not SHA256.fullmatch(self.sha256):
            raise ContractError(f"sha256: expected 64 small hex digits, got {self.sha256!r}.")
        if not self.part:
            raise ContractError("part: a label is on a part.")
        for name, (least, most) in LIMITS.items():
            if not least <= getattr(self, name) <= most:
                raise ContractError(f"{name}: expected {least:g} to {most:g}, got {getattr(self, name)!r}.")
        if not all(math.isfinite(one) and abs(one) < 1e6 for one in (self.x, self.y)):
            raise ContractError("x, y: expected mm.")
        if len(self.normal) != 3 or len(self.up) != 3:
            raise ContractError("normal, up: expected three numbers each.")
        lengths = (math.hypot(*self.normal), math.hypot(*self.up))
        slant = sum(one * other for one, other in zip(self.normal, self.up, strict=True))
        if abs(slant) > 1e-6 or any(abs(length - 1.0) > 1e-6 for length in lengths):
            raise ContractError("normal, up: expected unit vectors at right angles.")

    def axes(self) -> tuple[Direction, Direction, Direction]:
        """Return what is right on the face, along which `x` goes, and what is right and above on the turned label."""
        (a, b, c), (x, y, z) = self.up, self.normal
        right = (b * z - c * y, c * x - a * z, a * y - b * x)
        cos, sin = math.cos(math.radians(self.turn)), math.sin(math.radians(self.turn))
        pairs = list(zip(right, self.up, strict=True))
        across = tuple(cos * aside + sin * upward for aside, upward in pairs)
        return right, across, tuple(cos * upward - sin * aside for aside, upward in pairs)
