"""A small product as the CAD reader would leave it: a GLB of ours without any CAD."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from media_assets.cad.glb import GlbWriter
from media_assets.cad.product_tree import IDENTITY, Appearance, CadProduct, Color, Matrix, Node, Part
from media_assets.cad.surfaces import Mesh, Surface

RADIUS, STEPS = 36.0, 96  # mm: the ring is 72 mm across
STEEL, GLASS = Color(0.75, 0.75, 0.75), Color(0.2, 0.4, 0.9, 0.5)


def moved(x: float, y: float, z: float) -> Matrix:
    return (*IDENTITY[:3], x, *IDENTITY[4:7], y, *IDENTITY[8:11], z, *IDENTITY[12:])


def ball(radius: float, steps: int = STEPS) -> Surface:
    """A closed sphere (mm) of steps * (steps - 2) triangles."""
    across, up = np.meshgrid(np.linspace(0, 2 * np.pi, steps + 1), np.linspace(0, np.pi, steps // 2 + 1))
    normals = np.stack([np.sin(up) * np.cos(across), np.sin(up) * np.sin(across), np.cos(up)], axis=-1)
    points = (radius * normals.reshape(-1, 3)).round(4).astype(np.float32) + np.float32(0.0)
    first = (np.arange(steps // 2)[:, None] * (steps + 1) + np.arange(steps)).reshape(-1, 1)
    corners = (first + np.array([0, steps + 1, steps + 2, 0, steps + 2, 1])).reshape(-1, 3)
    sides = points[corners] - points[np.roll(corners, 1, axis=1)]
    corners = corners[np.linalg.norm(sides, axis=2).min(axis=1) > 0]  # none at the poles
    return Surface(points, normals.reshape(-1, 3).astype(np.float32), corners.astype(np.uint32))


def drum(radius: float, height: float, steps: int = STEPS) -> Surface:
    """An upright cylinder (mm) with its two ends, standing on z = 0."""
    turns = np.linspace(0, 2 * np.pi, steps, endpoint=False)
    around = np.stack([np.cos(turns), np.sin(turns), 0 * turns], axis=1)
    up = np.array([0.0, 0.0, 1.0])
    rims = [radius * around, radius * around + height * up]
    points = np.concatenate([*rims, *rims])
    normals = np.concatenate([around, around, 0 * around - up, 0 * around + up])
    one, other = np.arange(steps), np.roll(np.arange(steps), -1)
    side = np.concatenate(
        [np.stack(c, axis=1) for c in ((one, other, other + steps), (one, other + steps, one + steps))]
    )
    fan = np.stack([0 * one, one, other], axis=1)[1:-1]
    corners = np.concatenate([side, 2 * steps + fan[:, ::-1], 3 * steps + fan])
    return Surface(points.astype(np.float32), normals.astype(np.float32), corners.astype(np.uint32))


def write_one(path: Path, name: str, surface: Surface, color: Color = STEEL) -> Path:
    """Write a product of one part."""
    root = Node(name, name, f"/{name}")
    root.children = [Node(name, name, f"/{name}/{name}", look=0)]
    product = CadProduct(root, [Part(name, None, 1, 1, None)], [Appearance(0, (None,))], 1, 1)
    GlbWriter(product, [Mesh(name, [(color, surface)])]).write(path)
    return path


def write(path: Path, steps: int = STEPS) -> Path:
    """Write a ball of 72 mm ("Ring") with two small ones of glass ("Kugel") beside and above it; 109 x 72 x 245 mm."""
    meshes = [
        Mesh("Ring", [(STEEL, ball(RADIUS, steps))]),
        Mesh("Kugel", [(GLASS, ball(RADIUS / 4, steps))]),
    ]
    root = Node("Lager", "Lager", "/Lager")
    root.children = [
        Node("Ring", "Ring", "/Lager/Ring", look=0),
        Node("Kugel", "Kugel", "/Lager/Kugel#1", moved(100, 0, 0), look=1),
        Node("Kugel", "Kugel", "/Lager/Kugel#2", moved(0, 0, 200), look=1),
    ]
    parts = [Part(mesh.name, None, 1, 1, None) for mesh in meshes]
    product = CadProduct(root, parts, [Appearance(number, (None,)) for number in range(2)], 1, 1)
    GlbWriter(product, meshes).write(path)
    return path
