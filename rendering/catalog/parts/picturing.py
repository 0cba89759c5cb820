"""Which parts of a CAD file the pictures of an output type are about."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from blender_scripts.contract import Arrangement
from blender_scripts.finish_rules import FinishSpec, Rule
from media_assets.models import CadFile
from media_assets.recipes import recipe_key
from rendering.catalog.counting import counted
from rendering.catalog.parts.fitting import fitting
from rendering.catalog.recipes import Pictured
from rendering.models import OutputType

_SHOWN = FinishSpec("shown")


@dataclass(frozen=True)
class PartChoice:
    """What an output type says of parts: which it is about, and how they and the rest are shown."""

    words: str
    key: str
    rest: str
    opacity: float | None
    color: str

    @classmethod
    def of(cls, output_type: OutputType) -> PartChoice | None:
        """Return the choice of *output_type*; None where it shows the whole product."""
        if not counted(output_type, "parts", ""):
            return None
        return cls(
            output_type.part_words,
            output_type.part_key,
            output_type.rest,
            counted(output_type, "rest_opacity", None),
            output_type.part_color.lower(),
        )

    @property
    def rule(self) -> Rule:
        return Rule(_SHOWN, words=self.words, key=self.key)

    def pictured(self, keys: tuple[str, ...]) -> Pictured:
        """Return what a picture of the parts with these keys is about.

        A file that has none of them, or was not converted yet, is asked for what people wrote: Blender says that it is
        missing.
        """
        parts = keys or (self.words or self.key,)
        more: dict[str, Any] = {"rest": self.rest}
        if self.opacity is not None:
            more["opacity"] = self.opacity
        if self.color:
            more["color"] = self.color
        return Pictured(
            {"parts": recipe_key({"parts": parts})[:16], **more}, Arrangement(parts=parts, **more)
        )


def pictured(asked: Sequence[tuple[CadFile, OutputType]]) -> list[Pictured | None]:
    """Return what each picture is about; None: the whole product. A query for trees that nobody has looked at."""
    choices = [PartChoice.of(output_type) for _, output_type in asked]
    found = fitting(
        [
            (cad_file, (choice.rule,) if choice else ())
            for (cad_file, _), choice in zip(asked, choices, strict=True)
        ]
    )
    return [choice.pictured(keys) if choice else None for choice, keys in zip(choices, found, strict=True)]
