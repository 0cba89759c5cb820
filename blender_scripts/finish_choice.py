"""Which finish each part gets: the one function that both sides of Blender call. Standard library only.

The first rule whose conditions all hold decides; if there is none, FALLBACK does. A surface that the file describes is
shown as it does: the built-in rules, which guess, are not asked for it, but those that people wrote are.
"""

# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

from collections.abc import Sequence

from blender_scripts import wording
from blender_scripts.finish_library import RULES
from blender_scripts.finish_rules import FinishSpec, PlacedPart, Rule, colors_of, tone_of

FALLBACK = Rule(FinishSpec("paint", roughness=0.3, coat=0.35))
"""What a part gets for which no rule speaks: paint in its CAD color."""

AS_DESCRIBED = Rule(FinishSpec("as_described"))
"""What a part gets whose file describes its surface, unless a rule of people speaks: that surface."""


def _conditions(rule: Rule) -> tuple[str, ...]:
    return rule.finish.slug, rule.words, rule.key, rule.colors, rule.material


_GUESSES = frozenset(map(_conditions, RULES))
"""The built-in rules, however their finishes were edited: by names and colors they guess what most files do not say."""

_REMEMBERED = 50_000


class Chooser:
    """Rules that are asked for many parts: equal names, materials and colors are thought about once.

    `rules` are those given, FALLBACK and AS_DESCRIBED.
    """

    def __init__(self, rules: Sequence[Rule]) -> None:
        self.rules = (*rules, FALLBACK, AS_DESCRIBED)
        self._candidates: dict[tuple[str, str, str, str, bool], tuple[int, ...]] = {}
        self._tests = [_Test(rule) for rule in self.rules]
        self.asks_keys = any(rule.key for rule in rules)

    def choose(self, part: PlacedPart) -> int:
        """The number of the rule that decides for `part`; those of FALLBACK and AS_DESCRIBED come after all others."""
        for number in self.candidates(part):
            pattern = self.rules[number].key
            if not pattern or wording.path_fits(pattern, part.key):
                return number
        raise AssertionError("FALLBACK or AS_DESCRIBED holds for every part")

    def candidates(self, part: PlacedPart) -> tuple[int, ...]:
        """The rules that decide for a part such as this one, whatever its key: all but the last depend on it."""
        known = (part.name, part.product, part.material, part.color, part.is_described)
        found = self._candidates.get(known)
        if found is None:
            if len(self._candidates) >= _REMEMBERED:
                self._candidates.clear()
            found = self._candidates[known] = tuple(self._find(part))
        return found

    def _find(self, part: PlacedPart) -> list[int]:
        names = wording.told(part.name, part.product)
        material = wording.told(part.material)
        color = part.color.lower()
        tone = tone_of(color)
        found = []
        for number, test in enumerate(self._tests):
            if test.speaks(part) and test.holds(names, material, color, tone):
                found.append(number)
                if not self.rules[number].key:
                    break
        return found


class _Test:
    """A rule's conditions but its key, ready to be asked."""

    def __init__(self, rule: Rule) -> None:
        self._words = wording.words_in(rule.words) if rule.words else None
        self._material = wording.words_in(rule.material) if rule.material else None
        self._colors = frozenset(colors_of(rule.colors))
        self._is_guess = rule == FALLBACK or _conditions(rule) in _GUESSES
        self._is_for_described = rule.finish == AS_DESCRIBED.finish

    def speaks(self, part: PlacedPart) -> bool:
        """Whether the rule is one for such a surface: described ones need no guess."""
        return not self._is_guess if part.is_described else not self._is_for_described

    def holds(self, names: str, material: str, color: str, tone: str) -> bool:
        return (
            (not self._colors or tone in self._colors or color[:7] in self._colors)
            and (self._words is None or self._words.search(names) is not None)
            and (self._material is None or self._material.search(material) is not None)
        )
