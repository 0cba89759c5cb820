"""Usages in crowds are read in a time that grows with their number, and nothing shows that they were divided."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import pytest

from media_assets.cad.contract import ConversionResult
from media_assets.cad.crowds import CROWD, with_stand_ins
from tests.media_assets.cad.conftest import SAMPLES, Convert
from tests.media_assets.cad.documents import BLUE, GRAY, GREEN, RED, Document, box, cylinder

pytestmark = pytest.mark.cad

OF_THE_RUN = ("seconds", "peak_mb", "stage_peak_mb", "bytes")


def random_product(seed: int, target: Path) -> Path:
    """Write assemblies in assemblies; usages have colors, are hidden, on layers, or styled from further out."""
    dice = random.Random(seed)
    document = Document()
    parts = [
        document.part("Block", box(10, 20, 30), GRAY),
        document.part("Bolzen", cylinder(2, 9)),
        document.part("Platte", box(5, 5, 1), BLUE),
    ]
    below: list[Any] = list(parts)
    paths: list[list[Any]] = []
    for level in range(4):
        assembly = document.assembly(f"Baugruppe {level}")
        inner = [document.place(assembly, below[-1], "Innen", dice.uniform(-900.0, 900.0))]
        for number in range(dice.randint(3, 7)):
            place = document.place(assembly, dice.choice(below), f"Ort {number}", dice.uniform(-900.0, 900.0))
            if dice.random() < 0.3:
                document.painted(place, dice.choice([RED, GREEN]))
        paths = [[*inner, *path] for path in paths] + [inner]
        below.append(assembly)
    document.layer(parts[1], "Hilfsgeometrie", visible=dice.random() < 0.5)
    for path in paths:
        # OpenCASCADE's writer crashes on an assembly that is hidden in one place.
        if path is paths[0] and dice.random() < 0.5:
            document.colors.SetVisibility(document.style(path), False)
        elif len(path) > 1:
            document.painted(document.style(path), RED)
    return document.step(target, dice.choice(["MM", "INCH", "M"]))


def as_shown(result: ConversionResult) -> tuple[bytes, dict[str, Any]]:
    said = {name: value for name, value in result.report.items() if name not in OF_THE_RUN}
    return result.glb.read_bytes(), said


@pytest.mark.parametrize("seed", range(6))
def test_divided_file_is_read_as_the_whole_one(seed: int, convert: Convert, tmp_path: Path) -> None:
    source = random_product(seed, tmp_path / "product.step")
    whole = as_shown(convert(source, name="product"))
    content = source.read_bytes()
    divided = b"".join(with_stand_ins(content, crowd=2))
    assert len(divided) > len(content)
    source.write_bytes(divided)
    assert as_shown(convert(source, name="product")) == whole


def test_places_of_a_crowd_keep_names_order_and_place(convert: Convert, tmp_path: Path) -> None:
    document = Document()
    root = document.assembly("Maschine")
    pin, ring = document.part("Stift", cylinder(1, 3)), document.part("Scheibe", cylinder(2, 1))
    for number in range(CROWD + 20):
        document.place(root, (pin, ring)[number % 2], "Ort", 5.0 * number)
    result = convert(document.step(tmp_path / "crowd.step"))
    places = result.report["tree"]["children"]
    assert [one["part_key"] for one in places] == ["/Ort", *(f"/Ort#{n + 1}" for n in range(1, CROWD + 20))]
    assert {one["product"] for one in places[::2]} == {"Stift"}
    assert result.report["box_mm"]["high"][0] == pytest.approx(5.0 * (CROWD + 19) + 2.0)


def test_file_without_a_crowd_stays_as_it_is() -> None:
    content = (SAMPLES / "tapered_roller_bearing.step").read_bytes()
    assert b"".join(with_stand_ins(content)) == content
