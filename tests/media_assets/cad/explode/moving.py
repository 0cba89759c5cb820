"""Whether parts meet on their way: every part at many places of every step, by lines that the planner has not used."""

from __future__ import annotations

from collections import defaultdict

import numpy as np

from media_assets.cad.explode import columns
from media_assets.cad.explode.dividing import boxes
from media_assets.cad.explode.plan import ExplodePlan
from media_assets.cad.explode.solids import Assembly, Floats

PLACES = 8
POINTS = 120


def collisions(assembly: Assembly, plan: ExplodePlan) -> list[tuple[int, str, str]]:
    """Return stage, moved part and part that it runs into."""
    number = {part.key: at for at, part in enumerate(assembly.parts)}
    clouds = [_cloud(assembly, at) for at in range(len(assembly.parts))]
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
            near = ((start < end[one]) & (end > start[one])).all(axis=1)
            near &= np.abs(moves - moves[one]).max(axis=1) > 1e-9
            for other in np.flatnonzero(near):
                if _meet(
                    assembly, clouds, one, other, offsets[one] - offsets[other], moves[one] - moves[other]
                ):
                    met.append((stage, assembly.parts[one].key, assembly.parts[other].key))
        offsets += moves
    return met


def _meet(
    assembly: Assembly, clouds: list[Floats], one: int, other: int, offset: Floats, move: Floats
) -> bool:
    already = _within(assembly, clouds[one] + offset, other) + _within(assembly, clouds[other] - offset, one)
    for share in np.linspace(0, 1, PLACES)[1:]:
        by = offset + share * move
        now = _within(assembly, clouds[one] + by, other) + _within(assembly, clouds[other] - by, one)
        if now > already:  # threads reach into each other from the start
            return True
    return False


def _within(assembly: Assembly, points: Floats, part: int) -> int:
    """Return how many points lie inside of a part, by lines in a direction that is no axis of anything."""
    low, high = (corner[part] for corner in boxes(assembly))
    points = points[((points > low) & (points < high)).all(axis=1)]
    if not len(points):
        return 0
    view = columns.facing(assembly, np.array([0.31, 0.47, 0.83]), [part])
    seen = points @ view.frame.T
    found = columns.columns(view, seen[:, :2])
    height = seen[found.line, 2]
    return int(((found.low < height) & (height < found.high)).sum())


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
