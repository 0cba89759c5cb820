"""Passes and shadows by a real Blender: exact numbers of parts, depths in mm, mattes, and nothing left in the next."""

from __future__ import annotations

import json
import zipfile
from dataclasses import replace
from pathlib import Path

import numpy as np
import OpenEXR
import pytest
from PIL import Image

from blender_scripts import room
from blender_scripts.contract import Arrangement, Look, RenderSpec
from blender_scripts.jsonform import ContractError
from blender_scripts.launch import Session
from blender_scripts.matte_hash import hash_of
from rendering.pictures.passes.master import Passes, read
from tests.blender_scripts.conftest import render, spec_for
from tests.blender_scripts.glb import write_box

PLACES = ((0.0, 0.0, 0.0), (0.05, 0.0, 0.0), (0.1, 0.0, -0.05))
KEYS = ("/a", "/b", "/c")
FRONT = Look(camera_view="front", orthographic=True, ground="none", margin=0.1)


@pytest.fixture(scope="module")
def row(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three boxes of 20 mm beside each other, the third 50 mm further back."""
    return write_box(tmp_path_factory.mktemp("glb") / "row.glb", places=PLACES, keys=KEYS)


@pytest.fixture
def picture(row: Path, tmp_path: Path) -> RenderSpec:
    return spec_for(
        row, tmp_path / "a.png", look=FRONT, width=96, height=64, denoise=False, noise_threshold=0.0
    )


def passes(session: Session, picture: RenderSpec, **changes: object) -> Passes:
    target = Path(picture.output_path).with_name("passes.zip")
    asked = replace(picture, kind="passes", output_path=str(target), **changes)  # type: ignore[arg-type]
    done = render(session, asked).outcome
    assert done.ok, done.error
    return read(target, target.parent)


def test_each_pixel_knows_its_part_its_depth_and_its_normal(session: Session, picture: RenderSpec) -> None:
    found = passes(session, picture, samples=1)
    assert found.keys == KEYS
    assert set(np.unique(found.ids)) == {0, 1, 2, 3}, "no pixel is between two parts"
    assert set(np.unique(found.alpha)) == {0.0, 1.0}
    first, second, third = (np.argwhere(found.ids == number)[:, 1].mean() for number in (1, 2, 3))
    assert first < second < third, "left to right, as they stand"
    depths = [float(np.median(found.depth_mm[found.ids == number])) for number in (1, 2, 3)]
    assert depths[1] == pytest.approx(depths[0], abs=0.01)
    assert depths[2] - depths[0] == pytest.approx(50, abs=0.01)
    assert found.depth_mm[found.ids == 0].max() == 0
    assert np.allclose(found.normals[found.ids > 0], (0, -1, 0), atol=1e-4), "all show their front"
    side = (found.ids == 1).sum(axis=1).max()
    middle = (second - first) / 50 * 20
    assert side == pytest.approx(middle, abs=1), "20 mm wide where 50 mm are between two of them"


def test_what_passes_change_is_not_left_in_the_next_picture(
    session: Session, picture: RenderSpec, tmp_path: Path
) -> None:
    lit = replace(picture, look=replace(FRONT, ground="shadow", camera_view="iso"))
    assert render(session, lit).outcome.ok
    before = Path(lit.output_path).read_bytes()
    passes(session, picture, samples=1)
    shadow = replace(lit, kind="shadow", output_path=str(tmp_path / "shadow.png"))
    assert render(session, shadow).outcome.ok
    assert render(session, lit).outcome.ok
    assert Path(lit.output_path).read_bytes() == before


def test_a_shadow_is_what_the_picture_has_besides_its_subject(
    session: Session, picture: RenderSpec, tmp_path: Path
) -> None:
    look = replace(FRONT, ground="shadow", camera_view="iso")
    still = replace(picture, look=look, samples=32)
    alone = replace(still, kind="shadow", output_path=str(tmp_path / "shadow.png"))
    assert render(session, still).outcome.ok and render(session, alone).outcome.ok
    with Image.open(still.output_path) as one, Image.open(alone.output_path) as other:
        whole, shadow = (np.asarray(each.convert("RGBA"), int) for each in (one, other))
    ids = passes(session, replace(still, look=replace(look, ground="none")), samples=1).ids
    assert shadow[..., :3].max() < 8, "black"
    around = ids == 0
    for shift in ((1, 0), (0, 1)):  # pixels at the edge of the subject are of both
        for by in (-1, 1):
            around &= np.roll(ids, tuple(by * one for one in shift), axis=(0, 1)) == 0
    assert shadow[around, 3].max() > 40
    assert np.abs(shadow[around, 3] - whole[around, 3]).mean() < 4
    assert shadow[ids > 0, 3].max() > 40, "also where the subject covers it"


def test_ghosts_frame_the_passes_and_cover_nothing(session: Session, picture: RenderSpec) -> None:
    third = passes(session, picture, samples=1)
    of_back = replace(FRONT, camera_view="left")  # the first stands before the others
    one = Arrangement(parts=("/b",), rest="ghost")
    found = passes(session, replace(picture, look=of_back, subject=one), samples=1)
    assert set(np.unique(found.ids)) == {0, 2}
    hidden = passes(session, replace(picture, look=of_back, subject=replace(one, rest="hidden")), samples=1)
    assert (hidden.ids == 2).sum() > 2 * (found.ids == 2).sum(), "ghosts take room in the picture"
    again = passes(session, picture, samples=1)
    assert (again.ids == third.ids).all()


def test_mattes_have_the_shares_of_pixels_and_the_hashes_of_names(
    session: Session, picture: RenderSpec
) -> None:
    slanted = replace(picture, look=replace(FRONT, roll=20.0))
    found = passes(session, slanted, samples=16)
    numbers, shares = found.ranks
    assert shares.sum(axis=-1) == pytest.approx(found.alpha, abs=0.002)
    assert ((shares[..., 0] > 0.05) & (shares[..., 0] < 0.95)).any(), "edges are soft"
    assert set(np.unique(numbers)) == {0, 1, 2, 3}
    with zipfile.ZipFile(Path(picture.output_path).with_name("passes.zip")) as packed:
        packed.extract("passes.exr", Path(picture.output_path).parent)
    with OpenEXR.File(str(Path(picture.output_path).with_name("passes.exr"))) as file:
        manifest = next(
            json.loads(text) for name, text in file.header().items() if name.endswith("/manifest")
        )
    assert {name: f"{hash_of(name):08x}" for name in manifest} == manifest, "as Blender itself counts them"


@pytest.mark.parametrize("samples", [1, 4])
def test_the_disk_has_room_for_all_layers(session: Session, picture: RenderSpec, samples: int) -> None:
    """As much as the layers take that can't be compressed, beside the ZIP that they are copied to."""
    passes(session, picture, samples=samples)
    packed = Path(picture.output_path).with_name("passes.zip")
    with zipfile.ZipFile(packed) as members:
        members.extract("passes.exr", packed.parent)
    with OpenEXR.File(str(packed.with_name("passes.exr")), separate_channels=True) as layers:
        channels = [one.pixels for part in layers.parts for one in part.channels.values()]
    asked = replace(picture, kind="passes", samples=samples)
    assert room.most_bytes(asked) - room.most_bytes(replace(asked, width=95)) == 2 * 64 * sum(
        one.dtype.itemsize for one in channels
    )


def test_passes_have_no_light_of_their_own(picture: RenderSpec) -> None:
    with pytest.raises(ContractError, match="linear_path"):
        replace(picture, kind="passes", linear_path="/x.exr")
