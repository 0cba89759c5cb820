"""Files made of passes: the colors and the legend, mattes and their manifest, depths, and masters that are no good."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import OpenEXR
import pytest
from PIL import Image

from blender_scripts.matte_hash import hash_of, murmur3, told_apart
from rendering.pictures import gate
from rendering.pictures.gate import GateError
from rendering.pictures.passes import files, ids, master, planes
from tests.rendering.passes import KEYS, NUMBERS, write_master

LEGEND = [
    {"number": 7, "key": "kugel", "name": "Ball", "part_keys": [KEYS[1], KEYS[2], "/Lager/gone"]},
    {"number": 9, "key": "gone", "name": "Gone", "part_keys": ["/Lager/none"]},
    {"number": 1, "key": "ring", "name": "Ring", "part_keys": [KEYS[0]]},
]
"""The last part is in no row."""


def made(tmp_path: Path, format_name: str, source: Path) -> tuple[Path, Mapping[str, Any]]:
    target = tmp_path / f"a.{format_name}"
    recipe = {"format": format_name, "credit": {"copyright": "© Shop"}}
    about = {"recipe_key": "ab" * 32, "legend": LEGEND, "poster": str(tmp_path / "poster.webp")}
    files.write(source, target, recipe, about)
    measured, concerns = files.check(source, target, recipe)
    assert not concerns and Image.open(about["poster"]).size == (4, 2)
    return target, measured


def test_ids_have_a_color_for_each_place_and_each_kind(tmp_path: Path) -> None:
    target, measured = made(tmp_path, "ids", write_master(tmp_path / "m.zip"))
    assert measured == {"places": 4, "places_seen": 3}
    with zipfile.ZipFile(target) as archive:
        said = json.loads(archive.read("legend.json"))
        places, kinds = (
            np.asarray(Image.open(io.BytesIO(archive.read(name)))) for name in ("ids.png", "kinds.png")
        )
    assert [(row["part_key"], row["number"], row["name"], row["pixels"]) for row in said["places"]] == [
        (KEYS[0], 1, "Ring", 2),
        (KEYS[1], 7, "Kugel", 2),
        (KEYS[2], 7, "Kugel", 1),
        (KEYS[3], None, "Ölschraube", 0),
    ]
    assert [(row["number"], row["name"], row["count"], row["pixels"]) for row in said["kinds"]] == [
        (7, "Ball", 2, 3),
        (1, "Ring", 1, 2),
        (None, "Ölschraube", 1, 0),
    ]
    for rows, picture, pixels in (
        (said["places"], places, {(0, 2): 0, (1, 1): 1, (1, 3): 2}),
        (said["kinds"], kinds, {(0, 2): 1, (1, 1): 0, (1, 3): 0}),
    ):
        assert len({row["color"] for row in rows}) == len(rows)
        for place, row in pixels.items():
            red, green, blue, alpha = picture[place]
            assert (f"#{red:02x}{green:02x}{blue:02x}", alpha) == (rows[row]["color"], 255)
        assert picture[0, 0].tolist() == [0, 0, 0, 0]


def test_colors_of_very_many_parts_all_differ() -> None:
    found = ids.colors(10_000).astype(int)
    assert len({*map(tuple, found.tolist())}) == 10_000
    assert found.sum(axis=1).min() > 0, "black is the background"


def test_a_legend_changes_the_file_and_no_number_of_a_part(tmp_path: Path) -> None:
    source = write_master(tmp_path / "m.zip")
    target, _ = made(tmp_path, "ids", source)
    with zipfile.ZipFile(target) as archive:
        content = archive.read("ids.png")
    (tmp_path / "b").mkdir()
    about = {"recipe_key": "cd" * 32, "legend": [], "poster": str(tmp_path / "b.webp")}
    files.write(source, tmp_path / "b" / "b.zip", {"format": "ids"}, about)
    with zipfile.ZipFile(tmp_path / "b" / "b.zip") as archive:
        assert archive.read("ids.png") == content
        assert {row["number"] for row in json.loads(archive.read("legend.json"))["kinds"]} == {None}


def test_mattes_name_places_and_kinds_in_their_manifests(tmp_path: Path) -> None:
    target, measured = made(tmp_path, "mattes", write_master(tmp_path / "m.zip", mattes=True))
    assert measured == {"places": 4, "places_seen": 3}
    with OpenEXR.File(str(target)) as file:
        header, channels = dict(file.header()), {name: one.pixels for name, one in file.channels().items()}
    layers = {text: name.rpartition("/")[0] for name, text in header.items() if name.endswith("/name")}
    assert set(layers) == {"CryptoObject", "CryptoAsset"}
    for layer, start in layers.items():
        assert start == f"cryptomatte/{murmur3(layer.encode()):08x}"[:19]
        assert header[f"{start}/hash"] == "MurmurHash3_32"
        assert header[f"{start}/conversion"] == "uint32_to_float32"
    manifest = json.loads(header[f"{layers['CryptoObject']}/manifest"])
    assert manifest == {key: f"{hash_of(key):08x}" for key in KEYS}
    assert set(json.loads(header[f"{layers['CryptoAsset']}/manifest"])) == {"7 Ball", "1 Ring", "Ölschraube"}
    code, share, other, rest = channels["CryptoObject00"][1, 1]
    codes = {
        int(np.float32(one).view(np.uint32)): float(part) for one, part in ((code, share), (other, rest))
    }
    assert codes == {hash_of(KEYS[1]): 0.5, hash_of(KEYS[2]): 0.5}
    both = channels["CryptoAsset00"][1, 1]
    assert (int(both[:1].view(np.uint32)[0]), both[1], both[3]) == (hash_of("7 Ball"), 1.0, 0.0)
    assert channels["RGBA"][0, 0].tolist() == [0, 0, 0, 0] and header["owner"] == "© Shop"


def test_depths_are_in_mm_and_normals_as_they_are(tmp_path: Path) -> None:
    source = write_master(tmp_path / "m.zip")
    target, measured = made(tmp_path, "depth", source)
    assert measured == {"nearest_mm": 30.0, "farthest_mm": 50.0}
    with OpenEXR.File(str(target), separate_channels=True) as file:
        assert file.channels()["Z"].pixels.tolist() == [[0, 0, 30, 30], [0, 40, 40, 50]]
        assert file.channels()["R"].pixels[0, 2] == 1 and file.header()["renderdesk/unit"] == "mm"
    target, _ = made(tmp_path, "normals", source)
    with OpenEXR.File(str(target), separate_channels=True) as file:
        assert [file.channels()[f"N.{axis}"].pixels[0, 2] for axis in "XYZ"] == [-1, 0, 1]
        assert [file.channels()[name].pixels[0, 2] for name in "RGBA"] == [0, 0.5, 1, 1]


def test_flat_depths_and_normals_say_what_their_values_are(tmp_path: Path) -> None:
    source = write_master(tmp_path / "m.zip")
    target, measured = made(tmp_path, "depthpng", source)
    assert measured == {"nearest_mm": 30.0, "farthest_mm": 50.0}
    pixels = planes._read_png(target)
    assert pixels[..., 0].tolist() == [[0, 0, 65535, 65535], [0, 32768, 32768, 0]]
    assert pixels[..., 1].tolist() == [[0, 0, 65535, 65535], [0, 65535, 65535, 65535]]
    with Image.open(target) as picture:
        picture.load()
        assert (
            picture.info["nearest_mm"] == "30.0000"
            and "white (65535) 30.0000 mm" in picture.info["Description"]
        )
        assert "© Shop" in picture.info["XML:com.adobe.xmp"]
    target, _ = made(tmp_path, "normalspng", source)
    assert planes._read_png(target)[0, 2].tolist() == [0, 32768, 65535, 65535]
    assert planes._read_png(target)[0, 0].tolist() == [0, 0, 0, 0]


@pytest.mark.parametrize(
    ("changes", "case"),
    [
        ({"numbers": NUMBERS * 2}, "damaged"),  # a number that no part has
        ({"numbers": NUMBERS * 0}, "clear"),
        ({"parts": []}, "damaged"),
        ({"parts": [{"key": 3}]}, "damaged"),
        ({"mm": "far"}, "damaged"),
        ({"numbers": NUMBERS[:, :3]}, "wrong_size"),
        ({"layers": {"ViewLayer.Combined.R": np.full((2, 4), np.nan, np.float32)}}, "damaged"),
    ],
)
def test_a_master_that_is_no_good_is_refused(changes: dict[str, Any], case: str, tmp_path: Path) -> None:
    source = write_master(tmp_path / "m.zip", **changes)
    with pytest.raises(GateError) as refused:
        gate.check(source, {"view": {"pass": "passes"}, "width": 4, "height": 2})
    assert refused.value.failure.details["case"] == case


def test_a_master_that_is_half_there_is_refused(tmp_path: Path) -> None:
    source = write_master(tmp_path / "m.zip")
    whole = source.read_bytes()
    for length in (0, 20, len(whole) // 2, len(whole) - 30):
        source.write_bytes(whole[:length])
        with pytest.raises(master.DamagedPasses):
            master.read(source, tmp_path).ids  # noqa: B018


def test_mattes_of_no_part_are_refused(tmp_path: Path) -> None:
    stranger = np.full((2, 4), hash_of("stranger"), np.uint32).view(np.float32)
    source = write_master(tmp_path / "m.zip", mattes=True, layers={"ViewLayer.CryptoObject00.r": stranger})
    with pytest.raises(master.DamagedPasses, match="no part's"):
        made(tmp_path, "mattes", source)
    with pytest.raises(master.DamagedPasses, match="no mattes"):
        made(tmp_path, "mattes", write_master(tmp_path / "n.zip"))


def test_a_file_that_was_changed_is_found(tmp_path: Path) -> None:
    source = write_master(tmp_path / "m.zip")
    other = write_master(tmp_path / "o.zip", np.flipud(NUMBERS))
    for format_name in ("ids", "depth", "depthpng", "normalspng"):
        target, _ = made(tmp_path, format_name, other)
        with pytest.raises(GateError):
            files.check(source, target, {"format": format_name})
        target.write_bytes(target.read_bytes()[:100])
        with pytest.raises(GateError):
            files.check(source, target, {"format": format_name})


def test_hashes_are_those_of_murmur3() -> None:
    """Values of the author's reference implementation, and one that Blender writes into its manifest."""
    assert murmur3(b"") == 0
    assert murmur3(b"test") == 0xBA6BD213
    assert murmur3(b"Hello, world!") == 0xC0363E43
    assert f"{hash_of('part.000000'):08x}" == "0a376210"


def test_every_hash_is_a_number_that_survives(monkeypatch: pytest.MonkeyPatch) -> None:
    for bits in (0, 0x7F800000, 0x7FC00001, 0x00000001, 0xFF800000):
        monkeypatch.setattr("blender_scripts.matte_hash.murmur3", lambda _data, bits=bits: bits)
        number = np.uint32(hash_of("x")).view(np.float32)
        assert np.isfinite(number) and abs(float(number)) > 1e-38


def test_names_with_one_hash_are_told_apart(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("blender_scripts.matte_hash.hash_of", lambda name: len(name))
    assert told_apart(["a", "b", "cc"]) == ["a", "b.1", "cc"]
