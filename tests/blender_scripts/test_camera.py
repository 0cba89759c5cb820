"""The camera: every shape fills every picture up to its margin, and lenses blur what is not in focus."""

from __future__ import annotations

from pathlib import Path

import pytest
from PIL import Image, ImageChops, ImageStat

from blender_scripts.contract import CAMERA_VIEWS, ContractError, Look
from blender_scripts.launch import Session
from rendering.models import OutputType
from tests.blender_scripts.conftest import render, spec_for
from tests.blender_scripts.glb import write_box

SHAPES = {"tall": (0.01, 0.2, 0.01), "flat": (0.2, 0.002, 0.15), "long": (0.4, 0.02, 0.02)}
SIZES = [(128, 72), (72, 128), (40, 120)]
MARGIN = 0.1


def box_of(path: Path) -> tuple[int, int, int, int]:
    with Image.open(path) as picture:
        return picture.getchannel("A").point(lambda level: 255 * (level > 60)).getbbox() or (0, 0, 0, 0)


def test_output_types_offer_every_view_of_the_contract() -> None:
    assert {*CAMERA_VIEWS, "custom"} == set(OutputType.Camera.values)


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("size", SIZES)
def test_every_shape_fills_every_picture(
    session: Session, tmp_path: Path, shape: str, size: tuple[int, int]
) -> None:
    glb = write_box(tmp_path / f"{shape}.glb", size=SHAPES[shape])
    width, height = size
    for number, look in enumerate(
        (
            Look(camera_view="three_quarter", ground="none", margin=MARGIN),
            Look(
                azimuth=100.0, elevation=-35.0, roll=30.0, focal_length_mm=24.0, ground="none", margin=MARGIN
            ),
        )
    ):
        path = tmp_path / f"{number}.png"
        render(session, spec_for(glb, path, look=look, width=width, height=height, samples=2, denoise=False))
        left, top, right, bottom = box_of(path)
        free = (left, top, width - right, height - bottom)
        spare = (MARGIN * width, MARGIN * height) * 2
        assert all(rim >= wanted - 2 for rim, wanted in zip(free, spare, strict=True)), (free, spare)
        assert min(free[0] - spare[0], free[1] - spare[1]) <= 2.5, "it is smaller than it could be"
        assert abs(left - (width - right)) <= 2
        assert abs(top - (height - bottom)) <= 2


def test_a_product_that_is_turned_fills_the_picture_as_one_that_was_drawn_so(
    session: Session, tmp_path: Path
) -> None:
    """Geometry that is loaded already is turned too, and back."""
    lying = write_box(tmp_path / "lying.glb", size=(0.2, 0.02, 0.05))
    standing = write_box(tmp_path / "standing.glb", size=(0.02, 0.2, 0.05))
    upright = (0.0, 0.0, -1.0, 0.0, 1.0, 0.0, 1.0, 0.0, 0.0)
    jobs = ((lying, ()), (lying, upright), (standing, ()), (lying, ()))
    boxes = []
    for number, (glb, orientation) in enumerate(jobs):
        path, look = tmp_path / f"{number}.png", Look(camera_view="front", ground="none", margin=MARGIN)
        spec = spec_for(glb, path, look=look, orientation=orientation, samples=2, denoise=False)
        render(session, spec)
        boxes.append(box_of(path))
    assert boxes[0] == boxes[3] != boxes[1] == boxes[2]


def test_every_frame_of_a_turntable_lies_inside_and_the_widest_fills_it(
    session: Session, tmp_path: Path
) -> None:
    glb = write_box(tmp_path / "long.glb", size=SHAPES["long"])
    look = Look(ground="none", margin=MARGIN)
    spec = spec_for(
        glb,
        tmp_path / "turn",
        kind="turntable",
        frames=8,
        look=look,
        width=96,
        height=54,
        samples=2,
        denoise=False,
    )
    boxes = [box_of(Path(name)) for name in render(session, spec).outcome.files]
    assert min(box[0] for box in boxes) >= MARGIN * 96 - 2
    assert max(box[2] for box in boxes) <= 96 - MARGIN * 96 + 2
    assert min(box[1] for box in boxes) >= MARGIN * 54 - 2
    assert max(box[3] for box in boxes) <= 54 - MARGIN * 54 + 2
    assert (
        max(box[2] - box[0] for box in boxes) >= 0.7 * 96 or max(box[3] - box[1] for box in boxes) >= 0.7 * 54
    )


@pytest.mark.parametrize("orthographic", [False, True])
def test_every_row_of_a_turntable_lies_inside_and_is_seen_from_one_distance(
    session: Session, tmp_path: Path, orthographic: bool
) -> None:
    glb = write_box(tmp_path / "cube.glb", size=(0.1, 0.1, 0.1))
    rows, side = (-30.0, 0.0, 45.0), 96
    look = Look(ground="none", margin=MARGIN, orthographic=orthographic, azimuth=0.0)
    spec = spec_for(
        glb,
        tmp_path / "turn",
        kind="turntable",
        frames=12,
        elevations=rows,
        look=look,
        width=side,
        height=side,
        samples=2,
        denoise=False,
    )
    boxes = [box_of(Path(name)) for name in render(session, spec).outcome.files]
    free = [min(left, top, side - right, side - bottom) for left, top, right, bottom in boxes]
    assert MARGIN * side - 2 <= min(free) <= MARGIN * side + 8
    widths = [boxes[4 * row][2] - boxes[4 * row][0] for row in range(len(rows))]
    heights = [boxes[4 * row][3] - boxes[4 * row][1] for row in range(len(rows))]
    assert max(widths) - min(widths) <= (2 if orthographic else 12), (
        "the front edge does not grow between rows"
    )
    assert heights[1] < heights[0] and heights[1] < heights[2], "seen from above and below it shows two sides"


def sharpness(picture: Image.Image, box: tuple[int, int, int, int]) -> float:
    """How much neighboring pixels of one line across the picture differ."""
    part = picture.getchannel("A").crop(box)
    return float(ImageStat.Stat(ImageChops.difference(part, ImageChops.offset(part, 0, 1))).extrema[0][1])


def test_a_small_f_stop_blurs_what_is_far_from_the_focus(session: Session, tmp_path: Path) -> None:
    places = tuple((0.0, 0.0, -0.03 * step) for step in range(7))
    row = write_box(tmp_path / "row.glb", size=(0.04, 0.01, 0.004), places=places)
    for f_stop in (None, 2.0, 22.0):
        look = Look(camera_view="front", elevation=30.0, ground="none", f_stop=f_stop)
        path = tmp_path / f"{f_stop}.png"
        spec = spec_for(row, path, look=look, width=96, height=96, samples=32)
        assert render(session, spec).outcome.ok
    sharp, soft, closed = (Image.open(tmp_path / f"{name}.png") for name in (None, 2.0, 22.0))
    left, top, right, _ = box_of(tmp_path / "None.png")
    back = (left + 4, max(0, top - 12), right - 4, top + 12)
    assert sharpness(soft, back) < 0.8 * sharpness(sharp, back)
    assert sharpness(closed, back) > 1.1 * sharpness(soft, back)


def test_an_orthographic_camera_has_no_f_stop() -> None:
    with pytest.raises(ContractError, match="no depth of field"):
        Look(orthographic=True, f_stop=8.0)
