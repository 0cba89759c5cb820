"""Takes the product of a conversion apart: its tree and triangles in, its places moved. In the child process only."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Sequence

import numpy as np

from media_assets.cad.explode import exact, planner
from media_assets.cad.explode.plan import ExplodePlan
from media_assets.cad.explode.solids import Assembly, Branch, Floats, PlacedSolid, Solid, solid_of
from media_assets.cad.explode.wanted import Explosion
from media_assets.cad.product_tree import CadProduct, Node
from media_assets.cad.surfaces import Mesh

MOST_TRIANGLES = 150_000
"""Of all placed parts together; above, meshes are coarsened for this purpose, the finest first."""


def explode(product: CadProduct, meshes: Sequence[Mesh], wanted: Explosion) -> ExplodePlan:
    """Move all places of the product to where they end, with their ways as texts for the GLB; return the plan."""
    looks = [look for look, mesh in enumerate(meshes) if mesh.triangles]
    number = {look: at for at, look in enumerate(looks)}
    copies = Counter(node.look for node in product.root.walk() if node.look in number)
    share = MOST_TRIANGLES / max(1, sum(meshes[look].triangles * copies[look] for look in looks))
    parts: list[PlacedSolid] = []
    root = _branch(product.root, np.eye(4), number, parts, _kinds(product))
    assembly = Assembly(tuple(_shape(meshes[look], min(1.0, share)) for look in looks), tuple(parts), root)
    known = {number[look]: exact.directions(product.parts[product.looks[look].part].shape) for look in looks}
    plan = planner.plan(assembly, wanted, {at: found for at, found in known.items() if found is not None})
    _move(product, plan)
    return plan


def _kinds(product: CadProduct) -> dict[int, str]:
    """Return what kind of part each look is: its product, and the shape where several have that name ("Body")."""
    shapes: dict[str, set[int]] = defaultdict(set)
    names = {node.look: node.product for node in product.root.walk() if node.look is not None}
    for look, name in names.items():
        shapes[name].add(product.looks[look].part)
    return {
        look: f"{name}#{product.looks[look].part}" if len(shapes[name]) > 1 else name
        for look, name in names.items()
    }


def _branch(
    node: Node, around: Floats, number: dict[int, int], parts: list[PlacedSolid], kinds: dict[int, str]
) -> Branch:
    """Return the tree below a node, and note its parts."""
    world = around @ np.array(node.matrix).reshape(4, 4)
    part = None
    if node.look in number:
        part = len(parts)
        parts.append(PlacedSolid(node.key, kinds[node.look], number[node.look], world))
    below = (_branch(child, world, number, parts, kinds) for child in node.children)
    kind = node.product if part is None else parts[part].product
    return Branch(node.key, kind, tuple(one for one in below if one.below or one.part is not None), part)


def _shape(mesh: Mesh, share: float) -> Solid:
    points = np.concatenate([surface.points for _, surface in mesh.surfaces]).astype(np.float64)
    counts = [len(surface.points) for _, surface in mesh.surfaces]
    starts = np.cumsum([0, *counts[:-1]])
    corners = [
        surface.corners.astype(np.int64) + start
        for (_, surface), start in zip(mesh.surfaces, starts, strict=True)
    ]
    return solid_of(points, np.concatenate(corners), share)


def _move(product: CadProduct, plan: ExplodePlan) -> None:
    """Move the nodes of parts, and write on them how they came there: in the axes of the product, in mm."""
    moved = plan.offsets()
    ways: dict[str, list[tuple[int, float, float, float]]] = {}
    for step in plan.steps:
        for part in step.parts:
            ways.setdefault(part, []).append((step.stage, *step.move))
    leaders = {leader.part: leader for leader in plan.leaders}
    stack = [(product.root, np.eye(3))]
    while stack:
        node, around = stack.pop()
        matrix = np.array(node.matrix).reshape(4, 4)
        if node.key in moved and node.look is not None:
            matrix[:3, 3] += np.linalg.solve(around, moved[node.key])
            node.matrix = tuple(matrix.ravel().tolist())
            node.notes["explode_moves"] = json.dumps(ways[node.key])
            if leader := leaders.get(node.key):
                node.notes["explode_leader"] = json.dumps([leader.base, *leader.point])
        stack.extend((child, around @ matrix[:3, :3]) for child in node.children)
