"""Recipe keys: equal for equal recipes, whatever the order of their words."""

from __future__ import annotations

import random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as some

from media_assets.recipes import canonical_json, changed_fields, recipe_key

leaves = some.none() | some.booleans() | some.integers() | some.floats(allow_nan=False, allow_infinity=False)
values = some.recursive(
    leaves | some.text(),
    lambda inner: some.lists(inner, max_size=3) | some.dictionaries(some.text(), inner, max_size=3),
    max_leaves=8,
)
recipes = some.dictionaries(some.text(), values, max_size=5)


def shuffled(value: Any, chance: random.Random) -> Any:
    """The same value with the keys of every dictionary in another order."""
    if isinstance(value, dict):
        keys = list(value)
        chance.shuffle(keys)
        return {key: shuffled(value[key], chance) for key in keys}
    if isinstance(value, list):
        return [shuffled(item, chance) for item in value]
    return value


@pytest.mark.slow
@given(recipes, some.randoms())
def test_the_order_of_keys_does_not_matter(recipe: dict[str, Any], chance: random.Random) -> None:
    assert recipe_key(shuffled(recipe, chance)) == recipe_key(recipe)


@pytest.mark.slow
@given(recipes, recipes)
def test_two_recipes_share_a_key_only_when_their_texts_are_the_same(
    one: dict[str, Any], other: dict[str, Any]
) -> None:
    assert (recipe_key(one) == recipe_key(other)) == (canonical_json(one) == canonical_json(other))


@given(recipes)
def test_a_key_survives_the_way_through_json(recipe: dict[str, Any]) -> None:
    import json

    assert recipe_key(json.loads(json.dumps(recipe))) == recipe_key(recipe)
    assert len(recipe_key(recipe)) == 64


@pytest.mark.parametrize("value", [float("nan"), float("inf"), float("-inf")])
def test_a_number_that_equals_nothing_is_refused(value: float) -> None:
    with pytest.raises(ValueError, match="JSON compliant"):
        recipe_key({"exposure": value})


@given(recipes)
def test_nothing_changed_in_the_same_recipe(recipe: dict[str, Any]) -> None:
    assert changed_fields(recipe, recipe) == []


def test_changes_are_named_from_the_top_down() -> None:
    old = {"view": {"samples": 8, "look": {"lighting": "dark"}}, "format": "png", "gone": 1}
    new = {"view": {"samples": 9, "look": {"lighting": "softbox"}}, "format": "png", "new": 1}
    assert changed_fields(old, new) == ["gone", "new", "view.look.lighting", "view.samples"]
