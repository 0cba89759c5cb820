"""The parts that variants do not show."""

from __future__ import annotations

from collections.abc import Sequence

from blender_scripts.finish_choice import Chooser
from blender_scripts.finish_rules import FinishSpec, PlacedPart, Rule
from media_assets.models import CadFile
from rendering.catalog.materials import REMEMBERED, parts_of, tree_keys, trees_of
from rendering.models import Variant

_HIDDEN = FinishSpec("hidden")


class Hider:
    """What a variant hides, ready to be asked for many parts."""

    def __init__(self, variant: Variant | None) -> None:
        hidden = variant.hidden if variant else []
        self.rules = tuple(Rule(_HIDDEN, words=one["words"], key=one["part_key"]) for one in hidden)
        self._chooser = Chooser(self.rules)

    def hides(self, part: PlacedPart) -> bool:
        return self._chooser.choose(part) < len(self.rules)


_KEYS: dict[tuple[str, tuple[Rule, ...]], tuple[str, ...]] = {}
"""What is hidden of trees of these keys, so that the next order reads no trees."""


def hidden_parts(asked: Sequence[tuple[CadFile, Variant | None]]) -> list[tuple[str, ...]]:
    """Return the keys of the parts that each of these does not show, sorted; none before its file was converted."""
    hiders = {variant.pk: Hider(variant) for _, variant in asked if variant and variant.hidden}
    hiding = [
        (cad_file, hiders[variant.pk]) for cad_file, variant in asked if variant and variant.pk in hiders
    ]
    keys = tree_keys([cad_file for cad_file, _ in hiding])
    unknown = {
        key: cad_file
        for cad_file, hider in hiding
        if (key := keys[cad_file.pk]) and (key, hider.rules) not in _KEYS
    }
    trees = trees_of(unknown)
    for cad_file, hider in hiding:
        if (key := keys[cad_file.pk]) in unknown:
            if len(_KEYS) >= REMEMBERED:
                _KEYS.clear()
            found = {part.key for part in parts_of(trees[key]) if hider.hides(part)}
            _KEYS[key, hider.rules] = tuple(sorted(found))
    return [
        _KEYS.get((keys[cad_file.pk], hiders[variant.pk].rules), ())
        if variant and variant.pk in hiders
        else ()
        for cad_file, variant in asked
    ]
