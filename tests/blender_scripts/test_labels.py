"""Labels in pictures: in their true size, not mirrored, on the face that they were placed on and nowhere else."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
from PIL import Image

from blender_scripts.contract import Look, RenderSpec
from blender_scripts.finish_rules import FinishSpec, Rule
from blender_scripts.jsonform import ContractError
from blender_scripts.labels import SIDES, LabelSpec
from blender_scripts.launch import Session
from tests.blender_scripts.conftest import render, spec_for
from tests.blender_scripts.glb import write_box
from tests.blender_scripts.test_session import same_pixels

SIDE = 80  # px that show 40 mm
PX = SIDE / 40.0  # of a mm
KEY = "/Box/Box"
GRAY = FinishSpec("gray", "#808080", 0.0, roughness=1.0, specular=0.0)


@pytest.fixture(scope="module")
def cube(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """40 mm each way, and another one behind it that has another key."""
    path = tmp_path_factory.mktemp("glb") / "cube.glb"
    return write_box(path, size=(0.04, 0.04, 0.04), keys=(KEY,))


@pytest.fixture(scope="module")
def red(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An L of 40 × 20 px, its right half clear above: it differs from its mirror and from what is turned."""
    picture = Image.new("RGBA", (40, 20), (200, 0, 0, 255))
    picture.paste((0, 0, 0, 0), (20, 0, 40, 10))
    path = tmp_path_factory.mktemp("png") / "red.png"
    picture.save(path)
    return path


def label(picture: Path, side: str = "front", **changes: object) -> LabelSpec:
    normal, up = SIDES[side]
    values = {"mm": 20.0, **changes}
    sha256 = hashlib.sha256(picture.read_bytes()).hexdigest()
    return LabelSpec(sha256, KEY, normal, up, **values)  # type: ignore[arg-type]


def labelled(glb: Path, output: Path, picture: Path, *labels: LabelSpec, **changes: object) -> RenderSpec:
    view = {"camera_view": "front", "orthographic": True, "ground": "none", "margin": 0.0, "edges": False}
    look = Look(**{**view, **changes})  # type: ignore[arg-type]
    files = {one.sha256: str(picture) for one in labels}
    return spec_for(
        glb,
        output,
        look=look,
        width=SIDE,
        height=SIDE,
        samples=8,
        rules=(Rule(GRAY),),
        labels=labels,
        textures=files,
    )


def is_red(path: Path) -> npt.NDArray[np.bool_]:
    """Where the picture has the label's color, rows from above."""
    with Image.open(path) as picture:
        pixels = np.asarray(picture.convert("RGBA"), np.int16)
    return (pixels[:, :, 0] > 2 * pixels[:, :, 1] + 20) & (pixels[:, :, 3] > 250)  # type: ignore[no-any-return]


def box_of(mask: npt.NDArray[np.bool_]) -> tuple[float, float, float, float]:
    """Left, top, right and bottom in mm from the middle of the picture, up and right positive."""
    rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    middle = SIDE / 2
    return (
        (columns[0] - middle) / PX,
        (middle - rows[0]) / PX,
        (columns[-1] + 1 - middle) / PX,
        (middle - rows[-1] - 1) / PX,
    )


@pytest.mark.parametrize("side", SIDES)
def test_a_label_has_its_size_and_is_not_mirrored_on_any_side(
    session: Session, cube: Path, red: Path, tmp_path: Path, side: str
) -> None:
    """Its middle is 5 mm to the right and 3 mm above that of the face; where it is clear one sees the part."""
    spec = labelled(cube, tmp_path / "a.png", red, label(red, side, x=5.0, y=3.0), camera_view=side)
    done = render(session, spec)
    assert done.outcome.ok, done.outcome.error
    mask = is_red(tmp_path / "a.png")
    assert box_of(mask) == pytest.approx((-5.0, 8.0, 15.0, -2.0), abs=0.6)
    count = int(mask.sum())
    assert count == pytest.approx(0.75 * 20 * 10 * PX**2, rel=0.06)
    top_right = mask[round(SIDE / 2 - 6 * PX), round(SIDE / 2 + 11 * PX)]
    top_left = mask[round(SIDE / 2 - 6 * PX), round(SIDE / 2 - 1 * PX)]
    assert (bool(top_left), bool(top_right)) == (True, False)


