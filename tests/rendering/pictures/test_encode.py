"""Delivered files: what a browser, a print shop and a search for a recipe find in them."""

from __future__ import annotations

import errno
import io
import json
import shutil
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import OpenEXR
import pytest
from PIL import ExifTags, Image, ImageCms, features

from rendering.pictures import encode, gate
from rendering.pictures.kinds import IMAGES
from tests import factories

ABOUT = {"recipe_key": "ab" * 32, "device_used": "CPU", "device_name": "Kühlturm™ 9000", "samples": 8}
SIZE = (96, 64)


def recipe(format_name: str, **fields: Any) -> dict[str, Any]:
    return {"format": format_name, "width": SIZE[0], "height": SIZE[1], "quality": 90, **fields}


@pytest.fixture
def opaque(tmp_path: Path) -> Path:
    path = tmp_path / "opaque.png"
    red = Image.linear_gradient("L").resize((192, 128))
    Image.merge("RGB", (red, red.transpose(Image.Transpose.ROTATE_180), Image.new("L", red.size, 90))).save(
        path
    )
    return path


@pytest.fixture
def cutout(tmp_path: Path) -> Path:
    """A red disc on nothing."""
    path = tmp_path / "cutout.png"
    image = Image.new("RGBA", (192, 128), (0, 255, 0, 0))
    disc = Image.radial_gradient("L").resize((192, 128)).point(lambda level: 255 if level < 90 else 0)
    image.paste(Image.new("RGBA", image.size, (200, 20, 20, 255)), mask=disc)
    image.save(path)
    return path


def encoded(source: Path, format_name: str, **fields: Any) -> Path:
    target = source.with_name(f"out-{len(list(source.parent.iterdir()))}.{format_name}")
    encode.encode(source, target, recipe(format_name, **fields), ABOUT)
    return target


def embedded(path: Path) -> dict[str, Any]:
    with Image.open(path) as image:
        tags = image.getexif()
    if path.suffix == ".tiff":
        return json.loads(tags[ExifTags.Base.ImageDescription])
    comment = tags.get_ifd(ExifTags.IFD.Exif)[ExifTags.Base.UserComment]
    raw = comment if isinstance(comment, bytes) else comment.encode("latin-1")
    return json.loads(raw.removeprefix(b"ASCII\0\0\0"))


@pytest.mark.parametrize("format_name", [one for one in IMAGES if one != "exr"])
class TestEveryFormat:
    def test_decodes_at_the_ordered_size_and_passes_the_gate(self, format_name: str, opaque: Path) -> None:
        target = encoded(opaque, format_name)
        gate.check(target, recipe(format_name))
        with Image.open(target) as image:
            assert (image.size, image.mode) == (SIZE, "RGB")
            red, green, blue = image.getpixel((5, 60))
        assert abs(red - 238) < 12 and abs(green - 16) < 12 and abs(blue - 90) < 12

    def test_names_its_color_space(self, format_name: str, opaque: Path) -> None:
        with Image.open(encoded(opaque, format_name)) as image:
            profile = ImageCms.ImageCmsProfile(io.BytesIO(image.info["icc_profile"]))
        assert "sRGB" in ImageCms.getProfileDescription(profile)

    def test_carries_its_recipe_and_receipt(self, format_name: str, opaque: Path) -> None:
        assert embedded(encoded(opaque, format_name)) == ABOUT

    def test_is_the_same_bytes_for_the_same_picture(self, format_name: str, opaque: Path) -> None:
        assert encoded(opaque, format_name).read_bytes() == encoded(opaque, format_name).read_bytes()


@pytest.mark.parametrize("format_name", [name for name in IMAGES if name not in ("jpg", "exr")])
def test_transparency_survives(format_name: str, cutout: Path) -> None:
    with Image.open(encoded(cutout, format_name)) as image:
        assert image.mode == "RGBA"
        corner, middle = image.getpixel((1, 1)), image.getpixel((48, 32))
    assert corner[3] == 0
    assert middle[3] == 255 and middle[0] > 180 and middle[1] < 50


def test_what_lies_under_transparent_pixels_does_not_bleed_into_the_edges(cutout: Path) -> None:
    with Image.open(encoded(cutout, "png")) as image:
        edges = [pixel for pixel in image.get_flattened_data() if 40 < pixel[3] < 215]
    assert edges
    assert max(green for _, green, _, _ in edges) < 60


def test_a_jpeg_is_opaque_and_progressive(cutout: Path) -> None:
    with Image.open(encoded(cutout, "jpg", background=["#ffffff"])) as image:
        assert (image.format, image.mode, image.info.get("progressive")) == ("JPEG", "RGB", 1)


def test_webp_is_webp_and_smaller_than_png(opaque: Path) -> None:
    target = encoded(opaque, "webp")
    with Image.open(target) as image:
        assert (image.format, Image.MIME["WEBP"]) == ("WEBP", "image/webp")
    assert target.read_bytes()[8:12] == b"WEBP"
    assert encode.options(recipe("webp")) == {
        "format": "WEBP",
        "quality": 90,
        "method": 4,
        "lossless": False,
    }


