"""Each rule refuses what breaks it by a little, with the figure; shipped profiles are whole."""

from __future__ import annotations

from dataclasses import replace
from xml.etree import ElementTree

import pytest

from rendering.catalog.channels.companions import MADE, NamedFile, bmecat, picture
from rendering.catalog.channels.facts import PictureFacts
from rendering.catalog.channels.names import BadPattern, Pattern, Unnamed, identifier_fields, spelled
from rendering.catalog.channels.rules import RULES, BadRule, Demand, Judged, check_value, refusals
from rendering.catalog.channels.shipped import SHIPPED
from rendering.models import ChannelProfile, OutputType
from rendering.models.channel import RULE_KINDS

GOOD = PictureFacts(
    format="jpg",
    width=1600,
    height=1600,
    bytes=10_000_000,
    bits=16,
    has_alpha=False,
    profile="sRGB built-in",
    dpi=300.0,
    identifiers={"gtin": "4006381333931"},
    fill=0.85,
    margins=(100, 100, 100, 100),
    off_white_px=16,
    off_white=(254, 254, 254),
)
KNOWN = {"gtin": "4006381333931", "product": "1001"}

# Rule, value, what breaks it, and the figure that the refusal says.
BROKEN = (
    ("format", "jpg, png", {"format": "webp"}, "WEBP"),
    ("longest_min", "1600", {"width": 1599, "height": 1200}, "1599 px"),
    ("longest_max", "1600", {"height": 1601}, "1601 px"),
    ("shortest_min", "1600", {"height": 1599}, "1599 px"),
    ("size", "1600x1600", {"width": 1599}, "1599 x 1600"),
    ("megapixels_max", "2.56", {"width": 1680}, "2.7 megapixels"),
    ("bytes_max", "10000000", {"bytes": 10_000_001}, "10,000,001 bytes"),
    ("fill_min", "85", {"fill": 0.849}, "84.9 %"),
    ("fill_min", "85", {"fill": 0.84999}, "84.9 %"),
    ("fill_min", "85", {"fill": None}, "not known"),
    ("fill_max", "85", {"fill": 0.852}, "85.2 %"),
    ("margin_min", "100", {"margins": (100, 99, 100, 100)}, "99 px"),
    ("white_beyond", "16", {"off_white_px": 17}, "254, 254, 254 17 px"),
    ("white_beyond", "16", {"has_alpha": True}, "transparent"),
    ("white_beyond", "16", {"off_white_px": None}, "not known"),
    ("opaque", "yes", {"has_alpha": True}, "transparency"),
    ("profile", "sRGB", {"profile": "Display P3"}, "Display P3"),
    ("profile", "sRGB", {"profile": ""}, "none"),
    ("bits", "16", {"bits": 8}, "8 bits"),
    ("dpi_min", "300", {"dpi": 299.99}, "299.99 dpi"),
    ("dpi_min", "300", {"dpi": None}, "0 dpi"),
    ("metadata", "gtin", {"identifiers": {"gtin": "4006381333924"}}, "4006381333924"),
    ("metadata", "gtin", {"identifiers": None}, "GTIN"),
)


@pytest.mark.parametrize(("kind", "value", "change", "figure"), BROKEN)
def test_a_rule_refuses_what_breaks_it_by_a_little_and_says_by_how_much(
    kind: str, value: str, change: dict[str, object], figure: str
) -> None:
    rule = [Demand(kind, value)]
    assert refusals(rule, "MAIN", Judged(GOOD, "a.jpg", KNOWN)) == []
    (why,) = refusals(rule, "MAIN", Judged(replace(GOOD, **change), "a.jpg", KNOWN))  # type: ignore[arg-type]
    assert figure in why


def test_a_rule_for_one_output_leaves_the_others_alone() -> None:
    judged = Judged(replace(GOOD, fill=0.5), "a.jpg")
    assert refusals([Demand("fill_min", "85", "MAIN")], "PT01", judged) == []
    assert refusals([Demand("fill_min", "85", "MAIN")], "MAIN", judged)


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        *(("size", one) for one in ("400", "0x4", "axb", "")),
        *(("bytes_max", one) for one in ("", "many", "-1", "1e400", "1.5")),
        *(("name", one) for one in ("", "(", "(a+)+b")),
        ("fill_min", "nan"),
        ("format", " , "),
    ],
)
def test_a_value_that_a_rule_cannot_have_is_refused_with_an_example(kind: str, value: str) -> None:
    with pytest.raises(BadRule, match="such as"):
        check_value(kind, value)


def test_every_kind_of_rule_can_be_chosen_and_has_an_example_that_it_takes() -> None:
    assert tuple(RULES) == RULE_KINDS
    for name, kind in RULES.items():
        check_value(name, kind.example)


