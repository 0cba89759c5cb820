"""STEP files for the guide's pictures: the parts of our sample bearing one by one, and a hub that carries it."""

from __future__ import annotations

import math
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from OCP.BRepAlgoAPI import BRepAlgoAPI_Cut
from OCP.BRepPrimAPI import BRepPrimAPI_MakeCylinder
from OCP.gp import gp_Ax2, gp_Dir, gp_Pnt
from OCP.Quantity import Quantity_Color, Quantity_TOC_sRGB
from OCP.TCollection import TCollection_ExtendedString
from OCP.TDataStd import TDataStd_Name
from OCP.TDocStd import TDocStd_Document
from OCP.TopoDS import TopoDS_Shape
from OCP.XCAFDoc import XCAFDoc_ColorSurf, XCAFDoc_DocumentTool

from tests.paths import PROJECT

sys.path.insert(0, str(PROJECT / "samples"))
import make_bearing as bearing

STEEL, BRASS, DARK = (0.70, 0.71, 0.72), (0.76, 0.60, 0.33), (0.28, 0.29, 0.31)


def hub() -> TopoDS_Shape:
    """Return a flange with a neck that the bearing sits on, five holes around it, in mm about z."""
    corner = bearing.Corner
    body = bearing.revolved(
        [
            corner(9.0, 0.0, 0.8),
            corner(52.0, 0.0, 1.2),
            corner(52.0, 9.0, 1.2),
            corner(23.0, 9.0, 4.0),
            corner(20.0, 17.0, 1.0),
            corner(15.0, 17.0, 0.5),
            corner(15.0, 44.0, 1.2),
            corner(9.0, 44.0, 0.8),
        ]
    )
    for index in range(5):
        turn = 2 * math.pi * index / 5
        foot = gp_Ax2(gp_Pnt(40 * math.cos(turn), 40 * math.sin(turn), -1.0), gp_Dir(0, 0, 1))
        body = BRepAlgoAPI_Cut(body, BRepPrimAPI_MakeCylinder(foot, 5.2, 12.0).Shape()).Shape()
    return body


# number: name, its one solid, and its color in the CAD file
PARTS: dict[str, tuple[str, Callable[[], Any], tuple[float, float, float]]] = {
    "TRB-30X72-IR": ("Inner ring", bearing.inner_ring, STEEL),
    "TRB-30X72-OR": ("Outer ring", bearing.outer_ring, STEEL),
    "TRB-30X72-CG": ("Cage", bearing.cage, BRASS),
    "TRB-30X72-RL": ("Tapered roller", bearing.roller, STEEL),
    "HUB-5X80": ("Wheel hub", hub, DARK),
}


def write_all(folder: Path) -> Iterator[tuple[str, str, Path]]:
    """Write a STEP file for each part and yield (number, name, path)."""
    for number, (name, shape, color) in PARTS.items():
        document = TDocStd_Document(TCollection_ExtendedString("BinXCAF"))
        label = XCAFDoc_DocumentTool.ShapeTool_s(document.Main()).AddShape(shape(), False)
        TDataStd_Name.Set_s(label, TCollection_ExtendedString(name, True))
        colors = XCAFDoc_DocumentTool.ColorTool_s(document.Main())
        colors.SetColor(label, Quantity_Color(*color, Quantity_TOC_sRGB), XCAFDoc_ColorSurf)
        path = folder / f"{number.lower()}.step"
        bearing.write(document, path, "AP214IS")
        yield number, name, path
