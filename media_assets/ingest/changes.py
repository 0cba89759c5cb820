"""The changes of a product's new CAD file in a few words: parts, size, colors."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

from media_assets.ingest.text import size_mm
from media_assets.models import CadFile

NAMES_SHOWN = 6


def changes(old: CadFile, new: CadFile) -> list[str]:
    """Return what differs between two converted CAD files, most telling first; never empty."""
    for cad_file in (new, old):
        if not cad_file.report:
            return [f"What changed is known once {cad_file} has been converted."]
    before, after = parts(old.tree), parts(new.tree)
    told = [
        *_named("added", [name for name in after if name not in before]),
        *_named("removed", [name for name in before if name not in after]),
        *_times(before, after),
        *_size(old.size_mm, new.size_mm),
        *_colors(old.report, new.report),
    ]
    return told or ["Parts, size and colors are the same; shapes may differ."]


def parts(tree: Mapping[str, Any]) -> Counter[str]:
    """Return how often each part is placed, by the part's name."""
    found: Counter[str] = Counter()
    stack = [tree] if tree else []
    while stack:
        node = stack.pop()
        children = node.get("children") or []
        stack.extend(children)
        if not children:
            found[str(node.get("product") or node.get("name") or "(no name)")] += node.get("count", 1)
    return found


def _named(verb: str, names: list[str]) -> list[str]:
    if not names:
        return []
    noun = "part" if len(names) == 1 else "parts"
    return [f"{len(names):,} {noun} {verb}: {_list(names)}"]


def _times(before: Counter[str], after: Counter[str]) -> list[str]:
    other = [
        f"{name} {before[name]} → {after[name]}"
        for name in after
        if name in before and before[name] != after[name]
    ]
    return [f"placed more or less often: {_list(other)}"] if other else []


def _size(old: Any, new: Any) -> list[str]:
    before, after = size_mm(old), size_mm(new)
    return [f"size {before} → {after} mm"] if before and after and before != after else []


def _colors(old: Mapping[str, Any], new: Mapping[str, Any]) -> list[str]:
    before, after = set(old.get("colors") or ()), set(new.get("colors") or ())
    told = []
    for verb, colors in (("new", after - before), ("gone", before - after)):
        if colors:
            told.append(f"{'color' if len(colors) == 1 else 'colors'} {verb}: {_list(sorted(colors))}")
    return told


def _list(names: Iterable[str]) -> str:
    all_names = sorted(names)
    more = f" and {len(all_names) - NAMES_SHOWN:,} more" if len(all_names) > NAMES_SHOWN else ""
    return ", ".join(all_names[:NAMES_SHOWN]) + more