@pytest.mark.parametrize("one", SHIPPED, ids=lambda one: one.slug)
def test_a_shipped_profile_is_whole(one: object) -> None:
    """Its names can be made, its rules can be held, and each says its source and whether it was read."""
    assert one in SHIPPED
    profile = next(row for row in SHIPPED if row == one)
    Pattern.of(profile.pattern)
    assert profile.companion in ("", *MADE) and profile.companion in ChannelProfile.Companion.values
    codes = [output.code for output in profile.outputs]
    assert len(codes) == len(set(codes)) or profile.slug == "web"
    for rule in profile.rules:
        check_value(rule.kind, rule.value)
        assert rule.code in ("", *codes)
        assert rule.source or not rule.read_on, "what was read was read somewhere"
    for output in profile.outputs:
        made = OutputType(slug=output.slug, name=output.name, **output.fields)
        made.full_clean(validate_unique=False, validate_constraints=False)


# By examples of the standards: GS1 with GTIN-14, facing 1, no plunge angle, out of packaging; Amazon's main picture.
NAMES = (
    ("gs1", "A1N0", "04006381333931_A1N0.jpg"),
    ("amazon", "MAIN", "B00EXAMPLE.MAIN.jpg"),
    ("industrial", "normal", "kl_73_12_o_normal.jpg"),
    ("pim", "top", "KL-7312-B_top.jpg"),
)


@pytest.mark.parametrize(("slug", "code", "name"), NAMES)
def test_names_are_those_of_the_standards(slug: str, code: str, name: str) -> None:
    profile = next(one for one in SHIPPED if one.slug == slug)
    identifiers = {"gtin": "4006381333931", "asin": "B00EXAMPLE", "sku": "KL-7312-B"}
    values = {"product": "KL-73/12 Ö", "code": code, "ext": "jpg", **identifier_fields(identifiers)}
    made = f"{spelled(Pattern.of(profile.pattern).stem(values), profile.letters)}.jpg"
    assert made == name
    rules = [Demand(one.kind, one.value) for one in profile.rules if one.kind == "name"]
    assert rules and refusals(rules, code, Judged(GOOD, made)) == []
    assert refusals(rules, code, Judged(GOOD, made.replace(".jpg", ".jpeg")))


def test_a_name_that_needs_what_the_product_lacks_says_so() -> None:
    with pytest.raises(Unnamed, match="no ASIN"):
        Pattern.of("{asin}.{code}.{ext}").stem({"code": "MAIN"})
    with pytest.raises(Unnamed, match="no GTIN"):
        Pattern.of("{gtin14}.{ext}").stem({})
    assert Pattern.of("{id.ean}.{ext}").stem(identifier_fields({"ean": "7/8"})) == "7_8"
    with pytest.raises(BadPattern):
        Pattern.of("{id.}.{ext}")


def test_the_snippet_offers_every_width_of_each_format_and_the_jpeg_to_all() -> None:
    files = [
        NamedFile(f"1001-{width}.{ending}", f"image/{mime}", width, width, str(width), 'Bearing "A" <&>')
        for ending, mime in (("jpg", "jpeg"), ("avif", "avif"), ("webp", "webp"))
        for width in (960, 480)
    ]
    html = picture(files, {})
    assert html.index("image/avif") < html.index("image/webp") < html.index("<img")
    assert 'srcset="1001-480.avif 480w, 1001-960.avif 960w"' in html
    assert 'src="1001-960.jpg"' in html and "image/jpeg" not in html
    assert 'alt="Bearing &quot;A&quot; &lt;&amp;&gt;"' in html
    assert picture([], {}) == ""


def test_mime_entries_have_type_source_and_purpose() -> None:
    files = [NamedFile("kl_7312_normal.jpg", "image/jpeg", 400, 400, "normal", "A & B")]
    xml = bmecat(files, {"gtin": "4006381333931"})
    assert ElementTree.fromstring(xml).tag == "MIME_INFO"
    for part in (
        "<MIME_TYPE>image/jpeg</MIME_TYPE>",
        "<MIME_SOURCE>kl_7312_normal.jpg</MIME_SOURCE>",
        "<MIME_PURPOSE>normal</MIME_PURPOSE>",
        "<MIME_ALT>A &amp; B</MIME_ALT>",
        "<MIME_ORDER>1</MIME_ORDER>",
    ):
        assert part in xml
    for etim, release in (("ETIM-9.0 EC001049", "ETIM-9.0"), ("EC001049", "ETIM")):
        product = ElementTree.fromstring(bmecat(files, {"etim": etim}))
        features, mime = product
        assert (product.tag, features.tag, mime.tag) == ("PRODUCT", "PRODUCT_FEATURES", "MIME_INFO")
        assert [one.text for one in features] == [release, "EC001049"]
        assert mime.findtext("MIME/MIME_SOURCE") == "kl_7312_normal.jpg"
