"""A studio of one's own: the lights, the ground and the limits of the camera of a .blend, as plain numbers.

Standard library only; both sides of Blender read it. A render never opens the .blend that it was taken from.
"""

# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass, field

from blender_scripts.jsonform import ContractError, JsonForm

LIGHT_KINDS = ("POINT", "SUN", "SPOT", "AREA")
SHAPES = ("SQUARE", "RECTANGLE", "DISK", "ELLIPSE")
RAYS = ("camera", "diffuse", "glossy", "transmission", "shadow")
"""Kinds of rays that an object of a studio can be hidden from, as Blender's ray visibility names them."""

MOST_LIGHTS, MOST_OBJECTS, MOST_TRIANGLES = 64, 64, 20_000
GROUND, PRODUCT = "ground", "product"
"""The name of the collection whose objects are the ground, and of the object that stands for the product."""

NAMED = 63  # characters of a name in Blender
_FARTHEST = 1e6  # scene units


@dataclass(frozen=True, slots=True)
class StudioLight(JsonForm):
    """One light, as Blender understands it: lengths in scene units, angles in radians, `energy` in W (a sun: W/m²).

    `turn` are nine numbers of a rotation, row by row; the light shines along its -Z. `size` are the sides of an area,
    `radius` that of a point or spot, `angle` the cone of a spot, the disk of a sun, the spread of an area. `color` is
    linear. `unseen` are the kinds of rays that do not meet it.
    """

    name: str
    kind: str
    place: tuple[float, ...]
    turn: tuple[float, ...]
    color: tuple[float, ...]
    energy: float
    size: tuple[float, ...] = (0.0, 0.0)
    shape: str = "RECTANGLE"
    radius: float = 0.0
    angle: float = 0.0
    blend: float = 0.0
    casts_shadow: bool = True
    unseen: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        _named(self.name)
        _one_of("kind", (self.kind,), LIGHT_KINDS)
        _one_of("shape", (self.shape,), SHAPES)
        _one_of("unseen", self.unseen, RAYS)
        for name, count in (("place", 3), ("turn", 9), ("color", 3), ("size", 2)):
            _numbers(name, getattr(self, name), count)
        _numbers("energy, radius, angle, blend", (self.energy, self.radius, self.angle, self.blend), 4)
        if min(self.energy, *self.color, *self.size, self.radius) < 0:
            raise ContractError(f"{self.name}: a light has no negative energy, color or size.")


@dataclass(frozen=True, slots=True)
class Paint(JsonForm):
    """A plain surface: linear `color`, shares from 0 to 1, and the light that it sheds (linear RGB radiance)."""

    color: tuple[float, ...] = (0.8, 0.8, 0.8)
    roughness: float = 0.5
    metallic: float = 0.0
    specular: float = 0.5
    coat: float = 0.0
    alpha: float = 1.0
    glow: tuple[float, ...] = (0.0, 0.0, 0.0)

    def __post_init__(self) -> None:
        _numbers("color", self.color, 3)
        _numbers("glow", self.glow, 3)
        shares = (self.roughness, self.metallic, self.specular, self.coat, self.alpha)
        if not all(0.0 <= one <= 1.0 for one in shares) or min(*self.color, *self.glow) < 0:
            raise ContractError("paint: shares are 0 to 1, colors at least 0.")


