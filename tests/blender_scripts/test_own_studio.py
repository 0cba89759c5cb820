"""A studio of one's own in pictures: it lights them, turns with the camera, fits every product and leaves nothing."""

from __future__ import annotations

import hashlib
import json
import math
from dataclasses import replace
from pathlib import Path

import pytest
from PIL import Image, ImageStat

from blender_scripts.contract import Look
from blender_scripts.jsonform import ContractError
from blender_scripts.launch import Session
from blender_scripts.studios import CameraLimits, GroundObject, OwnStudio, Paint, StudioLight
from tests.blender_scripts.conftest import render, spec_for
from tests.blender_scripts.glb import write_box
from tests.blender_scripts.test_session import same_pixels

SIDE = 48
STRAIGHT_DOWN = (1.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 1.0)
TO_THE_RIGHT = (0.0, 0.0, -1.0, 0.0, 1.0, 0.0, 1.0, 0.0, 0.0)
"""A light that shines along its -Z, turned so that this is +X: it stands at the left."""

FROM_LEFT = StudioLight("Key", "SUN", (-3.0, 0.0, 1.0), TO_THE_RIGHT, (1.0, 1.0, 1.0), 4.0)
FLOOR = GroundObject(
    "Floor",
    (-9.0, -9.0, 0.0, 9.0, -9.0, 0.0, 9.0, 9.0, 0.0, -9.0, 9.0, 0.0),
    (0, 1, 2, 0, 2, 3),
    paints=(Paint(color=(0.05, 0.2, 0.8), roughness=1.0, specular=0.0),),
)
LEFT = OwnStudio(lights=(FROM_LEFT,), world=(0.02, 0.02, 0.02))


