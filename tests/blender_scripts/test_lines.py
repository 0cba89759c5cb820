"""Lines drawn along the sharp edges of a product."""

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
BLUE = replace(PLAIN, lines="#0000ff")


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


def test_what_is_round_has_no_edge(session: Session, tmp_path: Path) -> None:
    ball = solids.write(tmp_path / "ball.glb", 48)
    assert not is_blue(pixels(session, ball, tmp_path, BLUE, 9)).any()


def test_a_color_is_written_in_full() -> None:
    assert "lines" not in PLAIN.to_json(), "recipes from before keep their keys"
    for wrong in ("blue", "#00F", "#0000FF"):
        with pytest.raises(ContractError, match="lines"):
            Look(lines=wrong)


def pixels(session: Session, glb: Path, folder: Path, look: Look, number: int) -> np.ndarray:
    spec = spec_for(glb, folder / f"{number}.png", width=320, height=320, samples=8, look=look)
    run = render(session, replace(spec, noise_threshold=0.0, denoise=False))
    assert run.outcome.ok, run.outcome.error
    with Image.open(spec.output_path) as picture:
        return np.asarray(picture.convert("RGBA"), float) / 255


def is_blue(picture: np.ndarray) -> np.ndarray:
    red, green, blue, alpha = np.moveaxis(picture, 2, 0)
    found: np.ndarray = (blue - red > 0.1) & (blue - green > 0.1) & (alpha > 0.2)
    return found
