"""Pictures of some of the parts: what is hidden, ghosted or outlined."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from blender_scripts.contract import RESTS, Arrangement, Look, RenderSpec
from blender_scripts.jsonform import ContractError
from blender_scripts.launch import Session
from tests.blender_scripts.conftest import render, spec_for
from tests.blender_scripts.glb import write_box

PLACES = ((0.0, 0.0, 0.0), (0.05, 0.0, 0.0), (0.1, 0.0, 0.0))
FRONT = Look(camera_view="front", orthographic=True, ground="none", margin=0.1)


@pytest.fixture(scope="module")
def row(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three boxes of one mesh beside each other: /a, /b and /c."""
    folder = tmp_path_factory.mktemp("glb")
    return write_box(folder / "row.glb", color=(0.6, 0.02, 0.02), places=PLACES, keys=("/a", "/b", "/c"))


def test_the_rest_of_a_product_is_hidden_or_shown_with_the_parts(
    session: Session, row: Path, tmp_path: Path
) -> None:
    """Hidden, the part fills the picture; shown, all of the product does. No look of the rest is left in the next."""
    seen = {
        rest: _alpha(session, spec(row, tmp_path, Arrangement(parts=("/b",), rest=rest))) for rest in RESTS
    }
    whole = _alpha(session, spec(row, tmp_path, Arrangement()))
    middle = slice(32, 64)
    assert seen["hidden"][:, 10:86].mean() > 0.75, "the part fills the picture"
    for rest in ("ghost", "glass", "outline"):
        assert seen[rest][48, middle].max() == 1.0, "the part itself is there"
        beside = seen[rest][:, :32]
        assert beside.max() > 0.0 and beside[44:52, 12:20].mean() < 0.5, "the rest can be seen through"
    assert whole[44:52, 12:20].mean() == 1.0
    gone = _alpha(session, spec(row, tmp_path, Arrangement(hidden=("/a", "/c"))))
    assert (gone == seen["hidden"]).all()
    ghosts = _alpha(
        session, spec(row, tmp_path, Arrangement(parts=("/b",), rest="ghost", hidden=("/a", "/c")))
    )
    assert (ghosts == gone).all(), "what is hidden leaves no ghost"


def test_a_part_alone_is_the_same_picture_wherever_it_is_in_its_product(
    session: Session, row: Path, tmp_path: Path
) -> None:
    """A long part lies lengthwise, a flat one on its face; what is neither stands as in its own file."""
    far = write_box(
        tmp_path / "far.glb",
        color=(0.6, 0.02, 0.02),
        places=((3.0, -2.0, 1.0), (0.0, 0.0, 0.0)),
        keys=("/x",),
    )
    looks = replace(spec(row, tmp_path, Arrangement(parts=("/b",), rest="alone")), look=Look())
    here = _pixels(session, looks)
    there = _pixels(
        session,
        replace(looks, glb_path=str(far), geometry_key="far", subject=_alone("/x")),
    )
    assert (here == there).all()
    for size, view, wide, high in (
        ((0.01, 0.08, 0.02), "front", 0.8, 0.1),  # a tall one, in axes of glTF, where Y is up
        ((0.08, 0.06, 0.01), "front", 0.8, 0.1),
        ((0.01, 0.06, 0.08), "top", 0.6, 0.8),
        ((0.05, 0.06, 0.05), "front", 0.67, 0.8),
    ):
        one = write_box(tmp_path / "one.glb", size=size, keys=("/one",))
        asked = replace(looks, glb_path=str(one), geometry_key=str(size), subject=_alone("/one"))
        seen = _pixels(session, replace(asked, look=replace(FRONT, camera_view=view)))[:, :, 3] > 0.5
        found = seen.any(axis=0).mean(), seen.any(axis=1).mean()
        assert found == pytest.approx((wide, high), abs=0.03), (size, view)


def _alone(key: str) -> Arrangement:
    return Arrangement(parts=(key,), rest="alone")


def test_marked_parts_have_the_color_and_others_keep_theirs(
    session: Session, row: Path, tmp_path: Path
) -> None:
    marked = Arrangement(parts=("/b",), color="#0000ff")
    blue = render(session, spec(row, tmp_path, marked)).outcome
    assert blue.ok, blue.error
    with Image.open(blue.files[0]) as picture:
        red, _, blue_channel, _ = picture.getpixel((48, 48))  # type: ignore[misc]
    assert blue_channel > 2 * red


def test_a_part_that_is_not_in_the_geometry_is_named(session: Session, row: Path, tmp_path: Path) -> None:
    gone = render(session, spec(row, tmp_path, Arrangement(parts=("/gone",)))).outcome
    assert (gone.ok, gone.error_code) == (False, "bad_geometry")
    assert "/gone" in gone.error
    none = render(session, spec(row, tmp_path, Arrangement(hidden=("/a", "/b", "/c")))).outcome
    assert (none.error_code, "All parts are hidden" in none.error) == ("bad_geometry", True)
    assert render(session, spec(row, tmp_path, Arrangement())).outcome.ok, "the next job is not affected"


@pytest.mark.parametrize("wrong", [{"rest": "shown"}, {"opacity": 2.0}, {"color": "red"}])
def test_an_impossible_arrangement_is_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(ContractError):
        Arrangement(**wrong)  # type: ignore[arg-type]


def spec(row: Path, folder: Path, wanted: Arrangement) -> RenderSpec:
    return spec_for(row, folder / "a.png", look=FRONT, subject=wanted, width=96, height=96, denoise=False)


def _alpha(session: Session, asked: RenderSpec) -> np.ndarray:
    return _pixels(session, asked)[:, :, 3]


def _pixels(session: Session, asked: RenderSpec) -> np.ndarray:
    done = render(session, asked).outcome
    assert done.ok, done.error
    with Image.open(asked.output_path) as picture:
        return np.asarray(picture.convert("RGBA"), float) / 255
