"""The result of the material rules for a CAD file: for recipes, for Blender, and for pages.

A recipe has the result for the parts of this file, not the rules, so an edit that does not affect them makes none of
its pictures stale.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any, NamedTuple

from django.db.models import Exists

from blender_scripts.finish_choice import Chooser
from blender_scripts.finish_rules import FinishSpec, PlacedPart, Rule, name_of
from media_assets.models import CadFile
from media_assets.models.batches import batches
from media_assets.recipes import Recipe, recipe_key
from rendering.models import Label, MaterialRule

TREES = 50  # of one query: a tree has up to some megabytes
REMEMBERED = 20_000


class FinishAsk(NamedTuple):
    """A CAD file, and the product and its variant (ids) whose own rules go first."""

    cad_file: CadFile
    product: int | None = None
    variant: int | None = None


@dataclass(frozen=True)
class Choice:
    """What rules decide for one CAD file: what its recipes say, and the rules that decide for any of its parts."""

    recipe: Recipe
    rules: tuple[Rule, ...]


UNDECIDED = Choice({}, ())

_Owner = tuple[int | None, int | None]
"""The ids of the product and of the variant that rules belong to."""


class Book:
    """The active rules at one moment. An invalid one is left out; the list of rules shows it."""

    def __init__(self, rows: Iterable[MaterialRule], *, has_labels: bool = False) -> None:
        self._rows: dict[_Owner, list[MaterialRule]] = defaultdict(list)
        self.has_labels = has_labels
        for row in rows:
            if not row.problem:
                self._rows[row.product_id, row.variant_id].append(row)
        self._global = tuple(row.as_form() for row in self._rows[None, None])
        self._sets: dict[tuple[_Owner, ...], tuple[str, Chooser]] = {}

    def rows(self, product: int | None, variant: int | None = None) -> list[MaterialRule]:
        """Return the rules that are asked for a product or a variant of it, in order."""
        own = [row for owner in self._owners(product, variant) for row in self._rows[owner]]
        return [*own, *self._rows[None, None]]

    def chooser(self, product: int | None, variant: int | None = None) -> Chooser:
        """Return what decides for the parts of a product; its rules are those of `rows`, and the fallback."""
        return self._set(product, variant)[1]

    def choices(self, wanted: Sequence[FinishAsk]) -> list[Choice]:
        """Return what is decided for each of many CAD files; trees that nobody has looked at come in a few queries."""
        keys = tree_keys([one.cad_file for one in wanted])
        unknown = {
            keys[cad_file.pk]: cad_file
            for cad_file, product, variant in wanted
            if keys[cad_file.pk] and (keys[cad_file.pk], self._set(product, variant)[0]) not in _CHOICES
        }
        trees = trees_of(
            {
                key: cad_file
                for key, cad_file in unknown.items()
                if key not in _PARTS
                or any(self.chooser(one.product, one.variant).asks_keys for one in wanted)
            }
        )
        return [self._choice(keys[one.cad_file.pk], one, trees) for one in wanted]

    def _choice(self, tree_key: str, wanted: FinishAsk, trees: Mapping[str, Mapping[str, Any]]) -> Choice:
        name, chooser = self._set(wanted.product, wanted.variant)
        if not tree_key:
            # Not converted yet, so there is no picture either: the line looks again when its geometry is there.
            return Choice({"rules": name}, chooser.rules)
        key = (tree_key, name)
        found = _CHOICES.get(key)
        if found is None:
            found = decide(self._parts(tree_key, trees, placed=chooser.asks_keys), chooser)
            if len(_CHOICES) >= REMEMBERED:
                _CHOICES.clear()
            _CHOICES[key] = found
        return found

    def _parts(
        self, tree_key: str, trees: Mapping[str, Mapping[str, Any]], *, placed: bool
    ) -> Sequence[PlacedPart]:
        if placed:
            return list(parts_of(trees[tree_key]))
        if tree_key not in _PARTS:
            if sum(map(len, _PARTS.values())) > REMEMBERED:
                _PARTS.clear()
            _PARTS[tree_key] = tuple(parts_of(trees[tree_key], placed=False))
        return _PARTS[tree_key]

    def _owners(self, product: int | None, variant: int | None) -> tuple[_Owner, ...]:
        """Return who has rules of their own that are asked first."""
        asked = [(product, variant)] if variant is None else [(product, variant), (product, None)]
        return tuple(one for one in asked if product is not None and one in self._rows)

    def _set(self, product: int | None, variant: int | None) -> tuple[str, Chooser]:
        """Return the name (a hash) and the chooser of the rules for a product or a variant of it."""
        owners = self._owners(product, variant)
        if owners not in self._sets:
            own = tuple(row.as_form() for owner in owners for row in self._rows[owner])
            self._sets[owners] = _chooser((*own, *self._global))
        return self._sets[owners]


_CHOICES: dict[tuple[str, str], Choice] = {}
_PARTS: dict[str, tuple[PlacedPart, ...]] = {}
"""What trees of these keys hold that rules can tell apart, so that an edit of a rule reads no trees."""


def load() -> Book:
    """Return the rules as they are now, and whether any product has labels: one query."""
    has_labels = Exists(Label.objects.filter(is_active=True))
    rules = MaterialRule.objects.filter(is_active=True).select_related("finish__texture")
    rows = list(rules.annotate(has_labels=has_labels))
    return Book(rows, has_labels=not rows or rows[0].has_labels)


def decide(parts: Iterable[PlacedPart], chooser: Chooser) -> Choice:
    """Return what *chooser* decides for *parts*, all of a file's in the order of its tree."""
    numbers = [chooser.choose(part) for part in parts]
    winners = sorted(set(numbers)) or [len(chooser.rules) - 2]
    finishes = {chooser.rules[number].finish.slug: chooser.rules[number].finish for number in winners}
    order = "\n".join(chooser.rules[number].finish.slug for number in numbers)
    covers = {slug: finish.texture.to_json() for slug, finish in sorted(finishes.items()) if finish.texture}
    recipe = {
        "parts": hashlib.sha256(order.encode()).hexdigest()[:16],
        "surfaces": {slug: _surface(finish) for slug, finish in sorted(finishes.items())},
        **({"textures": covers} if covers else {}),
    }
    return Choice(recipe, tuple(chooser.rules[number] for number in winners))