@dataclass(frozen=True, slots=True)
class GroundObject(JsonForm):
    """A thing that stands or lies in the studio: points (3 numbers each) and triangles (3 indices each) in scene units.

    `normals` (3 numbers for each corner of each triangle; none: flat) shade it, `painted` is the paint of each
    triangle. One that `catches_shadow` shows nothing but the shadow on it.
    """

    name: str
    points: tuple[float, ...]
    triangles: tuple[int, ...]
    normals: tuple[float, ...] = ()
    paints: tuple[Paint, ...] = field(default_factory=lambda: (Paint(),))
    painted: tuple[int, ...] = ()
    catches_shadow: bool = False
    unseen: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        _named(self.name)
        _one_of("unseen", self.unseen, RAYS)
        _numbers("points", self.points, len(self.points))
        _numbers("normals", self.normals, 3 * len(self.triangles) if self.normals else 0)
        corners = len(self.points) // 3
        if len(self.points) % 3 or len(self.triangles) % 3 or not self.triangles:
            raise ContractError(
                f"{self.name}: points and triangles have three numbers each, and there are some."
            )
        if not all(0 <= one < corners for one in self.triangles):
            raise ContractError(f"{self.name}: a triangle has a corner that is not there.")
        if self.painted and len(self.painted) != self.count:
            raise ContractError(f"{self.name}: each triangle has one paint, or all have the first.")
        if not self.paints or not all(0 <= one < len(self.paints) for one in self.painted):
            raise ContractError(f"{self.name}: a triangle has a paint that is not there.")

    @property
    def count(self) -> int:
        """How many triangles it has."""
        return len(self.triangles) // 3

    @property
    def glows(self) -> bool:
        """Whether it sheds light."""
        return any(any(paint.glow) for paint in self.paints)


@dataclass(frozen=True, slots=True)
class CameraLimits(JsonForm):
    """From where a studio may be photographed: elevations in degrees, and the longest lens in mm of a 36 mm sensor.

    `near` and `far` are the distances (scene units) between which the camera sees; the product is always between them.
    """

    lowest: float = -90.0
    highest: float = 90.0
    longest_mm: float = 600.0
    near: float = 0.01
    far: float = 1000.0

    def __post_init__(self) -> None:
        values = (self.lowest, self.highest, self.longest_mm, self.near, self.far)
        _numbers("camera", values, 5)
        if not (
            -90.0 <= self.lowest <= self.highest <= 90.0 and self.longest_mm > 0 and 0 < self.near < self.far
        ):
            raise ContractError(f"camera: {values!r} are no limits.")


@dataclass(frozen=True, slots=True)
class OwnStudio(JsonForm):
    """A whole studio around a product whose bounding sphere has radius 1, with its foot at the origin, front to -Y.

    `world` is the linear color of the light from all around.
    """

    lights: tuple[StudioLight, ...] = ()
    ground: tuple[GroundObject, ...] = ()
    world: tuple[float, ...] = (0.0, 0.0, 0.0)
    camera: CameraLimits = field(default_factory=CameraLimits)

    def __post_init__(self) -> None:
        _numbers("world", self.world, 3)
        if min(self.world) < 0:
            raise ContractError("world: a color is at least 0.")
        if len(self.lights) > MOST_LIGHTS or len(self.ground) > MOST_OBJECTS:
            raise ContractError(f"at most {MOST_LIGHTS} lights and {MOST_OBJECTS} objects.")
        if self.triangles > MOST_TRIANGLES:
            raise ContractError(f"ground: at most {MOST_TRIANGLES} triangles, got {self.triangles}.")

    @property
    def triangles(self) -> int:
        """How many triangles the ground has."""
        return sum(one.count for one in self.ground)

    @property
    def is_lit(self) -> bool:
        """Whether anything but the world sheds light."""
        return any(light.energy and any(light.color) for light in self.lights) or any(
            one.glows for one in self.ground
        )


def _named(name: str) -> None:
    if not name or len(name) > NAMED:
        raise ContractError(f"name: expected 1 to {NAMED} characters, got {len(name)}.")


def _one_of(name: str, values: Iterable[str], allowed: tuple[str, ...]) -> None:
    if unknown := [one for one in values if one not in allowed]:
        raise ContractError(f"{name}: expected one of {', '.join(allowed)}, got {unknown[0]!r}.")


def _numbers(name: str, values: tuple[float, ...], count: int) -> None:
    if len(values) != count:
        raise ContractError(f"{name}: expected {count} numbers, got {len(values)}.")
    if not all(math.isfinite(one) and abs(one) <= _FARTHEST for one in values):
        raise ContractError(f"{name}: a number is not finite, or has more than seven digits.")
