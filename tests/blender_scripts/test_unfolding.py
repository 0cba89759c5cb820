"""Pictures and films of a geometry whose parts know the ways that they have come."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from blender_scripts.contract import Look, RenderSpec, Unfolding, frame_name
from blender_scripts.launch import Session
from tests.blender_scripts.conftest import render, spec_for
from tests.blender_scripts.glb import write_box

APART = ((0.0, 0.0, 0.0), (0.0, 0.06, 0.0))
"""Two boxes of 20 mm, the upper one 40 mm above its place (m, Y up)."""
SIDE = Look(camera_view="front", orthographic=True, ground="none", margin=0.1)
PX = 96


@pytest.fixture(scope="module")
def two(tmp_path_factory: pytest.TempPathFactory) -> Path:
    notes = {
        "explode_moves": json.dumps([[1, 0.0, 0.0, 40.0]]),
        "explode_leader": json.dumps(["/low", 10.0, -10.0, 30.0]),
    }
    glb = tmp_path_factory.mktemp("glb") / "two.glb"
    return write_box(glb, color=(0.8, 0.1, 0.1), places=APART, keys=("/low", "/high"), notes=({}, notes))


def test_a_line_is_drawn_along_the_way_where_that_is_wanted(
    session: Session, two: Path, tmp_path: Path
) -> None:
    between = slice(PX // 2 - 6, PX // 2 + 6)
    with_line, without = (
        _alpha(session, _spec(two, tmp_path / "a.png", unfolding=Unfolding(lines=lines)), tmp_path / "a.png")
        for lines in (True, False)
    )
    assert with_line[between].max() > 0.1 and without[between].max() == 0.0
    assert with_line[:20].max() == without[:20].max() == 1.0, "the upper box is up there either way"


def test_a_film_begins_and_ends_with_the_whole_product_on_the_ground(
    session: Session, two: Path, tmp_path: Path
) -> None:
    spec = _spec(
        two, tmp_path, kind="turntable", frames=4, color_depth=8, unfolding=Unfolding(motion="assembly")
    )
    done = render(session, spec).outcome
    assert done.ok, done.error
    heights = []
    for number in range(1, 5):
        with Image.open(tmp_path / frame_name(number)) as picture:
            rows = np.flatnonzero(np.asarray(picture.getchannel("A")).max(axis=1) > 128)
        heights.append((int(rows[0]), int(rows[-1])))
    whole, rising, apart, closing = heights
    assert len({bottom for _, bottom in heights}) == 1, "it stands on the ground all the time"
    assert apart[0] < rising[0] < whole[0] and apart[0] < closing[0]
    turned = _alpha(session, _spec(two, tmp_path / "b.png"), tmp_path / "b.png")
    assert turned[:20].max() == 1.0, "a still afterwards shows it taken apart"


def _spec(glb: Path, output: Path, **changes: object) -> RenderSpec:
    return spec_for(glb, output, look=SIDE, width=PX, height=PX, denoise=False, **changes)


def _alpha(session: Session, spec: RenderSpec, path: Path) -> np.ndarray:
    done = render(session, spec).outcome
    assert done.ok, done.error
    with Image.open(path) as picture:
        return np.asarray(picture.getchannel("A"), float) / 255
