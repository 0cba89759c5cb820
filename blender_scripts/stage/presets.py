"""The studio presets: which softboxes stand where, and how light the room around them is."""

# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Softbox:
    """A rectangular light: place relative to the camera's azimuth, size, radiance, falloff to its edges.

    One that is not `mirrored` fills matte surfaces and is not seen in metal, which it would turn flat.
    Lengths in scene units: the subject's bounding sphere has radius 1.
    """

    place: tuple[float, float, float]
    size: tuple[float, float]
    strength: float
    aim: tuple[float, float, float] = (0.0, 0.0, 0.35)
    falloff: float = 0.6
    mirrored: bool = True


@dataclass(frozen=True, slots=True)
class Preset:
    """Softboxes in a room whose light goes from `floor` below to `sky` overhead, with `sides` left and right;
    `sweep` is the radiance of the backdrop that an acrylic floor mirrors.

    `level` scales it all: in softbox and high key a matte patch that faces the key shows its own color.
    """

    boxes: tuple[Softbox, ...]
    floor: float
    sky: float
    sides: float
    sweep: float
    level: float = 1.0


PRESETS = {
    "softbox": Preset(
        (
            Softbox((0.0, 0.9, 4.2), (4.4, 3.2), 2.3, falloff=0.7),
            Softbox((-4.0, -1.9, 2.3), (2.8, 3.8), 4.0, falloff=0.7),
            Softbox((4.2, -0.4, 1.9), (1.2, 3.6), 4.6, falloff=0.7),
            # A flat face that looks up shows this one: at 1.7 steel was as white as the paper.
            Softbox((-1.2, 4.8, 2.9), (4.6, 2.2), 1.1, falloff=0.95),
            Softbox((0.8, -5.2, 2.2), (6.0, 4.0), 1.3, mirrored=False),
        ),
        floor=0.10,
        sky=0.28,
        sides=0.75,
        sweep=1.0,
        level=0.885,
    ),
    "high_key": Preset(
        (
            Softbox((0.0, 0.4, 4.4), (6.0, 5.0), 1.0),
            Softbox((-4.6, -2.0, 2.4), (4.0, 4.0), 2.1),
            Softbox((4.6, -1.2, 2.4), (4.0, 4.0), 1.9),
            Softbox((0.0, 5.0, 2.6), (6.0, 3.0), 1.2, falloff=0.8),
            Softbox((0.0, -5.4, 2.2), (7.0, 4.0), 0.9, mirrored=False),
        ),
        floor=0.32,
        sky=0.40,
        sides=0.55,
        sweep=1.0,
        level=0.855,
    ),
    "dark": Preset(
        (
            Softbox((0.4, 1.2, 3.8), (3.0, 1.6), 6.5, falloff=0.9),
            Softbox((-4.0, -0.6, 1.8), (0.9, 3.6), 8.0, falloff=0.8),
            Softbox((4.0, 0.2, 1.6), (0.9, 3.6), 7.0, falloff=0.8),
            Softbox((-1.6, 4.6, 3.0), (4.0, 1.6), 1.4, falloff=0.95),
        ),
        floor=0.025,
        sky=0.10,
        sides=0.55,
        sweep=0.02,
    ),
}
