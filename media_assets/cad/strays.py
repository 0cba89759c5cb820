"""Finds parts that lie so far from the product that a picture of all would show a dot: a forgotten screw at 20 m."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from media_assets.cad.contract import Finding
from media_assets.cad.placing import Floats
from media_assets.cad.product_tree import CadProduct, Node
from media_assets.cad.surfaces import Mesh

GAP = 10.0
"""A part is a stray when nothing lies between it and the product for this many times the product's size."""

SMALLER = 0.5
"""And when all strays are smaller than this part of the product: of two halves far apart neither is one."""

SHOWN = 10


@dataclass(frozen=True)
class _Leaf:
    node: Node
    parent: Node | None


def take_out_strays(product: CadProduct, meshes: list[Mesh], *, keep: bool) -> None:
    """Take the strays out of the tree, unless they are to be kept, and note what was found."""
    leaves, boxes = _placed(product, meshes)
    if len(leaves) < 2:
        return
    low, high = boxes[:, 0], boxes[:, 1]
    sizes = np.linalg.norm(high - low, axis=1)
    near = np.zeros(len(leaves), bool)
    near[int(sizes.argmax())] = True
    while True:
        around_low, around_high = low[near].min(axis=0), high[near].max(axis=0)
        size = float(np.linalg.norm(around_high - around_low))
        gaps = np.linalg.norm(np.maximum(0.0, np.maximum(low - around_high, around_low - high)), axis=1)
        reached = gaps <= GAP * size
        if (reached <= near).all():
            break
        near |= reached
    far = ~near
    if not far.any() or far.sum() > near.sum() or sizes[far].max() > SMALLER * size:
        return
    names = [f"{leaves[at].node.name}: {gaps[at] / 1000:.3g} m" for at in np.flatnonzero(far)[:SHOWN]]
    product.findings.append(_finding(int(far.sum()), size, ", ".join(names), keep=keep))
    if keep:
        return
    taken = {id(leaves[at].node) for at in np.flatnonzero(far)}
    product.strays.update(leaves[at].node.name for at in np.flatnonzero(far))
    product.strays.update(leaves[at].node.product for at in np.flatnonzero(far))
    for leaf in leaves:
        if leaf.parent is not None and id(leaf.node) in taken:
            leaf.parent.children = [child for child in leaf.parent.children if id(child) not in taken]
    shown = {node.look for node in product.root.walk()}
    for look, mesh in enumerate(meshes):
        if look not in shown:
            meshes[look] = Mesh(mesh.name, [])


def _finding(count: int, size: float, names: str, *, keep: bool) -> Finding:
    end = (
        "They are in the picture, as ordered in the reading options."
        if keep
        else "They were left out. Keep them under “Reading options” on the page of the CAD file if they belong to it, "
        "or take them out of the file."
    )
    return Finding(
        "stray_parts",
        f"{count} parts lie far from the product, more than {GAP:g} times its size of {size:.4g} mm. {end}",
        names,
    )


def _placed(product: CadProduct, meshes: list[Mesh]) -> tuple[list[_Leaf], Floats]:
    """Return the places of parts, and the boxes around them (n, 2, 3; mm)."""
    own: dict[int, Floats] = {}
    leaves, boxes = [], []
    stack: list[tuple[Node, Node | None, Floats]] = [(product.root, None, np.eye(4))]
    while stack:
        node, parent, around = stack.pop()
        matrix = around @ np.array(node.matrix).reshape(4, 4)
        if node.look is not None and meshes[node.look].surfaces:
            if node.look not in own:
                points = np.concatenate([surface.points for _, surface in meshes[node.look].surfaces])
                box = np.array([points.min(axis=0), points.max(axis=0)], np.float64)
                own[node.look] = np.array(np.meshgrid(*box.T)).T.reshape(-1, 3)
            corners = own[node.look] @ matrix[:3, :3].T + matrix[:3, 3]
            leaves.append(_Leaf(node, parent))
            boxes.append([corners.min(axis=0), corners.max(axis=0)])
        stack.extend((child, node, matrix) for child in node.children)
    return leaves, np.array(boxes).reshape(-1, 2, 3)
