"""Which rule decides for which part."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from blender_scripts.finish_choice import FALLBACK, Chooser
from blender_scripts.finish_library import FINISHES, NAMED, RULES
from blender_scripts.finish_rules import (
    FinishSpec,
    PlacedPart,
    Rule,
    TextureSpec,
    because,
    name_of,
    tone_of,
)
from blender_scripts.jsonform import ContractError

RED, STEEL = FinishSpec("red", "#ff0000"), FinishSpec("steel", "#cccccc", metallic=1.0)
GRAY, YELLOW = "#c0bebb", "#c8a050"


def chosen(rules: tuple[Rule, ...], part: PlacedPart) -> str:
    chooser = Chooser(rules)
    return chooser.rules[chooser.choose(part)].finish.slug


@pytest.mark.parametrize(
    ("name", "color", "slug"),
    [
        ("Außenring", GRAY, "ground_steel"),
        ("Kegelrolle 07", GRAY, "polished_steel"),
        ("Käfig", YELLOW, "brass"),
        ("Käfig", GRAY, "sheet_steel"),
        ("Cage", "#202020", "plastic"),
        ("NBR seal", GRAY, "rubber"),
        ("O-Ring_5", "#c01010", "rubber_colour"),
        ("DIN6912 M5", "#202020", "black_oxide"),
        ("DIN6912 M5", YELLOW, "zinc_yellow"),
        ("Window", "#ffffff", "plastic"),
        ("Window", "", "glass"),
        ("PlacedPart", "#ffffff40", "glass"),
        ("PlacedPart", GRAY, "machined_steel"),
        ("PlacedPart", "", "machined_steel"),
        ("Housing", "#1040c0", "paint"),
        ("Housing eloxiert", "#1040c0", "anodised_colour"),
    ],
)
def test_the_library_knows_usual_parts(name: str, color: str, slug: str) -> None:
    assert chosen(RULES, PlacedPart(f"/x/{name}", name, color=color)) == slug


@pytest.mark.parametrize(
    ("material", "slug"),
    [("Aluminium 6061", "aluminium"), ("1.4301", "stainless_brushed"), ("Stahl S235JR", "machined_steel")],
)
def test_what_cad_says_it_is_made_of_goes_before_the_name(material: str, slug: str) -> None:
    assert chosen(RULES, PlacedPart("/Ring", "Ring", material=material, color=GRAY)) == slug


def test_the_first_rule_whose_conditions_all_hold_decides() -> None:
    rules = (
        Rule(RED, words="ring", colors="yellow"),
        Rule(STEEL, words="ring", key="/A/*"),
        Rule(RED, words="ring"),
    )
    assert chosen(rules, PlacedPart("/A/Ring", "Ring", color=GRAY)) == "steel"
    assert chosen(rules, PlacedPart("/B/Ring", "Ring", color=GRAY)) == "red"
    assert chosen(rules, PlacedPart("/A/Ring", "Ring", color=YELLOW)) == "red"
    assert chosen(rules, PlacedPart("/A/Disc", "Disc", color=GRAY)) == FALLBACK.finish.slug


def test_two_places_of_one_part_can_differ_by_their_keys_alone() -> None:
    chooser = Chooser((Rule(RED, key="/A/Pin#2"), Rule(STEEL)))
    slugs = [
        chooser.rules[chooser.choose(PlacedPart(key, "Pin"))].finish.slug
        for key in ("/A/Pin", "/A/Pin#2", "/A/Pin#3")
    ]
    assert slugs == ["steel", "red", "steel"]


def test_a_color_is_matched_as_written_or_by_its_tone() -> None:
    rule = (Rule(RED, colors="#C0BEBB, yellow"),)
    assert [chosen(rule, PlacedPart("/", "", color=one)) for one in (GRAY, YELLOW, "#c0bebc")] == [
        "red",
        "red",
        "paint",
    ]


@pytest.mark.parametrize(
    ("color", "tone"),
    [
        ("", "grey"),
        ("#808080", "grey"),
        ("#FFFFFF", "white"),
        ("#e0e0e0", "light"),
        ("#101010", "dark"),
        ("#ff0000", "colour"),
        ("#c8a050", "yellow"),
        ("#b87333", "copper"),
        ("#ffffff40", "clear"),
        ("#808080F0", "grey"),
    ],
)
def test_tones_are_what_people_see(color: str, tone: str) -> None:
    assert tone_of(color) == tone


def test_the_name_of_a_place_is_the_end_of_its_key() -> None:
    assert [name_of(key, "PlacedPart") for key in ("/A/Pin#12", "/A/Nut 1∕2", "/", "")] == [
        "Pin",
        "Nut 1/2",
        "PlacedPart",
        "PlacedPart",
    ]


def test_the_reason_names_the_words_that_were_found() -> None:
    rule = Rule(RED, words="gasket, *seal, o ring", material="nbr, fkm", colors="dark, #c0bebb", key="/A/*")
    part = PlacedPart("/A/x", "Wellenseal", material="NBR 70", color=GRAY)
    assert because(rule, part) == [
        "is /A/*",
        "name has “*seal”",
        "CAD material has “nbr”",
        "CAD color is #c0bebb",
    ]


def test_rules_and_finishes_survive_json_and_the_library_is_sound() -> None:
    for rule in RULES:
        assert Rule.from_json(json.loads(json.dumps(rule.to_json()))) == rule
    assert len(FINISHES) == len(NAMED) == len({name for name, _ in NAMED})
    assert not any((RULES[-1].words, RULES[-1].key, RULES[-1].colors, RULES[-1].material))


@pytest.mark.parametrize(
    "broken",
    [
        {"words": "a|b"},
        {"colours": "pink"},
        {"key": "x"},
        {"finish": {"slug": "x", "roughness": 2}},
        {"finish": {"slug": "x", "colour": "red"}},
    ],
)
def test_a_rule_that_makes_no_sense_is_no_rule(broken: dict[str, object]) -> None:
    with pytest.raises(ContractError):
        Rule.from_json({"finish": {"slug": "x"}, **broken})


def test_a_described_surface_needs_no_guess_but_follows_rules_that_people_wrote() -> None:
    part = PlacedPart("/Ring", "Ring", color=GRAY, is_described=True)
    assert chosen(RULES, replace(part, is_described=False)) == "ground_steel"
    assert chosen(RULES, part) == "as_described"
    edited = tuple(replace(rule, finish=replace(rule.finish, roughness=0.9)) for rule in RULES)
    assert chosen(edited, part) == "as_described", "another look of a finish is no rule about this part"
    assert chosen((Rule(RED, "ring"), *RULES), part) == "red"
    assert chosen((Rule(RED), *RULES), part) == "red"
    assert chosen((Rule(FinishSpec("as_described")),), replace(part, is_described=False)) == "paint"


TEXTURE = {"sha256": "ab" * 32, "mm": 20.0, "color": "#808080"}


def test_a_finish_without_a_texture_is_written_as_ever() -> None:
    """Recipes have the hash of this form: another field would make every picture stale."""
    assert "texture" not in FinishSpec("oak").to_json()
    covered = FinishSpec("oak", texture=TextureSpec(**TEXTURE))  # type: ignore[arg-type]
    assert covered.to_json()["texture"] == {**TEXTURE, "mapping": "box", "relief": 0.0}
    for finish in (covered, FinishSpec("oak")):
        assert FinishSpec.from_json(finish.to_json()) == finish


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"sha256": "AB" * 32}, "64 small hex digits"),
        ({"sha256": "../../etc/passwd"}, "64 small hex digits"),
        ({"mm": 0.0}, "mm: expected 0.1 to 10000"),
        ({"mm": float("nan")}, "mm: expected"),
        ({"relief": 9.0}, "relief: expected -5 to 5"),
        ({"mapping": "sphere"}, "expected one of box, cylinder"),
        ({"color": "red"}, "expected #rrggbb"),
    ],
)
def test_a_texture_that_makes_no_sense_is_refused(change: dict[str, Any], words: str) -> None:
    with pytest.raises(ContractError, match=words):
        TextureSpec.from_json({**TEXTURE, **change})
