"""Assemblies made of a few simple solids, of which it is known how they come apart."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from media_assets.cad.explode.solids import Assembly, Branch, Floats, PlacedSolid, Solid, solid_of

SIDES = 24

Row = Callable[[float], list[tuple[float, float]]]
"""The closed profile of (radius, height) at an angle."""


@dataclass
class Kit:
    """Parts that are put together one by one; ``turn`` is where the whole of them stands."""

    turn: Floats = field(default_factory=lambda: np.eye(4))
    shapes: list[Solid] = field(default_factory=list)
    parts: list[PlacedSolid] = field(default_factory=list)
    branches: list[Branch] = field(default_factory=list)
    known: dict[str, int] = field(default_factory=dict)

    def add(
        self, name: str, solid: tuple[Floats, Floats], at: tuple[float, float, float], group: str = ""
    ) -> str:
        """Place a solid; copies of one name are the same product. Return its key."""
        product = name.split("#", maxsplit=1)[0]
        if product not in self.known:
            self.known[product] = len(self.shapes)
            self.shapes.append(solid_of(solid[0], solid[1].astype(np.int64)))
        matrix = np.eye(4)
        matrix[:3, 3] = at
        key = f"/{group}/{name}" if group else f"/{name}"
        self.parts.append(PlacedSolid(key, product, self.known[product], self.turn @ matrix))
        return key

    def assembly(self) -> Assembly:
        """Return what was put together; parts of a group are a subassembly."""
        groups: dict[str, list[Branch]] = {}
        below = []
        for number, part in enumerate(self.parts):
            branch = Branch(part.key, part.product, (), number)
            group = part.key.rpartition("/")[0]
            if group:
                groups.setdefault(group, []).append(branch)
            else:
                below.append(branch)
        below += [Branch(group, group[1:], tuple(some)) for group, some in groups.items()]
        return Assembly(tuple(self.shapes), tuple(self.parts), Branch("/", "all", tuple(below)))


def turned(profile: list[tuple[float, float]], sides: int = SIDES) -> tuple[Floats, Floats]:
    """Return the solid of a closed profile of (radius, height), counter-clockwise, turned around the third axis."""
    return _revolved(lambda angle: profile, sides)


def _revolved(profile: Row, sides: int = SIDES) -> tuple[Floats, Floats]:
    """Return the solid of a profile that depends on the angle, with as many corners everywhere."""
    angles = np.arange(sides) * 2 * np.pi / sides
    points = [
        (radius * np.cos(angle), radius * np.sin(angle), height)
        for angle in angles
        for radius, height in profile(angle)
    ]
    count, corners = len(points) // sides, []
    for side in range(sides):
        for at in range(count):
            a, b = side * count + at, side * count + (at + 1) % count
            c, d = ((side + 1) % sides) * count + (at + 1) % count, ((side + 1) % sides) * count + at
            corners += [(a, d, c), (a, c, b)]
    return np.array(points), np.array(corners)


def disc(radius: float, height: float, bore: float = 0.0) -> tuple[Floats, Floats]:
    """Return a cylinder on the ground, with a bore."""
    return turned([(bore, 0.0), (radius, 0.0), (radius, height), (bore, height)])


def screw(radius: float, length: float) -> tuple[Floats, Floats]:
    """Return a screw whose head stands on the ground, with its shank below."""
    head = 0.8 * radius
    return turned(
        [(0.0, -length), (radius, -length), (radius, 0.0), (2 * radius, 0.0), (2 * radius, head), (0.0, head)]
    )


def threaded_bolt(
    radius: float, pitch: float, length: float, gap: float = 0.0, starts: int = 1, foot: float = 0.0
) -> tuple[Floats, Floats]:
    """Return a screw like `screw` with a thread below 0.1 of its length, and a foot of this radius.

    ``starts`` 0: grooves that do not go around.
    """
    below = _thread(radius - gap, pitch, -length, -0.1 * length, starts)
    return _revolved(
        lambda angle: [
            *(
                (0.0, -length - 2),
                (foot, -length - 2),
                (foot, -length),
                *below(angle),
                (radius, -0.1 * length),
            ),
            *((radius, 0.0), (2 * radius, 0.0), (2 * radius, 0.8 * radius), (0.0, 0.8 * radius)),
        ]
    )


def threaded_nut(radius: float, pitch: float, height: float, starts: int = 1) -> tuple[Floats, Floats]:
    """Return a round nut on the ground for such a bolt whose own ground lies a whole number of pitches away."""
    inner = _thread(radius, pitch, 0.0, height, starts)
    return _revolved(lambda angle: [(2 * radius, 0.0), (2 * radius, height), *inner(angle)[::-1]])


def _thread(radius: float, pitch: float, low: float, high: float, starts: int) -> Row:
    """Return the profile of a thread at an angle."""
    heights = np.linspace(low, high, round((high - low) / pitch * 8) + 1)

    def at(angle: float) -> list[tuple[float, float]]:
        phase = (heights / pitch - starts * angle / (2 * np.pi)) % 1
        return list(
            zip((radius - 0.6 * pitch * np.abs(2 * phase - 1)).tolist(), heights.tolist(), strict=True)
        )

    return at


def lying(solid: tuple[Floats, Floats]) -> tuple[Floats, Floats]:
    """Return a solid whose third axis lies along the first."""
    return np.roll(solid[0], 1, axis=1), solid[1]


def block(x: float, y: float, z: float) -> tuple[Floats, Floats]:
    """Return a box around the third axis, standing on the ground."""
    corners = np.array(
        [(sx * x / 2, sy * y / 2, sz * z) for sx in (-1, 1) for sy in (-1, 1) for sz in (0, 1)]
    )
    faces = [(0, 1, 3, 2), (4, 6, 7, 5), (0, 4, 5, 1), (2, 3, 7, 6), (0, 2, 6, 4), (1, 5, 7, 3)]
    return corners, np.array([half for a, b, c, d in faces for half in ((a, b, c), (a, c, d))])


def holed(size: float, thickness: float, holes: int, radius: float) -> tuple[Floats, Floats]:
    """Return a square plate of holes x holes square cells with a round hole in each."""
    cell = size / holes
    points, corners, base = [], [], 0
    angles = np.arange(SIDES) * 2 * np.pi / SIDES
    ways = np.stack((np.cos(angles), np.sin(angles)), axis=1)
    edge = ways / np.abs(ways).max(axis=1)[:, None] * cell / 2
    for row in range(holes):
        for column in range(holes):
            center = (np.array([column, row]) + 0.5) * cell - size / 2
            for flat in (edge + center, ways * radius + center):
                for height in (0.0, thickness):
                    points.append(np.column_stack((flat, np.full(SIDES, height))))
            for at in range(SIDES):
                after = (at + 1) % SIDES
                low, high, inner_low, inner_high = (base + SIDES * ring for ring in range(4))
                for ring, other in (
                    (low, high),
                    (high, inner_high),
                    (inner_high, inner_low),
                    (inner_low, low),
                ):
                    corners += [
                        (ring + at, ring + after, other + after),
                        (ring + at, other + after, other + at),
                    ]
            base += 4 * SIDES
    return np.concatenate(points), np.array(corners)


def rotation(random: np.random.Generator) -> Floats:
    """Return a random placement (4, 4)."""
    turn, upper = np.linalg.qr(random.normal(size=(3, 3)))
    turn = turn * np.sign(np.diag(upper))
    if np.linalg.det(turn) < 0:
        turn[:, 0] *= -1
    matrix = np.eye(4)
    matrix[:3, :3], matrix[:3, 3] = turn, random.normal(size=3) * 50
    return matrix
