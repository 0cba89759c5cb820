"""Colors of single triangles and points, as files of meshes carry them. Runs in the child process only."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from media_assets.cad.described import Described, Rgba
from media_assets.cad.meshes.normals import Carried
from media_assets.cad.meshes.scene import Corners, Floats
from media_assets.cad.product_tree import Color
from media_assets.cad.surfaces import Surface

COLOR_DIGITS = 5

MOST_COLORS = 64
"""More colors than this in one mesh are a gradient or a scan."""

SAME = 1.5 / 255
HALF_UP = 1e-6  # on the way to light and back, a half may end below itself
UNTOLD = (0.6038, 0.6038, 0.6038)
"""Linear light of points without a color, among others that have one: the gray of parts without one."""

UNSAID = Described(metallic=0.0, roughness=0.5)
"""The surface of points of many colors, where the file says nothing more."""

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


def shaded(own: Color | None, base: Color | None, *, is_tinted: bool) -> Color | None:
    """Return the color of points times that of their material, as light; and what their surface is."""
    if own is None:
        return base
    light = np.array(own.linear) * (base.linear if base else (1.0, 1.0, 1.0, 1.0))
    alpha = float(light[3])
    described = base.described if base else None
    if is_tinted and described is None:
        described = replace(
            UNSAID if base is None else Described(), base=base.linear if base else UNSAID.base
        )
        described = replace(described, alpha_mode="BLEND" if alpha < 1.0 else "OPAQUE")
    if described is not None:
        described = (
            replace(described, is_tinted=True)
            if is_tinted
            else replace(described, base=_times(described.base, own.linear))
        )
        alpha = alpha if described.alpha_mode == "BLEND" or base is None else base.alpha
    shown = (*to_srgb(light[:3]), alpha)
    return Color(*(round(float(channel), COLOR_DIGITS) for channel in shown), described=described)


def _times(one: Rgba, other: Rgba) -> Rgba:
    red, green, blue, alpha = (round(a * b, 6) for a, b in zip(one, other, strict=True))
    return red, green, blue, alpha


def tinted(
    corners: Corners, linear: Floats, carried: Carried, make: Callable[[Corners], Surface | None]
) -> list[Colored]:
    """Return the surfaces of triangles whose points (n) have colors (n, 4; linear light).

    Where each triangle is of one color, and these are few, each color is a surface. Any other is one surface that has
    the colors of its points, which ``make`` takes from ``carried``; its color is their average. ``make`` builds the
    surface of the triangles of these numbers.
    """
    srgb = np.concatenate([to_srgb(linear[:, :3]), linear[:, 3:]], axis=1)
    of_corners = srgb[corners]
    means = of_corners.mean(axis=1)
    known = np.isfinite(means).all(axis=1)
    is_plain = float(np.ptp(of_corners[known], axis=1).max(initial=0.0)) <= SAME
    if is_plain and len(np.unique(_levels(means[known]), axis=0)) <= MOST_COLORS:
        return by_color(means, make)
    carried.tints = np.where(np.isfinite(linear), linear, (*UNTOLD, 1.0))
    surface = make(np.arange(len(corners)))
    average = carried.tints[np.unique(corners)].mean(axis=0)
    shown = (*to_srgb(average[:3]), average[3])
    return [(Color(*(round(float(one), COLOR_DIGITS) for one in shown)), surface)] if surface else []


def by_color(rgb: Floats, make: Callable[[Corners], Surface | None]) -> list[Colored]:
    """Return the surfaces of triangles by their few colors (m, 3 or 4; sRGB from 0 to 1). ``make`` builds the surface
    of the triangles of these numbers. Rows that are no number have no color.
    """
    known = np.isfinite(rgb).all(axis=1)
    cells, number = np.unique(_levels(rgb[known]), axis=0, return_inverse=True)
    colors = [Color(*(round(float(one), COLOR_DIGITS) for one in row)) for row in cells / 255]
    which = np.full(len(rgb), -1)
    which[known] = number.reshape(-1)
    found: list[Colored] = []
    for one in np.unique(which):
        surface = make(np.flatnonzero(which == one))
        if surface is not None:
            found.append((colors[one] if one >= 0 else None, surface))
    return found


def _levels(rgb: Floats) -> Corners:
    levels: Corners = np.rint(np.clip(rgb, 0.0, 1.0) * 255 + HALF_UP).astype(np.int64)
    return levels
