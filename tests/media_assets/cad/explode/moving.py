"""Whether parts meet on their way: every part at many places of every step, by lines that the planner has not used."""

from __future__ import annotations

import time
from collections import defaultdict

import numpy as np

from media_assets.cad.explode import columns
from media_assets.cad.explode.dividing import boxes
from media_assets.cad.explode.plan import ExplodePlan
from media_assets.cad.explode.solids import Assembly, Floats

PLACES = 8
POINTS = 120
LONGEST_S = 120.0
DEEPER = 0.004
"""Of the smaller part's size: as much as facets change."""


def collisions(
    assembly: Assembly, plan: ExplodePlan, longest_s: float = LONGEST_S, *, is_pressed: bool = False
) -> list[tuple[int, str, str]]:
    """Return stage, moved part and part that it runs into. Raises TimeoutError that says how far it came.

    ``is_pressed``: parts that reach into each other where they are assembled may slide along each other, no deeper.
    """
    ends = time.monotonic() + longest_s
    solids = [_Solid(assembly, at) for at in range(len(assembly.parts))]
    number = {part.key: at for at, part in enumerate(assembly.parts)}
    low, high = boxes(assembly)
    offsets = np.zeros((len(assembly.parts), 3))
    met = []
    stages = defaultdict(list)
    for step in plan.steps:
        stages[step.stage].append(step)
    for stage in sorted(stages):
        moves = np.zeros_like(offsets)
        for step in stages[stage]:
            moves[[number[key] for key in step.parts]] += step.move
        start = np.minimum(low + offsets, low + offsets + moves)
        end = np.maximum(high + offsets, high + offsets + moves)
        for one in np.flatnonzero(np.abs(moves).max(axis=1) > 0):
            if time.monotonic() > ends:
                raise TimeoutError(f"stage {stage} of {max(stages)} after {longest_s:.0f} s, so far: {met}")
            near = ((start < end[one]) & (end > start[one])).all(axis=1)
            near &= np.abs(moves - moves[one]).max(axis=1) > 1e-9
            for other in np.flatnonzero(near):
                pair = solids[one], solids[other]
                way = offsets[one] - offsets[other], moves[one] - moves[other]
                if _meet(*pair, *way) and not (is_pressed and _only_slide(*pair, *way)):
                    met.append((stage, assembly.parts[one].key, assembly.parts[other].key))
        offsets += moves
    return met


def _meet(one: _Solid, other: _Solid, offset: Floats, move: Floats) -> bool:
    already = other.holds(one.cloud + offset) + one.holds(other.cloud - offset)
    for share in np.linspace(0, 1, PLACES)[1:]:
        by = offset + share * move
        now = other.holds(one.cloud + by) + one.holds(other.cloud - by)
        if now > already:  # threads reach into each other from the start
            return True
    return False


def _only_slide(one: _Solid, other: _Solid, offset: Floats, move: Floats) -> bool:
    """Return whether parts reach nowhere deeper into each other than they do where they are assembled."""
    size = min(float(np.linalg.norm(solid.high - solid.low)) for solid in (one, other))
    at_first = max(one.depth(other.cloud), other.depth(one.cloud))
    places = [offset + share * move for share in np.linspace(0, 1, PLACES)[1:]]
    most = max(max(one.depth(other.cloud - by), other.depth(one.cloud + by)) for by in places)
    return at_first > 0 and most < 1.1 * at_first + DEEPER * size


class _Solid:
    """A part where it is assembled: points of it, and what holds points of others."""

    def __init__(self, assembly: Assembly, part: int) -> None:
        self.cloud = _cloud(assembly, part)
        mesh, matrix = assembly.shapes[assembly.parts[part].shape], assembly.parts[part].matrix
        points = mesh.points @ matrix[:3, :3].T + matrix[:3, 3]
        self.low, self.high = points.min(axis=0), points.max(axis=0)
        self.triangles = points[mesh.corners]
        # A direction that is no axis of anything.
        self.view = columns.facing(assembly, np.array([0.31, 0.47, 0.83]), [part])

    def holds(self, points: Floats) -> int:
        """Return how many points lie inside."""
        return len(self.inside(points))

    def depth(self, points: Floats) -> float:
        """Return how far the deepest of these points is from the faces (mm), 0 where none lies inside."""
        return max((_distance(point, self.triangles) for point in self.inside(points)), default=0.0)

    def inside(self, points: Floats) -> Floats:
        """Return those of the points that lie inside."""
        points = points[((points > self.low) & (points < self.high)).all(axis=1)]
        if not len(points):
            return points
        seen = points @ self.view.frame.T
        found = columns.columns(self.view, seen[:, :2])
        height = seen[found.line, 2]
        return points[found.line[(found.low < height) & (height < found.high)]]


def _distance(point: Floats, triangles: Floats) -> float:
    """Return how far a point is from the nearest triangle (mm)."""
    normals = np.cross(triangles[:, 1] - triangles[:, 0], triangles[:, 2] - triangles[:, 0])
    away = np.full(len(triangles), np.inf)
    is_above = np.ones(len(triangles), bool)
    for at in range(3):
        start, along = triangles[:, at], triangles[:, (at + 1) % 3] - triangles[:, at]
        to = point - start
        share = np.einsum("ij,ij->i", to, along) / np.maximum(np.einsum("ij,ij->i", along, along), 1e-30)
        away = np.minimum(away, np.linalg.norm(to - np.clip(share, 0, 1)[:, None] * along, axis=1))
        is_above &= np.einsum("ij,ij->i", np.cross(along, to), normals) >= 0
    lengths = np.maximum(np.linalg.norm(normals, axis=1), 1e-30)
    straight = np.abs(np.einsum("ij,ij->i", point - triangles[:, 0], normals)) / lengths
    return float(np.where(is_above, np.minimum(straight, away), away).min())


def _cloud(assembly: Assembly, part: int) -> Floats:
    """Return points on the faces of a part, and its corners."""
    random = np.random.default_rng(part)
    mesh, matrix = assembly.shapes[assembly.parts[part].shape], assembly.parts[part].matrix
    area = np.linalg.norm(mesh.normals, axis=1)
    chosen = random.choice(len(area), POINTS, p=area / area.sum())
    a, b = np.sort(random.random((2, POINTS)), axis=0)
    first, second, third = (mesh.points[mesh.corners[chosen, at]] for at in range(3))
    points = first * a[:, None] + second * (b - a)[:, None] + third * (1 - b)[:, None]
    every = max(1, len(mesh.points) // POINTS)
    found: Floats = np.concatenate((points, mesh.points[::every])) @ matrix[:3, :3].T + matrix[:3, 3]
    return found