def test_a_quarter_turn_is_counterclockwise(session: Session, cube: Path, red: Path, tmp_path: Path) -> None:
    assert render(session, labelled(cube, tmp_path / "a.png", red, label(red, turn=90.0))).outcome.ok
    mask = is_red(tmp_path / "a.png")
    assert box_of(mask) == pytest.approx((-5.0, 10.0, 5.0, -10.0), abs=0.6)
    assert not mask[round(SIDE / 2 - 6 * PX), round(SIDE / 2 - 3 * PX)]
    assert mask[round(SIDE / 2 - 6 * PX), round(SIDE / 2 + 3 * PX)]


def test_the_other_sides_and_the_rest_of_the_face_are_as_without_it(
    session: Session, cube: Path, red: Path, tmp_path: Path
) -> None:
    for side in ("front", "back", "right"):
        for name, labels in (("with", (label(red),)), ("without", ())):
            spec = labelled(cube, tmp_path / f"{side}.{name}.png", red, *labels, camera_view=side)
            assert render(session, replace(spec, denoise=False)).outcome.ok
    assert same_pixels(tmp_path / "back.with.png", tmp_path / "back.without.png")
    assert same_pixels(tmp_path / "right.with.png", tmp_path / "right.without.png")
    with Image.open(tmp_path / "front.with.png") as one, Image.open(tmp_path / "front.without.png") as other:
        differ = (np.asarray(one.convert("RGBA")) != np.asarray(other.convert("RGBA"))).any(axis=2)
    assert differ.any()
    assert box_of(differ) == pytest.approx((-10.0, 5.0, 10.0, -5.0), abs=1.1)  # a pixel sees two around it


def test_it_stays_on_its_part_and_on_the_place_that_has_its_key(
    session: Session, red: Path, tmp_path: Path
) -> None:
    """Two boxes of one mesh, beside each other: the label is on the right one."""
    places = ((0.0, 0.0, 0.0), (0.02, 0.0, 0.0))
    pair = write_box(tmp_path / "pair.glb", size=(0.02, 0.04, 0.02), places=places, keys=("/Box/A", KEY))
    assert render(session, labelled(pair, tmp_path / "a.png", red, label(red, mm=60.0))).outcome.ok
    left, _top, right, _bottom = box_of(is_red(tmp_path / "a.png"))
    assert (left, right) == pytest.approx((0.0, 20.0), abs=0.6)


def test_dark_places_are_engraved_in_the_color_of_the_part(
    session: Session, cube: Path, tmp_path: Path
) -> None:
    """Black on white: white stays as it is, black gets darker and an edge of light and shadow, without a color."""
    picture = Image.new("L", (40, 40), 255)
    picture.paste(0, (10, 10, 30, 30))
    path = tmp_path / "cut.png"
    picture.save(path)
    for name, labels in (("cut", (label(path, mm=20.0, depth=0.5),)), ("plain", ())):
        spec = labelled(cube, tmp_path / f"{name}.png", path, *labels)
        assert render(session, replace(spec, denoise=False)).outcome.ok
    with Image.open(tmp_path / "cut.png") as one:
        assert one.mode == "RGBA"
        cut = np.asarray(one.convert("RGB"), np.int16)
    with Image.open(tmp_path / "plain.png") as one:
        plain = np.asarray(one.convert("RGB"), np.int16)
    middle = SIDE // 2
    assert cut[middle, middle].max() - cut[middle, middle].min() <= 4
    assert cut[middle, middle].mean() < 0.9 * plain[middle, middle].mean()
    differ = np.abs(cut - plain).max(axis=2) > 6
    assert box_of(differ) == pytest.approx((-5.0, 5.0, 5.0, -5.0), abs=1.1)


def test_one_beside_its_part_is_an_outcome_of_its_own(
    session: Session, cube: Path, red: Path, tmp_path: Path
) -> None:
    outcome = render(session, labelled(cube, tmp_path / "a.png", red, label(red, x=40.0))).outcome
    assert (outcome.error_code, KEY in outcome.error) == ("bad_label", True)
    assert render(session, labelled(cube, tmp_path / "a.png", red, label(red))).outcome.ok


@pytest.mark.parametrize(
    "change",
    [
        {"mm": 0.0},
        {"depth": 6.0},
        {"reach": 0.0},
        {"part": ""},
        {"sha256": "x"},
        {"up": [0.0, -1.0, 0.0]},
        {"normal": [0.0, -2.0, 0.0]},
        {"normal": [1.0]},
    ],
)
def test_what_is_no_label_is_refused(red: Path, change: dict[str, object]) -> None:
    whole = label(red)
    assert LabelSpec.from_json(whole.to_json()) == whole
    with pytest.raises(ContractError):
        LabelSpec.from_json({**whole.to_json(), **change})
