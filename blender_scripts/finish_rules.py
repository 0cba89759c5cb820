"""Finishes, and the ordered rules that say which part gets which (see `finish_choice`). Standard library only."""

# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import colorsys
import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from blender_scripts import wording
from blender_scripts.jsonform import SPARSE, ContractError, JsonForm, spelled

TONES = ("clear", "dark", "grey", "light", "white", "yellow", "copper", "colour")
SPELLINGS = {
    "gray": "grey",
    "color": "colour",
}  # the tones keep the spelling that stored rules and recipes have
HEX = re.compile(r"#[0-9a-f]{6}")
SHA256 = re.compile(r"[0-9a-f]{64}")
METALS = (0.03, 0.92)
"""The darkest and the lightest color of a metal."""
MAPPINGS = ("box", "cylinder")
TEXTURE_LIMITS = {"mm": (0.1, 10_000.0), "relief": (-5.0, 5.0)}
_SHARES = ("metallic", "roughness", "tint", "grain", "anisotropy", "brushed", "coat", "coat_roughness",
           "transmission", "specular")  # fmt: skip


@dataclass(frozen=True, slots=True)
class TextureSpec(JsonForm):
    """A picture that is repeated over a surface: its SHA-256, and the mm that its width covers.

    `mapping` lays it on the six sides of a box, or around the turning axis of a part. `relief` is how many mm a white
    place lies above a black one, by shading alone. `color` (#rrggbb) is the mean of the picture, for what has no
    textures.
    """

    sha256: str
    mm: float
    color: str
    mapping: str = "box"
    relief: float = 0.0

    def __post_init__(self) -> None:
        if not SHA256.fullmatch(self.sha256):
            raise ContractError(f"sha256: expected 64 small hex digits, got {self.sha256!r}.")
        if not HEX.fullmatch(self.color):
            raise ContractError(f"color: expected #rrggbb in small letters, got {self.color!r}.")
        if self.mapping not in MAPPINGS:
            raise ContractError(f"mapping: expected one of {', '.join(MAPPINGS)}, got {self.mapping!r}.")
        for name, (least, most) in TEXTURE_LIMITS.items():
            if not least <= getattr(self, name) <= most:
                raise ContractError(f"{name}: expected {least:g} to {most:g}, got {getattr(self, name)!r}.")


@dataclass(frozen=True, slots=True)
class FinishSpec(JsonForm):
    """One kind of surface. `color` (sRGB, #rrggbb) is its own, `tint` how much of the CAD color replaces it.

    A `texture` is multiplied by the color that this gives. `grain` varies the roughness; `anisotropy` follows a turned
    part's axis, or with `brushed` the part's length; `coat` is a layer of clear lacquer. All from 0 to 1, `ior` from 1
    to 3.
    """

    slug: str
    color: str = spelled("colour", default="#bcbcbc")
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
    texture: TextureSpec | None = field(default=None, metadata=SPARSE)

    def __post_init__(self) -> None:
        if not self.slug:
            raise ContractError("slug: a finish needs one.")
        if not HEX.fullmatch(self.color):
            raise ContractError(f"color: expected #rrggbb in small letters, got {self.color!r}.")
        for name in _SHARES:
            if not 0.0 <= getattr(self, name) <= 1.0:
                raise ContractError(f"{name}: expected 0 to 1, got {getattr(self, name)!r}.")
        if not 1.0 <= self.ior <= 3.0:
            raise ContractError(f"ior: expected 1 to 3, got {self.ior!r}.")

    def blended(self, cad: Sequence[float]) -> list[float]:
        """Its color on a part whose CAD color (linear RGB) is this, in linear light."""
        color = [
            own + (of_cad - own) * self.tint for own, of_cad in zip(linear(self.color), cad, strict=False)
        ]
        return [min(METALS[1], max(METALS[0], one)) for one in color] if self.metallic else color

    def flat(self, cad: Sequence[float]) -> list[float]:
        """The same for what has no textures: multiplied by the mean color of its own."""
        mean = linear(self.texture.color) if self.texture else (1.0, 1.0, 1.0)
        return [one * by for one, by in zip(self.blended(cad), mean, strict=True)]


