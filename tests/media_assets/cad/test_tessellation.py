from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from OCP.BRep import BRep_Tool
from OCP.BRepAdaptor import BRepAdaptor_Surface
from OCP.BRepBuilderAPI import BRepBuilderAPI_Copy
from OCP.BRepPrimAPI import (
    BRepPrimAPI_MakeBox,
    BRepPrimAPI_MakeCone,
    BRepPrimAPI_MakeCylinder,
    BRepPrimAPI_MakeSphere,
    BRepPrimAPI_MakeTorus,
)
from OCP.gp import gp_Pnt, gp_Vec
from OCP.STEPControl import STEPControl_Reader
from OCP.TopAbs import TopAbs_REVERSED, TopAbs_SOLID
from OCP.TopLoc import TopLoc_Location

from media_assets.cad import mesher
from media_assets.cad.bodies import ShapeMap, shape_map
from media_assets.cad.contract import Limits
from media_assets.cad.errors import CadError
from media_assets.cad.mesher import faces_of
from media_assets.cad.settings import PRESETS
from tests.media_assets.cad.conftest import CORPUS, SAMPLES, Convert, needs_corpus
from tests.media_assets.cad.documents import compound
from tests.media_assets.cad.shapes import (
    Floats,
    corners_of,
    product_of,
    rounded_plate,
    tessellate,
    widest_angle,
    without_surface_curves,
)

HAIR = 1e-6
"""mm; points nearer to a plane than this are on it."""

ONE_DEGREE = math.cos(math.radians(1.0))

LOOSELY = 1.35
"""The mesher treats the deflection as a goal: on spheres and rings it misses it by up to 22 %."""


def off_screw(points: Floats) -> Floats:
    off = 1.0 - np.hypot(points[:, 0], points[:, 1])
    return off[(points[:, 2] > HAIR) & (points[:, 2] < 8.0 - HAIR)]


def off_plate(points: Floats) -> Floats:
    outside = np.maximum(np.abs(points - [500.0, 500.0, 5.0]) - [499.8, 499.8, 4.8], 0.0)
    rounded = (outside > HAIR).sum(axis=1) >= 2
    return 0.2 - np.linalg.norm(outside[rounded], axis=1)


def off_ball(points: Floats) -> Floats:
    return 50.0 - np.linalg.norm(points, axis=1)


def off_ring(points: Floats) -> Floats:
    return 5.0 - np.hypot(np.hypot(points[:, 0], points[:, 1]) - 36.0, points[:, 2])


def screw_in_machine() -> list[Any]:
    return [BRepPrimAPI_MakeBox(2000, 1000, 10).Shape(), BRepPrimAPI_MakeCylinder(1.0, 8.0).Shape()]


SMALL_IN_LARGE = {
    "an M2 screw in a machine of 2 m": (screw_in_machine, off_screw, 0.01),
    "a fillet of 0.2 mm on a plate of 1 m": (lambda: [rounded_plate(1000, 10, 0.2)], off_plate, 0.02),
    "a ball": (lambda: [BRepPrimAPI_MakeSphere(50).Shape()], off_ball, 1.0),
    "a ring": (lambda: [BRepPrimAPI_MakeTorus(36, 5).Shape()], off_ring, 1.0),
}


@pytest.mark.parametrize("preset", PRESETS)
@pytest.mark.parametrize(("shapes", "off", "largest"), SMALL_IN_LARGE.values(), ids=SMALL_IN_LARGE)
def test_triangles_stay_near_the_exact_surface(
    shapes: Callable[[], list[Any]],
    off: Callable[[Floats], Floats],
    largest: float,
    preset: str,
    tmp_path: Path,
) -> None:
    ordered = PRESETS[preset]
    meshed, surfaces = tessellate(product_of(*shapes()), ordered, tmp_path)
    points, normals, _ = corners_of(surfaces[-1])
    halfway = [(points[:, one] + points[:, other]) / 2 for one, other in ((0, 1), (1, 2), (2, 0))]
    chord = off(np.concatenate([*halfway, points.mean(axis=1)])).max()
    assert 0.0 < chord <= min(LOOSELY * meshed.parts[-1].deflection_mm, largest)
    assert widest_angle(normals) <= ordered.angular


def test_tip_of_a_cone_is_shaded_like_its_side(tmp_path: Path) -> None:
    cone = BRepPrimAPI_MakeCone(10.0, 0.0, 8.0).Shape()
    _, surfaces = tessellate(product_of(cone), PRESETS["standard"], tmp_path)
    points, normals, facing = corners_of(surfaces[0])
    side = facing[:, 2] > -0.5
    at_tip = side & (points[:, :, 2].max(axis=1) > 8.0 - HAIR)
    assert at_tip.sum() > 20
    assert np.einsum("mj,mkj->mk", facing[at_tip], normals[at_tip]).min() > math.cos(math.radians(5))


def exact_normals(shape: Any) -> dict[tuple[float, ...], list[Floats]]:
    """The outward normals of the exact surfaces at every point of the mesh, one for each face that meets there."""
    found: dict[tuple[float, ...], list[Floats]] = {}
    for face in faces_of(shape):
        location = TopLoc_Location()
        triangulation = BRep_Tool.Triangulation_s(face, location)
        surface = BRepAdaptor_Surface(face)
        sign = -1.0 if face.Orientation() == TopAbs_REVERSED else 1.0
        for number in range(1, triangulation.NbNodes() + 1):
            place = triangulation.Node(number).Transformed(location.Transformation())
            at = triangulation.UVNode(number)
            point, along_u, along_v = gp_Pnt(), gp_Vec(), gp_Vec()
            surface.D1(at.X(), at.Y(), point, along_u, along_v)
            across = along_u.Crossed(along_v)
            if across.Magnitude() < HAIR:
                continue
            normal = sign * np.array([across.X(), across.Y(), across.Z()]) / across.Magnitude()
            found.setdefault(tuple(np.float32([place.X(), place.Y(), place.Z()]).tolist()), []).append(normal)
    return found


