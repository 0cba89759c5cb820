"""The distinct parts of a CAD file, each with all its places. Pure: a product tree and its report in, kinds out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from blender_scripts.finish_rules import PlacedPart
from rendering.catalog.materials import nodes_of, parts_at


@dataclass(frozen=True)
class Kind:
    """One distinct part in one set of colors: one row of a parts list.

    `looks` are its colors at its first place, as rules for materials see them; `keys` its part keys. `shape` is the
    fingerprint of its geometry; "" in a file that was converted before fingerprints were kept, which has no sizes.
    """

    name: str
    shape: str
    looks: tuple[PlacedPart, ...]
    keys: tuple[str, ...]
    size_mm: tuple[float, ...] = ()
    volume_mm3: float | None = None
    volume_from: str = ""

    @property
    def count(self) -> int:
        return len(self.keys)

    @property
    def material(self) -> str:
        return self.looks[0].material

    @property
    def colors(self) -> tuple[str, ...]:
        return tuple(look.color for look in self.looks)

    @property
    def is_described(self) -> bool:
        """Whether the file says more of its surface than colors."""
        return any(look.is_described for look in self.looks)


@dataclass
class _Found:
    looks: tuple[PlacedPart, ...]
    keys: list[str] = field(default_factory=list)


def kinds_in(tree: Mapping[str, Any], measured: Sequence[Mapping[str, Any] | None]) -> list[Kind]:
    """Return the kinds of a product tree in its order; *measured* is what the report says of its distinct parts."""
    found: dict[tuple[Any, ...], _Found] = {}
    for node in nodes_of(tree) if tree else ():
        keys = node.get("keys") or [str(node.get("part_key", ""))]
        first = tuple(parts_at({**node, "keys": keys[:1]}))
        if not first:
            continue
        name = _name(first[0])
        number = node.get("kind")
        same = name if number is None else number
        group = (same, *((look.color, look.is_described) for look in first))
        found.setdefault(group, _Found(first)).keys.extend(keys)
    return [_kind(group[0], one, measured) for group, one in found.items()]


def _kind(number: int | str, found: _Found, measured: Sequence[Mapping[str, Any] | None]) -> Kind:
    is_measured = isinstance(number, int) and 0 <= number < len(measured)
    known = (measured[number] if is_measured else None) or {}  # type: ignore[index]
    return Kind(
        name=_name(found.looks[0]),
        shape=str(known.get("shape", "")),
        looks=found.looks,
        keys=tuple(found.keys),
        size_mm=tuple(known.get("size_mm") or ()),
        volume_mm3=known.get("volume_mm3"),
        volume_from=str(known.get("volume_from", "")),
    )


def _name(part: PlacedPart) -> str:
    return " ".join((part.product or part.name).split())