def test_quality_is_obeyed(opaque: Path) -> None:
    for format_name in ("jpg", "webp", "avif"):
        low, high = encoded(opaque, format_name, quality=5), encoded(opaque, format_name, quality=95)
        assert low.stat().st_size < high.stat().st_size, format_name


def test_a_lossless_webp_keeps_every_pixel(opaque: Path) -> None:
    with (
        Image.open(encoded(opaque, "webp", lossless=True)) as got,
        Image.open(encoded(opaque, "png")) as want,
    ):
        assert got.convert("RGB").tobytes() == want.convert("RGB").tobytes()


def test_a_master_of_the_ordered_size_is_not_resampled(opaque: Path) -> None:
    target = encoded(opaque, "png", width=192, height=128)
    with Image.open(opaque) as source, Image.open(target) as copy:
        assert source.tobytes() == copy.tobytes()


def test_a_truncated_master_is_an_error_and_no_picture(opaque: Path) -> None:
    opaque.write_bytes(opaque.read_bytes()[:-400])
    with pytest.raises(OSError):
        encoded(opaque, "png")


@pytest.mark.parametrize("format_name", ["png", "tiff"])
class TestSixteenBits:
    def test_has_sixteen_bits_and_passes_the_gate(self, format_name: str, cutout: Path) -> None:
        asked = {"bit_depth": 16, "background": []}
        target = encoded(cutout, format_name, **asked)
        assert gate.check(target, recipe(format_name, **asked)) == []
        with Image.open(target) as image:
            assert (image.size, image.mode) == (SIZE, "RGBA")
            assert abs(image.getpixel((48, 32))[0] - 200) <= 1

    def test_names_its_color_space_and_what_it_is(self, format_name: str, cutout: Path) -> None:
        target = encoded(cutout, format_name, bit_depth=16)
        assert embedded(target) == ABOUT
        with Image.open(target) as image:
            profile = ImageCms.ImageCmsProfile(io.BytesIO(image.info["icc_profile"]))
        assert "sRGB" in ImageCms.getProfileDescription(profile)

    def test_is_the_same_bytes_for_the_same_picture(self, format_name: str, cutout: Path) -> None:
        files = [encoded(cutout, format_name, bit_depth=16).read_bytes() for _ in range(2)]
        assert files[0] == files[1]


class TestExr:
    def test_says_what_it_is_and_keeps_its_light(self, tmp_path: Path) -> None:
        source = factories.light(tmp_path / "master.exr", (192, 128))
        target = encoded(source, "exr")
        assert gate.check(target, recipe("exr")) == []
        with OpenEXR.File(str(target)) as file:
            header, light = dict(file.header()), file.channels()["RGBA"].pixels
        assert json.loads(header["comments"]) == ABOUT
        assert header["compression"] == OpenEXR.ZIP_COMPRESSION
        assert tuple(header["chromaticities"])[:2] == pytest.approx((0.64, 0.33))
        assert light.shape == (64, 96, 4) and light.dtype == np.float16
        assert float(light[10, 10, 0]) == 2.0 and not light[60, 10].any()

    def test_is_the_same_bytes_for_the_same_light(self, tmp_path: Path) -> None:
        source = factories.light(tmp_path / "master.exr", (192, 128))
        assert encoded(source, "exr").read_bytes() == encoded(source, "exr").read_bytes()

    def test_a_full_disk_is_told_as_such(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        source = factories.light(tmp_path / "master.exr")
        monkeypatch.setattr(shutil, "disk_usage", lambda _: SimpleNamespace(free=1000))
        with pytest.raises(OSError) as caught:
            encode.encode(source, tmp_path / "out.exr", recipe("exr"), ABOUT)
        assert caught.value.errno == errno.ENOSPC

    def test_a_picture_is_no_light(self, opaque: Path) -> None:
        with pytest.raises(ValueError, match="does not decode"):
            encoded(opaque, "exr")


@pytest.mark.parametrize(
    ("format_name", "fields"),
    [*((name, {}) for name in IMAGES if name != "exr"), ("png", {"bit_depth": 16})],
)
def test_a_full_disk_in_the_middle_of_an_encoding_is_told_as_such(
    format_name: str, fields: dict[str, Any], opaque: Path, tmp_path: Path
) -> None:
    (tmp_path / "full").symlink_to("/dev/full")
    with pytest.raises((OSError, RuntimeError)) as caught:
        encode.encode(opaque, tmp_path / "full", recipe(format_name, **fields), ABOUT)
    if format_name != "tiff":  # libtiff has words alone
        assert isinstance(caught.value, OSError) and caught.value.errno == errno.ENOSPC


def test_what_png_takes_is_what_the_png_takes(cutout: Path) -> None:
    for background in ([], ["#ffffff"], ["#ffffff", "#d8dbe0"]):
        measured = encode.png_bytes(cutout, recipe("webp", background=background))
        png = encoded(cutout, "png", background=background)
        with Image.open(png) as image:
            xmp = len(image.info["xmp"])
        assert 0 < png.stat().st_size - xmp - measured < 500  # its EXIF


def test_an_unknown_format_is_named() -> None:
    with pytest.raises(ValueError, match="'gif'"):
        encode.options(recipe("gif"))


def test_this_pillow_writes_every_format_that_can_be_ordered() -> None:
    assert features.check("webp") and features.check("avif")
