"""How much of each part a picture shows. NumPy only."""

from __future__ import annotations

import numpy as np

from media_assets.cad.explode import columns
from media_assets.cad.explode.solids import Assembly, Floats

VIEW = (32.0, 28.0)
"""Azimuth and elevation in degrees of the usual camera: "three_quarter" in blender_scripts/contract.py."""

_LINES = 64
_MOST_LINES = 60_000


def shares(assembly: Assembly, offsets: Floats, view: tuple[float, float] = VIEW) -> Floats:
    """Return for each part, moved so (parts, 3), which share of its own silhouette is before all others: 0 to 1."""
    azimuth, elevation = np.radians(view)
    toward = np.array(
        [np.sin(azimuth) * np.cos(elevation), -np.cos(azimuth) * np.cos(elevation), np.sin(elevation)]
    )
    count = len(assembly.parts)
    seen = columns.facing(assembly, toward, range(count), offsets)
    lines = max(4, min(_LINES, _MOST_LINES // count))
    found = columns.columns(seen, columns.probes(seen, lines, seed=2))
    # The last stretch of each line is the one that the camera sees.
    last = np.flatnonzero(np.r_[found.line[1:] != found.line[:-1], True])
    order = np.lexsort((found.high, found.line))
    first = np.full(count * lines, -1)
    first[found.line[order][last]] = found.part[order][last]
    share: Floats = (first.reshape(count, lines) == np.arange(count)[:, None]).mean(axis=1)
    return share
