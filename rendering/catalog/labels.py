"""The labels on the parts of a picture: what its recipe has of them, and where each is said to Blender."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace

from blender_scripts.finish_rules import FinishSpec, Rule, problems
from blender_scripts.labels import SIDES, LabelSpec
from media_assets.models.turns import Rotation
from rendering.catalog.asks import Ask
from rendering.catalog.materials import Choice
from rendering.catalog.parts.fitting import fitting
from rendering.catalog.recipes import Pictured
from rendering.models import Label, OutputType

_NONE = FinishSpec("labelled")


def labelled(
    asked: Sequence[Ask],
    chosen: Sequence[Choice],
    orientations: Sequence[Rotation],
    abouts: Sequence[Pictured | None],
) -> list[Choice]:
    """Return what is decided for each file with the labels of its product: one query for all of them.

    A section, and what has no materials by rule, has none; nor has a part that the file has not.
    """
    able = [_may_have(ask.output_type) for ask in asked]
    products = {ask.product for ask, may in zip(asked, able, strict=True) if may and ask.product}
    own: dict[int | None, list[Label]] = defaultdict(list)
    if products:
        for row in (
            Label.objects.filter(product__in=products, is_active=True)
            .select_related("picture")
            .order_by("pk")
        ):
            own[row.product_id].append(row)
    labels = [own[ask.product] if may else [] for ask, may in zip(asked, able, strict=True)]
    there = fitting([(ask.cad_file, _rules(rows)) for ask, rows in zip(asked, labels, strict=True)])
    return [
        _with(choice, rows, set(keys), turned, about)
        for choice, rows, keys, turned, about in zip(chosen, labels, there, orientations, abouts, strict=True)
    ]


def _rules(rows: Sequence[Label]) -> tuple[Rule, ...]:
    """Return what finds the parts of labels; a key that can't be one finds none."""
    keys = sorted({row.part_key for row in rows})
    return tuple(Rule(_NONE, key=key) for key in keys if not problems("", key, "", "")["key"])


def spec(label: Label, turned: Rotation = ()) -> LabelSpec:
    """Return a label as Blender knows it, on a product that is so turned from its file's axes."""
    normal, up = sides(turned)[label.side]
    return LabelSpec(
        sha256=label.picture.sha256,
        part=label.part_key,
        normal=normal,
        up=up,
        **{name: getattr(label, name) for name in ("mm", "x", "y", "turn", "depth", "reach")},
    )


def sides(turned: Rotation = ()) -> dict[str, tuple[tuple[float, ...], ...]]:
    """Return where each side of a product that is so turned looks, and what is up on it, in its file's axes."""
    return {
        name: tuple(_in_file(direction, turned) for direction in directions)
        for name, directions in SIDES.items()
    }


def _may_have(output_type: OutputType) -> bool:
    is_by_rule = output_type.materials == OutputType.Materials.RULES
    return output_type.kind_row.has("materials") and is_by_rule and not output_type.section


def _with(
    choice: Choice, rows: Sequence[Label], there: set[str], turned: Rotation, about: Pictured | None
) -> Choice:
    """Return the choice with those of the labels whose parts are shown."""
    shown = set(about.arrangement.parts) if about else set()
    laid = [
        spec(row, turned).to_json()
        for row in rows
        if row.part_key in there and (not shown or row.part_key in shown)
    ]
    return replace(choice, recipe={**choice.recipe, "labels": laid}) if laid else choice


def _in_file(direction: Sequence[float], turned: Rotation) -> tuple[float, ...]:
    """Return a direction of the product in its file's axes: the inverse of a rotation is its transpose."""
    if not turned:
        return tuple(direction)
    return tuple(
        float(sum(turned[3 * row + column] * direction[row] for row in range(3))) for column in range(3)
    )
