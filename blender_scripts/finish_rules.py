"""Which surface each part gets: finishes, ordered rules, and the one function that both sides of Blender ask.

Standard library only. The first rule whose conditions all hold decides; where none does, FALLBACK does.
"""

# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import colorsys
import re
from collections.abc import Sequence
from dataclasses import dataclass

from blender_scripts import wording
from blender_scripts.jsonform import ContractError, JsonForm

TONES = ("clear", "dark", "grey", "light", "white", "yellow", "copper", "colour")
HEX = re.compile(r"#[0-9a-f]{6}")
_SHARES = ("metallic", "roughness", "tint", "grain", "anisotropy", "brushed", "coat", "coat_roughness",
           "transmission", "specular")  # fmt: skip
_REMEMBERED = 50_000


@dataclass(frozen=True, slots=True)
class Finish(JsonForm):
    """One kind of surface. `colour` (sRGB, #rrggbb) is its own, `tint` how much of the CAD colour replaces it.

    `grain` varies the roughness; `anisotropy` follows a turned part's axis, or with `brushed` the part's length;
    `coat` is a layer of clear lacquer. All from 0 to 1, `ior` from 1 to 3.
    """

    slug: str
    colour: str = "#bcbcbc"
    tint: float = 1.0
    metallic: float = 0.0
    roughness: float = 0.4
    specular: float = 0.5
    grain: float = 0.0
    anisotropy: float = 0.0
    brushed: float = 0.0
    coat: float = 0.0
    coat_roughness: float = 0.08
    transmission: float = 0.0
    ior: float = 1.5

    def __post_init__(self) -> None:
        if not self.slug:
            raise ContractError("slug: a finish needs one.")
        if not HEX.fullmatch(self.colour):
            raise ContractError(f"colour: expected #rrggbb in small letters, got {self.colour!r}.")
        for name in _SHARES:
            if not 0.0 <= getattr(self, name) <= 1.0:
                raise ContractError(f"{name}: expected 0 to 1, got {getattr(self, name)!r}.")
        if not 1.0 <= self.ior <= 3.0:
            raise ContractError(f"ior: expected 1 to 3, got {self.ior!r}.")

    @property
    def linear(self) -> tuple[float, float, float]:
        """Its own colour in linear light."""
        red, green, blue = (_to_linear(int(self.colour[at : at + 2], 16) / 255) for at in (1, 3, 5))
        return red, green, blue


@dataclass(frozen=True, slots=True)
class Rule(JsonForm):
    """Parts for which every condition holds get `finish`; an empty condition always holds.

    `words` are looked for in the names of the place and of the product there, `material` in the name of the CAD
    material (see wording); `key` is the pattern of a part key; `colours` are tones or #rrggbb, one is enough.
    """

    finish: Finish
    words: str = ""
    key: str = ""
    colours: str = ""
    material: str = ""

    def __post_init__(self) -> None:
        if problem := next(filter(None, self.problems().values()), ""):
            raise ContractError(f"rule for {self.finish.slug}: {problem}")

    def problems(self) -> dict[str, str]:
        """What is wrong with each condition, by its name."""
        return problems(self.words, self.key, self.colours, self.material)


@dataclass(frozen=True, slots=True)
class Part(JsonForm):
    """One colour of one placed part. `colour` is the CAD's as #rrggbb or #rrggbbaa, "" where it has none."""

    key: str
    name: str
    product: str = ""
    material: str = ""
    colour: str = ""


def problems(words: str, key: str, colours: str, material: str) -> dict[str, str]:
    """What is wrong with the conditions of a rule, by their names; "" for nothing."""
    return {
        "words": wording.words_problem(words),
        "key": wording.path_problem(key) if key else "",
        "colours": _colours_problem(colours),
        "material": wording.words_problem(material),
    }


def because(rule: Rule, part: Part) -> list[str]:
    """Why a rule holds for `part`, in words; [] for a rule without conditions."""
    said = []
    if rule.key:
        said.append(f"is {rule.key}")
    if rule.words:
        said.append(f"name has “{_hit(rule.words, part.name, part.product)}”")
    if rule.material:
        said.append(f"CAD material has “{_hit(rule.material, part.material)}”")
    if rule.colours:
        exact = part.colour[:7] in colours_of(rule.colours)
        said.append(f"CAD colour is {part.colour[:7] if exact else tone_of(part.colour)}")
    return said


