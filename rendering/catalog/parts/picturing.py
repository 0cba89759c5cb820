"""Which parts of a CAD file the pictures of an output type are about."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from blender_scripts.contract import ALONE, Arrangement
from blender_scripts.finish_rules import FinishSpec, Rule
from media_assets.models import CadFile
from media_assets.recipes import recipe_key
from rendering.catalog.counting import counted
from rendering.catalog.materials import tree_keys
from rendering.catalog.parts.fitting import fitting
from rendering.catalog.parts.kinds import Kind
from rendering.catalog.recipes import Pictured
from rendering.models import OutputType

_SHOWN = FinishSpec("shown")


@dataclass(frozen=True)
class Picturing:
    """A CAD file in an output type; for one that shows each part, which `kind` of part, and the customer it is for.

    A part has no kind before its file was converted, or when it is gone: then `part`, its key, names it.
    """

    cad_file: CadFile
    output_type: OutputType
    part: str = ""
    kind: Kind | None = None
    customer: int | None = None


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
            counted(output_type, "part_words", ""),
            counted(output_type, "part_key", ""),
            output_type.rest,
            counted(output_type, "rest_opacity", None),
            counted(output_type, "part_color", "").lower(),
        )

    @property
    def rules(self) -> tuple[Rule, ...]:
        """What finds the parts in a tree; nothing where they are asked for one by one."""
        return (Rule(_SHOWN, words=self.words, key=self.key),) if self.words or self.key else ()

    def of_kind(self, wanted: Picturing) -> Pictured:
        """Return what a picture of one kind of part is about: one piece by itself, or all of them among the others.

        By itself a part is pictured by its shape and its colors, whatever product it is in: two products of a customer
        share the picture. Where the file describes surfaces, or was converted before shapes had fingerprints, it is
        that of this file alone.
        """
        kind = wanted.kind
        if kind is None or self.rest != OutputType.Rest.HIDDEN:
            return self.pictured(kind.keys if kind else (wanted.part,))
        about: dict[str, Any] = {"rest": ALONE, **({"color": self.color} if self.color else {})}
        arrangement = Arrangement(parts=kind.keys[:1], rest=ALONE, color=self.color)
        if not kind.shape or kind.is_described:
            return Pictured({"part": kind.keys[0], **about}, arrangement)
        shared = {"customer": wanted.customer} if wanted.customer else {}
        return Pictured(
            {"shape": kind.shape, "colors": list(kind.colors), **shared, **about}, arrangement, kind.shape
        )

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


def pictured(asked: Sequence[Picturing]) -> list[Pictured | None]:
    """Return what each picture is about; None: the whole product. A query for trees that nobody has looked at."""
    choices = [PartChoice.of(one.output_type) for one in asked]
    found = fitting(
        [(one.cad_file, choice.rules if choice else ()) for one, choice in zip(asked, choices, strict=True)]
    )
    return [
        _about(one, choice, keys) if choice else None
        for one, choice, keys in zip(asked, choices, found, strict=True)
    ]


def has_none(asked: Sequence[tuple[CadFile, OutputType]]) -> list[bool]:
    """Return whether a CAD file has none of the parts that an output type shows, as far as its parts are known."""
    choices = [PartChoice.of(output_type) for _, output_type in asked]
    rules = [choice.rules if choice else () for choice in choices]
    sought = [cad_file for (cad_file, _), some in zip(asked, rules, strict=True) if some]
    keys = tree_keys(sought)
    found = fitting([(cad_file, some) for (cad_file, _), some in zip(asked, rules, strict=True)])
    return [
        bool(some and keys[cad_file.pk] and not fits)
        for (cad_file, _), some, fits in zip(asked, rules, found, strict=True)
    ]


def _about(wanted: Picturing, choice: PartChoice, keys: tuple[str, ...]) -> Pictured:
    return choice.pictured(keys) if choice.rules else choice.of_kind(wanted)
