"""The parts of CAD files that rules fit: those that a variant hides, those that a picture is about."""

from __future__ import annotations

from collections.abc import Sequence

from blender_scripts.finish_choice import Chooser
from blender_scripts.finish_rules import Rule
from media_assets.models import CadFile
from rendering.catalog.materials import REMEMBERED, parts_of, tree_keys, trees_of

Rules = tuple[Rule, ...]

_KEYS: dict[tuple[str, Rules], tuple[str, ...]] = {}
"""What fits in trees of these keys, so that the next order reads no trees."""


def fitting(asked: Sequence[tuple[CadFile, Rules]]) -> list[tuple[str, ...]]:
    """Return the keys of the parts that any of the rules fits, sorted; none before the file was converted."""
    wanted = [(cad_file, rules) for cad_file, rules in asked if rules]
    keys = tree_keys([cad_file for cad_file, _ in wanted])
    unknown = {
        key: cad_file
        for cad_file, rules in wanted
        if (key := keys[cad_file.pk]) and (key, rules) not in _KEYS
    }
    trees = trees_of(unknown)
    for cad_file, rules in wanted:
        if (key := keys[cad_file.pk]) in unknown:
            if len(_KEYS) >= REMEMBERED:
                _KEYS.clear()
            chooser = Chooser(rules)
            found = {part.key for part in parts_of(trees[key]) if chooser.choose(part) < len(rules)}
            _KEYS[key, rules] = tuple(sorted(found))
    return [_KEYS.get((keys[cad_file.pk], rules), ()) if rules else () for cad_file, rules in asked]