@pytest.fixture(scope="module")
def pillar(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_box(tmp_path_factory.mktemp("glb") / "pillar.glb", size=(0.02, 0.03, 0.02))


def written(folder: Path, studio: OwnStudio) -> Path:
    content = json.dumps(studio.to_json(), sort_keys=True).encode()
    path = folder / f"{hashlib.sha256(content).hexdigest()}.json"
    path.write_bytes(content)
    return path


def lit(path: Path, **look: object) -> dict[str, object]:
    values = {
        "ground": "none",
        "materials": "cad",
        "edges": False,
        "azimuth": 45.0,
        "elevation": 10.0,
        **look,
    }
    return {
        "look": Look(lighting="studio", studio=path.stem, **values),  # type: ignore[arg-type]
        "studio_path": str(path),
        "width": SIDE,
        "height": SIDE,
        "samples": 16,
    }


def halves(path: Path) -> tuple[float, float]:
    """Brightness of the left and the right of the whole part."""
    with Image.open(path) as picture:
        flat = picture.convert("RGBa").convert("RGB").convert("L")
        alpha = picture.convert("RGBA").getchannel("A").point(lambda level: 255 * (level > 250))
    left, right = (
        ImageStat.Stat(flat.crop(box), alpha.crop(box)).mean[0]
        for box in ((0, 0, SIDE // 2, SIDE), (SIDE // 2, 0, SIDE, SIDE))
    )
    return left, right


@pytest.mark.parametrize("azimuth", [45.0, 225.0])
def test_its_lights_turn_with_the_camera(
    session: Session, pillar: Path, tmp_path: Path, azimuth: float
) -> None:
    done = render(
        session, spec_for(pillar, tmp_path / "a.png", **lit(written(tmp_path, LEFT), azimuth=azimuth))
    )
    assert done.outcome.ok, done.outcome.error
    left, right = halves(tmp_path / "a.png")
    assert left > 3 * right


def test_it_fits_a_small_product_as_a_large_one(session: Session, tmp_path: Path) -> None:
    studio = written(tmp_path, replace(LEFT, ground=(FLOOR,)))
    for number, side in enumerate((0.02, 2.0)):
        box = write_box(tmp_path / f"{number}.glb", size=(side, side, side))
        assert render(session, spec_for(box, tmp_path / f"{number}.png", **lit(studio))).outcome.ok
    with Image.open(tmp_path / "0.png") as one, Image.open(tmp_path / "1.png") as other:
        pairs = zip(one.convert("RGBA").tobytes(), other.convert("RGBA").tobytes(), strict=True)
        assert max(abs(a - b) for a, b in pairs) <= 3


def test_its_ground_is_in_the_picture_and_takes_the_place_of_ours(
    session: Session, pillar: Path, tmp_path: Path
) -> None:
    studio = written(
        tmp_path, replace(LEFT, lights=(replace(FROM_LEFT, turn=STRAIGHT_DOWN),), ground=(FLOOR,))
    )
    for ground in ("none", "shadow"):
        spec = {**lit(studio, ground=ground, azimuth=0.0, elevation=30.0), "denoise": False}
        done = render(session, spec_for(pillar, tmp_path / f"{ground}.png", **spec))
        assert done.outcome.ok, done.outcome.error
    with Image.open(tmp_path / "none.png") as picture:
        red, _green, blue, alpha = picture.convert("RGBA").getpixel((3, SIDE - 3))  # type: ignore[misc]
    assert alpha == 255
    assert blue > 2 * red
    assert same_pixels(tmp_path / "none.png", tmp_path / "shadow.png")
    below = lit(studio, elevation=-40.0)
    assert render(session, spec_for(pillar, tmp_path / "below.png", **below)).outcome.ok
    with Image.open(tmp_path / "below.png") as picture:
        assert picture.convert("RGBA").getpixel((1, 1))[3] == 0  # type: ignore[index]


def test_a_shadow_catcher_shows_the_shadow_alone(session: Session, pillar: Path, tmp_path: Path) -> None:
    floor = replace(FLOOR, catches_shadow=True)
    light = replace(FROM_LEFT, turn=STRAIGHT_DOWN)
    spec = lit(written(tmp_path, OwnStudio((light,), (floor,), LEFT.world)), azimuth=0.0, elevation=30.0)
    assert render(
        session,
        spec_for(
            pillar,
            tmp_path / "a.png",
            **spec,
        ),
    ).outcome.ok
    with Image.open(tmp_path / "a.png") as picture:
        assert picture.convert("RGBA").getpixel((2, SIDE - 2))[3] < 20  # type: ignore[index]


@pytest.mark.parametrize("kind", ["POINT", "SPOT", "AREA"])
def test_each_kind_of_light_shines(session: Session, pillar: Path, tmp_path: Path, kind: str) -> None:
    light = replace(FROM_LEFT, kind=kind, energy=300.0, size=(1.0, 1.0), radius=0.1, angle=math.pi / 2)
    done = render(
        session,
        spec_for(pillar, tmp_path / "a.png", **lit(written(tmp_path, replace(LEFT, lights=(light,))))),
    )
    assert done.outcome.ok, done.outcome.error
    left, right = halves(tmp_path / "a.png")
    assert left > 1.5 * right


def test_smooth_and_glowing_things_stand_in_it(session: Session, pillar: Path, tmp_path: Path) -> None:
    """A card at the left that shines, with normals and a paint for each triangle; a wall before the camera is cut."""
    points = (-2.5, -2.0, 0.0, -2.5, 2.0, 0.0, -2.5, 2.0, 3.0, -2.5, -2.0, 3.0)
    card = GroundObject(
        "Card",
        points,
        (0, 1, 2, 0, 2, 3),
        (1.0, 0.0, 0.0) * 6,
        (Paint(), Paint(glow=(3.0, 3.0, 3.0))),
        (1, 1),
    )
    wall = GroundObject("Wall", (-5.0, -4.0, -5.0, 5.0, -4.0, -5.0, 0.0, -4.0, 8.0), (0, 1, 2))
    camera = CameraLimits(near=3.5)
    studio = OwnStudio(ground=(card, wall), world=(0.02, 0.02, 0.02), camera=camera)
    done = render(session, spec_for(pillar, tmp_path / "a.png", **lit(written(tmp_path, studio))))
    assert done.outcome.ok, done.outcome.error
    left, right = halves(tmp_path / "a.png")
    assert left > 1.5 * right


def test_nothing_of_it_stays_for_the_next_picture(session: Session, pillar: Path, tmp_path: Path) -> None:
    ours = {"width": SIDE, "height": SIDE, "samples": 8}
    render(session, spec_for(pillar, tmp_path / "before.png", **ours))
    studio = written(
        tmp_path, OwnStudio((FROM_LEFT,), (FLOOR,), LEFT.world, CameraLimits(near=1.0, far=40.0))
    )
    assert render(session, spec_for(pillar, tmp_path / "own.png", **lit(studio))).outcome.ok
    render(session, spec_for(pillar, tmp_path / "after.png", **ours))
    assert same_pixels(tmp_path / "before.png", tmp_path / "after.png")
    assert not same_pixels(tmp_path / "before.png", tmp_path / "own.png")


def test_a_file_that_is_gone_or_changed_is_an_outcome_of_its_own(
    session: Session, pillar: Path, tmp_path: Path
) -> None:
    studio = written(tmp_path, LEFT)
    spec = spec_for(pillar, tmp_path / "a.png", **lit(studio))
    studio.write_text("{}")
    assert render(session, spec).outcome.error_code == "bad_studio"
    studio.unlink()
    outcome = render(session, spec).outcome
    assert (outcome.error_code, "missing" in outcome.error) == ("bad_studio", True)


@pytest.mark.parametrize(
    "change",
    [
        {"energy": math.inf},
        {"kind": "HEMI"},
        {"place": (1.0, 2.0)},
        {"unseen": ("volume",)},
        {"energy": -1.0},
        {"name": ""},
    ],
)
def test_what_is_no_light_is_refused(change: dict[str, object]) -> None:
    with pytest.raises(ContractError):
        StudioLight.from_json({**FROM_LEFT.to_json(), **change})


@pytest.mark.parametrize(
    "change",
    [
        {"triangles": (0, 1, 9)},
        {"triangles": ()},
        {"points": (0.0, 1.0)},
        {"normals": (0.0, 0.0, 1.0)},
        {"painted": (0, 1)},
        {"painted": (0,)},
        {"paints": ()},
    ],
)
def test_what_is_no_ground_is_refused(change: dict[str, object]) -> None:
    with pytest.raises(ContractError):
        GroundObject.from_json({**FLOOR.to_json(), **change})


def test_a_studio_has_bounds_and_its_own_form() -> None:
    whole = OwnStudio((FROM_LEFT,), (FLOOR,), LEFT.world, CameraLimits(5.0, 60.0, 85.0, 0.1, 100.0))
    assert OwnStudio.from_json(json.loads(json.dumps(whole.to_json()))) == whole
    assert whole.is_lit
    assert not OwnStudio(ground=(FLOOR,)).is_lit
    with pytest.raises(ContractError, match="at most 64 lights"):
        OwnStudio(lights=(FROM_LEFT,) * 65)
    with pytest.raises(ContractError, match="at most 20000 triangles"):
        OwnStudio(ground=(replace(FLOOR, triangles=FLOOR.triangles * 10_001),))
    with pytest.raises(ContractError, match="no limits"):
        CameraLimits(lowest=10.0, highest=5.0)
