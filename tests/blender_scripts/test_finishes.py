"""How finishes become materials: what the thickness of a part does to its edges."""

from __future__ import annotations

import subprocess

import pytest

from tests.needs import blender_python

pytestmark = pytest.mark.blender

CODE = """
import bpy
from blender_scripts.stage import finishes
from blender_scripts.stage.shape import shape_of

def box(x, y, z):
    bpy.ops.mesh.primitive_cube_add()
    mesh = bpy.context.object.data
    mesh.transform(((x / 2, 0, 0, 5), (0, y / 2, 0, 0), (0, 0, z / 2, 0), (0, 0, 0, 1)))
    return mesh

def cylinder():
    bpy.ops.mesh.primitive_cylinder_add(vertices=64, radius=1, depth=1)
    return bpy.context.object.data

print("SHAPE", *(lambda shape: (shape.axis, shape.along, round(shape.thickness, 4)))(shape_of(cylinder())))
for sides in ((1, 1, 1), (1, 1, 0.01), (2, 1, 1), (1, 3, 0.5)):
    shape = shape_of(box(*sides))
    print("SHAPE", shape.axis or "-", shape.along, round(shape.thickness, 4))
for thickness in (1.0, 0.05, 0.04, 0.02, 0.01, 0.002, 0.0):
    print("EDGE", finishes.edge_radius(thickness))
"""


@pytest.fixture(scope="module")
def told() -> list[list[str]]:
    done = subprocess.run([blender_python(), "-c", CODE], capture_output=True, text=True, check=True)
    return [line.split()[1:] for line in done.stdout.splitlines() if line.startswith(("SHAPE", "EDGE"))]


def test_a_part_is_measured_by_its_extents_and_its_walls(told: list[list[str]]) -> None:
    axes = [(axis, along) for axis, along, _ in told[:5]]
    walls = [float(thickness) for _, _, thickness in told[:5]]
    assert axes == [("Z", "X"), ("-", "X"), ("-", "X"), ("-", "X"), ("-", "Y")], "a square is not turned"
    assert walls == pytest.approx([0.5, 1 / 3, 0.0098, 0.4, 0.3], abs=0.001)


def test_edges_are_rounded_less_where_walls_are_thin_and_not_at_all_where_nobody_would_see_it(
    told: list[list[str]],
) -> None:
    radii = [float(radius) for (radius,) in told[5:]]
    assert radii[:2] == [0.007, 0.007]
    assert radii == sorted(radii, reverse=True)
    assert 0 < radii[4] <= 0.0015 and radii[5:] == [0.0, 0.0]