@pytest.fixture(scope="module")
def bearing_parts() -> list[Any]:
    reader = STEPControl_Reader()
    reader.ReadFile(str(SAMPLES / "tapered_roller_bearing.step"))
    reader.TransferRoots()
    distinct = ShapeMap()
    placed = shape_map(reader.OneShape(), TopAbs_SOLID)
    for number in range(1, placed.Extent() + 1):
        distinct.Add(placed.FindKey(number).Located(TopLoc_Location()))
    assert distinct.Extent() == 4
    return [distinct.FindKey(number) for number in range(1, 5)]


def test_shading_runs_smoothly_over_tangent_edges_and_breaks_at_sharp_ones(
    bearing_parts: list[Any], tmp_path: Path
) -> None:
    _, surfaces = tessellate(product_of(*bearing_parts), PRESETS["draft"], tmp_path)
    smooth = sharp = 0
    for shape, surface in zip(bearing_parts, surfaces, strict=True):
        shaded: dict[tuple[float, ...], list[Floats]] = {}
        for point, normal in zip(surface.points.tolist(), surface.normals.astype(np.float64), strict=True):
            shaded.setdefault(tuple(point), []).append(normal)
        for point, exact in exact_normals(shape).items():
            if point not in shaded:
                continue
            fits = np.array(shaded[point]) @ np.array(exact).T
            assert fits.max(axis=1).min() > ONE_DEGREE
            assert fits.max(axis=0).min() > ONE_DEGREE
            apart = (np.array(exact) @ np.array(exact).T).min()
            smooth += len(exact) > 1 and apart > ONE_DEGREE
            sharp += apart < math.cos(math.radians(30))
    assert smooth > 100
    assert sharp > 100


def test_normals_around_the_rim_of_a_bearing_differ_by_the_ordered_angle_at_most(
    bearing_parts: list[Any], tmp_path: Path
) -> None:
    ordered = PRESETS["standard"]
    _, surfaces = tessellate(product_of(*bearing_parts), ordered, tmp_path)
    rims = []
    for surface in surfaces:
        points, normals, _ = corners_of(surface)
        on_rim = np.hypot(points[:, :, 0], points[:, :, 1]).min(axis=1) > 36.0 - 0.001
        rims.append(normals[on_rim])
    assert max(len(rim) for rim in rims) > 80
    assert widest_angle(np.concatenate(rims)) <= ordered.angular


def test_face_without_curves_on_its_surface_is_meshed_from_a_repaired_copy(tmp_path: Path) -> None:
    shape = without_surface_curves(BRepPrimAPI_MakeCylinder(5.0, 10.0).Shape())
    meshed, surfaces = tessellate(product_of(shape), PRESETS["standard"], tmp_path)
    assert meshed.parts[0].unmeshed_faces == 0
    points, normals, facing = corners_of(surfaces[0])
    assert (np.einsum("mj,mj->m", facing, points.mean(axis=1) - [0.0, 0.0, 5.0]) > 0).all()
    assert np.einsum("mj,mkj->mk", facing, normals).min() > 0.99


@needs_corpus
def test_no_face_of_a_part_with_a_loose_box_stays_a_hole(convert: Convert) -> None:
    report = convert(CORPUS / "wrist_loose_bbox.step", tessellation=PRESETS["standard"]).report
    assert report["unmeshed_faces"] == 0


def test_too_many_triangles_make_the_parts_coarser(tmp_path: Path) -> None:
    product = product_of(BRepPrimAPI_MakeTorus(36, 5).Shape(), BRepPrimAPI_MakeSphere(50).Shape())
    meshed, surfaces = tessellate(product, PRESETS["standard"], tmp_path, budget=5_000)
    assert meshed.coarsened == 9.0
    assert sum(len(surface.corners) for surface in surfaces) <= 5_000


def test_file_with_more_triangles_than_the_budget_however_coarse_is_refused_with_advice(
    tmp_path: Path,
) -> None:
    product = product_of(*(BRepPrimAPI_MakeSphere(5).Shape() for _ in range(10)))
    with pytest.raises(CadError, match=r"more than 100 triangles. Export it without threads") as refused:
        tessellate(product, PRESETS["draft"], tmp_path, budget=100)
    assert refused.value.code == "out_of_memory"


def test_coarsened_file_says_so_in_its_report(convert: Convert) -> None:
    report = convert(SAMPLES / "tapered_roller_bearing.step", limits=Limits(max_triangles=10_000)).report
    assert report["triangles"] <= 10_000
    assert [warning["code"] for warning in report["warnings"]] == ["coarsened"]


def test_threads_change_no_triangle(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shapes = [BRepPrimAPI_MakeTorus(9.0, 2.0).Shape(), BRepPrimAPI_MakeCone(5.0, 2.0, 9.0).Shape()]
    made = []
    for many in (10**9, 1, 1):
        monkeypatch.setattr(mesher, "MANY_FACES", many)
        copies = [compound(*(BRepBuilderAPI_Copy(shape).Shape() for _ in range(6))) for shape in shapes]
        made.append(tessellate(product_of(*copies), PRESETS["draft"], tmp_path)[1])
    for alone, *together in zip(*made, strict=True):
        assert alone.points.size
        for one in together:
            assert (one.points == alone.points).all() and (one.corners == alone.corners).all()
