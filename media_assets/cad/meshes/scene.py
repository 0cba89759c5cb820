"""What the readers of mesh files have in common: their result, their limits, how an operator's unit becomes mm."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from media_assets.cad.code_pages import choose, decoded
from media_assets.cad.contract import Finding, Limits
from media_assets.cad.errors import CadError
from media_assets.cad.meshes.scan import unit_unknown
from media_assets.cad.names import clean
from media_assets.cad.product_tree import Appearance, CadProduct, Color, Node, Part, unique_key
from media_assets.cad.surfaces import Mesh, Surface, joined

Floats = npt.NDArray[np.float64]
Corners = npt.NDArray[np.int64]

MILLIMETERS = {"mm": 1.0, "cm": 10.0, "m": 1000.0, "inch": 25.4}
UNIT_NAMES = {"mm": "millimetre", "cm": "centimetre", "m": "metre", "inch": "inch"}

_DECIMAL_COMMA = re.compile(rb"(?<![^\s])([-+]?\d*+),(\d++(?:[eE][-+]?\d++)?)(?!\S)")

LONGEST_NAME = 255
RAW_NAME = 4 * LONGEST_NAME  # bytes of a name that are looked at
LARGEST_MM = 1e9
"""A coordinate beyond 1000 km is a damaged number."""


@dataclass
class MeshScene:
    """A mesh file as the rest of the converter takes it: the product, one mesh for each of its looks, and facts for the
    report."""

    product: CadProduct
    meshes: list[Mesh]
    unit: str
    facts: dict[str, Any] = field(default_factory=dict)


@dataclass
class MeshGroup:
    """Named triangles of a file without a tree, by color; ``path`` is the name, or the names of object and group."""

    path: tuple[str, ...]
    surfaces: list[tuple[Color | None, Surface]]


def to_millimeters(unit: str, format_name: str) -> float:
    """Return the factor from the stated unit to mm. Raises CadError unit_unknown when none was stated."""
    if unit not in MILLIMETERS:
        raise unit_unknown(format_name)
    return MILLIMETERS[unit]


def too_many_triangles(limits: Limits) -> CadError:
    """Return the error of a mesh above the limit: unlike CAD it can't be made coarser here."""
    return CadError("too_large", "triangles", limit=limits.max_triangles)


def quoted(words: bytes) -> str:
    """Return the start of some text of a file, made readable."""
    return f"“{clean(words[:40].decode('utf-8', 'replace'))}”"


@dataclass
class Names:
    """The names of a file that does not say its code page; ``facts`` and ``findings`` are for the report."""

    text: dict[bytes, str]
    facts: dict[str, Any]
    findings: list[Finding]


def read_names(raw_names: Iterable[bytes], declared: str) -> Names:
    """Return each name in the stated code page, or in the one that all of them together seem to be written in."""
    raw_names = list(raw_names)
    page = choose((name for name in raw_names if not name.isascii()), declared)
    unsure = Finding(
        "code_page_unsure",
        f"The names in the file are not in UTF-8. They were read as {page.used}, which is a guess. If they look wrong, "
        "state the code page under “Reading options” on the CAD file's page.",
    )
    return Names(
        {name: clean(decoded(name[:RAW_NAME], page.used)[:LONGEST_NAME]) for name in raw_names},
        {"code_page": {"used": page.used, "how": page.how, "sure": page.sure}},
        [] if page.sure else [unsure],
    )


def flat_scene(
    name: str,
    groups: list[MeshGroup],
    unit: str,
    limits: Limits,
    *,
    facts: dict[str, Any],
    findings: list[Finding],
    origin: Floats | None = None,
) -> MeshScene:
    """Return the product of named groups: one is the product itself, several are its parts.

    ``origin`` is where that of their points lies in the file (3, in mm), where it is not the file's.

    Raises CadError no_usable_geometry, too_many_instances.
    """
    if not groups:
        raise nothing_usable()
    if len(groups) > limits.max_instances:
        raise too_many_parts(limits)
    product = CadProduct(
        root=Node(name, name, "/"), parts=[], looks=[], assemblies=0, free_roots=1, findings=findings
    )
    meshes: list[Mesh] = []
    root = product.root
    if origin is not None:
        x, y, z = (float(number) for number in origin)
        root.matrix = (1.0, 0.0, 0.0, x, 0.0, 1.0, 0.0, y, 0.0, 0.0, 1.0, z, 0.0, 0.0, 0.0, 1.0)
    if len(groups) == 1:
        root.name = root.product = groups[0].path[-1] if groups[0].path else name
    assemblies: dict[str, tuple[Node, set[str]]] = {}
    taken: set[str] = set()
    for group in groups:
        title = group.path[-1] if group.path else name
        product.parts.append(Part(name=title, shape=None, faces=0, solids=0, color=None))
        product.looks.append(Appearance(len(product.parts) - 1, tuple(color for color, _ in group.surfaces)))
        meshes.append(Mesh(title, group.surfaces))
        if len(groups) == 1:
            root.look = 0
            continue
        around, names = root, taken
        if len(group.path) > 1:
            outer = group.path[0]
            if outer not in assemblies:
                node = Node(outer, outer, unique_key("/", outer, taken))
                root.children.append(node)
                assemblies[outer] = (node, set())
            around, names = assemblies[outer]
        around.children.append(
            Node(title, title, unique_key(around.key, title, names), look=len(product.looks) - 1)
        )
    product.assemblies = (1 if root.children else 0) + len(assemblies)
    return MeshScene(product, meshes, unit, facts)


def number_with_comma(words: bytes) -> bytes:
    """Return words with a point in each number that has a decimal comma, as programs in some languages write it."""
    return _DECIMAL_COMMA.sub(rb"\1.\2", words)


def decimal_commas(line: int) -> Finding:
    return Finding(
        "decimal_commas",
        f"Numbers are written with decimal commas (first in line {line}); they were read as decimal points. Compare "
        "the size with the model.",
    )


def nothing_usable() -> CadError:
    return CadError("no_usable_geometry", "mesh")


def all_hidden() -> CadError:
    return CadError("no_usable_geometry", "all_hidden")


def too_many_parts(limits: Limits) -> CadError:
    return CadError("too_many_instances", "stopped", limit=limits.max_instances)


def dropped_triangles(count: int) -> list[Finding]:
    """Return what to say about triangles that were left out."""
    if not count:
        return []
    return [
        Finding(
            "bad_triangles",
            f"{count} triangles were left out: their corners are not numbers or lie outside of 1000 km. "
            "Compare the picture with the model, and export it again if something is missing.",
        )
    ]


def same_colors(surfaces: list[tuple[Color | None, Surface]]) -> list[tuple[Color | None, Surface]]:
    """Return the surfaces with those of one color joined, in the order of their first."""
    by_color: dict[Color | None, list[Surface]] = {}
    for color, surface in surfaces:
        by_color.setdefault(color, []).append(surface)
    return [(color, joined(found)) for color, found in by_color.items()]
