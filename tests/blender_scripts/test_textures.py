"""Textures in pictures: their size is true, they go around turned parts, and a bad file is an outcome of its own."""

from __future__ import annotations

import hashlib
import math
from dataclasses import replace
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
from PIL import Image

from blender_scripts.contract import Look, RenderSpec
from blender_scripts.finish_rules import FinishSpec, Rule, TextureSpec
from blender_scripts.launch import Session
from media_assets.cad.glb import GlbWriter
from media_assets.cad.product_tree import Appearance, CadProduct, Color, Node, Part
from media_assets.cad.surfaces import Mesh, Surface
from tests.blender_scripts.conftest import render, spec_for
from tests.blender_scripts.glb import write_box
from tests.blender_scripts.test_session import same_pixels

SIDE = 96
RADIUS = 10.0  # mm
TURNED = 96  # faces around


@pytest.fixture(scope="module")
def cube(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """40 mm each way."""
    return write_box(tmp_path_factory.mktemp("glb") / "cube.glb", size=(0.04, 0.04, 0.04))


@pytest.fixture(scope="module")
def pin(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A cylinder of 20 mm, 40 mm high, that stands somewhere else than at the origin."""
    turn = np.arange(TURNED + 1) / TURNED * 2 * math.pi
    ring = np.stack((np.cos(turn), np.sin(turn), 0 * turn), axis=1)
    points = np.concatenate([ring * RADIUS + (70.0, 30.0, level) for level in (0.0, 40.0)])
    at = np.arange(TURNED)
    up = at + TURNED + 1
    triangles = np.concatenate((np.stack((at, at + 1, up + 1), 1), np.stack((at, up + 1, up), 1)))
    surface = Surface(
        points.astype(np.float32),
        np.concatenate((ring, ring)).astype(np.float32),
        triangles.astype(np.uint32),
    )
    product = CadProduct(
        Node("Pin", "Pin", "/Pin", look=0), [Part("Pin", None, 1, 1, None)], [Appearance(0, (None,))], 1, 1
    )
    path = tmp_path_factory.mktemp("glb") / "pin.glb"
    GlbWriter(product, [Mesh("Pin", [(Color(0.5, 0.5, 0.5), surface)])]).write(path)
    return path


def checker(path: Path, width: int = 64, height: int = 64, suffix: str = "PNG") -> Path:
    """Two by two squares, dark at the top left."""
    pixels = np.full((height, width, 3), 230, np.uint8)
    pixels[: height // 2, : width // 2] = pixels[height // 2 :, width // 2 :] = 20
    Image.fromarray(pixels).save(path, suffix)
    return path


def textured(glb: Path, output: Path, picture: Path, mm: float, **changes: object) -> RenderSpec:
    sha256 = hashlib.sha256(picture.read_bytes()).hexdigest() if picture.exists() else "ab" * 32
    surface = {name: changes.pop(name) for name in ("mapping", "relief") if name in changes}
    texture = TextureSpec(sha256, mm, "#808080", **surface)  # type: ignore[arg-type]
    finish = FinishSpec("wood", "#ffffff", 0.0, roughness=1.0, specular=0.0, texture=texture)
    look = Look(camera_view="front", orthographic=True, ground="none", margin=0.0, edges=False)
    values = {"look": look, "width": SIDE, "height": SIDE, "samples": 8, "rules": (Rule(finish),), **changes}
    return spec_for(glb, output, textures={sha256: str(picture)}, **values)


def gray(path: Path) -> npt.NDArray[np.float64]:
    with Image.open(path) as picture:
        assert picture.mode in ("RGBA", "RGB")
        return np.asarray(picture.convert("RGBA"), np.float64)


def runs(path: Path, row: float) -> list[int]:
    """How wide the dark and the light squares are along a row of the part, in px, from its left edge."""
    pixels = gray(path)
    line = pixels[round(row * SIDE)]
    return runs_of(line[line[:, 3] > 250][:, :3].mean(axis=1))


def runs_of(line: npt.NDArray[np.float64]) -> list[int]:
    """How many of these levels follow each other before dark turns to light, or light to dark."""
    is_light = line > (line.max() + line.min()) / 2
    changes = [0, *(np.flatnonzero(np.diff(is_light.astype(int))) + 1), len(line)]
    return np.diff(changes).tolist()


@pytest.mark.parametrize("mm", [20.0, 40.0])
def test_a_repeat_is_as_wide_as_it_says(session: Session, cube: Path, tmp_path: Path, mm: float) -> None:
    """Squares of half a repeat, on a cube of 40 mm that is as wide as the picture."""
    picture = checker(tmp_path / "a.png")
    done = render(session, textured(cube, tmp_path / "x.png", picture, mm))
    assert done.outcome.ok, done.outcome.error
    squares = runs(tmp_path / "x.png", 0.3)
    assert len(squares) == 2 * 40 / mm
    assert max(squares) - min(squares) <= 2
    assert sum(squares) == pytest.approx(SIDE, abs=2)


@pytest.mark.parametrize("mm", [15.0, 60.0])
def test_a_picture_goes_around_a_turned_part(session: Session, pin: Path, tmp_path: Path, mm: float) -> None:
    """62.8 mm around: four repeats of 15 mm that close, and one of 60. One sees half of it, so as many squares."""
    picture = checker(tmp_path / "a.png")
    spec = textured(pin, tmp_path / "x.png", picture, mm, mapping="cylinder", width=60, height=120)
    done = render(session, spec)
    assert done.outcome.ok, done.outcome.error
    with Image.open(tmp_path / "x.png") as image:
        pixels = np.asarray(image.convert("RGBA"), np.float64)
    line = pixels[40]
    inside = np.flatnonzero(line[:, 3] > 250)
    across = (inside - inside.mean()) / (len(inside) / 2)  # -1 to 1, from side to side
    light = line[inside, :3].mean(axis=1)
    count = round(2 * math.pi * RADIUS / mm)
    angle = np.arcsin(np.clip(across, -1, 1))
    wanted = (angle * count / math.pi) % 2 >= 1
    is_dark_first = np.corrcoef(wanted, light)[0, 1]
    assert abs(is_dark_first) > 0.8, "the squares are as wide as their arc, seen from the front"
    assert len(runs_of(light[3:-3])) == pytest.approx(count, abs=1)


def test_the_same_part_is_covered_as_a_box_unless_told_otherwise(
    session: Session, pin: Path, tmp_path: Path
) -> None:
    picture = checker(tmp_path / "a.png")
    for mapping in ("box", "cylinder"):
        done = render(session, textured(pin, tmp_path / f"{mapping}.png", picture, 15.0, mapping=mapping))
        assert done.outcome.ok, done.outcome.error
    assert not same_pixels(tmp_path / "box.png", tmp_path / "cylinder.png")


def test_a_picture_that_is_not_square_keeps_its_shape_and_stands_upright(
    session: Session, cube: Path, tmp_path: Path
) -> None:
    """Twice as high as wide, dark at the top: a cube of 40 mm shows one repeat of 20 mm, dark above light."""
    pixels = np.full((64, 32, 3), 230, np.uint8)
    pixels[:32] = 20
    Image.fromarray(pixels).save(tmp_path / "a.png")
    for view in ("front", "right", "back"):
        spec = textured(cube, tmp_path / "x.png", tmp_path / "a.png", 20.0)
        render(session, replace(spec, look=replace(spec.look, camera_view=view)))
        column = gray(tmp_path / "x.png")[4:-4, SIDE // 3, :3].mean(axis=1)
        assert runs_of(column) == pytest.approx([SIDE / 2 - 4] * 2, abs=2)
        assert column[0] < column[-1], view


def test_the_color_multiplies_and_relief_is_shaded(session: Session, cube: Path, tmp_path: Path) -> None:
    picture = checker(tmp_path / "a.png")
    plain = textured(cube, tmp_path / "plain.png", picture, 20.0)
    texture = plain.rules[0].finish.texture
    assert texture
    red = replace(plain.rules[0].finish, color="#ff0000")
    high = replace(plain.rules[0].finish, texture=replace(texture, relief=2.0))
    for name, finish in (("red", red), ("high", high), ("plain", plain.rules[0].finish)):
        spec = replace(plain, output_path=str(tmp_path / f"{name}.png"), rules=(Rule(finish),))
        assert render(session, spec).outcome.ok
    middle = gray(tmp_path / "red.png")[SIDE // 3 :, SIDE // 3 :, :3].max(axis=(0, 1))
    assert middle[0] > 150
    assert max(middle[1:]) < 60
    assert not same_pixels(tmp_path / "plain.png", tmp_path / "high.png")


@pytest.mark.parametrize("suffix", ["JPEG", "WEBP", "TIFF"])
def test_each_format_is_read(session: Session, cube: Path, tmp_path: Path, suffix: str) -> None:
    picture = checker(tmp_path / "picture", suffix=suffix)
    done = render(session, textured(cube, tmp_path / "x.png", picture, 40.0, samples=2))
    assert done.outcome.ok, done.outcome.error
    assert len(runs(tmp_path / "x.png", 0.3)) == 2


def test_a_bad_texture_is_an_outcome_and_the_next_job_has_nothing_of_it(
    session: Session, cube: Path, tmp_path: Path
) -> None:
    good = checker(tmp_path / "a.png")
    spec = textured(cube, tmp_path / "1.png", good, 20.0)
    assert render(session, spec).outcome.ok
    broken = tmp_path / "broken.png"
    broken.write_bytes(good.read_bytes()[:60])
    other = textured(cube, tmp_path / "x.png", tmp_path / "gone.png", 20.0)
    changed = textured(cube, tmp_path / "x.png", broken, 20.0)
    swapped = replace(other, textures={"ab" * 32: str(good)})
    for bad, words in ((other, "missing"), (changed, "cannot read it"), (swapped, "bytes have changed")):
        outcome = render(session, bad).outcome
        assert (outcome.ok, outcome.error_code) == (False, "bad_texture")
        assert words in outcome.error
    good.unlink()  # a warm Blender has its pictures in memory for as long as jobs name them, and not longer
    assert (
        render(session, replace(spec, output_path=str(tmp_path / "2.png"))).outcome.error_code
        == "bad_texture"
    )
