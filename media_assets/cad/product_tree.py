"""The contents of a CAD document in plain Python: parts, their colors, and the tree that places them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from media_assets.cad.contract import Finding
from media_assets.cad.described import Described

Matrix = tuple[float, ...]
"""Sixteen numbers, row by row, acting on columns; translations in millimeters."""

IDENTITY: Matrix = (1.0, 0.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 0.0, 1.0)


@dataclass(frozen=True)
class Color:
    """A color as CAD writes it: sRGB values from 0 to 1, and opacity; and what else the file says of the surface.

    A surface with a texture has the average of it for a color, and glass has a low opacity, as in CAD. ``mark`` is that
    of a surface that no file describes: it is what the material is called.
    """

    red: float
    green: float
    blue: float
    alpha: float = 1.0
    described: Described | None = field(default=None, kw_only=True)
    mark: str = field(default="", kw_only=True)

    @property
    def hex(self) -> str:
        """Return #RRGGBB, or #RRGGBBAA when it is transparent."""
        channels = [self.red, self.green, self.blue] + ([self.alpha] if self.alpha < 1.0 else [])
        return "#" + "".join(f"{round(255 * channel):02X}" for channel in channels)

    @property
    def linear(self) -> tuple[float, float, float, float]:
        """Return linear light (IEC 61966-2-1) and opacity, as glTF and USD want it."""
        red, green, blue = (_to_linear(channel) for channel in (self.red, self.green, self.blue))
        return red, green, blue, self.alpha


def _to_linear(channel: float) -> float:
    return channel / 12.92 if channel <= 0.04045 else ((channel + 0.055) / 1.055) ** 2.4


@dataclass
class Part:
    """One distinct part: its shape (of the CAD kernel) and the colors that it carries itself.

    ``face_colors`` are the colors set on single faces, ``body_colors`` those of the solids they belong to, both by
    the face's number in the shape (from 0). ``material`` is the name that CAD gives to what it is made of. ``digest``
    is the SHA-256 of its shape as the file has it; empty where it has none.
    """

    name: str
    shape: Any
    faces: int
    solids: int
    color: Color | None
    body_colors: dict[int, Color] = field(default_factory=dict)
    face_colors: dict[int, Color] = field(default_factory=dict)
    material: str = ""
    digest: bytes = b""


@dataclass(frozen=True)
class Appearance:
    """A part in the colors that it is shown in: one mesh of the results. ``colors`` has one entry per face."""

    part: int
    colors: tuple[Color | None, ...]

    @property
    def groups(self) -> dict[Color | None, tuple[int, ...]]:
        """Return the numbers of the faces of each color."""
        groups: dict[Color | None, list[int]] = {}
        for face, color in enumerate(self.colors):
            groups.setdefault(color, []).append(face)
        return {color: tuple(faces) for color, faces in groups.items()}


@dataclass
class Node:
    """A place in the product: an assembly with children, or a part with a look.

    ``key`` is the part key: the path of instance names from the root ("/Rollenkranz/Kegelrolle 07"), the same for
    every conversion of the same product, and the same in GLB, USD and Blender. ``notes`` are more texts for the GLB.
    """

    name: str
    product: str
    key: str
    matrix: Matrix = IDENTITY
    look: int | None = None
    children: list[Node] = field(default_factory=list)
    notes: dict[str, str] = field(default_factory=dict)

    def walk(self) -> Iterator[Node]:
        """Yield this node and everything below it, parents first."""
        stack = [self]
        while stack:
            node = stack.pop()
            yield node
            stack.extend(reversed(node.children))


@dataclass(frozen=True)
class Stated:
    """What a file says that a shape measures (its validation properties): mm3, mm2, mm; None where it says nothing."""

    volume: float | None
    area: float | None
    center: tuple[float, float, float] | None


@dataclass(frozen=True)
class StatedPart:
    """What a file says that one of its parts measures; ``bodies`` are the numbers of all parts that it became here."""

    name: str
    bodies: tuple[int, ...]
    stated: Stated


@dataclass
class CadProduct:
    """A whole CAD file: the tree, the distinct parts and looks, and what the file says about the sizes of all that.

    ``hidden`` are the names of what the file switches off, and which is therefore in none of these. ``shifts`` says of
    parts, by number, where in their coordinates (mm) the origin of their mesh lies. ``strays`` are the names of parts
    that were left out because they lie far from all others.
    """

    root: Node
    parts: list[Part]
    looks: list[Appearance]
    assemblies: int
    free_roots: int
    hidden: list[str] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    stated_parts: list[StatedPart] = field(default_factory=list)
    stated: Stated | None = None
    shifts: dict[int, tuple[float, float, float]] = field(default_factory=dict)
    strays: set[str] = field(default_factory=set)

    def material(self, node: Node) -> str:
        """Return what CAD says the part at a node is made of; empty where it says nothing."""
        return self.parts[self.looks[node.look].part].material if node.look is not None else ""


def unique_key(parent: str, name: str, taken: set[str]) -> str:
    """Return the part key of a child and note it in ``taken``; siblings of one name are numbered in file order."""
    base = f"{parent.rstrip('/')}/{name.replace('/', '∕')}"
    if base not in taken:
        taken.add(base)
        return base
    # The numbers in use have no gaps, so the first free one is found by halving: there may be 100,000 siblings.
    free = 2
    while f"{base}#{free}" in taken:
        free *= 2
    used = free // 2
    while free - used > 1:
        middle = (used + free) // 2
        used, free = (middle, free) if f"{base}#{middle}" in taken else (used, middle)
    key = f"{base}#{free}"
    taken.add(key)
    return key
