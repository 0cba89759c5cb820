"""What each format says of itself, read back by other readers than those that wrote it."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import OpenEXR
import pytest
from PIL import Image

from rendering.pictures import encode, metadata
from tests import factories

ABOUT = {"recipe_key": "ab" * 32, "cad_sha256": "cd" * 32, "device_used": "CPU"}
RECIPE: dict[str, Any] = {
    "width": 64,
    "height": 48,
    "background": ["#ffffff"],
    "quality": 90,
    "credit": {"creator": "Studio <A> & B", "copyright": "© Größe GmbH"},
    "product_data": {"number": "1001", "name": "Ball bearing", "identifiers": {"gtin": "4006381333931"}},
}
RDF = "{http://www.w3.org/1999/02/22-rdf-syntax-ns#}"


def said(packet: bytes | str) -> dict[str, Any]:
    """The properties of a packet by their names, lists as lists."""
    tree = ElementTree.fromstring(packet)
    (described,) = tree.iter(f"{RDF}Description")
    prefixes = {name: prefix for prefix, name in metadata.NAMESPACES.items()}
    found: dict[str, Any] = {}
    for one in described:
        namespace, name = one.tag[1:].split("}")
        items = [item.text for item in one.iter(f"{RDF}li")]
        found[f"{prefixes[namespace]}:{name}"] = items or one.text
    return found


@pytest.mark.parametrize(
    ("format_name", "bits"),
    [("png", 8), ("png", 16), ("jpg", 8), ("webp", 8), ("avif", 8), ("tiff", 8), ("tiff", 16)],
)
def test_a_picture_says_who_made_it_of_what_and_that_it_is_no_photograph(
    format_name: str, bits: int, tmp_path: Path
) -> None:
    master = factories.picture(tmp_path / "master.png", (64, 48))
    target = tmp_path / f"a.{format_name}"
    encode.encode(master, target, {**RECIPE, "format": format_name, "bit_depth": bits}, ABOUT)
    with Image.open(target) as image:
        info = {**image.info, **({"xmp": image.tag_v2[700]} if format_name == "tiff" else {})}
    assert said(info.get("xmp") or info["XML:com.adobe.xmp"]) == {
        "xmp:CreatorTool": "Renderdesk",
        "Iptc4xmpExt:DigitalSourceType": "http://cv.iptc.org/newscodes/digitalsourcetype/digitalCreation",
        "renderdesk:RecipeKey": "ab" * 32,
        "renderdesk:CadSHA256": "cd" * 32,
        "dc:title": ["Ball bearing"],
        "dc:identifier": ["product:1001", "gtin:4006381333931"],
        "dc:creator": ["Studio <A> & B"],
        "dc:rights": ["© Größe GmbH"],
        "xmpRights:Marked": "True",
    }


def test_nothing_is_said_of_what_nobody_set() -> None:
    assert set(said(metadata.xmp({}, ABOUT))) == {
        "xmp:CreatorTool",
        "Iptc4xmpExt:DigitalSourceType",
        "renderdesk:RecipeKey",
        "renderdesk:CadSHA256",
    }


def test_an_exr_names_its_owner(tmp_path: Path) -> None:
    light = factories.light(tmp_path / "master.exr", (64, 48))
    encode.encode(light, tmp_path / "a.exr", {**RECIPE, "format": "exr"}, ABOUT)
    with OpenEXR.File(str(tmp_path / "a.exr")) as file:
        assert file.header()["owner"] == "© Größe GmbH"
        assert "ab" * 32 in file.header()["comments"]
