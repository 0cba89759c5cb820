"""The changes of a product's new CAD file in a few words: parts, size, colors."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from media_assets.ingest.text import size_mm
from media_assets.models import CadFile, numbers

NAMES_SHOWN = 6


def changes(old: CadFile, new: CadFile) -> list[str]:
    """Return what differs between two converted CAD files, most telling first; never empty."""
    for cad_file in (new, old):
        if not cad_file.report:
            return [_("The changes will be shown when %(file)s has been converted.") % {"file": cad_file}]
    before, after = parts(old.tree), parts(new.tree)
    told = [
        *_added([name for name in after if name not in before]),
        *_removed([name for name in before if name not in after]),
        *_times(before, after),
        *_size(old.size_mm, new.size_mm),
        *_colors(old.report, new.report),
    ]
    return told or [_("Parts, size and colors are the same; shapes may differ.")]


def parts(tree: Mapping[str, Any]) -> Counter[str]:
    """Return how often each part is placed, by the part's name."""
    found: Counter[str] = Counter()
    stack = [tree] if tree else []
    while stack:
        node = stack.pop()
        children = node.get("children") or []
        stack.extend(children)
        if not children:
            found[str(node.get("product") or node.get("name") or _("(no name)"))] += node.get("count", 1)
    return found


def _added(names: list[str]) -> list[str]:
    told = ngettext("%(count)s part added: %(names)s", "%(count)s parts added: %(names)s", len(names))
    return [told % {"count": numbers.grouped(len(names)), "names": _list(names)}] if names else []


def _removed(names: list[str]) -> list[str]:
    told = ngettext("%(count)s part removed: %(names)s", "%(count)s parts removed: %(names)s", len(names))
    return [told % {"count": numbers.grouped(len(names)), "names": _list(names)}] if names else []


def _times(before: Counter[str], after: Counter[str]) -> list[str]:
    other = [
        f"{name} {before[name]} → {after[name]}"
        for name in after
        if name in before and before[name] != after[name]
    ]
    return [_("number of instances changed: %(parts)s") % {"parts": _list(other)}] if other else []


def _size(old: Any, new: Any) -> list[str]:
    before, after = size_mm(old), size_mm(new)
    if not before or not after or before == after:
        return []
    return [_("size %(before)s → %(after)s mm") % {"before": before, "after": after}]


def _colors(old: Mapping[str, Any], new: Mapping[str, Any]) -> list[str]:
    before, after = set(old.get("colors") or ()), set(new.get("colors") or ())
    told = []
    if added := after - before:
        words = ngettext("new color: %(colors)s", "new colors: %(colors)s", len(added))
        told.append(words % {"colors": _list(added)})
    if gone := before - after:
        words = ngettext("color no longer used: %(colors)s", "colors no longer used: %(colors)s", len(gone))
        told.append(words % {"colors": _list(gone)})
    return told


def _list(names: Iterable[str]) -> str:
    all_names = sorted(names)
    shown = ", ".join(all_names[:NAMES_SHOWN])
    if len(all_names) <= NAMES_SHOWN:
        return shown
    return _("%(names)s and %(count)s more") % {
        "names": shown,
        "count": numbers.grouped(len(all_names) - NAMES_SHOWN),
    }
