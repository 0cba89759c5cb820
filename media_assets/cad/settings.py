"""How finely CAD is turned into triangles, and which tools do it: the recipe of a geometry."""

from __future__ import annotations

import importlib.metadata
from dataclasses import asdict, dataclass
from functools import cache
from typing import Any, Self

from media_assets.formats.cad import CONVERTER_VERSION

TOOLS = ("cadquery-ocp-novtk", "usd-core")


@dataclass(frozen=True)
class Tessellation:
    """A quality of triangles.

    ``linear`` is the largest distance between triangles and surface, as a factor of the diagonal of what the file
    shows, held between ``min_mm`` and ``max_mm``; no part gets less than ``part_linear`` of its own diagonal, so that
    a screw in a machine stays round. ``angular`` is the largest angle between neighboring normals, in radians.
    """

    preset: str
    linear: float
    angular: float
    part_linear: float
    min_mm: float = 0.0005
    max_mm: float = 5.0

    def to_json(self) -> dict[str, Any]:
        """Return the form that recipes and requests carry."""
        return asdict(self)

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Self:
        """Return the settings of ``to_json``; TypeError for unknown or missing fields."""
        return cls(**data)

    def deflection(self, diagonal_mm: float, part_diagonal_mm: float) -> float:
        """Return the linear deflection in mm of one part of a file of this size."""
        wanted = min(diagonal_mm * self.linear, part_diagonal_mm * self.part_linear)
        return min(max(wanted, self.min_mm), self.max_mm)


# Chosen by looking: on a bearing that fills a still, a rim of "standard" is off its circle by a third of a pixel at
# 1024 px, of "fine" at 3000 px. Halving the angle costs three times the triangles and shows nothing more.
PRESETS = {
    "draft": Tessellation("draft", linear=0.002, angular=0.4, part_linear=0.01),
    "standard": Tessellation("standard", linear=0.0003, angular=0.15, part_linear=0.002),
    "fine": Tessellation("fine", linear=0.0001, angular=0.08, part_linear=0.001),
}


def tool_versions(converter: int = CONVERTER_VERSION) -> dict[str, str]:
    """Return the version of each tool that shapes the geometry, without importing one of them.

    A package that is not installed is left out; ``client.check_reader`` says what is missing.
    """
    return {"converter": str(converter), **_installed()}


@cache
def _installed() -> dict[str, str]:
    """Return the versions of the packages: those of this process's start, which are the ones it has imported."""
    versions = {}
    for name in TOOLS:
        try:
            versions[name] = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            continue
    return versions
