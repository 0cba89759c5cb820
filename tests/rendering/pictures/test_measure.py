"""What the gate measures in a file, on pictures that break each demand of a channel by a little."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from rendering.catalog.channels.facts import PictureFacts
from rendering.pictures import encode, gate
from rendering.pictures.measure import measure, silhouette

SIDE = 1000


def master(path: Path, box: tuple[int, int, int, int], shadow: int = 0) -> Path:
    """A gray product in *box* (left, top, right, bottom) on transparency, with a shadow so many px to the right."""
    pixels = np.zeros((SIDE, SIDE, 4), dtype=np.uint8)
    left, top, right, bottom = box
    pixels[top:bottom, left : right + shadow] = (0, 0, 0, 60)
    pixels[top:bottom, left:right] = (90, 100, 110, 255)
    Image.fromarray(pixels).save(path)
    return path


def written(tmp_path: Path, source: Path, **recipe: Any) -> PictureFacts:
    """The facts of the file that *source* is written as."""
    recipe = {
        "width": SIDE,
        "height": SIDE,
        "format": "jpg",
        "background": ["#ffffff"],
        "quality": 92,
        **recipe,
    }
    target = tmp_path / f"a.{recipe['format']}"
    lowered = encode.encode(source, target, recipe, {"recipe_key": "ab"})
    return measure(target, silhouette(source, recipe), lowered)


@pytest.mark.parametrize(
    ("box", "fill", "margins"),
    [
        ((75, 200, 924, 800), 0.849, (75, 200, 76, 200)),
        ((75, 200, 925, 800), 0.85, (75, 200, 75, 200)),
        ((400, 50, 600, 950), 0.9, (400, 50, 400, 50)),
    ],
)
def test_fill_is_the_longer_extent_of_the_silhouette(
    tmp_path: Path, box: tuple[int, int, int, int], fill: float, margins: tuple[int, ...]
) -> None:
    found = written(tmp_path, master(tmp_path / "m.png", box))
    assert (found.fill, found.margins) == (fill, margins)
    assert found.off_white_px is not None and found.off_white_px <= 8, "a JPEG's blocks ring by 8 px"


@pytest.mark.parametrize(
    ("place", "distance"), [((500, 917), 18), ((500, 915), 16), ((83, 500), 17), ((82, 82), 18)]
)
def test_one_pixel_of_254_is_found_at_its_distance(
    tmp_path: Path, place: tuple[int, int], distance: int
) -> None:
    pixels = np.full((SIDE, SIDE, 3), 255, dtype=np.uint8)
    product = np.zeros((SIDE, SIDE), dtype=bool)
    product[100:900, 100:900] = True
    pixels[product] = 90
    row, column = place
    pixels[row, column] = 254
    Image.fromarray(pixels).save(tmp_path / "a.png")
    found = measure(tmp_path / "a.png", product)
    assert (found.off_white_px, found.off_white) == (distance, (254, 254, 254))


def test_a_shadow_and_a_colored_background_are_not_white(tmp_path: Path) -> None:
    shaded = written(tmp_path, master(tmp_path / "m.png", (100, 100, 800, 900), shadow=40))
    assert shaded.off_white_px is not None and 40 <= shaded.off_white_px <= 48
    gray = written(tmp_path, tmp_path / "m.png", format="png", background=["#fefefe"])
    assert (gray.off_white_px, gray.off_white) == (200, (254, 254, 254))


def test_a_transparent_picture_and_one_without_a_product_say_so(tmp_path: Path) -> None:
    clear = written(tmp_path, master(tmp_path / "m.png", (100, 100, 900, 900)), format="png", background=[])
    assert clear.has_alpha and clear.off_white_px
    faint = np.zeros((SIDE, SIDE, 4), dtype=np.uint8)
    faint[100:900, 100:900] = (90, 100, 110, 200)  # glass
    Image.fromarray(faint).save(tmp_path / "glass.png")
    found = written(tmp_path, tmp_path / "glass.png")
    assert (found.fill, found.margins, found.off_white_px) == (None, None, None)


DATA = {"number": "1001", "name": "A <b> & c", "identifiers": {"gtin": "4006381333931", "sku": 'x"<&>'}}


@pytest.mark.parametrize(
    ("format_name", "bits"),
    [("png", 8), ("png", 16), ("jpg", 8), ("webp", 8), ("avif", 8), ("tiff", 8), ("tiff", 16)],
)
def test_a_file_says_its_product_its_resolution_and_its_profile(
    tmp_path: Path, format_name: str, bits: int
) -> None:
    source = master(tmp_path / "m.png", (100, 100, 900, 900))
    found = written(
        tmp_path,
        source,
        format=format_name,
        bit_depth=bits,
        dpi=300,
        product_data=DATA,
        width=100,
        height=100,
    )
    assert found.identifiers == {"product": "1001", **DATA["identifiers"]}  # type: ignore[dict-item]
    assert found.dpi == (300.0 if format_name in ("png", "jpg", "tiff") else None)
    assert (found.format, found.bits, found.width) == (format_name, bits, 100)
    assert "sRGB" in found.profile
    assert PictureFacts.from_json(found.to_json()) == found
    plain = written(tmp_path, source, format=format_name, bit_depth=bits, width=100, height=100)
    assert (plain.identifiers, plain.dpi) == (None, None)


def test_the_quality_is_lowered_until_a_file_fits_and_no_further(tmp_path: Path) -> None:
    rng = np.random.default_rng(1)
    noise = rng.integers(100, 140, (200, 200, 3), dtype=np.uint8)
    Image.fromarray(noise).save(tmp_path / "m.png")
    size = {"width": 200, "height": 200}
    whole = written(tmp_path, tmp_path / "m.png", **size)
    assert whole.quality is None
    fitted = written(tmp_path, tmp_path / "m.png", **size, max_bytes=whole.bytes - 1)
    assert fitted.quality == 87 and fitted.bytes < whole.bytes
    recipe = {"format": "jpg", "quality": 92, "max_bytes": 1000, **size}
    lowest = written(tmp_path, tmp_path / "m.png", **recipe)
    assert lowest.quality == 40 and lowest.bytes > 1000
    (concern,) = gate.check(tmp_path / "a.jpg", recipe)
    assert concern.code == "too_many_bytes" and "1,000" in concern.text


def test_a_file_without_a_silhouette_is_measured_as_far_as_it_goes(tmp_path: Path) -> None:
    Image.new("RGB", (10, 20)).save(tmp_path / "a.png")
    found = measure(tmp_path / "a.png", None)
    assert (found.width, found.height, found.profile, found.fill) == (10, 20, "", None)
