from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from media_assets.cad.mesher import Meshed, MeshedProduct
from media_assets.cad.product_tree import Appearance, CadProduct, Node, Part
from media_assets.cad.surfaces import Mesh, Surface
from media_assets.cad.validation import validate
from tests.media_assets.cad.conftest import SAMPLES, Convert
from tests.media_assets.cad.documents import Document, box, compound, cylinder
from tests.media_assets.cad.mesh_files import CUBE_POINTS, CUBE_TRIANGLES


def disc_and_box(folder: Path, wrong: float = 1.0, unit: str = "MM") -> Path:
    """A disc (radius 50 mm, height 2 mm) whose stated volume is off by a factor, and a box, in an assembly."""
    made = Document()
    top = made.assembly("Satz")
    disc, block = made.part("Scheibe", cylinder(50, 2)), made.part("Klotz", box(10, 20, 30))
    # The writer converts volume and area to the unit of the file, but not the center.
    per_mm = {"MM": 1.0, "INCH": 25.4, "M": 1000.0}[unit]
    made.states(disc, math.pi * 5000 * wrong, math.pi * (5000 + 200), (0, 0, 1 / per_mm))
    made.states(block, 6000, 2200, (5 / per_mm, 10 / per_mm, 15 / per_mm))
    made.place(top, disc, "a", 5)
    made.place(top, block, "b", 100)
    return made.step(folder / "stated.step", unit)


def codes(report: dict[str, Any]) -> list[str]:
    return [one["code"] for one in report["warnings"] if one["code"] != "no_colors"]


@pytest.mark.parametrize("unit", ["MM", "INCH", "M"])
def test_sizes_that_the_file_states_are_checked(unit: str, convert: Convert, tmp_path: Path) -> None:
    report = convert(disc_and_box(tmp_path, unit=unit)).report
    assert report["validation"] == {"checked": 2, "unsure": 0, "differing": []}
    assert codes(report) == []
    assert report["volume_mm3"] == pytest.approx(math.pi * 5000 + 6000, rel=0.03)
    assert report["area_mm2"] == pytest.approx(math.pi * 5200 + 2200, rel=0.03)


def test_part_that_is_not_as_large_as_the_file_says_is_told(convert: Convert, tmp_path: Path) -> None:
    report = convert(disc_and_box(tmp_path, wrong=1.02)).report
    (different,) = report["validation"]["differing"]
    assert (different["name"], different["what"]) == ("Scheibe", "volume")
    # The draft's triangles are 3 % too small; the figure is that of the exact surface.
    assert different["found"] == pytest.approx(math.pi * 5000, rel=1e-6)
    (warning,) = [one for one in report["warnings"] if one["code"] == "sizes_differ"]
    assert "Scheibe: volume" in warning["details"]


def test_wrong_center_is_told(convert: Convert, tmp_path: Path) -> None:
    made = Document()
    made.states(made.part("Klotz", box(10, 20, 30)), 6000, 2200, (5, 10, 18))
    report = convert(made.step(tmp_path / "off.step")).report
    assert [one["what"] for one in report["validation"]["differing"]] == ["centre"]


def test_part_of_several_bodies_is_compared_as_one(convert: Convert, tmp_path: Path) -> None:
    made = Document()
    part = made.part("Paar", compound(box(10, 10, 10), box(10, 10, 10, at=(20, 0, 0))))
    made.bodies(part, ["links", "rechts"], [None, None])
    made.states(part, 2000, 1200, (15, 5, 5))
    report = convert(made.step(tmp_path / "pair.step")).report
    assert (report["parts"], report["validation"]["differing"]) == (2, [])


def test_whole_product_that_is_smaller_than_stated_is_told(convert: Convert, tmp_path: Path) -> None:
    made = Document()
    top, block = made.assembly("Satz"), made.part("Klotz", box(10, 10, 10))
    made.place(top, block, "a")
    made.place(top, block, "b", 20)
    made.states(top, 3000, 1200, (15, 5, 5))
    (different,) = convert(made.step(tmp_path / "whole.step")).report["validation"]["differing"]
    assert different == {"name": "Satz", "what": "volume", "stated": 3000.0, "found": 2000.0}


def test_every_report_has_area_and_volume(convert: Convert) -> None:
    report = convert(SAMPLES / "tapered_roller_bearing.step").report
    assert 0 < report["volume_mm3"] < math.prod(report["size_mm"])
    assert report["area_mm2"] > 0
    assert "validation" not in report


def glued(*triangles: Any) -> Mesh:
    """A mesh of one surface for each group of triangles, as colors part them."""
    return Mesh(
        "m",
        [
            (
                None,
                Surface(
                    np.float32(group).reshape(-1, 3), np.zeros(0), np.arange(3 * len(group)).reshape(-1, 3)
                ),
            )
            for group in triangles
        ],
    )


def measured(mesh: Mesh) -> dict[str, Any]:
    root = Node("m", "m", "/", look=0)
    product = CadProduct(root, [Part("m", None, 0, 0, None)], [Appearance(0, (None,))], 0, 1)
    meshed = MeshedProduct([Meshed(0.0, mesh.triangles, 0)], 1.0)
    return validate(product, [mesh], meshed, {0: np.stack([np.diag([2.0, 2.0, 2.0, 1.0])] * 3)}).facts


@pytest.mark.parametrize("split", [0, 5])
def test_closed_mesh_has_a_volume_however_its_colors_part_it(split: int) -> None:
    cube = CUBE_POINTS[CUBE_TRIANGLES]
    side = float(np.ptp(CUBE_POINTS[:, 0]))
    facts = measured(glued(*[group for group in (cube[:split], cube[split:]) if len(group)]))
    assert facts["volume_mm3"] == pytest.approx(3 * 8 * side**3)
    assert facts["area_mm2"] == pytest.approx(3 * 4 * 6 * side**2)
    assert measured(glued(cube[:, ::-1]))["volume_mm3"] == pytest.approx(3 * 8 * side**3), "turned inside out"


def test_mesh_with_a_hole_or_a_turned_triangle_has_none() -> None:
    cube = CUBE_POINTS[CUBE_TRIANGLES].copy()
    assert measured(glued(cube[1:]))["volume_mm3"] is None
    cube[0] = cube[0][::-1]
    assert measured(glued(cube))["volume_mm3"] is None
