"""The profiles that Renderdesk ships, as data: an operator adds them on the page of channels, and changes them there.

A rule without a date was not read at its source by us: its figure is the usual one of the trade.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

READ = "2026-11-30"
# Amazon's own page needs a seller's log-in; these two report it.
AMAZON = "https://www.amalytix.com/en/glossary/amazon-image-requirements"
AMAZON_SIZES = "https://changethisfile.com/blog/convert-images-for-amazon-seller-central"
GOOGLE = "https://support.google.com/merchants/answer/6324350"
# What we could read of Google's own page ends before this; it reports the rest.
GOOGLE_FILL = "https://sharpfeed.io/docs/fields/image-link"
GS1 = "https://www.gs1.org/standards/gs1-product-image-specification-standard/current-standard"
GS1_NAMES = "https://helpdesk.fmcgsolutions.dk/hc/en-gb/articles/28559495933468-GS1-Product-Image-Specification-Standard"
BMECAT = (
    "https://www.mercateo.com/support/tutorials-english-support-pages/catalogue-creation/mercateo-bmecat-en/"
    "bmecat-elements/mime_info-mime-en"
)


@dataclass(frozen=True)
class ShippedOutput:
    """One output type of a profile: its slug and name, its code there, and its fields that are not as usual."""

    slug: str
    name: str
    code: str
    fields: Mapping[str, Any]
    is_required: bool = True


@dataclass(frozen=True)
class ShippedRule:
    """One rule: its kind and value, where it is written, when we read it there ("": not read), for which code."""

    kind: str
    value: str
    source: str = ""
    read_on: str = ""
    code: str = ""


@dataclass(frozen=True)
class Shipped:
    """One profile with all that belongs to it."""

    slug: str
    name: str
    pattern: str
    outputs: tuple[ShippedOutput, ...]
    rules: tuple[ShippedRule, ...]
    note: str = ""
    letters: str = ""
    companion: str = ""


def _square(side: int, margin: float, name: str = "jpg", **more: Any) -> dict[str, Any]:
    """Return the fields of a cut-out on white: without a shadow, so that white is white."""
    return {"width": side, "height": side, "margin": margin, "format": name, "ground": "none", **more}


def _amazon(code: str, camera: str, name: str, *, is_required: bool) -> ShippedOutput:
    fields = _square(1600, 0.0625, camera=camera, quality=92, max_bytes=10_000_000)
    return ShippedOutput(f"amazon-{code.lower()}", f"Amazon {name}", code, fields, is_required)


def _gs1(code: str, camera: str, name: str) -> ShippedOutput:
    fields = _square(2400, 0.02, camera=camera, orthographic=True, quality=95, product_data=True)
    return ShippedOutput(f"gs1-{camera}", f"GS1 {name}", code, fields)


def _web(format_name: str, width: int) -> ShippedOutput:
    fields = _square(width, 0.07, format_name, ground="shadow", quality=82)
    label = {"avif": "AVIF", "webp": "WebP", "jpg": "JPEG"}[format_name]
    return ShippedOutput(f"web-{format_name}-{width}", f"Web {width} px, {label}", str(width), fields)


def _pim(code: str, camera: str) -> ShippedOutput:
    fields = _square(2000, 0.07, camera=camera, ground="shadow", quality=92)
    return ShippedOutput(f"pim-{code.replace('_', '-')}", f"PIM {code.replace('_', ' ')}", code, fields)


PRINT: dict[str, Any] = {"dpi": 300, "clipping_path": True}

SHIPPED = (
    Shipped(
        slug="amazon",
        name="Amazon",
        pattern="{asin}.{code}.{ext}",
        note=(
            "Amazon's rules speak of photographs: a rendered main picture is at your own risk. Nothing but the "
            "product may be in it, and no text. From 1000 px on, buyers can zoom in."
        ),
        outputs=(
            _amazon("MAIN", "three_quarter", "main", is_required=True),
            _amazon("PT01", "front", "front", is_required=False),
            _amazon("PT02", "right", "right", is_required=False),
            _amazon("PT03", "back", "back", is_required=False),
            _amazon("PT04", "top", "top", is_required=False),
        ),
        rules=(
            ShippedRule("white_beyond", "16", AMAZON, READ, "MAIN"),
            ShippedRule("fill_min", "85", AMAZON, READ, "MAIN"),
            ShippedRule("fill_max", "90", "", "", "MAIN"),
            ShippedRule("format", "jpg, png", AMAZON_SIZES, READ),
            ShippedRule("longest_min", "500", AMAZON_SIZES, READ),
            ShippedRule("longest_max", "10000", AMAZON_SIZES, READ),
            ShippedRule("bytes_max", "10000000", AMAZON_SIZES, READ),
            ShippedRule("profile", "sRGB", AMAZON_SIZES, READ),
            ShippedRule("opaque", "yes", AMAZON_SIZES, READ),
            ShippedRule("name", r"[A-Z0-9]{10}\.(MAIN|PT0[1-8])\.(jpg|png)", AMAZON, READ),
            ShippedRule("people", "Nothing but the product, no text or logo added", AMAZON, READ),
        ),
    ),
    Shipped(
        slug="google-merchant",
        name="Google Merchant Center",
        pattern="{product}.{ext}",
        outputs=(
            ShippedOutput(
                "google-main",
                "Google main picture",
                "main",
                _square(1500, 0.09, quality=92, max_bytes=16_000_000),
            ),
        ),
        rules=(
            ShippedRule("shortest_min", "500", GOOGLE, READ),
            ShippedRule("megapixels_max", "64", GOOGLE, READ),
            ShippedRule("bytes_max", "16000000", GOOGLE, READ),
            ShippedRule("format", "jpg, webp, png, tiff", GOOGLE, READ),
            ShippedRule("fill_min", "75", GOOGLE_FILL, READ),
            ShippedRule("fill_max", "90", GOOGLE_FILL, READ),
            ShippedRule("people", "No text, watermark or border in the picture", GOOGLE_FILL, READ),
        ),
        note="500 x 500 px are the least from 2027-01-31 on; 1500 x 1500 px are recommended.",
    ),
    Shipped(
        slug="gs1",
        name="GS1 product image",
        pattern="{gtin14}_{code}.{ext}",
        outputs=(
            _gs1("A1N0", "front", "front"),
            _gs1("A2N0", "left", "left"),
            _gs1("A3N0", "top", "top"),
            _gs1("A7N0", "back", "back"),
            _gs1("A8N0", "right", "right"),
            _gs1("A9N0", "bottom", "bottom"),
        ),
        rules=(
            ShippedRule("name", r"\d{14}_[A-E][0-9][CLRN][01A-DMP]\.(jpg|tiff|png)", GS1_NAMES, READ),
            ShippedRule("longest_min", "2400", GS1),
            ShippedRule("white_beyond", "16", GS1),
            ShippedRule("profile", "sRGB", GS1),
            ShippedRule("metadata", "gtin"),
            ShippedRule(
                "people", "The front is the side that people see first: turn the product if it is not", GS1
            ),
        ),
        note=(
            "The code is image type, facing, angle and state: A1N0 is a primary picture of the front, without plunge "
            "angle, out of its packaging. The facings are those of the product's orientation. The standard itself was "
            "not read, only a description of its names; its rules for rendered pictures are missing."
        ),
    ),
    Shipped(
        slug="industrial",
        name="Industrial catalog (BMEcat)",
        pattern="{product}_{code}.{ext}",
        letters="plain",
        companion="bmecat",
        outputs=(
            ShippedOutput("catalog-400", "Catalog 400 px", "normal", _square(400, 0.05, quality=92)),
            ShippedOutput("catalog-150", "Catalog 150 px", "thumbnail", _square(150, 0.05, quality=92)),
            ShippedOutput(
                "catalog-detail",
                "Catalog 1600 px",
                "detail",
                _square(1600, 0.05, quality=92),
                is_required=False,
            ),
        ),
        rules=(
            ShippedRule("name", r"[a-z0-9_]+\.(jpg|png)", BMECAT, READ),
            ShippedRule("format", "jpg, png", BMECAT, READ),
            ShippedRule("size", "400x400", "", "", "normal"),
            ShippedRule("size", "150x150", "", "", "thumbnail"),
            ShippedRule("white_beyond", "16"),
        ),
        note=(
            "The code of an output is its MIME_PURPOSE. Names have small letters, digits and underscores only. "
            "The XML has the ETIM class of a product that has one (identifier etim: EC and six digits). ETIM's lists "
            "need a license, so features are not included and a class is not looked up."
        ),
    ),
    Shipped(
        slug="print",
        name="Print",
        pattern="{product}_{code}.{ext}",
        outputs=(
            ShippedOutput(
                "print-tiff",
                "Print 3000 px, TIFF 16 bit, 300 dpi",
                "print",
                _square(3000, 0.05, "tiff", bit_depth=16, background="transparent", **PRINT),
            ),
            ShippedOutput(
                "print-jpg",
                "Print 3000 px, JPEG, 300 dpi",
                "layout",
                _square(3000, 0.05, quality=95, **PRINT),
                is_required=False,
            ),
        ),
        rules=(
            ShippedRule("format", "tiff, jpg"),
            ShippedRule("bits", "16", "", "", "print"),
            ShippedRule("dpi_min", "300"),
            ShippedRule("clipping_path", "yes"),
        ),
        note=(
            "3000 px at 300 dpi are 254 mm. For CMYK upload your printer's ICC profile (Color profiles), and choose it "
            "in the output type of the JPEG, or in a TIFF of 8 bit with a background."
        ),
    ),
    Shipped(
        slug="web",
        name="Web set",
        pattern="{product}-{width}.{ext}",
        letters="small",
        companion="picture",
        outputs=tuple(_web(name, width) for name in ("avif", "webp", "jpg") for width in (480, 960, 1600)),
        rules=(ShippedRule("profile", "sRGB"), ShippedRule("bytes_max", "500000")),
    ),
    Shipped(
        slug="pim",
        name="Akeneo and other PIM",
        pattern="{sku}_{code}.{ext}",
        outputs=tuple(
            _pim(code, camera)
            for code, camera in (
                ("main", "three_quarter"),
                ("front", "front"),
                ("back", "back"),
                ("top", "top"),
            )
        ),
        rules=(ShippedRule("name", r"[\w.+-]+_[a-z_]+\.(jpg|png)"), ShippedRule("format", "jpg, png")),
        note="SKU and view in the name: a PIM's own naming rule reads both from it.",
    ),
)
