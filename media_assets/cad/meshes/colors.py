"""Colors of single triangles and points, as files of meshes carry them. Runs in the child process only."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from media_assets.cad.contract import Finding
from media_assets.cad.meshes.scene import Corners, Floats
from media_assets.cad.product_tree import Color
from media_assets.cad.surfaces import Surface

MOST_COLORS = 64
"""More colors than this in one mesh are a gradient or a scan: neighbors among them become one."""

SIMPLIFIED = Finding(
    "vertex_colors_simplified",
    f"The file colors points one by one with more than {MOST_COLORS} colors; each triangle is shown in the nearest of "
    f"at most {MOST_COLORS}, without gradients.",
)

Colored = tuple[Color | None, Surface]


def to_srgb(linear: Floats) -> Floats:
    """Return linear light as sRGB values (IEC 61966-2-1), both from 0 to 1."""
    linear = np.clip(linear, 0.0, 1.0)
    encoded: Floats = np.where(linear <= 0.0031308, linear * 12.92, 1.055 * linear ** (1 / 2.4) - 0.055)
    return encoded


def to_linear(encoded: Floats) -> Floats:
    """Return sRGB values as linear light, both from 0 to 1."""
    linear: Floats = np.where(encoded <= 0.04045, encoded / 12.92, ((encoded + 0.055) / 1.055) ** 2.4)
    return linear


def by_color(
    corners: Corners, rgb: Floats, make: Callable[[Corners], Surface | None]
) -> tuple[list[Colored], bool]:
    """Return the surfaces of triangles (m, 3) by their colors (m, 3 or 4; sRGB from 0 to 1), and whether there were
    too many colors. ``make`` builds the surface of some of the triangles. Rows that are no number have no color.
    """
    known = np.isfinite(rgb).all(axis=1)
    colors, number, simplified = _classes(rgb[known])
    which = np.full(len(corners), -1)
    which[known] = number
    found: list[Colored] = []
    for one in np.unique(which):
        surface = make(corners[which == one])
        if surface is not None:
            found.append((colors[one] if one >= 0 else None, surface))
    return found, simplified


def _classes(rgb: Floats) -> tuple[list[Color], Corners, bool]:
    """Return the colors, and for each row the number of its own."""
    levels = np.rint(np.clip(rgb, 0.0, 1.0) * 255).astype(np.int64)
    for lost_bits in (0, 3, 4, 5, 6):
        cells, number = np.unique(levels >> lost_bits, axis=0, return_inverse=True)
        number = number.reshape(-1)
        if len(cells) <= MOST_COLORS or lost_bits == 6:
            break
    counts = np.bincount(number, minlength=len(cells))[:, None]
    sums = np.stack(
        [np.bincount(number, levels[:, at], minlength=len(cells)) for at in range(levels.shape[1])], axis=1
    )
    means = (sums / np.maximum(counts, 1)).round() / 255
    return [Color(*(round(float(one), 5) for one in row)) for row in means], number, lost_bits > 0
