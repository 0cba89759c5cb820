"""Sections through exact solids with known answers, in the contained child; and what is done where the kernel fails."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from OCP.BRepAlgoAPI import BRepAlgoAPI_Cut
from OCP.BRepPrimAPI import BRepPrimAPI_MakeBox, BRepPrimAPI_MakeCylinder, BRepPrimAPI_MakeSphere
from OCP.BRepTools import BRepTools
from OCP.gp import gp_Ax2, gp_Dir, gp_Pnt

from media_assets.cad import forkclient
from media_assets.cad.bodies import compound
from media_assets.cad.client import Conversion
from media_assets.cad.contract import Limits
from media_assets.cad.errors import CadError
from media_assets.cad.forkclient import ForkServer
from media_assets.cad.mesher import faces_of
from media_assets.cad.section.wanted import Section
from media_assets.cad.settings import PRESETS
from tests.media_assets.cad.conftest import CORPUS, SAMPLES, Glb, finish, needs_corpus
from tests.media_assets.cad.documents import Document

SERVER = """
import os, signal, sys, time
from media_assets.cad import forkserver
from media_assets.cad.section import kernel

def cut(*asked):
    {instead}

kernel.cut = cut
raise SystemExit(forkserver.main(sys.argv))
"""

FRONT, RIGHT, TOP = (0.0, -1.0, 0.0), (1.0, 0.0, 0.0), (0.0, 0.0, 1.0)


def box(x: float, y: float, z: float, *, at: tuple[float, float, float] = (0, 0, 0)) -> Any:
    """A box around the upright axis, standing at a height."""
    return BRepPrimAPI_MakeBox(gp_Pnt(at[0] - x / 2, at[1] - y / 2, at[2]), x, y, z).Shape()


def cylinder(radius: float, height: float, at: float = 0.0) -> Any:
    return BRepPrimAPI_MakeCylinder(gp_Ax2(gp_Pnt(0, 0, at), gp_Dir(0, 0, 1)), radius, height).Shape()


def less(whole: Any, hole: Any) -> Any:
    return BRepAlgoAPI_Cut(whole, hole).Shape()


@pytest.fixture
def bolted(tmp_path: Path) -> Path:
    """A holder of 120 mm with two shafts in it, one of which has no telling name, and a ball."""
    made = Document()
    whole = made.assembly("Gerät")
    holder = made.part("Halter", less(box(120, 20, 40), cylinder(5, 40)))
    for part, name, x in (
        (holder, "Halter", 0.0),
        (made.part("Welle", cylinder(5, 60)), "Welle", 0.0),
        (made.part("Teil 7", cylinder(4, 60, at=40.0)), "Teil 7", 30.0),
        (made.part("Teil 9", BRepPrimAPI_MakeSphere(gp_Pnt(0, 0, 50), 6).Shape()), "Teil 9", -30.0),
    ):
        made.place(whole, part, name, x)
    return made.step(tmp_path / "device.step")


def cut(source: Path, folder: Path, section: Section, **more: Any) -> tuple[dict[str, Any], Glb]:
    """What the report says of a section, and the geometry."""
    out = folder / "out"
    out.mkdir(exist_ok=True)
    conversion = Conversion(
        source, out, PRESETS["draft"], limits=Limits(wall_s=120), want_usd=False, section=section, **more
    )
    result = finish(conversion, patience=120)
    said: dict[str, Any] = result.report["section"]
    return said, Glb.read(result.glb)


def written(shape: Any, folder: Path) -> Path:
    path = folder / "part.brep"
    BRepTools.Write_s(shape, str(path))
    return path


def caps_of(glb: Glb, axis: int, place_mm: float) -> float:
    """The area (mm2) of the triangles of a geometry that lie in a plane across one of its axes (glTF's)."""
    total = 0.0
    for mesh in glb.document["meshes"]:
        for primitive in mesh["primitives"]:
            points, corners = (
                array(glb, number) for number in (primitive["attributes"]["POSITION"], primitive["indices"])
            )
            sides = points.astype(np.float64)[corners.reshape(-1, 3)] * 1000
            flat = np.abs(sides[:, :, axis] - place_mm).max(axis=1) < 1e-3
            across = np.cross(sides[flat, 1] - sides[flat, 0], sides[flat, 2] - sides[flat, 0])
            total += float(np.linalg.norm(across, axis=1).sum() / 2)
    return total


def array(glb: Glb, number: int) -> Any:
    accessor = glb.document["accessors"][number]
    view = glb.document["bufferViews"][accessor["bufferView"]]
    kind = {5123: np.uint16, 5125: np.uint32, 5126: np.float32}[accessor["componentType"]]
    data = np.frombuffer(
        glb.binary, kind, offset=view["byteOffset"], count=view["byteLength"] // np.dtype(kind).itemsize
    )
    return data.reshape(accessor["count"], -1)


@pytest.mark.parametrize(
    ("solid", "area"),
    [
        (less(box(40, 40, 100), box(20, 20, 100)), 1200.0),
        (less(box(20, 20, 50), cylinder(10 / 2, 50)), 400 - math.pi * 25),
        (less(box(20, 20, 50), cylinder(3, 20)), 400.0),
    ],
    ids=["square bar with a square bore", "square with a round hole", "beside a blind hole"],
)
def test_the_area_of_a_cut_is_exact(tmp_path: Path, solid: Any, area: float) -> None:
    said, glb = cut(written(solid, tmp_path), tmp_path, Section((TOP,), hatched=True))
    assert said["by_triangles"] == 0
    assert said["area_mm2"] == pytest.approx(area, rel=1e-6)
    middle = said["planes"][0]["distance_mm"]
    assert caps_of(glb, 1, middle) == pytest.approx(area, rel=0.02)  # of triangles: draft
    assert [one["name"] for one in glb.document["materials"]] == ["uncolored", "hatch"]


def test_a_quarter_section_shows_both_cuts(tmp_path: Path) -> None:
    said, _ = cut(
        written(less(box(40, 40, 100), box(20, 20, 100)), tmp_path), tmp_path, Section((FRONT, RIGHT))
    )
    assert said["area_mm2"] == pytest.approx(2 * 10 * 100, rel=1e-6)


def test_bodies_of_one_part_that_touch_are_cut_each_for_itself(tmp_path: Path) -> None:
    both = compound([box(10, 10, 10), box(10, 10, 10, at=(10, 0, 0))])
    said, _ = cut(written(both, tmp_path), tmp_path, Section((FRONT,)))
    assert said["area_mm2"] == pytest.approx(200, rel=1e-6)


def test_shafts_and_balls_stay_whole_but_for_a_cut_across_and_where_nothing_else_is_cut(
    bolted: Path, tmp_path: Path
) -> None:
    lengthwise, _ = cut(bolted, tmp_path, Section((FRONT,)))
    assert lengthwise["uncut_parts"] == {
        "/Welle": "shaft",
        "/Teil 7": "shaft",
        "/Teil 9": "ball",
    }
    assert set(lengthwise["areas_mm2"]) == {"/Halter"}
    drawn = Section((FRONT,), uncut=False)
    assert set(cut(bolted, tmp_path, drawn)[0]["areas_mm2"]) == {
        *("/Halter", "/Welle", "/Teil 7", "/Teil 9"),
    }
    alone, _ = cut(written(cylinder(5, 50), tmp_path), tmp_path, Section((FRONT,)))
    assert alone["area_mm2"] == pytest.approx(500, rel=1e-6)


def test_a_section_goes_through_the_axis_of_the_part_that_is_named(bolted: Path, tmp_path: Path) -> None:
    said, _ = cut(bolted, tmp_path, Section((RIGHT,), part="teil*", uncut=False))
    assert said["planes"][0]["distance_mm"] == pytest.approx(30)
    with pytest.raises(CadError, match="no part of this name") as caught:
        cut(bolted, tmp_path, Section((RIGHT,), part="Deckel"))
    assert caught.value.code == "nothing_to_cut"


def test_sheets_have_no_inside_and_that_is_said(tmp_path: Path) -> None:
    open_box = compound(faces_of(box(20, 20, 20))[:4])
    said, _ = cut(written(open_box, tmp_path), tmp_path, Section((TOP,)))
    assert said["by_triangles"] == said["cut"] == 1
    assert list(said["triangle_parts"].values()) == ["it is no solid"]


@pytest.fixture
def kernel_that(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[str], None]]:
    """Have the CAD kernel do something else in place of a cut."""

    def act(instead: str) -> None:
        ForkServer.close_current()
        monkeypatch.setattr(forkclient, "SERVER", ("-c", SERVER.format(instead=instead)))

    yield act
    ForkServer.close_current()