def parts_of(tree: Mapping[str, Any], *, placed: bool = True) -> Iterator[PlacedPart]:
    """Yield each color of each part of a product tree; not *placed*: those that differ in more than their key."""
    seen: set[tuple[str, str, str, str, bool]] = set()
    for node in nodes_of(tree):
        for part in parts_at(node):
            known = (part.name, part.product, part.material, part.color, part.is_described)
            if placed or known not in seen:
                seen.add(known)
                yield part


def nodes_of(tree: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """Yield the nodes of a product tree, parents first."""
    stack = [tree]
    while stack:
        node = stack.pop()
        yield node
        stack.extend(reversed(node.get("children") or []))


def parts_at(node: Mapping[str, Any]) -> Iterator[PlacedPart]:
    """Yield each color of each of the like parts that one node of a tree stands for; none for an assembly."""
    colors = node.get("colors")
    if not colors:
        return
    product, material = str(node.get("product", "")), str(node.get("material", ""))
    described = node.get("described") or [False] * len(colors)
    for key in node.get("keys") or [str(node.get("part_key", ""))]:
        name = name_of(key, str(node.get("name", "")))
        for color, is_described in zip(colors, described, strict=False):
            yield PlacedPart(key, name, product, material, (color or "").lower(), is_described)


def tree_keys(cad_files: Iterable[CadFile]) -> dict[int, str]:
    """Return the keys of the trees; a file that had none when its row was read may have been converted since."""
    keys = {cad_file.pk: cad_file.tree_key for cad_file in cad_files}
    for some in batches([pk for pk, key in keys.items() if not key], TREES):
        keys.update(CadFile.objects.filter(pk__in=some).values_list("pk", "tree_key"))
    return keys


def trees_of(cad_files: Mapping[str, CadFile]) -> dict[str, Mapping[str, Any]]:
    """Return the trees of these keys: those that were read already, the others in a few queries."""
    trees = {
        key: cad_file.tree
        for key, cad_file in cad_files.items()
        if "tree" not in cad_file.get_deferred_fields() and cad_file.tree_key == key
    }
    for some in batches([cad_file.pk for key, cad_file in cad_files.items() if key not in trees], TREES):
        trees.update(CadFile.objects.filter(pk__in=some).values_list("tree_key", "tree"))
    return defaultdict(dict, trees)


@lru_cache(256)
def _chooser(rules: tuple[Rule, ...]) -> tuple[str, Chooser]:
    return recipe_key({"rules": [rule.to_json() for rule in rules]})[:16], Chooser(rules)


@lru_cache(1024)
def _surface(finish: FinishSpec) -> str:
    """What distinguishes finishes of the same name; a recipe has their textures apart."""
    return recipe_key(replace(finish, texture=None).to_json())[:16]
