"""The studio as a picture shows it: where light comes from, where shadows end, and what the next job must not see."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
from PIL import Image, ImageStat

from blender_scripts.contract import GROUNDS, Look
from blender_scripts.launch import Session
from blender_scripts.stage.extent import footprint, swept
from tests import solids
from tests.blender_scripts.conftest import render, spec_for
from tests.blender_scripts.glb import write_box
from tests.blender_scripts.test_session import same_pixels
from tests.needs import blender_python
from tests.paths import PROJECT
from tests.rendering.panoramas import write_exr

SIDE = 48


@pytest.fixture(scope="module")
def pillar(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Four upright faces; a camera at 45 degrees sees two of them alike."""
    return write_box(tmp_path_factory.mktemp("glb") / "pillar.glb", size=(0.02, 0.03, 0.02))


def custom(path: Path, number: int = 1, **look: object) -> dict[str, object]:
    values = {"ground": "none", "materials": "cad", "edges": False, "azimuth": 45.0, "elevation": 0.0, **look}
    return {
        "look": Look(lighting="custom", hdri=f"{number:064x}", **values),  # type: ignore[arg-type]
        "hdri_path": str(path),
        "width": SIDE,
        "height": SIDE,
        "samples": 16,
    }


def halves(path: Path) -> tuple[float, float]:
    """Brightness of the left and the right of what stands in the picture."""
    with Image.open(path) as picture:
        flat = picture.convert("RGBa").convert("RGB").convert("L")
        alpha = picture.getchannel("A").point(lambda level: 255 * (level > 250))
    left, right = (
        ImageStat.Stat(flat.crop(box), alpha.crop(box)).mean[0]
        for box in ((0, 0, SIDE // 2, SIDE), (SIDE // 2, 0, SIDE, SIDE))
    )
    return left, right


@pytest.mark.parametrize(("rotation", "lit"), [(0.0, "left"), (180.0, "right")])
@pytest.mark.parametrize("azimuth", [45.0, 225.0])
def test_a_panorama_turns_with_the_camera(
    session: Session, pillar: Path, tmp_path: Path, rotation: float, azimuth: float, lit: str
) -> None:
    """Its middle lies behind the subject, so a lamp in the middle of its left half is at the camera's left."""
    lamp = write_exr(tmp_path / "lamp.exr", 128, 64, light=(0.02, 0.02, 0.02), lamp=(0.25, 0.5))
    spec = custom(lamp, hdri_rotation=rotation, azimuth=azimuth)
    assert render(session, spec_for(pillar, tmp_path / "a.png", **spec)).outcome.ok
    left, right = halves(tmp_path / "a.png")
    assert (left > 2 * right) if lit == "left" else (right > 2 * left)


def test_a_panorama_is_light_and_not_background(session: Session, pillar: Path, tmp_path: Path) -> None:
    sky = write_exr(tmp_path / "sky.exr", light=(0.2, 0.4, 1.0))
    for strength in (0.5, 1.0):
        spec = custom(sky, 4, hdri_strength=strength)
        render(session, spec_for(pillar, tmp_path / f"{strength}.png", **spec))
    with Image.open(tmp_path / "1.0.png") as picture:
        assert picture.getpixel((0, 0)) == (0, 0, 0, 0)
        red, green, blue, _ = picture.getpixel((SIDE // 2 + 4, SIDE // 2))  # type: ignore[misc]
        assert red < green < blue
    assert sum(halves(tmp_path / "0.5.png")) < sum(halves(tmp_path / "1.0.png"))


def test_no_light_is_left_for_the_next_job(session: Session, pillar: Path, tmp_path: Path) -> None:
    """Panorama A, panorama B, the studio, daylight, and A again."""
    red = write_exr(tmp_path / "red.exr", light=(1.0, 0.1, 0.1))
    blue = write_exr(tmp_path / "blue.exr", light=(0.1, 0.1, 1.0))
    studio = {"look": Look(materials="cad"), "width": SIDE, "height": SIDE, "samples": 16}
    daylight = {
        **studio,
        "look": Look(lighting="daylight", hdri_rotation=30.0, hdri_strength=2.0, f_stop=2.0),
    }
    order = (("a", custom(red, 5)), ("s", studio), ("b", custom(blue, 2)), ("d", daylight))
    for name, spec in (
        *order,
        ("a2", custom(red, 5)),
        ("s2", studio),
        ("b2", custom(blue, 2)),
        ("d2", daylight),
    ):
        assert render(session, spec_for(pillar, tmp_path / f"{name}.png", **spec)).outcome.ok
    for name, _ in order:
        assert same_pixels(tmp_path / f"{name}.png", tmp_path / f"{name}2.png"), name
    assert not same_pixels(tmp_path / "a.png", tmp_path / "b.png")


def test_a_damaged_panorama_is_an_outcome_and_the_next_job_works(
    session: Session, pillar: Path, tmp_path: Path
) -> None:
    broken = tmp_path / "broken.exr"
    broken.write_bytes(b"\x76\x2f\x31\x01 and nothing else")
    for path in (broken, tmp_path / "gone.exr"):
        outcome = render(session, spec_for(pillar, tmp_path / "x.png", **custom(path, 3))).outcome
        assert (outcome.ok, outcome.error_code) == (False, "bad_panorama")
        assert path.name in outcome.error
    assert render(session, spec_for(pillar, tmp_path / "y.png")).outcome.ok


@pytest.mark.parametrize("ground", [ground for ground in GROUNDS if ground != "none"])
@pytest.mark.parametrize("view", ["three_quarter", "top"])
def test_the_ground_ends_before_the_rim(
    session: Session, red_box: Path, tmp_path: Path, ground: str, view: str
) -> None:
    look = Look(camera_view=view, ground=ground, margin=0.2)
    spec = spec_for(red_box, tmp_path / "a.png", look=look, width=64, height=40, samples=16)
    render(session, spec)
    with Image.open(tmp_path / "a.png") as picture:
        alpha = picture.getchannel("A")
    inner = alpha.copy()
    inner.paste(0, (1, 1, 63, 39))
    assert inner.getextrema()[1] <= 12
    below = alpha.crop((24, 33, 40, 37)).getextrema()
    assert below[1] > 15, "there is no shadow"


def test_flat_metal_from_above_is_not_white(session: Session, tmp_path: Path) -> None:
    plate = write_box(tmp_path / "plate.glb", size=(0.1, 0.004, 0.1), color=(0.5, 0.5, 0.5), name="Shaft")
    render(session, spec_for(plate, tmp_path / "a.png", look=Look(camera_view="top"), samples=16))
    with Image.open(tmp_path / "a.png") as picture:
        red, green, blue, _ = picture.getpixel((24, 24))  # type: ignore[misc]
    assert 60 < (red + green + blue) / 3 < 225


def test_a_tall_part_stands_on_its_shadow_which_ends_without_a_rim(session: Session, tmp_path: Path) -> None:
    tower = write_box(tmp_path / "tower.glb", size=(0.02, 0.1, 0.02), name="Turm")
    spec = spec_for(tower, tmp_path / "a.png", look=Look(elevation=20.0), width=96, height=96, samples=32)
    render(session, spec)
    alpha = alpha_of(tmp_path / "a.png")
    row = alpha[np.argwhere(alpha >= 250)[:, 0].max() - 3]
    for side in (row, row[::-1]):
        beside = side[np.flatnonzero(side >= 200).max() + 3 :]
        assert beside[0] > 18, "it floats"
        assert (np.diff(beside) <= 2).all(), "it gets darker again"
        assert beside[10] < 0.6 * beside[0]
        assert np.abs(np.diff(beside[10:], 2)).max() <= 2, "it has an end that one sees"


def test_the_shadow_of_a_small_picture_is_smooth(session: Session, tmp_path: Path) -> None:
    block = write_box(tmp_path / "block.glb", size=(0.05, 0.03, 0.04), color=(0.6, 0.6, 0.6), name="Welle")
    render(session, spec_for(block, tmp_path / "a.png", width=96, height=96, samples=8))
    alpha = alpha_of(tmp_path / "a.png")
    around = np.stack(
        [np.roll(alpha, (down, right), axis=(0, 1)) for down in range(-2, 3) for right in range(-2, 3)]
    )
    beside = (around.max(axis=0) < 200) & (alpha > 8)  # the edge of the subject is of both
    rough = alpha - around.mean(axis=0)
    assert np.percentile(np.abs(rough[beside]), 80) < 2.5


def test_a_small_picture_is_denoised_and_a_larger_one_after_it_is_as_before(
    session: Session, tmp_path: Path
) -> None:
    """The small one's color is denoised elsewhere than the larger one's."""
    ring = solids.write_one(tmp_path / "ring.glb", "Welle", solids.drum(30.0, 15.0))
    small = {"width": 64, "height": 64, "noise_threshold": 0.0}
    pictures = {
        "large": {"width": 136, "height": 40},
        "right": {**small, "samples": 128, "denoise": False},
        "noisy": {**small, "denoise": False},
        "clean": small,
        "again": {"width": 136, "height": 40},
    }
    for name, spec in pictures.items():
        assert render(session, spec_for(ring, tmp_path / f"{name}.png", **spec)).outcome.ok
    right, noisy, clean = (flat_of(tmp_path / f"{name}.png") for name in ("right", "noisy", "clean"))
    assert np.abs(clean - right).mean() < 0.7 * np.abs(noisy - right).mean()
    assert same_pixels(tmp_path / "large.png", tmp_path / "again.png")


def test_upright_steel_shows_a_gradient_and_never_one_gray(session: Session, tmp_path: Path) -> None:
    """Of what is turned from side to side, of a flat face from its top to its bottom."""
    ring = solids.write_one(tmp_path / "ring.glb", "Welle", solids.drum(30.0, 15.0))
    block = write_box(tmp_path / "block.glb", size=(0.05, 0.04, 0.05), color=(0.6, 0.6, 0.6), name="Welle")
    spreads = {}
    for glb in (ring, block):
        path = tmp_path / f"{glb.stem}.png"
        render(session, spec_for(glb, path, width=96, height=96, samples=32))
        with Image.open(path) as picture:
            levels = np.asarray(picture.convert("RGBA"), float)
        solid = np.argwhere(levels[..., 3] >= 250)
        (top, left), (low, right) = solid.min(axis=0), solid.max(axis=0)
        if glb == ring:
            row = low - (low - top) // 5
            spreads["ring"] = levels[row - 1 : row + 2, left + 12 : right - 12, 1].mean(axis=0)
        else:
            column = left + (right - left) // 4
            spreads["block"] = levels[top + 30 : low - 14, column - 2 : column + 3, 1].mean(axis=1)
    assert np.ptp(spreads["ring"]) > 80
    assert np.ptp(spreads["block"]) > 20


@pytest.mark.blender
def test_the_strips_are_computed_only_for_rays_that_mirror_them() -> None:
    """Cycles leaves out what belongs to the other shader of a mixture; most rays show no strip."""
    argv = [blender_python(), "-m", "tests.blender_scripts.room_nodes"]
    done = subprocess.run(argv, cwd=PROJECT, capture_output=True, text=True, check=True)
    nodes = json.loads(done.stdout.splitlines()[-1])
    assert nodes["plain"] < nodes["mirrored"] / 2
    assert nodes["which"] <= 6, "what decides is computed for every ray"


def test_black_plastic_does_not_close(session: Session, tmp_path: Path) -> None:
    box = write_box(
        tmp_path / "a.glb", size=(0.05, 0.03, 0.04), color=(0.005, 0.005, 0.005), name="Housing plastic"
    )
    render(session, spec_for(box, tmp_path / "a.png", width=96, height=96, samples=32))
    with Image.open(tmp_path / "a.png") as picture:
        levels = np.asarray(picture.convert("RGBA"), float)
    inside = levels[levels[..., 3] >= 250][:, 1]
    assert np.percentile(inside, 5) > 20
    assert np.percentile(inside, 95) < 128, "it is still black"


def test_a_footprint_is_as_round_as_what_stands_there() -> None:
    turns = np.linspace(0, 2 * np.pi, 64, endpoint=False)
    circle = np.stack((0.3 * np.cos(turns) + 0.1, 0.3 * np.sin(turns), turns), axis=1)
    found = footprint(circle)
    assert (*found.middle, *found.half) == pytest.approx((0.1, 0.0, 0.3, 0.3), abs=1e-6)
    assert found.rounding == pytest.approx(0.3, abs=1e-3) and found.is_round
    square = np.array([[-1, -1, 0], [1, -1, 0], [1, 1, 1], [-1, 1, 2.0]])
    assert footprint(square).rounding == 0.0 and not footprint(square).is_round
    slot = np.concatenate((circle, circle + np.array((2, 0, 0))))
    assert footprint(slot).rounding == pytest.approx(0.3, abs=1e-3) and not footprint(slot).is_round
    assert swept(square).half == pytest.approx((2**0.5, 2**0.5))
    assert swept(square).is_round


def flat_of(path: Path) -> npt.NDArray[np.float64]:
    """The picture on white."""
    with Image.open(path) as picture:
        levels = np.asarray(picture.convert("RGBA"), float)
    alpha = levels[..., 3:] / 255
    return levels[..., :3] * alpha + 255 * (1 - alpha)


def alpha_of(path: Path) -> npt.NDArray[np.float64]:
    with Image.open(path) as picture:
        return np.asarray(picture.convert("RGBA"), float)[..., 3]
