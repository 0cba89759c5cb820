"""For print: inks by a profile, and the clipping path read back from the file."""

from __future__ import annotations

import io
import struct
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import shapely
from PIL import Image, ImageCms

from rendering.pictures import encode, gate, outline
from rendering.pictures.measure import measure, silhouette
from tests.icc import BLACK, cmyk_profile

SIDE = 200
RECIPE: dict[str, Any] = {
    "view": {"look": {"ground": "none"}},
    "width": SIDE,
    "height": SIDE,
    "background": ["#ffffff"],
    "quality": 95,
    "dpi": 300,
}


def ring(path: Path, shadow: int = 0) -> Path:
    """A gray ring with a hole, 150 and 50 px wide, and a half transparent shadow below."""
    y, x = np.mgrid[0:SIDE, 0:SIDE] + 0.5
    radius = np.hypot(x - SIDE / 2, y - SIDE / 2)
    alpha = np.clip(75 - radius + 0.5, 0, 1) * np.clip(radius - 25 + 0.5, 0, 1)
    pixels = np.zeros((SIDE, SIDE, 4), dtype=np.uint8)
    pixels[SIDE - 10 :, :, 3] = shadow
    pixels[..., :3], pixels[..., 3] = 128, np.maximum(pixels[..., 3], np.rint(255 * alpha))
    Image.fromarray(pixels).save(path)
    return path


def resources(path: Path) -> dict[int, bytes]:
    """The 8BIM resources of a JPEG or a TIFF, without their names."""
    with Image.open(path) as image:
        if image.format == "JPEG":
            return dict(image.info["photoshop"])
        data = bytes(image.tag_v2[34377])
    found, at = {}, 0
    while at < len(data):
        assert data[at : at + 4] == b"8BIM"
        number, named = struct.unpack(">HB", data[at + 4 : at + 7])
        at += 6 + (named + 2) // 2 * 2
        (size,) = struct.unpack(">I", data[at : at + 4])
        found[number] = data[at + 4 : at + 4 + size]
        at += 4 + (size + 1) // 2 * 2
    return found


def outlines(records: bytes) -> list[shapely.Polygon]:
    """The closed subpaths of a path resource, in px."""
    found: list[list[tuple[float, float]]] = []
    assert records[:2] == b"\0\6" and len(records) % 26 == 0
    for at in range(26, len(records), 26):
        kind, count = struct.unpack(">HH", records[at : at + 4])
        if kind == 0:
            found.append([])
            left = count
        else:
            before_y, before_x, y, x, after_y, after_x = struct.unpack(">6i", records[at + 2 : at + 26])
            assert (kind, before_y, before_x) == (2, y, x) and (after_y, after_x) == (y, x)
            found[-1].append((x / (1 << 24) * SIDE, y / (1 << 24) * SIDE))
            left -= 1
        if kind == 0 and len(found) > 1:
            assert len(found[-2]) > 2
    assert left == 0, "as many knots as were announced"
    return [shapely.Polygon(points) for points in found]


@pytest.mark.parametrize(("format_name", "bits"), [("jpg", 8), ("tiff", 8), ("tiff", 16)])
@pytest.mark.parametrize("shadow", [0, 120])
def test_the_path_is_the_outline_of_the_product_with_its_hole_and_without_its_shadow(
    tmp_path: Path, format_name: str, bits: int, shadow: int
) -> None:
    recipe = {**RECIPE, "format": format_name, "bit_depth": bits, "clipping_path": True}
    recipe["view"] = {"look": {"ground": "shadow" if shadow else "none"}}
    target = tmp_path / f"a.{format_name}"
    encode.encode(ring(tmp_path / "m.png", shadow), target, recipe, {"recipe_key": "ab"})
    found = resources(target)
    assert found[2999] == b"\6Path 1" and b"Path 1" in target.read_bytes()
    outer, inner = sorted(outlines(found[2000]), key=lambda one: -one.area)
    for one, radius in ((outer, 75), (inner, 25)):
        circle = shapely.Point(SIDE / 2, SIDE / 2).buffer(radius)
        assert one.hausdorff_distance(circle) < 1.3, "px"
        assert len(one.exterior.coords) < 150
    gate.check(target, recipe)
    assert measure(target, None).clipping_path
    encode.encode(tmp_path / "m.png", target, {**recipe, "clipping_path": False}, {"recipe_key": "ab"})
    assert measure(target, None).clipping_path is None


def test_a_sheet_of_ten_thousand_holes_loses_holes_and_fits(tmp_path: Path) -> None:
    alpha = np.ones((1000, 1000), dtype=np.float32)
    alpha.reshape(100, 10, 100, 10)[:, 3:7, :, 3:7] = 0
    found = outline.photoshop_resources(alpha, has_shadow=False)
    assert len(found) < 65_000


@pytest.mark.parametrize("format_name", ["jpg", "tiff"])
def test_a_picture_in_inks_has_the_profile_and_the_inks_that_it_asks_for(
    tmp_path: Path, format_name: str
) -> None:
    icc, target = cmyk_profile(), tmp_path / f"a.{format_name}"
    master = ring(tmp_path / "m.png")
    found = {}
    for black_point in (False, True):
        recipe = {
            **RECIPE,
            "format": format_name,
            "cmyk": {"profile": "p", "intent": "relative", "black_point": black_point},
        }
        (tmp_path / "p.icc").write_bytes(icc)
        encode.encode(master, target, recipe, {"recipe_key": "ab"})
        with Image.open(target) as image:
            assert (image.mode, image.info["icc_profile"]) == ("CMYK", icc)
            paper, gray = image.getpixel((2, 2)), image.getpixel((100, 50))
        assert paper == (0, 0, 0, 0)
        assert gray[:3] == (0, 0, 0)
        found[black_point] = gray[3]
    # sRGB 128 is L* 53.6 (IEC 61966-2-1, CIE 15); the press has (100 - L) / (100 - 12) of black ink for it.
    assert abs(found[False] - 255 * (100 - 53.6) / (100 - BLACK)) < 4
    assert found[True] < found[False], "the whole range of tones is fitted into that of the press"
    facts = measure(target, silhouette(master, recipe))
    assert (facts.profile, facts.off_white_px is not None and facts.off_white_px < 17) == ("Test press", True)
    gate.check(target, recipe)


def test_the_made_up_profile_is_one_that_lcms_takes() -> None:
    profile = ImageCms.ImageCmsProfile(io.BytesIO(cmyk_profile()))
    assert profile.profile.xcolor_space.strip() == "CMYK"
