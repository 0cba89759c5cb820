"""The product tree as a page can show it: with limited depth and length."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _

from media_assets.models import numbers

MOST_NODES = 1500
DEEPEST = 20


def bounded(tree: Mapping[str, Any]) -> dict[str, Any] | None:
    """Return a copy of *tree* with at most MOST_NODES nodes in DEEPEST levels; None for an empty one.

    What was left out is a last child named so.
    """
    if not tree:
        return None
    root = _without_children(tree)
    level, nodes = [(root, tree)], 1
    for depth in range(DEEPEST):
        below: list[tuple[dict[str, Any], Mapping[str, Any]]] = []
        for shown, node in level:
            children = node.get("children") or []
            room = 0 if depth == DEEPEST - 1 else max(0, MOST_NODES - nodes)
            kept = [(_without_children(child), child) for child in children[:room]]
            nodes += len(kept)
            shown["children"] = [copy for copy, _ in kept]
            if len(children) > len(kept):
                more = numbers.grouped(len(children) - len(kept))
                shown["children"].append({"name": _("… and %(count)s more") % {"count": more}})
            below += kept
        level = below
    return root


def _without_children(node: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in node.items() if name != "children"}
