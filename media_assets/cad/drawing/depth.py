"""What triangles hide: a depth buffer, and the edges of a mesh that are seen in it. Arrays only."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from media_assets.cad.meshes.normals import weld
from media_assets.cad.placing import Floats
from media_assets.cad.surfaces import Mesh

SIDE = 1200
"""Pixels on the longer side of the buffer."""

AT_ONCE = 4_000_000
"""Pixels of triangles that are entered at once."""

CRACK = 1e-3
"""Pixels: triangles reach so far beyond their edges, as those of one seam may be rounded apart."""

FLAT = 1e-9
"""Pixels: what is lower has no area, and what is nearer is the same."""

SHARP = np.cos(np.radians(25.0))
"""Two triangles that meet at a larger angle have an edge between them, if they are shaded so."""

LEVEL = 1e-3
"""A surface that leans less than this towards the viewer is seen from the side."""

NEARER = 2.5
"""Pixels: what lies less far behind what the buffer has is seen, as both are rounded."""


@dataclass
class Buffer:
    """How near the nearest surface is at each pixel of a view, in pixels; `at` places points of the view in it."""

    low: Floats
    scale: float
    depth: npt.NDArray[np.float32]

    @classmethod
    def around(cls, low: Floats, high: Floats) -> Buffer:
        """Return an empty buffer for what lies between two corners (right, up) of a view, in mm."""
        size = np.maximum(high - low, 1e-9)
        scale = SIDE / float(size.max())
        width, height = (int(np.ceil(one * scale)) + 5 for one in size)
        return cls(low - 2.0 / scale, scale, np.full((height, width), -np.inf, np.float32))

    def at(self, points: Floats) -> Floats:
        """Return points (n, 3: right, up, near; mm) in pixels."""
        placed = points * self.scale
        placed[:, :2] -= self.low * self.scale
        return placed

    def draw(self, triangles: Floats) -> None:
        """Enter triangles (m, 3, 3: right, up, near; mm), row by row of pixels."""
        corners = self.at(triangles.reshape(-1, 3)).reshape(-1, 3, 3)
        a, b, c = corners[:, 0], corners[:, 1], corners[:, 2]
        across, up = b - a, c - a
        doubled = across[:, 0] * up[:, 1] - across[:, 1] * up[:, 0]
        corners, a, across, up, doubled = (
            one[np.abs(doubled) > FLAT] for one in (corners, a, across, up, doubled)
        )
        slope_x = (across[:, 2] * up[:, 1] - up[:, 2] * across[:, 1]) / doubled
        slope_y = (up[:, 2] * across[:, 0] - across[:, 2] * up[:, 0]) / doubled
        first = np.ceil(corners[:, :, 1].min(axis=1) - CRACK).astype(np.int64)
        rows = np.maximum(np.floor(corners[:, :, 1].max(axis=1) + CRACK).astype(np.int64) - first + 1, 0)
        which = np.repeat(np.arange(len(corners)), rows)
        y = np.arange(len(which)) - np.repeat(np.cumsum(rows) - rows, rows) + first[which]
        left, right = _crossings(corners[which], y)
        start = np.ceil(left - CRACK).astype(np.int64)
        counts = np.maximum(np.floor(right + CRACK).astype(np.int64) - start + 1, 0)
        height, width = self.depth.shape
        flat = self.depth.reshape(-1)
        ends = np.searchsorted(np.cumsum(counts), np.arange(AT_ONCE, counts.sum() + AT_ONCE, AT_ONCE))
        begin = 0
        for end in np.minimum(ends + 1, len(counts)):
            some = slice(begin, end)
            row = np.repeat(np.arange(len(counts[some])), counts[some])
            x = np.arange(len(row)) - np.repeat(np.cumsum(counts[some]) - counts[some], counts[some])
            x, owner, at_y = x + start[some][row], which[some][row], y[some][row]
            near = a[owner, 2] + slope_x[owner] * (x - a[owner, 0]) + slope_y[owner] * (at_y - a[owner, 1])
            inside = (x >= 0) & (x < width) & (at_y >= 0) & (at_y < height)
            np.maximum.at(flat, (at_y * width + x)[inside], near[inside].astype(np.float32))
            begin = end

    def sees(self, points: Floats) -> npt.NDArray[np.bool_]:
        """Return which points (n, 3, in pixels) nothing hides: the nearest of nine pixels around each decides."""
        height, width = self.depth.shape
        x, y = (np.rint(points[:, axis]).astype(np.int64) for axis in (0, 1))
        hidden = np.ones(len(points), bool)
        for dx in (-1, 0, 1):
            for dy in (-1, 0, 1):
                here = self.depth[np.clip(y + dy, 0, height - 1), np.clip(x + dx, 0, width - 1)]
                hidden &= here > points[:, 2] + NEARER
        return ~hidden


def _crossings(corners: Floats, y: npt.NDArray[np.int64]) -> tuple[Floats, Floats]:
    """Return where a row of pixels enters and leaves triangles (n, 3, 3), one row for each."""
    left, right = np.full(len(y), np.inf), np.full(len(y), -np.inf)
    for one, two in ((0, 1), (1, 2), (2, 0)):
        (px, py), (qx, qy) = corners[:, one, :2].T, corners[:, two, :2].T
        rise = qy - py
        meets = (np.minimum(py, qy) - CRACK <= y) & (y <= np.maximum(py, qy) + CRACK) & (np.abs(rise) > FLAT)
        x = px + np.clip((y - py) / np.where(meets, rise, 1.0), 0.0, 1.0) * (qx - px)
        left, right = np.where(meets, np.minimum(left, x), left), np.where(meets, np.maximum(right, x), right)
    return np.where(np.isfinite(left), left, 1.0), np.where(np.isfinite(right), right, 0.0)


@dataclass(frozen=True)
class MeshEdges:
    """The edges between the triangles of a mesh: segments (k, 2, 3), and the two triangles (k, 2) at each; -1: none.

    ``normals`` (m, 3) are those of the triangles, ``shading`` (m, 3, 3) those of the shaded surface at their corners,
    and ``is_sharp`` (k) says where that surface itself turns: coarse triangles of a round one turn by as much.
    """

    segments: Floats
    sides: npt.NDArray[np.int64]
    normals: Floats
    shading: Floats
    is_sharp: npt.NDArray[np.bool_]

    @classmethod
    def of(cls, mesh: Mesh) -> MeshEdges:
        points = np.concatenate([surface.points for _, surface in mesh.surfaces])
        starts = np.cumsum([0, *(len(surface.points) for _, surface in mesh.surfaces)])
        given = np.concatenate(
            [
                surface.corners.astype(np.int64) + start
                for (_, surface), start in zip(mesh.surfaces, starts, strict=False)
            ]
        )
        shading = np.concatenate([surface.normals for _, surface in mesh.surfaces]).astype(np.float64)[given]
        places, which = weld(points.astype(np.float64))
        corners = which[given]
        at = places.astype(np.float64)[corners]
        normals = np.cross(at[:, 1] - at[:, 0], at[:, 2] - at[:, 0])
        normals /= np.maximum(np.linalg.norm(normals, axis=1, keepdims=True), 1e-30)
        ends = np.concatenate([corners[:, [0, 1]], corners[:, [1, 2]], corners[:, [2, 0]]])
        edges = np.sort(ends, axis=1)
        # The shaded normals at the lower and at the higher of the two numbers.
        there = np.concatenate([shading[:, [0, 1]], shading[:, [1, 2]], shading[:, [2, 0]]])
        there = np.where((ends[:, 0] > ends[:, 1])[:, None, None], there[:, ::-1], there)
        owner = np.tile(np.arange(len(corners)), 3)
        order = np.lexsort((edges[:, 1], edges[:, 0]))
        edges, owner, there = edges[order], owner[order], there[order]
        begins = np.flatnonzero(np.concatenate([[True], (edges[1:] != edges[:-1]).any(axis=1)]))
        is_shared = np.diff(np.append(begins, len(edges))) > 1
        after = np.minimum(begins + 1, len(owner) - 1)
        sides = np.stack([owner[begins], np.where(is_shared, owner[after], -1)], axis=1)
        turned = np.einsum("kij,kij->ki", there[begins], there[after]).min(axis=1) < SHARP
        turned &= np.einsum("ij,ij->i", normals[owner[begins]], normals[owner[after]]) < SHARP
        return cls(places.astype(np.float64)[edges[begins]], sides, normals, shading, turned | ~is_shared)

    def shown(self, near: Floats) -> Floats:
        """Return which of the edges a drawing shows from a direction: sharp ones and outlines, (k, 2, 3).

        An outline is where one triangle faces the viewer and the other does not, unless the shaded surface faces one
        way on both: coarse triangles have dents that it does not have.
        """
        faces = (self.normals @ near > 0)[self.sides]
        shaded = self.shading @ near
        low, high = shaded.min(axis=1)[self.sides].min(axis=1), shaded.max(axis=1)[self.sides].max(axis=1)
        is_outline = (faces[:, 0] != faces[:, 1]) & (low <= LEVEL) & (high >= -LEVEL)
        shown: Floats = self.segments[self.is_sharp | is_outline]
        return shown


def runs(buffer: Buffer, segments: Floats) -> Iterator[tuple[Floats, bool]]:
    """Yield pieces (n, 2, 2; right and up in mm) of segments (k, 2, 3; right, up, near) and whether they are seen."""
    if not len(segments):
        return
    ends = buffer.at(segments.reshape(-1, 3)).reshape(-1, 2, 3)
    lengths = np.linalg.norm(ends[:, 1, :2] - ends[:, 0, :2], axis=1)
    counts = np.maximum(1, np.ceil(lengths / 3.0)).astype(np.int64)
    line = np.repeat(np.arange(len(ends)), counts)
    place = np.arange(len(line)) - np.repeat(np.cumsum(counts) - counts, counts)
    low, high = place / counts[line], (place + 1) / counts[line]
    middle = ends[line, 0] + (ends[line, 1] - ends[line, 0]) * ((low + high) / 2)[:, None]
    seen = buffer.sees(middle)
    flat, along = segments[line, 0, :2], (segments[line, 1] - segments[line, 0])[:, :2]
    pieces = np.stack([flat + along * low[:, None], flat + along * high[:, None]], axis=1)
    for is_seen in (True, False):
        yield pieces[seen == is_seen], is_seen
