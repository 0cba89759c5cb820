"""Fills the outlines of a cut with triangles, plain or in stripes. Arrays only; knows no CAD kernel.

The plane is divided into slabs at the height of each point of the outlines: between two such heights every outline is
a straight line, so what lies inside is trapezoids. That needs no closed chain of lines, holes are nothing special, and
a slab whose lines do not close stays empty.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from media_assets.cad.placing import Floats
from media_assets.cad.section.clipping import Plane
from media_assets.cad.surfaces import Surface

SAME = 1e-7
"""Of the size: heights that are nearer to each other are one."""

OPEN = 0.02
"""Of the size: outlines with larger gaps are not filled, and with smaller ones only where they close."""

MOST_TRAPEZOIDS = 2_000_000


@dataclass(frozen=True)
class Hatch:
    """Lines on a cut: how far apart and how wide (mm), and at which angle (radians)."""

    pitch: float
    width: float
    angle: float


@dataclass(frozen=True)
class Cap:
    """A filled cut: what lies between the lines (all of it without a hatch), and the lines; None where there is none.

    ``open_share`` is the part of its size at which the outlines do not close and which is empty.
    """

    between: Surface | None
    lines: Surface | None
    area: float
    open_share: float


def fill(segments: Floats, plane: Plane, hatch: Hatch | None = None) -> Cap:
    """Return what lies inside of segments (k, 2, 3) on a plane, counter-clockwise as seen from its outside."""
    across, up = plane.axes(hatch.angle if hatch else 0.0)
    us, vs = segments @ across, segments @ up
    size = float(max(np.ptp(us), np.ptp(vs))) if len(segments) else 0.0
    if not size:
        return Cap(None, None, 0.0, 0.0)
    gap = float(np.linalg.norm((segments[:, 1] - segments[:, 0]).sum(axis=0)))
    if gap > OPEN * size:
        return Cap(None, None, 0.0, gap / size)
    heights = np.unique(vs)
    if hatch:
        heights = np.union1d(heights, _stripes(heights[0], heights[-1], hatch))
    heights = heights[np.concatenate([[True], np.diff(heights) > SAME * size])]
    slabs, lefts, rights, open_share = _trapezoids(us, vs, heights)
    low, high = heights[slabs], heights[slabs + 1]
    corners = np.stack(
        [lefts[:, 0], low, rights[:, 0], low, rights[:, 1], high, lefts[:, 1], high], axis=1
    ).reshape(-1, 4, 2)
    area = float((((rights - lefts).sum(axis=1) / 2) * (high - low)).sum())
    is_line = np.zeros(len(slabs), bool)
    if hatch:
        is_line = ((low + high) / 2) % hatch.pitch < hatch.width
    frame = np.stack([across, up])
    between, lines = (_surface(corners[some], frame, plane) for some in (~is_line, is_line))
    return Cap(between, lines, area, open_share)


def _stripes(low: float, high: float, hatch: Hatch) -> Floats:
    """Return the heights at which a line of the hatch begins or ends."""
    begin = np.arange(np.floor(low / hatch.pitch), np.ceil(high / hatch.pitch) + 1) * hatch.pitch
    edges = np.concatenate([begin, begin + hatch.width])
    inside: Floats = edges[(edges > low) & (edges < high)]
    return inside


def _trapezoids(
    us: Floats, vs: Floats, heights: Floats
) -> tuple[npt.NDArray[np.int64], Floats, Floats, float]:
    """Return for each trapezoid its slab, and the ends (n, 2) of its left and right side at the bottom and the top; and
    the share of the height that is open."""
    # A line that climbs has the inside on its left.
    climbs = vs[:, 1] > vs[:, 0]
    low_u, high_u = np.where(climbs, us[:, 0], us[:, 1]), np.where(climbs, us[:, 1], us[:, 0])
    low_v, high_v = vs.min(axis=1), vs.max(axis=1)
    middles = (heights[:-1] + heights[1:]) / 2
    first, after = np.searchsorted(middles, low_v), np.searchsorted(middles, high_v)
    counts = after - first
    if counts.sum() > MOST_TRAPEZOIDS:
        raise ValueError("the cut has too many lines")
    line = np.repeat(np.arange(len(us)), counts)
    slab = np.arange(len(line)) - np.repeat(np.cumsum(counts) - counts, counts) + first[line]
    steep = (high_u - low_u)[line] / (high_v - low_v)[line]
    at_bottom = low_u[line] + steep * (heights[slab] - low_v[line])
    at_top = low_u[line] + steep * (heights[slab + 1] - low_v[line])
    order = np.lexsort((at_bottom + at_top, slab))
    slab, at_bottom, at_top = slab[order], at_bottom[order], at_top[order]
    # Counter-clockwise: the right side of what lies inside climbs, the left one falls.
    turn = np.where(climbs[line][order], -1, 1)
    total = np.cumsum(turn)
    begins = np.concatenate([[True], slab[1:] != slab[:-1]]) if len(slab) else np.zeros(0, bool)
    starts = np.flatnonzero(begins)
    before = np.repeat((total - turn)[starts], np.diff(np.append(starts, len(slab))))
    depth = total - before
    ends = np.append(starts[1:], len(slab)) - 1
    is_closed = np.zeros(len(middles), bool)
    is_closed[slab[ends]] = depth[ends] == 0
    inside = (depth != 0) & is_closed[slab]
    at = np.flatnonzero(inside)
    widths = np.diff(heights)
    is_crossed = np.zeros(len(middles), bool)
    is_crossed[slab] = True
    open_share = float(widths[is_crossed & ~is_closed].sum() / widths.sum())
    sides = np.stack([at_bottom, at_top], axis=1)
    return slab[at], sides[at], sides[at + 1] if len(at) else sides[:0], open_share


def _surface(corners: Floats, frame: Floats, plane: Plane) -> Surface | None:
    """Return trapezoids (n, 4, 2) in a plane as triangles; None for none."""
    if not len(corners):
        return None
    halves = np.array([[0, 1, 2], [0, 2, 3]])
    triangles = (np.arange(len(corners))[:, None, None] * 4 + halves).reshape(-1, 3)
    flat = corners.reshape(-1, 2)
    (x1, y1), (x2, y2) = ((flat[triangles[:, at]] - flat[triangles[:, 0]]).T for at in (1, 2))
    triangles = triangles[x1 * y2 > x2 * y1]
    if not len(triangles):
        return None
    used, renumbered = np.unique(triangles, return_inverse=True)
    points = flat[used] @ frame + plane.normal * plane.distance
    normals = np.broadcast_to(plane.normal, points.shape)
    return Surface(
        points.astype(np.float32), normals.astype(np.float32), renumbered.reshape(-1, 3).astype(np.uint32)
    )
