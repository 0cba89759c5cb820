"""Lines drawn along the sharp edges and the outlines of a product."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from blender_scripts.contract import Look
from blender_scripts.jsonform import ContractError
from blender_scripts.launch import Session
from tests import solids
from tests.blender_scripts.conftest import render, spec_for

PLAIN = Look(ground="none", materials="clay", view_transform="Standard")
BLUE = replace(PLAIN, lines="#0000ff", outlines=True)


def test_edges_are_drawn_and_nothing_of_them_is_left(session: Session, red_box: Path, tmp_path: Path) -> None:
    plain, drawn, again = (
        pixels(session, red_box, tmp_path, look, number) for number, look in enumerate((PLAIN, BLUE, PLAIN))
    )
    assert not is_blue(plain).any() and (plain == again).all()
    lines = is_blue(drawn)
    height, width = lines.shape
    middle = lines[height // 4 : -height // 4, width // 4 : -width // 4]
    assert middle.any(), "the edges that meet in the middle"
    rows = np.flatnonzero(lines.any(axis=1))
    seen = [np.flatnonzero(drawn[row, :, 3] > 0.5) for row in rows[4:-4]]
    ends = [
        lines[row, found[0] : found[0] + 3].any() and lines[row, found[-1] - 2 : found[-1] + 1].any()
        for row, found in zip(rows[4:-4], seen, strict=True)
    ]
    assert np.mean(ends) > 0.9, "the outline"
    assert (drawn[:, :, 3] > 0.5).sum() > (plain[:, :, 3] > 0.5).sum(), (
        "half of a line is outside of the part"
    )
    inside = ~lines & (plain[:, :, 3] == 1) & (drawn[:, :, 3] == 1)
    assert np.abs((drawn - plain)[inside].mean(axis=0)).max() < 0.01, "lines throw no light and no shadow"


def test_what_is_round_has_an_outline_that_lights_nothing(session: Session, tmp_path: Path) -> None:
    ball = solids.write(tmp_path / "ball.glb", 48)
    for number, look in enumerate((BLUE, replace(BLUE, orthographic=True))):
        plain = pixels(session, ball, tmp_path, replace(look, lines="", outlines=False), 10 + number)
        edges = pixels(session, ball, tmp_path, replace(look, outlines=False), 20 + number)
        drawn = pixels(session, ball, tmp_path, look, 30 + number)
        assert not is_blue(edges).any(), "it has no sharp edge"
        lines, solid = is_blue(drawn), plain[:, :, 3] > 0.5
        rim = solid & ~inner(solid)
        assert np.mean(near(lines)[rim]) > 0.98, "along the whole outline"
        assert not (lines & inner(inner(inner(inner(solid))))).any(), "and nowhere else"
        inside = ~near(lines) & (plain[:, :, 3] == 1)
        assert inside.sum() > 1000
        assert np.abs((drawn - plain)[inside].mean(axis=0)).max() < 0.01


def test_outlines_follow_the_camera_around(session: Session, tmp_path: Path) -> None:
    ball = solids.write(tmp_path / "ball.glb", 48)
    spec = spec_for(ball, tmp_path / "frames", kind="turntable", frames=3, width=200, height=200, samples=4)
    run = render(session, replace(spec, look=BLUE, noise_threshold=0.0, denoise=False))
    assert run.outcome.ok, run.outcome.error
    frames = [read(Path(name)) for name in run.outcome.files]
    for frame in frames:
        solid = frame[:, :, 3] > 0.5
        assert np.mean(near(is_blue(frame))[solid & ~inner(solid)]) > 0.98
    assert (is_blue(frames[0]) != is_blue(frames[1])).any()


def test_a_color_is_written_in_full() -> None:
    assert not {"lines", "outlines"} & PLAIN.to_json().keys(), "recipes from before keep their keys"
    for wrong in ("blue", "#00F", "#0000FF"):
        with pytest.raises(ContractError, match="lines"):
            Look(lines=wrong)


def pixels(session: Session, glb: Path, folder: Path, look: Look, number: int) -> np.ndarray:
    spec = spec_for(glb, folder / f"{number}.png", width=320, height=320, samples=8, look=look)
    run = render(session, replace(spec, noise_threshold=0.0, denoise=False))
    assert run.outcome.ok, run.outcome.error
    return read(Path(spec.output_path))


def read(path: Path) -> np.ndarray:
    with Image.open(path) as picture:
        return np.asarray(picture.convert("RGBA"), float) / 255


def is_blue(picture: np.ndarray) -> np.ndarray:
    red, green, blue, alpha = np.moveaxis(picture, 2, 0)
    found: np.ndarray = (blue - red > 0.1) & (blue - green > 0.1) & (alpha > 0.2)
    return found


def near(mask: np.ndarray) -> np.ndarray:
    """What is within two pixels of it."""
    return ~inner(inner(~mask))


def inner(mask: np.ndarray) -> np.ndarray:
    """A mask without its outermost pixels."""
    padded = np.pad(mask, 1, mode="edge")
    found: np.ndarray = mask & padded[:-2, 1:-1] & padded[2:, 1:-1] & padded[1:-1, :-2] & padded[1:-1, 2:]
    return found
