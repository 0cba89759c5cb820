"""The parts that variants do not show."""

from __future__ import annotations

from collections.abc import Sequence

from blender_scripts.finish_choice import Chooser
from blender_scripts.finish_rules import FinishSpec, PlacedPart, Rule
from media_assets.models import CadFile
from rendering.catalog.parts.fitting import fitting
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


def hidden_parts(asked: Sequence[tuple[CadFile, Variant | None]]) -> list[tuple[str, ...]]:
    """Return the keys of the parts that each of these does not show, sorted; none before its file was converted."""
    hiders = {variant.pk: Hider(variant) for _, variant in asked if variant and variant.hidden}
    return fitting(
        [
            (cad_file, hiders[variant.pk].rules if variant and variant.pk in hiders else ())
            for cad_file, variant in asked
        ]
    )
