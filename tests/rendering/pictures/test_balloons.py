"""Balloons and hot-spots: leaders that end on their part and never cross, whatever the parts are like."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from rendering.pictures.balloons import files
from rendering.pictures.balloons.anchors import NumberedPart, spots_in
from rendering.pictures.balloons.layout import Layout, crossings, laid_out
from rendering.pictures.gate import GateError
from tests import factories
from tests.rendering.passes import KEYS, NUMBERS, write_master

WORDS = {
    "language": "en",
    "title": "Lager <3>",
    "number": "No.",
    "part": "Part",
    "count": "Count",
    "hidden": "not visible here",
}
LEGEND = [
    {"number": 12, "key": "ball", "name": "Ball & <race>", "part_keys": [KEYS[1], KEYS[2]]},
    {"number": 3, "key": "ring", "name": "Ring", "part_keys": [KEYS[0]]},
    {"number": 5, "key": "screw", "name": "Screw", "part_keys": [KEYS[3]]},
]
SVG = "{http://www.w3.org/2000/svg}"
WIDE = np.kron(NUMBERS, np.ones((40, 40), int))  # 160 x 80 px


def made(
    tmp_path: Path, format_name: str, numbers: Any = WIDE, **changes: Any
) -> tuple[Path, Path, Mapping[str, Any]]:
    """Write a file; return the passes, the file, and its recipe."""
    source = write_master(tmp_path / "m.zip", numbers)
    recipe = {
        "format": format_name,
        "width": 320,
        "height": 160,
        "background": ["#ffffff"],
        "quality": 90,
        **changes,
    }
    about = {
        "recipe_key": "ab" * 32,
        "legend": LEGEND,
        "picture": str(factories.picture(tmp_path / "picture.png", (160, 80))),
        "poster": str(tmp_path / "poster.webp"),
        "words": WORDS,
    }
    target = tmp_path / f"a.{format_name}"
    files.write(source, target, recipe, about)
    assert Image.open(about["poster"]).size == (256, 128)
    return source, target, recipe


@pytest.mark.parametrize("format_name", ["svg", "png", "jpg", "webp", "hotspots"])
def test_each_file_says_where_its_leaders_end_and_is_checked_by_that(
    format_name: str, tmp_path: Path
) -> None:
    source, target, recipe = made(tmp_path, format_name)
    assert files.check(source, target, recipe) == ({"balloons": 2, "not_visible": 1, "no_room": 0}, [])
    other = write_master(tmp_path / "other.zip", np.flipud(WIDE))
    with pytest.raises(GateError, match="does not end on its part"):
        files.check(other, target, recipe)
    target.write_bytes(target.read_bytes()[: target.stat().st_size // 2])
    with pytest.raises(GateError):
        files.check(source, target, recipe)


def test_an_svg_has_the_picture_a_leader_and_a_number_for_each_part_that_is_seen(tmp_path: Path) -> None:
    _, target, _ = made(tmp_path, "svg")
    root = ElementTree.fromstring(target.read_bytes())
    image = root.find(f"{SVG}image")
    assert image is not None and image.get("href", "").startswith("data:image/jpeg;base64,")
    groups = {group.get("id"): group for group in root.findall(f"{SVG}g")}
    numbers = [
        (one.findtext(f"{SVG}text"), one.findtext(f"{SVG}title"))
        for one in groups["balloons"].findall(f"{SVG}g")
    ]
    assert numbers == [("3", "Ring"), ("12", "Ball & <race>")]
    assert len(groups["leaders"]) == len(groups["ends"]) == 2
    dot = groups["ends"][0]
    left, top, width, height = (float(image.get(name, "")) for name in ("x", "y", "width", "height"))
    x = (float(dot.get("cx", "")) - left) / width * 160
    y = (float(dot.get("cy", "")) - top) / height * 80
    assert WIDE[int(y), int(x)] == 1


def test_a_burned_in_picture_shows_dark_on_white_where_the_number_is(tmp_path: Path) -> None:
    _, target, _ = made(tmp_path, "png")
    _, drawing, _ = made(tmp_path, "svg")
    said = json.loads(ElementTree.fromstring(drawing.read_bytes()).findtext(f"{SVG}metadata") or "")
    with Image.open(target) as image:
        pixels = np.asarray(image.convert("L"), int)
    for one in said["balloons"]:
        x, y = (round(value) for value in one["at"])
        around = pixels[y - 7 : y + 8, x - 7 : x + 8]
        assert around.max() > 240 and around.min() < 120
    _, clear, _ = made(tmp_path, "png", background=[])
    with Image.open(clear) as image:
        assert image.mode == "RGBA" and image.getpixel((160, 2))[3] == 0  # type: ignore[index]


def test_hot_spots_list_every_part_and_say_which_is_not_visible(tmp_path: Path) -> None:
    _, target, _ = made(tmp_path, "hotspots")
    with zipfile.ZipFile(target) as archive:
        said = json.loads(archive.read("hotspots.json"))
        page = archive.read("index.html").decode()
        assert {"picture.webp", "hotspots.svg", "hotspots.css", "hotspots.js"} < set(archive.namelist())
        shapes = ElementTree.fromstring(archive.read("hotspots.svg"))
    assert [(row["number"], row["name"], row["count"], row["is_visible"]) for row in said["parts"]] == [
        (3, "Ring", 1, True),
        (5, "Screw", 1, False),
        (12, "Ball & <race>", 2, True),
    ]
    assert [len(row["places"]) for row in said["parts"]] == [1, 0, 2]
    x, y = said["parts"][0]["places"][0]["middle"]
    assert WIDE[int(y / 2), int(x / 2)] == 1
    assert [one.get("data-part") for one in shapes] == ["0", "2", "2"]
    assert page.count("not visible here") == 1 and 'class="away"' in page
    assert "Ball &amp; &lt;race&gt;" in page and "<race>" not in page and "Lager &lt;3&gt;" in page
    assert "<script>" not in page, "it runs under a strict Content-Security-Policy"


def test_an_outline_is_that_of_the_part(tmp_path: Path) -> None:
    _, target, _ = made(tmp_path, "hotspots")
    with zipfile.ZipFile(target) as archive:
        ring = json.loads(archive.read("hotspots.json"))["parts"][0]["places"][0]["path"]
    points = np.array([[float(value) for value in one.split()] for one in ring.strip("MZ").split("L")])
    assert points.min(axis=0) == pytest.approx([160, 0], abs=2)
    assert points.max(axis=0) == pytest.approx([320, 80], abs=2)


def test_one_part_and_none_that_is_numbered(tmp_path: Path) -> None:
    source, target, recipe = made(tmp_path, "svg", np.ones((80, 160), int))
    assert files.check(source, target, recipe)[0] == {"balloons": 1, "not_visible": 2, "no_room": 0}
    about = {"recipe_key": "x", "picture": str(tmp_path / "picture.png"), "poster": str(tmp_path / "p.webp")}
    files.write(source, target, recipe, about)
    assert files.check(source, target, recipe)[0]["balloons"] == 0


@settings(max_examples=40, deadline=None)
@given(
    st.lists(st.tuples(st.floats(0, 1), st.floats(0, 1)), max_size=60),
    st.sampled_from([(256, 256), (900, 300), (96, 400)]),
)
def test_leaders_never_cross_and_balloons_never_overlap(
    anchors: list[tuple[float, float]], size: tuple[int, int]
) -> None:
    found = laid_out(anchors, [1] * len(anchors), *size)
    assert crossings(found.ends, found.centers) == 0
    apart = np.linalg.norm(found.centers[:, None] - found.centers[None], axis=2)
    assert not len(apart) or (apart + np.eye(len(apart)) * 1e9).min() >= 2 * found.radius
    left, top, width, height = found.box
    middles = found.centers
    inside = (
        (middles[:, 0] > left)
        & (middles[:, 0] < left + width)
        & (middles[:, 1] > top)
        & (middles[:, 1] < top + height)
    )
    assert not inside.any(), "beside the picture, not on it"
    assert (middles >= found.radius).all() and (middles <= np.array(size) - found.radius).all()


def test_of_ten_thousand_parts_the_largest_get_the_room_that_there_is() -> None:
    random = np.random.default_rng(1)
    anchors = [(float(x), float(y)) for x, y in random.random((10_000, 2))]
    sizes = random.permutation(10_000)
    found = laid_out(anchors, sizes.tolist(), 1024, 1024)
    assert 100 < len(found.chosen) < 300
    assert set(found.chosen) == set(np.argsort(-sizes)[: len(found.chosen)].tolist())
    assert crossings(found.ends, found.centers) == 0


def of_one_axis(count: int, size: int) -> np.ndarray:
    """The ids of discs on one slanted axis, each before the next one: their middles lie on one line."""
    down, across = np.mgrid[:size, :size]
    ids = np.zeros((size, size), int)
    for number in reversed(range(count)):
        share = (number + 1) / (count + 1)
        x, y = size * (0.15 + 0.7 * share), size * (0.2 + 0.6 * share)
        wide = size * (0.11 if number % 2 else 0.07)
        along, off = (across - x) * 0.8 + (down - y) * 0.6, (down - y) * 0.8 - (across - x) * 0.6
        ids[(along / (0.25 * wide)) ** 2 + (off / wide) ** 2 < 1] = number + 1
    return ids


@pytest.mark.parametrize("count", [4, 9, 14])
def test_leaders_of_parts_on_one_axis_can_be_told_apart(count: int) -> None:
    size = 512
    spots = [NumberedPart(1, "k", "n", 1, [one]) for one in spots_in(of_one_axis(count, size), "x" * count)]
    anchors = [one.target()[1] for one in spots]
    others = [[pixel for _, pixel in one.others()] for one in spots]
    parts, share = [1] * count, size
    plain = laid_out([(x / share, y / share) for x, y in anchors], parts, size, size)
    found = laid_out(
        [(x / share, y / share) for x, y in anchors],
        parts,
        size,
        size,
        lambda at: [(x / share, y / share) for x, y in others[at]],
    )
    assert crossings(found.ends, found.centers) == 0
    nearest, before = (nearness(one) for one in (found, plain))
    assert nearest > 0.5, f"radii between two leaders; {before:.2f} without other pixels"
    ids = of_one_axis(count, size)
    for at, pick, end in zip(found.chosen, found.picks, found.ends, strict=True):
        x, y = anchors[at] if pick is None else others[at][pick]
        assert ids[y, x] == at + 1
        assert end == pytest.approx(np.array([x, y]) / size * found.box[2:] + found.box[:2])


def nearness(layout: Layout) -> float:
    """How near (in radii) the end of any leader is to another leader."""
    least = np.inf
    for one, end in enumerate(layout.ends):
        for other, (start, center) in enumerate(zip(layout.ends, layout.centers, strict=True)):
            along = np.linspace(start, center, 400)
            if one != other:
                least = min(least, float(np.linalg.norm(along - end, axis=1).min()))
    return least / layout.radius


def test_the_end_of_a_leader_is_well_inside_its_part() -> None:
    ids = np.zeros((60, 90), int)
    ids[5:55, 5:55] = 1
    ids[15:45, 15:45] = 0  # a ring: its middle is not its own
    ids[20:22, 70:90] = 2
    ids[50, 80] = 3
    for spot in spots_in(ids, ["ring", "bar", "speck"]):
        x, y = spot.middle()
        number = ["ring", "bar", "speck"].index(spot.part_key) + 1
        assert ids[y, x] == number
        if spot.part_key == "ring":
            assert (ids[y - 3 : y + 4, x - 3 : x + 4] == 1).all()