@pytest.mark.parametrize(
    ("instead", "why"),
    [
        ("os.kill(os.getpid(), signal.SIGSEGV)", "the CAD kernel crashed"),
        ("time.sleep(60)", "the CAD kernel took longer"),
    ],
    ids=["crashes", "hangs"],
)
def test_a_kernel_that_fails_leaves_the_cut_to_the_triangles(
    instead: str,
    why: str,
    kernel_that: Callable[[str], None],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    kernel_that(instead)
    monkeypatch.setattr("media_assets.cad.client.CUT_S", 0.1 if "sleep" in instead else 60.0)
    solid = less(box(20, 20, 50), cylinder(5, 50))
    said, _ = cut(written(solid, tmp_path), tmp_path, Section((TOP,)))
    assert said["by_triangles"] == 1
    assert next(iter(said["triangle_parts"].values())).startswith(why)
    assert said["area_mm2"] == pytest.approx(400 - math.pi * 25, rel=0.02)


def test_the_rollers_of_the_sample_bearing_stay_whole(tmp_path: Path) -> None:
    source = SAMPLES / "tapered_roller_bearing.step"
    said, glb = cut(source, tmp_path, Section((FRONT,), hatched=True))
    assert said["by_triangles"] == said["open"] == 0
    assert set(said["uncut_parts"].values()) == {"ball"}
    assert {"/Innenring", "/Außenring", "/Rollenkranz/Käfig"} <= set(said["areas_mm2"])
    assert "Kegelrolle 01" in glb.names()


@needs_corpus
def test_solids_that_the_reader_did_not_repair_are_cut_with_a_tolerance(tmp_path: Path) -> None:
    """Without one the kernel returns the first as it was, and leaves a piece out of the other."""
    for name, area in (("hinge_creo_ap203.stp", 11.599), ("wrist_loose_bbox.step", 927.82)):
        said, _ = cut(CORPUS / name, tmp_path, Section((FRONT,)))
        assert said["by_triangles"] == 0, name
        assert said["area_mm2"] == pytest.approx(area, rel=1e-3)