@dataclass(frozen=True, slots=True)
class Rule(JsonForm):
    """Parts for which every condition holds get `finish`; an empty condition always holds.

    `words` are looked for in the names of the place and of the product there, `material` in the name of the CAD
    material (see wording); `key` is the pattern of a part key; `colors` are tones or #rrggbb, one is enough.
    """

    finish: FinishSpec
    words: str = ""
    key: str = ""
    colors: str = spelled("colours", default="")
    material: str = ""

    def __post_init__(self) -> None:
        if problem := next(filter(None, self.problems().values()), ""):
            raise ContractError(f"rule for {self.finish.slug}: {problem}")

    def problems(self) -> dict[str, str]:
        """What is wrong with each condition, by its name."""
        return problems(self.words, self.key, self.colors, self.material)


@dataclass(frozen=True, slots=True)
class PlacedPart(JsonForm):
    """One color of one placed part. `color` is the CAD's as #rrggbb or #rrggbbaa, "" where it has none; `is_described`
    says that the file describes the surface in more than a color."""

    key: str
    name: str
    product: str = ""
    material: str = ""
    color: str = ""
    is_described: bool = False


def problems(words: str, key: str, colors: str, material: str) -> dict[str, str]:
    """What is wrong with the conditions of a rule, by their names; "" for nothing."""
    return {
        "words": wording.words_problem(words),
        "key": wording.path_problem(key) if key else "",
        "colors": _colors_problem(colors),
        "material": wording.words_problem(material),
    }


def because(rule: Rule, part: PlacedPart) -> list[str]:
    """Why a rule holds for `part`, in words; [] for a rule without conditions."""
    said = []
    if rule.key:
        said.append(f"is {rule.key}")
    if rule.words:
        said.append(f"name has “{_hit(rule.words, part.name, part.product)}”")
    if rule.material:
        said.append(f"CAD material has “{_hit(rule.material, part.material)}”")
    if rule.colors:
        exact = part.color[:7] in colors_of(rule.colors)
        said.append(f"CAD color is {part.color[:7] if exact else shown(tone_of(part.color))}")
    return said


def _hit(text: str, *names: str) -> str:
    known = wording.told(*names)
    return next((term for term in wording.terms_of(text) if wording.words_in(term).search(known)), text)


def colors_of(text: str) -> list[str]:
    """The tones and #rrggbb of a condition; gray and color are understood as the tones that rules are stored with."""
    return [SPELLINGS.get(one.lower(), one.lower()) for one in wording.terms_of(text)]


def shown(tone: str) -> str:
    """Return a tone as people write it."""
    return next((written for written, stored in SPELLINGS.items() if stored == tone), tone)


def name_of(key: str, otherwise: str = "") -> str:
    """What the place of this part key is called: the last name of its path, without the number among its like."""
    last = key.rpartition("/")[2].replace("∕", "/")
    return re.sub(r"#\d+$", "", last) or otherwise


def tone_of(color: str) -> str:
    """What a CAD color looks like: clear, dark, grey, light, white, yellow (brass), copper or colour (saturated).

    A part without a color is shown in gray.
    """
    if not HEX.match(color.lower()):
        return "grey"
    if len(color) > 7 and int(color[7:9], 16) < 217:
        return "clear"
    hue, saturation, value = colorsys.rgb_to_hsv(*(int(color[at : at + 2], 16) / 255 for at in (1, 3, 5)))
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


def _colors_problem(text: str) -> str:
    for one in colors_of(text):
        if one not in TONES and not HEX.fullmatch(one):
            return f"“{one}” is no tone and no color. Tones are {', '.join(map(shown, TONES))}; colors are #rrggbb."
    return ""


def linear(color: str) -> list[float]:
    """A color as #rrggbb in linear light."""
    return [_to_linear(int(color[at : at + 2], 16) / 255) for at in (1, 3, 5)]


def _to_linear(channel: float) -> float:
    return channel / 12.92 if channel <= 0.04045 else ((channel + 0.055) / 1.055) ** 2.4
