"""Finishes in pictures: two places of one mesh, and nothing of one job's materials in the next."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from blender_scripts.finish_rules import FinishSpec, Rule
from blender_scripts.launch import Session
from media_assets.cad.glb import GlbWriter
from media_assets.cad.product_tree import Appearance, CadProduct, Color, Node, Part
from media_assets.cad.surfaces import Mesh, Surface
from tests.blender_scripts.conftest import render, spec_for

RED, BLUE = FinishSpec("red", "#d01010", 0.0), FinishSpec("blue", "#1010d0", 0.0)


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two places of one cube, side by side."""
    corners = np.array([[x, y, z] for x in (0, 10) for y in (0, 10) for z in (0, 10)], np.float32)
    faces = [(0, 1, 3, 2), (4, 6, 7, 5), (0, 4, 5, 1), (2, 3, 7, 6), (0, 2, 6, 4), (1, 5, 7, 3)]
    points = np.concatenate([corners[list(face)] for face in faces])
    triangles = np.array([[4 * f, 4 * f + a, 4 * f + a + 1] for f in range(6) for a in (1, 2)], np.uint32)
    first, second, third = points[triangles].transpose(1, 0, 2)
    normals = np.repeat(np.cross(second - first, third - first)[::2] / 100, 4, axis=0).astype(np.float32)
    aside = (1.0, 0.0, 0.0, 14.0, 0.0, 1.0, 0.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 0.0, 1.0)
    cubes = [Node("Cube", "Cube", "/Cube", look=0), Node("Cube", "Cube", "/Cube#2", aside, 0)]
    meshes = [Mesh("Cube", [(Color(0.5, 0.5, 0.5), Surface(points, normals, triangles))])]
    product = CadProduct(
        Node("Pair", "Pair", "/", children=cubes),
        [Part("Cube", None, 6, 1, None)],
        [Appearance(0, (None,))],
        1,
        1,
    )
    path = tmp_path_factory.mktemp("pair") / "pair.glb"
    GlbWriter(product, meshes).write(path)
    return path


def tints(path: Path) -> list[str]:
    """Which of red and blue is stronger in the left and in the right half."""
    with Image.open(path) as picture:
        pixels = np.asarray(picture.convert("RGBA"), np.float64)
    halves = np.array_split(pixels, 2, axis=1)
    means = [half[half[:, :, 3] > 250][:, :3].mean(axis=0) for half in halves]
    return ["red" if red > blue else "blue" for red, _, blue in means]


def test_two_places_of_one_mesh_get_their_own_finishes_and_leave_nothing_behind(
    session: Session, pair: Path, tmp_path: Path
) -> None:
    """The same geometry stays loaded; the last picture is the first one again, pixel by pixel."""
    one = (Rule(RED, key="*#2"), Rule(BLUE))
    other = (Rule(RED),)
    spec = spec_for(pair, tmp_path / "x.png", samples=8)
    spec = replace(spec, look=replace(spec.look, camera_view="front", ground="none"))
    pictures = []
    for number, rules in enumerate((one, other, one)):
        path = tmp_path / f"{number}.png"
        done = render(session, replace(spec, output_path=str(path), rules=rules))
        assert done.outcome.ok, done.outcome.error
        assert done.outcome.geometry_hit == (number > 0)
        pictures.append(path)
    assert [tints(path) for path in pictures] == [["blue", "red"], ["red", "red"], ["blue", "red"]]
    assert pictures[0].read_bytes() == pictures[2].read_bytes()
    assert pictures[0].read_bytes() != pictures[1].read_bytes()


def test_parts_of_a_file_without_keys_are_told_by_their_names(
    session: Session, red_box: Path, tmp_path: Path
) -> None:
    """A GLB of another program, run by hand, has no part keys."""
    done = render(session, spec_for(red_box, tmp_path / "a.png", rules=(Rule(BLUE, words="gehäuse"),)))
    assert done.outcome.ok, done.outcome.error
    assert tints(tmp_path / "a.png") == ["blue", "blue"]
