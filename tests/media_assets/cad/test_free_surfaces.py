"""Faces that belong to no solid are counted: they look like a part, but have no inside."""

from __future__ import annotations

from pathlib import Path

from OCP.BRep import BRep_Builder
from OCP.BRepBuilderAPI import BRepBuilderAPI_MakeFace
from OCP.BRepPrimAPI import BRepPrimAPI_MakeBox
from OCP.BRepTools import BRepTools
from OCP.gp import gp_Dir, gp_Pln, gp_Pnt
from OCP.TopoDS import TopoDS_Compound

from media_assets.cad.client import Conversion
from media_assets.cad.settings import PRESETS
from tests.media_assets.cad.conftest import finish


def test_a_sheet_beside_a_solid_is_a_free_surface(tmp_path: Path) -> None:
    both, builder = TopoDS_Compound(), BRep_Builder()
    builder.MakeCompound(both)
    builder.Add(both, BRepPrimAPI_MakeBox(10.0, 10.0, 10.0).Shape())
    plane = gp_Pln(gp_Pnt(0.0, 0.0, 30.0), gp_Dir(0.0, 0.0, 1.0))
    builder.Add(both, BRepBuilderAPI_MakeFace(plane, 0.0, 5.0, 0.0, 5.0).Shape())
    source = tmp_path / "both.brep"
    BRepTools.Write_s(both, str(source))
    out = tmp_path / "out"
    out.mkdir()
    report = finish(Conversion(source, out, PRESETS["draft"], name="both.brep")).report
    assert (report["solids"], report["faces"], report["free_surfaces"]) == (1, 7, 1)
