"""The last look at a picture before it is published."""

from __future__ import annotations

from pathlib import Path

import pytest
from PIL import Image

from rendering import gate
from rendering.gate import GateError
from tests import factories

WANTED = {"width": 64, "height": 64}


def save(path: Path, image: Image.Image) -> Path:
    image.save(path)
    return path


def test_a_good_picture_passes(tmp_path: Path) -> None:
    gate.check(factories.picture(tmp_path / "a.png"), WANTED)


def test_a_picture_of_another_size_is_refused_with_both_sizes(tmp_path: Path) -> None:
    with pytest.raises(GateError, match="32 x 16 px, ordered were 64 x 64"):
        gate.check(factories.picture(tmp_path / "a.png", (32, 16)), WANTED)


@pytest.mark.parametrize("colour", [(255, 255, 255), (0, 0, 0), (90, 0, 255)])
def test_a_picture_of_one_colour_is_blank(tmp_path: Path, colour: tuple[int, int, int]) -> None:
    with pytest.raises(GateError, match="blank"):
        gate.check(save(tmp_path / "a.png", Image.new("RGB", (64, 64), colour)), WANTED)


def test_noise_of_two_levels_is_still_blank(tmp_path: Path) -> None:
    image = Image.new("RGB", (64, 64), (255, 255, 255))
    image.putpixel((3, 3), (253, 253, 253))
    with pytest.raises(GateError, match="blank"):
        gate.check(save(tmp_path / "a.png", image), WANTED)


def test_a_picture_that_is_all_transparent_is_blank(tmp_path: Path) -> None:
    image = Image.linear_gradient("L").resize((64, 64)).convert("RGBA")
    image.putalpha(0)
    with pytest.raises(GateError, match="transparent"):
        gate.check(save(tmp_path / "a.png", image), WANTED)


def test_a_silhouette_on_transparency_is_a_picture(tmp_path: Path) -> None:
    image = Image.new("RGBA", (64, 64), (0, 0, 0, 0))
    image.paste((0, 0, 0, 255), (10, 10, 40, 40))
    gate.check(save(tmp_path / "a.png", image), WANTED)


@pytest.mark.parametrize("content", [b"", b"no picture", b"\x89PNG\r\n\x1a\n"])
def test_bytes_that_are_no_picture_do_not_decode(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "a.png"
    path.write_bytes(content)
    with pytest.raises(GateError, match="does not decode"):
        gate.check(path, WANTED)


def test_half_a_picture_does_not_decode(tmp_path: Path) -> None:
    path = factories.picture(tmp_path / "a.png")
    path.write_bytes(path.read_bytes()[:-60])
    with pytest.raises(GateError, match="does not decode"):
        gate.check(path, WANTED)


def test_a_missing_file_does_not_decode(tmp_path: Path) -> None:
    with pytest.raises(GateError, match="does not decode"):
        gate.check(tmp_path / "none.png", WANTED)
