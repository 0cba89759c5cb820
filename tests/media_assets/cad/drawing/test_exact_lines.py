"""Exact lines of drawings: real curves, near the polygonal ones, and never waited for too long."""

from __future__ import annotations

import json
import os
import signal
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from OCP.BRepAdaptor import BRepAdaptor_Curve
from OCP.BRepAlgoAPI import BRepAlgoAPI_Cut
from OCP.BRepFilletAPI import BRepFilletAPI_MakeFillet
from OCP.BRepPrimAPI import BRepPrimAPI_MakeBox, BRepPrimAPI_MakeCylinder
from OCP.BRepTools import BRepTools
from OCP.GeomAbs import GeomAbs_Circle
from OCP.gp import gp_Ax2, gp_Dir, gp_Pnt
from OCP.TopAbs import TopAbs_EDGE
from OCP.TopoDS import TopoDS

from media_assets.cad.bodies import shape_map
from media_assets.cad.client import Conversion
from media_assets.cad.contract import ConversionResult
from media_assets.cad.drawing.arcs import Arc
from media_assets.cad.drawing.hidden_lines import exact_lines_of
from media_assets.cad.drawing.wanted import VIEWS, Drawing
from media_assets.cad.settings import PRESETS
from tests.media_assets.cad.conftest import SAMPLES, finish

pytestmark = pytest.mark.cad

BEARING = SAMPLES / "tapered_roller_bearing.step"
EXACT = Drawing(exact=True)
PIXEL = 1 / 1200
"""Of the longer side of a view: what the depths are compared by."""
COARSE = 40 * (1 - np.cos(PRESETS["draft"].angular / 2))
"""How far the triangles of the ring are from its circles (mm)."""


def block(tmp_path: Path) -> Path:
    """A block of 40 x 20 x 10 mm with an upright hole through it, and a slanted one into its side."""
    shape = BRepPrimAPI_MakeBox(40, 20, 10).Shape()
    for place, way in (((20, 10, 0), (0, 0, 1)), ((0, 10, 5), (1, 0.3, 0))):
        hole = BRepPrimAPI_MakeCylinder(gp_Ax2(gp_Pnt(*place), gp_Dir(*way)), 3, 12).Shape()
        shape = BRepAlgoAPI_Cut(shape, hole).Shape()
    BRepTools.Write_s(shape, str(tmp_path / "block.brep"))
    return tmp_path / "block.brep"


def ring() -> Any:
    """A flat ring of 80 mm whose outer edges are rounded a little: a few coarse triangles across, many along."""
    solid = BRepPrimAPI_MakeCylinder(40, 12).Shape()
    rounded, edges = BRepFilletAPI_MakeFillet(solid), shape_map(solid, TopAbs_EDGE)
    for edge in (TopoDS.Edge(edges.FindKey(number)) for number in range(1, edges.Extent() + 1)):
        if BRepAdaptor_Curve(edge).GetType() == GeomAbs_Circle:
            rounded.Add(1, edge)
    return BRepAlgoAPI_Cut(rounded.Shape(), BRepPrimAPI_MakeCylinder(15, 12).Shape()).Shape()


def conversion(source: Path, out: Path, drawing: Drawing) -> Conversion:
    out.mkdir()
    return Conversion(source, out, PRESETS["draft"], want_usd=False, drawing=drawing)


def drawn(result: ConversionResult) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(result.glb.read_text(encoding="utf-8"))
    return found


def test_curves_stay_curves_and_lie_where_the_polygons_do(tmp_path: Path) -> None:
    source = block(tmp_path)
    exact, plain = (
        drawn(finish(conversion(source, tmp_path / name, drawing)))
        for name, drawing in (("exact", EXACT), ("plain", Drawing()))
    )
    assert "by_view" not in plain
    assert all(said.keys() == {"seconds"} for said in exact["by_view"].values()), exact["by_view"]
    (hole,) = (Arc.from_json(one) for one in exact["views"]["top"]["visible"] if isinstance(one, dict))
    assert hole.is_circular and hole.is_full
    assert (hole.center, hole.major) == (pytest.approx((20, 10)), pytest.approx((3, 0)))
    slanted = [Arc.from_json(one) for one in exact["views"]["iso"]["visible"] if isinstance(one, dict)]
    assert slanted and not any(one.is_circular for one in slanted), "a circle from aside is an ellipse"
    for name, view in exact["views"].items():
        scale = np.ptp(_points(view["visible"], 0.1), axis=0).max()
        for one, other in ((view, plain["views"][name]), (plain["views"][name], view)):
            away = _away(_points(one["visible"], 0.1), _points([*other["visible"], *other["smooth"]], 0.1))
            assert np.quantile(away, 0.98) < 3 * PIXEL * scale, f"{name}: {away.max() / scale / PIXEL} px"


def test_coarse_triangles_of_round_parts_have_no_lines_of_their_own(tmp_path: Path) -> None:
    shape = ring()
    BRepTools.Write_s(shape, str(tmp_path / "ring.brep"))
    plain, exact = (
        drawn(finish(conversion(tmp_path / "ring.brep", tmp_path / name, drawing)))
        for name, drawing in (("plain", Drawing()), ("exact", EXACT))
    )
    for name, (right, up) in VIEWS.items():
        kernel = exact_lines_of(shape, np.array(right), np.cross(right, up), 0.01)["visible"]
        known = _points([*kernel.segments, *(arc.to_json(4) for arc in kernel.arcs)], 0.1)
        pixel = PIXEL * np.ptp(known, axis=0).max()
        for view, coarse in ((plain, COARSE), (exact, 0.0)):
            away = _away(_points(view["views"][name]["visible"], 0.3), known)
            assert away.max() < 3 * pixel + coarse, name


def test_nobody_waits_for_ever(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("media_assets.cad.client.EXACT_S", 0.5)
    slow = finish(conversion(BEARING, tmp_path / "slow", EXACT))
    monkeypatch.undo()
    assert {said["why"] for said in drawn(slow)["by_view"].values() if "why" in said} == {"slow"}
    assert slow.report["drawing"]["by_view"] == drawn(slow)["by_view"]
    killed = conversion(BEARING, tmp_path / "killed", EXACT)
    killed.start()
    while not killed.done:
        for said in killed.poll(1.0):
            if said.stage == "exact":
                assert killed.pid
                os.kill(killed.pid, signal.SIGKILL)
    assert {said["why"] for said in drawn(killed.result())["by_view"].values()} == {"crashed"}
    for result in (slow, killed.result()):
        assert all(view["visible"] for view in drawn(result)["views"].values())
        assert not list(result.glb.parent.glob(".cad-*")), "nothing of the child is left"


def _points(lines: list[Any], apart: float) -> np.ndarray:
    """Points on lines and arcs, at most so far apart (mm)."""
    found = []
    for line in lines:
        ends = np.array(Arc.from_json(line).points(1e-4) if isinstance(line, dict) else line, float)
        for start, end in pairwise(ends):
            count = int(np.linalg.norm(end - start) / apart) + 2
            found.append(np.linspace(start, end, count))
    return np.concatenate(found)


def _away(points: np.ndarray, others: np.ndarray) -> np.ndarray:
    """How far each point is from the nearest other one (mm)."""
    return np.array([np.linalg.norm(others - point, axis=1).min() for point in points])