def _hit(text: str, *names: str) -> str:
    known = wording.told(*names)
    return next((term for term in wording.terms_of(text) if wording.words_in(term).search(known)), text)


def colours_of(text: str) -> list[str]:
    """The tones and #rrggbb of a condition."""
    return [one.lower() for one in wording.terms_of(text)]


def name_of(key: str, otherwise: str = "") -> str:
    """What the place of this part key is called: the last name of its path, without the number among its like."""
    last = key.rpartition("/")[2].replace("∕", "/")
    return re.sub(r"#\d+$", "", last) or otherwise


def tone_of(colour: str) -> str:
    """What a CAD colour looks like: clear, dark, grey, light, white, yellow (brass), copper or colour (saturated).

    A part without a colour is shown in grey.
    """
    if not HEX.match(colour.lower()):
        return "grey"
    if len(colour) > 7 and int(colour[7:9], 16) < 217:
        return "clear"
    hue, saturation, value = colorsys.rgb_to_hsv(*(int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)))
    if value < 0.28:
        return "dark"
    if saturation < 0.16:
        return "white" if value > 0.96 else "light" if value > 0.8 else "grey"
    degrees = hue * 360
    if 34 <= degrees <= 56 and 0.2 <= saturation <= 0.75 and value > 0.45:
        return "yellow"
    if 12 <= degrees < 34 and 0.25 <= saturation <= 0.75 and 0.45 < value < 0.95:
        return "copper"
    return "grey" if saturation < 0.22 else "colour"


def _colours_problem(text: str) -> str:
    for one in colours_of(text):
        if one not in TONES and not HEX.fullmatch(one):
            return f"“{one}” is no tone and no colour. Tones are {', '.join(TONES)}; colours are #rrggbb."
    return ""


def _to_linear(channel: float) -> float:
    return channel / 12.92 if channel <= 0.04045 else ((channel + 0.055) / 1.055) ** 2.4


FALLBACK = Rule(Finish("paint", roughness=0.3, coat=0.35))
"""What a part gets for which no rule speaks: paint in its CAD colour."""


class Chooser:
    """Rules that are asked for many parts: equal names, materials and colours are thought about once."""

    def __init__(self, rules: Sequence[Rule]) -> None:
        self.rules = (*rules, FALLBACK)
        self._candidates: dict[tuple[str, str, str, str], tuple[int, ...]] = {}
        self._tests = [_Test(rule) for rule in self.rules]
        self.asks_keys = any(rule.key for rule in rules)

    def choose(self, part: Part) -> int:
        """The number of the rule that decides for `part`; that of FALLBACK comes after all others."""
        for number in self.candidates(part):
            pattern = self.rules[number].key
            if not pattern or wording.path_fits(pattern, part.key):
                return number
        raise AssertionError("FALLBACK holds for every part")

    def candidates(self, part: Part) -> tuple[int, ...]:
        """The rules that decide for a part such as this one, whatever its key: all but the last depend on it."""
        known = (part.name, part.product, part.material, part.colour)
        found = self._candidates.get(known)
        if found is None:
            if len(self._candidates) >= _REMEMBERED:
                self._candidates.clear()
            found = self._candidates[known] = tuple(self._find(part))
        return found

    def _find(self, part: Part) -> list[int]:
        names = wording.told(part.name, part.product)
        material = wording.told(part.material)
        colour = part.colour.lower()
        tone = tone_of(colour)
        found = []
        for number, test in enumerate(self._tests):
            if test.holds(names, material, colour, tone):
                found.append(number)
                if not self.rules[number].key:
                    break
        return found


class _Test:
    """A rule's conditions but its key, ready to be asked."""

    def __init__(self, rule: Rule) -> None:
        self._words = wording.words_in(rule.words) if rule.words else None
        self._material = wording.words_in(rule.material) if rule.material else None
        self._colours = frozenset(colours_of(rule.colours))

    def holds(self, names: str, material: str, colour: str, tone: str) -> bool:
        return (
            (not self._colours or tone in self._colours or colour[:7] in self._colours)
            and (self._words is None or self._words.search(names) is not None)
            and (self._material is None or self._material.search(material) is not None)
        )
