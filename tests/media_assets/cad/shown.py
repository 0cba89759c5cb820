"""What a result shows, in the words in which ``oracle.py`` tells what the CAD file holds; NumPy only.

Lengths in mm, areas in mm2, colors as #RRGGBB or #RRGGBBAA in sRGB, "" for what has no color in the file.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
UNCOLORED = "#CCCCCC"


@dataclass
class Placed:
    """A part where a result shows it. ``mesh`` names the mesh that it shares with others; the box is the mesh's own."""

    key: str
    name: str
    product: str
    mesh: str
    matrix: list[list[float]]
    areas: dict[str, float]
    low: list[float]
    high: list[float]


@dataclass
class Shown:
    """All of a result."""

    placed: list[Placed] = field(default_factory=list)
    groups: list[str] = field(default_factory=list)
    low: list[float] = field(default_factory=list)
    high: list[float] = field(default_factory=list)
    finite: bool = True

    def add(self, key: str, names: tuple[str, str], mesh: str, matrix: Floats, surfaces: Surfaces) -> None:
        """Add a part: ``names`` are its own and its product's."""
        points = np.concatenate([points for _, points, _ in surfaces])
        areas: dict[str, float] = {}
        for color, cloud, corners in surfaces:
            areas[color] = areas.get(color, 0.0) + area(cloud, corners)
        world = points @ matrix[:3, :3].T + matrix[:3, 3]
        self.finite &= bool(np.isfinite(world).all())
        self.placed.append(
            Placed(
                key,
                *names,
                mesh,
                matrix.tolist(),
                areas,
                points.min(axis=0).tolist(),
                points.max(axis=0).tolist(),
            )
        )
        lows, highs = [world.min(axis=0)], [world.max(axis=0)]
        if self.low:
            lows.append(np.array(self.low))
            highs.append(np.array(self.high))
        self.low, self.high = np.min(lows, axis=0).tolist(), np.max(highs, axis=0).tolist()

    def to_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Shown:
        return cls(**{**data, "placed": [Placed(**one) for one in data["placed"]]})


Surfaces = list[tuple[str, Floats, npt.NDArray[Any]]]
"""Color, points of shape (n, 3), corner numbers of shape (m, 3)."""


def area(points: Floats, corners: npt.NDArray[Any]) -> float:
    """Return the area of triangles."""
    first, second, third = (points[corners[:, corner]] for corner in range(3))
    return float(np.linalg.norm(np.cross(second - first, third - first), axis=1).sum() / 2)


def hex_of_linear(red: float, green: float, blue: float, alpha: float) -> str:
    """Return the sRGB color of linear light (IEC 61966-2-1)."""
    encoded = [
        12.92 * one if one <= 0.0031308 else 1.055 * one ** (1 / 2.4) - 0.055 for one in (red, green, blue)
    ]
    channels = encoded + ([alpha] if alpha < 0.999 else [])
    return "#" + "".join(f"{round(255 * channel):02X}" for channel in channels)
