"""Turns an XCAF document into a plain product tree. Runs in the child process only."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from OCP.collections import Sequence_TDF_Label
from OCP.TDF import TDF_Label
from OCP.TopAbs import TopAbs_FACE, TopAbs_SOLID
from OCP.XCAFDoc import XCAFDoc_ColorTool, XCAFDoc_DocumentTool, XCAFDoc_ShapeTool

from media_assets.cad.bodies import Body, bodies_of, collect_colors, digest_of, shape_map
from media_assets.cad.errors import CadError
from media_assets.cad.labels import (
    PathStyle,
    color_of,
    entry_of,
    hidden_by_layers,
    listed,
    name_of,
    path_styles,
    placement_of,
    stated_of,
)
from media_assets.cad.names import clean, instance_name, product_name
from media_assets.cad.product_tree import (
    IDENTITY,
    Appearance,
    CadProduct,
    Color,
    Matrix,
    Node,
    Part,
    StatedPart,
    unique_key,
)
from media_assets.formats.cad import without_endings


@dataclass(frozen=True)
class Override:
    """A color given to a place, and the level of the tree at which that was said: the outermost wins."""

    color: Color
    level: int


@dataclass(frozen=True)
class Pending:
    """A style for a place deeper in the tree: how much of its path was walked, and the level where it began."""

    style: PathStyle
    walked: int
    level: int


@dataclass(frozen=True)
class Place:
    """Where a label is met: the part key around it, names used there (None: it is the root), how many assemblies are
    around it, inherited colors, and styles on their way to a place below."""

    key: str
    taken: set[str] | None
    product: str
    level: int = 0
    override: Override | None = None
    fallback: Color | None = None
    pending: tuple[Pending, ...] = ()


@dataclass(frozen=True)
class Defined:
    """What is written on a label that defines a part or an assembly; ``color`` is that of an assembly."""

    label: TDF_Label
    entry: str
    name: str
    is_assembly: bool
    is_hidden: bool
    color: Color | None


@dataclass(frozen=True)
class Usage:
    """What is written on a label that places something; a root places itself."""

    target: Defined
    entry: str
    name: str
    is_reference: bool
    is_hidden: bool
    color: Color | None
    matrix: Matrix


class TreeBuilder:
    """Walks the labels of one document once. Colors, strongest first: a face's own, the placed instance's (the
    outermost wins), the solid's, the part's, and last that of an assembly around it.
    """

    def __init__(
        self, document: Any, name: str, max_instances: int, placements: Mapping[str, Matrix] | None = None
    ) -> None:
        """``placements`` are those of components, by entry, that count in the place of the document's."""
        self.document = document
        self.placements = placements or {}
        self.name = name
        self.max_instances = max_instances
        self.parts: list[Part] = []
        self.looks: list[Appearance] = []
        self.stated_parts: list[StatedPart] = []
        self._bodies: dict[str, list[tuple[Body, int]]] = {}
        self._look_numbers: dict[tuple[int, Color | None, Color | None], int | None] = {}
        self._distinct_looks: dict[Appearance, int] = {}
        self._assemblies: set[str] = set()
        # A label is asked once, however often its assembly is placed: asking is most of the time of this.
        self._defined: dict[str, Defined] = {}
        self._usages: dict[str, list[Usage]] = {}
        self._styles = path_styles(document)
        self._hidden_entries = hidden_by_layers(document)
        self.placed = 0
        self.hidden: list[str] = []

    def build(self) -> CadProduct:
        """Return the product. Raises CadError too_many_instances or no_usable_geometry."""
        found = Sequence_TDF_Label()
        XCAFDoc_DocumentTool.ShapeTool_s(self.document.Main()).GetFreeShapes(found)
        roots = listed(found)
        name = clean(without_endings(self.name)) or "CadProduct"
        if len(roots) == 1:
            root = self._visit(self._usage(roots[0]), Place("/", None, name))
        else:
            around = Place("/", set(), name)
            placed = [self._visit(self._usage(label), around) for label in roots]
            root = Node(name=name, product=name, key="/", children=[node for node in placed if node])
        return CadProduct(
            root=root or Node(name=name, product=name, key="/"),
            parts=self.parts,
            looks=self.looks,
            assemblies=len(self._assemblies),
            free_roots=len(roots),
            hidden=self.hidden,
            stated_parts=self.stated_parts,
            stated=stated_of(roots[0]) if len(roots) == 1 else None,
        )

    def _usage(self, label: TDF_Label) -> Usage:
        """Return what is written on a label that places something, and on what it places."""
        target, matrix, color = label, IDENTITY, None
        is_reference = XCAFDoc_ShapeTool.IsReference_s(label)
        if is_reference:
            target = TDF_Label()
            XCAFDoc_ShapeTool.GetReferredShape_s(label, target)
            matrix = placement_of(label)
            color = color_of(label)
        entry = entry_of(label)
        if entry in self.placements:
            matrix = tuple(self.placements[entry])
        return Usage(
            target=self._define(target),
            entry=entry,
            name=name_of(label),
            is_reference=is_reference,
            is_hidden=self._is_hidden(label, entry),
            color=color,
            matrix=matrix,
        )

    def _define(self, label: TDF_Label) -> Defined:
        entry = entry_of(label)
        if entry not in self._defined:
            is_assembly = XCAFDoc_ShapeTool.IsAssembly_s(label)
            color = color_of(label) if is_assembly else None
            is_hidden = self._is_hidden(label, entry)
            self._defined[entry] = Defined(label, entry, name_of(label), is_assembly, is_hidden, color)
        return self._defined[entry]

    def _below(self, assembly: Defined) -> list[Usage]:
        if assembly.entry not in self._usages:
            components = Sequence_TDF_Label()
            XCAFDoc_ShapeTool.GetComponents_s(assembly.label, components)
            self._usages[assembly.entry] = [self._usage(label) for label in listed(components)]
        return self._usages[assembly.entry]

    def _visit(self, usage: Usage, place: Place) -> Node | None:
        """Return the node of a usage with everything below it, or None when there is nothing to see in it."""
        target, override = usage.target, place.override
        if usage.color and not override:
            override = Override(usage.color, place.level)
        here, pending = self._styled(usage.entry, place)
        for one in here:
            if one.style.color and (override is None or one.level <= override.level):
                override = Override(one.style.color, one.level)
        if usage.is_hidden or target.is_hidden or not all(one.style.visible for one in here):
            self.hidden.append(product_name(target.name, instance_name(usage.name, ""), place.product))
            return None
        product = product_name(target.name, instance_name(usage.name, ""), place.product)
        name = instance_name(usage.name, product) if usage.is_reference else product
        key = place.key if place.taken is None else unique_key(place.key, name, place.taken)
        node = Node(name=name, product=product, key=key, matrix=usage.matrix)
        if target.is_assembly:
            self._assemblies.add(target.entry)
            fallback = target.color or place.fallback
            below = Place(key, set(), product, place.level + 1, override, fallback, pending)
            for child_usage in self._below(target):
                child = self._visit(child_usage, below)
                if child:
                    node.children.append(child)
            return node if node.children else None
        self._show(node, target, override.color if override else None, place.fallback)
        return node if node.look is not None or node.children else None

    def _styled(self, entry: str, place: Place) -> tuple[list[Pending], tuple[Pending, ...]]:
        """Return the styles whose path ends at an entry, the innermost first, and those that lead on from it."""
        if not self._styles:
            return [], ()
        starting = [Pending(style, 0, place.level) for style in self._styles.get(entry, ())]
        reached = [
            Pending(one.style, one.walked + 1, one.level)
            for one in (*place.pending, *starting)
            if one.style.path[one.walked] == entry
        ]
        here = [one for one in reached if one.walked == len(one.style.path)]
        here.sort(key=lambda one: one.level, reverse=True)
        return here, tuple(one for one in reached if one.walked < len(one.style.path))

    def _is_hidden(self, label: TDF_Label, entry: str) -> bool:
        return not XCAFDoc_ColorTool.IsVisible_s(label) or entry in self._hidden_entries

    def _show(self, node: Node, target: Defined, override: Color | None, fallback: Color | None) -> None:
        """Give a node the look of its part, or a child for each body of a part whose solids have names."""
        bodies = self._parts(target, node.product)
        taken: set[str] = set()
        for body, number in bodies:
            look = self._look(number, override, fallback)
            if look is None:
                continue
            if len(bodies) == 1 and not body.name:
                node.look = look
            else:
                name = body.name or node.product
                key = unique_key(node.key, name, taken)
                node.children.append(Node(name=name, product=node.product, key=key, look=look))
            self.placed += 1
        if self.placed > self.max_instances:
            raise CadError("too_many_instances", "stopped", limit=self.max_instances)

    def _look(self, number: int, override: Color | None, fallback: Color | None) -> int | None:
        """Return the number of a part's look in these colors; None for a part without faces."""
        wanted = (number, override, fallback)
        if wanted not in self._look_numbers:
            part = self.parts[number]
            rest = part.color or fallback
            colors = tuple(
                part.face_colors.get(face) or override or part.body_colors.get(face) or rest
                for face in range(part.faces)
            )
            look = Appearance(number, colors)
            if not colors:
                self._look_numbers[wanted] = None
            else:
                if look not in self._distinct_looks:
                    self._distinct_looks[look] = len(self.looks)
                    self.looks.append(look)
                self._look_numbers[wanted] = self._distinct_looks[look]
        return self._look_numbers[wanted]

    def _parts(self, target: Defined, product: str) -> list[tuple[Body, int]]:
        """Return the bodies of a part, each with its number among the parts."""
        label, entry = target.label, target.entry
        if entry not in self._bodies:
            bodies, hidden = bodies_of(label, product, self._hidden_entries)
            self.hidden += hidden
            self._bodies[entry] = [(body, self._part(label, body, product)) for body in bodies]
            stated = stated_of(label)
            if stated:
                numbers = tuple(number for _, number in self._bodies[entry])
                self.stated_parts.append(StatedPart(product, numbers, stated))
        return self._bodies[entry]

    def _part(self, label: TDF_Label, body: Body, product: str) -> int:
        shape = body.shape
        part = Part(name=body.name or product, shape=shape, faces=0, solids=0, color=color_of(label))
        part.material = body.material
        if not shape.IsNull():
            faces = shape_map(shape, TopAbs_FACE)
            part.faces, part.solids = faces.Extent(), shape_map(shape, TopAbs_SOLID).Extent()
            part.digest = digest_of(shape)
            collect_colors(label, faces, part)
        self.parts.append(part)
        return len(self.parts) - 1
