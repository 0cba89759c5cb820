"""The last look at a picture before it is published."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from rendering.pictures import exr, gate
from rendering.pictures.gate import GateError
from tests import factories

WANTED = {"width": 64, "height": 64}


def save(path: Path, image: Image.Image) -> Path:
    image.save(path)
    return path


def test_a_good_picture_passes(tmp_path: Path) -> None:
    gate.check(factories.picture(tmp_path / "a.png"), WANTED)


def test_a_picture_of_another_size_is_refused_with_both_sizes(tmp_path: Path) -> None:
    with pytest.raises(GateError, match="32 x 16 px instead of 64 x 64"):
        gate.check(factories.picture(tmp_path / "a.png", (32, 16)), WANTED)


@pytest.mark.parametrize("color", [(255, 255, 255), (0, 0, 0), (90, 0, 255)])
def test_a_picture_of_one_color_is_blank(tmp_path: Path, color: tuple[int, int, int]) -> None:
    with pytest.raises(GateError, match="blank"):
        gate.check(save(tmp_path / "a.png", Image.new("RGB", (64, 64), color)), WANTED)


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


def test_a_missing_file_is_no_damaged_picture(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        gate.check(tmp_path / "none.png", WANTED)


def master(margin: float = 0.07, ground: str = "shadow", **fields: Any) -> dict[str, Any]:
    return {**WANTED, "view": {"look": {"margin": margin, "ground": ground}}, **fields}


def part(
    box: tuple[int, int, int, int] = (5, 5, 59, 59), color: tuple[int, int, int] = (180, 20, 20)
) -> Image.Image:
    """A part with some light and shade on nothing."""
    image = Image.new("RGBA", (64, 64), (0, 0, 0, 0))
    image.paste((*color, 255), box)
    image.putpixel((box[0], box[1]), (90, 90, 90, 255))
    return image


def told(path: Path, recipe: dict[str, Any]) -> list[str]:
    return [concern.code for concern in gate.check(path, recipe)]


def test_a_good_master_has_nothing_that_looks_wrong(tmp_path: Path) -> None:
    assert told(save(tmp_path / "a.png", part()), master()) == []


@pytest.mark.parametrize(
    ("code", "image"),
    [
        ("burnt", part(color=(255, 255, 254))),
        ("black", part(color=(0, 1, 0))),
        ("cropped", part((5, 5, 64, 59))),
        ("tiny", part((20, 20, 30, 28))),
    ],
)
def test_what_looks_wrong_in_a_master_is_told_with_what_to_do(
    tmp_path: Path, code: str, image: Image.Image
) -> None:
    (concern,) = gate.check(save(tmp_path / "a.png", image), master())
    assert concern.code == code
    assert any(word in concern.text for word in ("Raise", "Lower", "Look"))
    assert concern.to_json() == {"code": code, "text": concern.text}


def test_a_part_may_touch_the_border_where_no_margin_or_a_floor_was_ordered(tmp_path: Path) -> None:
    path = save(tmp_path / "a.png", part((0, 0, 64, 64)))
    assert told(path, master(margin=0)) == []
    assert told(path, master(ground="reflective")) == []


def test_a_part_of_glass_is_faint_and_no_failure(tmp_path: Path) -> None:
    image = part()
    image.putalpha(image.getchannel("A").point(lambda level: level // 3))
    assert told(save(tmp_path / "a.png", image), master()) == ["faint"]


def test_a_file_is_not_judged_again_for_its_looks(tmp_path: Path) -> None:
    path = save(tmp_path / "a.png", part((5, 5, 64, 59)))
    assert told(path, {**master(), "format": "png", "background": [], "bit_depth": 8}) == []


def test_transparency_where_a_background_was_ordered_is_refused(tmp_path: Path) -> None:
    path = save(tmp_path / "a.png", part())
    with pytest.raises(GateError, match="a background was ordered") as caught:
        gate.check(path, {**WANTED, "format": "png", "background": ["#ffffff"]})
    assert caught.value.failure.details["case"] == "transparent"


def test_no_transparency_where_it_was_ordered_is_told(tmp_path: Path) -> None:
    path = factories.picture(tmp_path / "a.png")
    assert told(path, {**WANTED, "format": "png", "background": []}) == ["not_transparent"]


@pytest.mark.parametrize("format_name", ["png", "tiff"])
def test_fewer_bits_than_ordered_are_refused(tmp_path: Path, format_name: str) -> None:
    path = save(tmp_path / f"a.{format_name}", part())
    with pytest.raises(GateError, match="8 bits per channel instead of 16") as caught:
        gate.check(path, {**WANTED, "format": format_name, "bit_depth": 16})
    assert caught.value.failure.details["case"] == "bit_depth"


class TestLight:
    WANTED = {**WANTED, "format": "exr"}

    def test_light_passes_as_file_and_as_master(self, tmp_path: Path) -> None:
        path = factories.light(tmp_path / "a.exr")
        assert gate.check(path, self.WANTED) == gate.check(path, {**WANTED, "linear": True}) == []

    @pytest.mark.parametrize("value", [np.nan, np.inf])
    def test_a_pixel_without_finite_light_is_refused(self, tmp_path: Path, value: float) -> None:
        light = np.ones((64, 64, 4), dtype=np.float16)
        light[3, 4, 1] = value
        exr.write(tmp_path / "a.exr", light, {})
        with pytest.raises(GateError, match="1 pixels have no finite light") as caught:
            gate.check(tmp_path / "a.exr", self.WANTED)
        assert caught.value.failure.details["case"] == "not_finite"

    def test_darkness_is_blank(self, tmp_path: Path) -> None:
        exr.write(tmp_path / "a.exr", np.zeros((64, 64, 4), dtype=np.float16), {})
        with pytest.raises(GateError, match="no light"):
            gate.check(tmp_path / "a.exr", self.WANTED)

    def test_another_size_is_refused(self, tmp_path: Path) -> None:
        with pytest.raises(GateError, match="32 x 16 px instead of 64 x 64"):
            gate.check(factories.light(tmp_path / "a.exr", (32, 16)), self.WANTED)

    @pytest.mark.parametrize("share", [0.0, 0.3, 0.9])
    def test_half_a_file_does_not_decode(self, tmp_path: Path, share: float) -> None:
        path = factories.light(tmp_path / "a.exr")
        path.write_bytes(path.read_bytes()[: int(path.stat().st_size * share)])
        with pytest.raises(GateError, match="does not decode"):
            gate.check(path, self.WANTED)
