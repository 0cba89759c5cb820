"""Which finish each part of a product gets, and why: on its tree, and summed up."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _

from blender_scripts.finish_choice import AS_DESCRIBED
from blender_scripts.finish_rules import PlacedPart, because
from media_assets.models import Product
from rendering.catalog.materials import Book, nodes_of, parts_at, parts_of
from rendering.desk.cad_files.tree_view import bounded
from rendering.desk.materials import labels
from rendering.desk.materials.swatches import swatch
from rendering.models import Finish
from rendering.models.roles import may

MOST_NAMES = 6
LONGEST_KEY = 1000


@dataclass(frozen=True)
class Viewer:
    """Who looks at which product's materials. Without a product the rules for all speak alone."""

    product: Product | None
    may_view: bool = False
    may_add: bool = False
    may_assign: bool = False
    may_label: bool = False


def viewer(request: HttpRequest, product: Product | None) -> Viewer:
    """Return the user of *request* as one who looks at the materials of *product*."""
    may_view = request.user.has_perm("rendering.view_materialrule")
    may_add = request.user.has_perm("rendering.add_materialrule")
    may_label = request.user.has_perm("rendering.add_label") and product is not None
    return Viewer(product, may_view, may_add, may(request.user, "finish") and product is not None, may_label)


class Explained:
    """The rules with their names, ready to say why a part got its finish."""

    def __init__(self, book: Book, viewer: Viewer) -> None:
        self.viewer = viewer
        self._product = viewer.product.pk if viewer.product else None
        self._rows = book.rows(self._product)
        self.chooser = book.chooser(self._product)
        self._names = Finish.names()

    def decided(self, number: int, part: PlacedPart) -> dict[str, Any]:
        """Return the finish that rule *number* gives to *part*, the rule, and why it holds."""
        rule = self.chooser.rules[number]
        row = self._rows[number] if number < len(self._rows) else None
        if row is None:
            name, url = _("no rule"), ""
        else:
            name = _("rule %(position)d of this product") if row.product_id else _("rule %(position)d")
            name %= {"position": row.position}
            url = (
                reverse("admin:rendering_materialrule_change", args=[row.pk]) if self.viewer.may_view else ""
            )
        return {
            "name": self._names.get(rule.finish.slug, rule.finish.slug),
            "swatch": swatch(rule.finish, part.color),
            "rule": name,
            "url": url,
            "why": ", ".join(because(rule, part)) or (_("any part") if row else _("no rule matches")),
            **({"name": _("As described in the file")} if rule is AS_DESCRIBED else {}),
        }

    def add_url(self, **conditions: str) -> str:
        """Return where a rule of this product with these conditions is written; "" where that can't be."""
        if not self.viewer.may_add or self._product is None:
            return ""
        given = {name: text for name, text in conditions.items() if text and len(text) <= LONGEST_KEY}
        query = urlencode({"product": self._product, **given})
        return f"{reverse('admin:rendering_materialrule_add')}?{query}"


def explained_tree(tree: Mapping[str, Any], book: Book, viewer: Viewer) -> dict[str, Any] | None:
    """Return the product tree as pages show it, each part with its finishes."""
    shown = bounded(tree)
    if shown is None:
        return None
    explained = Explained(book, viewer)
    for node in nodes_of(shown):
        finishes = _finishes(node, explained)
        if finishes and isinstance(node, dict):
            node["finishes"] = finishes
            key = next(iter(parts_at(node))).key
            if viewer.may_assign and viewer.product:
                query = urlencode({"part": key})
                node["assign_url"] = (
                    f"{reverse('admin:media_assets_product_assign', args=[viewer.product.pk])}?{query}"
                )
            if viewer.may_label and viewer.product:
                node["label_url"] = labels.address(viewer.product, key)
            node["add_url"] = explained.add_url(**_conditions(node))
    return shown


def _finishes(node: Mapping[str, Any], explained: Explained) -> list[dict[str, Any]]:
    """The finishes of one node, the number of places behind each where they differ."""
    first: dict[int, PlacedPart] = {}
    times: Counter[int] = Counter()
    for part in parts_at(node):
        number = explained.chooser.choose(part)
        first.setdefault(number, part)
        times[number] += 1
    like = node.get("count", 1) > 1 and len(set(times.values())) > 1
    return [
        {**explained.decided(number, part), "count": times[number] if like else 0}
        for number, part in first.items()
    ]


def _conditions(node: Mapping[str, Any]) -> dict[str, str]:
    """What a new rule for this node begins with: its key, or the name of its product where there are several."""
    if node.get("count", 1) > 1:
        return {"words": str(node.get("product", "")).replace(",", " ")}
    return {"part_key": str(node.get("part_key", ""))}


@dataclass
class FinishGroup:
    """All parts that one rule decides for."""

    finish: dict[str, Any]
    key: str = ""  # of one of them
    places: int = 0
    names: list[str] = field(default_factory=list)
    more: int = 0


def groups(tree: Mapping[str, Any], book: Book, viewer: Viewer) -> list[FinishGroup]:
    """Return what the rules decide for a product, the rules with the most parts first."""
    explained = Explained(book, viewer)
    found: dict[int, FinishGroup] = {}
    seen: dict[int, set[str]] = defaultdict(set)
    for part in parts_of(tree):
        number = explained.chooser.choose(part)
        if number not in found:
            found[number] = FinishGroup(explained.decided(number, part), part.key)
        found[number].places += 1
        if part.name not in seen[number]:
            seen[number].add(part.name)
            if len(seen[number]) <= MOST_NAMES:
                found[number].names.append(part.name)
            else:
                found[number].more += 1
    return sorted(found.values(), key=lambda group: -group.places)
