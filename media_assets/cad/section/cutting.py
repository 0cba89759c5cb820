"""Cuts a product that was read and meshed: each part exactly, or its triangles. Runs in the child process only.

What the kernel cuts is compared with what the same planes cut off its triangles, so that a wrong result is not shown.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

import numpy as np

from media_assets.cad.contract import ConversionProgress
from media_assets.cad.errors import CadError
from media_assets.cad.mesher import MeshedProduct
from media_assets.cad.placing import Floats, box_around, world_matrices
from media_assets.cad.product_tree import Appearance, CadProduct, Node
from media_assets.cad.section import kernel, uncut
from media_assets.cad.section.caps import Hatch
from media_assets.cad.section.clipping import Plane
from media_assets.cad.section.pieces import CutPart, CutTriangles, by_color, hatched, imbalance, main_color
from media_assets.cad.section.wanted import STAGE, Section
from media_assets.cad.settings import Tessellation
from media_assets.cad.stages import Tell
from media_assets.cad.surfaces import Mesh

ANGLES = tuple(math.radians(angle) for angle in (45, 135, 30, 120, 60, 150))
"""Of the lines, part after part, so that neighbors differ."""

PITCHES = 60.0
"""Lines on a cut as long as the product."""

LINE_WIDTH = 0.14
"""Of the distance between lines."""

TOUCHING = 1e-6
"""Of the product's size: what reaches less far over a plane is not cut."""

GAPS = 0.005
"""Of the area of a cut: by so much more than before it a part may be open after it."""

SHOWN = 50


@dataclass
class SectionReport:
    """What was cut, by part key: its area in mm2; what was left whole, and why; what is not exact; what is open."""

    planes: list[dict[str, Any]] = field(default_factory=list)
    areas: dict[str, float] = field(default_factory=dict)
    whole: dict[str, str] = field(default_factory=dict)
    by_triangles: dict[str, str] = field(default_factory=dict)
    open: list[str] = field(default_factory=list)
    removed: int = 0

    def to_json(self) -> dict[str, Any]:
        """Return it as JSON values: sums, and the first parts of each list."""
        return {
            "planes": self.planes,
            "area_mm2": round(sum(self.areas.values()), 4),
            "cut": len(self.areas),
            "removed": self.removed,
            "uncut": len(self.whole),
            "by_triangles": len(self.by_triangles),
            "open": len(self.open),
            "areas_mm2": {key: round(area, 4) for key, area in list(self.areas.items())[:SHOWN]},
            "uncut_parts": dict(list(self.whole.items())[:SHOWN]),
            "triangle_parts": dict(list(self.by_triangles.items())[:SHOWN]),
            "open_parts": self.open[:SHOWN],
        }


class SectionCutter:
    """One section through one product. ``only_triangles`` says why the kernel is not asked; "" where it is."""

    def __init__(
        self,
        section: Section,
        product: CadProduct,
        meshes: list[Mesh],
        meshed: MeshedProduct,
        tessellation: Tessellation,
        folder: Path,
        tell: Tell,
        only_triangles: str = "",
    ) -> None:
        self.section = section
        self.product = product
        self.meshes = meshes
        self.meshed = meshed
        self.angle = tessellation.angular * meshed.coarsened
        self.folder = folder
        self.tell = tell
        self.only_triangles = only_triangles
        self.report = SectionReport()
        self._pieces: dict[tuple[Any, ...], tuple[int, CutPart] | None] = {}
        self._hatches: dict[int, int] = {}
        self._points: dict[int, Floats] = {}

    def run(self) -> SectionReport:
        """Change the product's tree, looks and meshes to what is left. Raises CadError nothing_to_cut."""
        places = self._places()
        box = box_around(
            world_matrices(self.product.root), {int(node.look or 0): self._cloud(node) for node, _ in places}
        )
        if box is None:
            raise CadError("nothing_to_cut", "empty")
        self.size = box.diagonal
        spans = np.array(
            [[self._span(*place, np.array(one)) for one in self.section.normals] for place in places]
        )
        self.planes = self._planes(places, spans)
        above = spans - np.array([plane.distance for plane in self.planes])[:, None]
        least = TOUCHING * self.size
        is_outside = (above[..., 0] >= -least).all(axis=1)
        is_crossed = (above[..., 1] > least).all(axis=1) & ~is_outside
        crossed = [places[number] for number in np.flatnonzero(is_crossed)]
        gone = {id(places[number][0]) for number in np.flatnonzero(is_outside)}
        self.report.whole = self._uncut(crossed)
        for number, (node, matrix) in enumerate(crossed):
            self.tell(ConversionProgress(0.86 + 0.04 * number / len(crossed), STAGE, "Cutting the parts"))
            if node.key not in self.report.whole and not self._replace(node, matrix):
                gone.add(id(node))
        if len(gone) == len(places):
            raise CadError("nothing_to_cut", "all_gone")
        self.report.removed = len(gone)
        _prune(self.product.root, gone)
        shown = {node.look for node in self.product.root.walk()}
        for look, mesh in enumerate(self.meshes):
            if look not in shown:
                self.meshes[look] = Mesh(mesh.name, [])
        return self.report

    def _places(self) -> list[tuple[Node, Floats]]:
        found = []
        stack = [(self.product.root, np.eye(4))]
        while stack:
            node, around = stack.pop()
            matrix = around @ np.array(node.matrix).reshape(4, 4)
            if node.look is not None and self.meshes[node.look].surfaces:
                found.append((node, matrix))
            stack.extend((child, matrix) for child in reversed(node.children))
        return found

    def _cloud(self, node: Node) -> Floats:
        look = int(node.look or 0)
        if look not in self._points:
            surfaces = self.meshes[look].surfaces
            self._points[look] = np.concatenate([surface.points for _, surface in surfaces]).astype(
                np.float64
            )
        return self._points[look]

    def _span(self, node: Node, matrix: Floats, normal: Floats) -> tuple[float, float]:
        """Return from where to where a part reaches along a direction."""
        along = self._cloud(node) @ (matrix[:3, :3].T @ normal) + float(normal @ matrix[:3, 3])
        return float(along.min()), float(along.max())

    def _planes(self, places: list[tuple[Node, Floats]], spans: Floats) -> list[Plane]:
        """Return the planes in the coordinates of the product; ``spans`` (n, k, 2) are those of its parts."""
        center = self._center(places) if self.section.part else None
        planes = []
        for number, given in enumerate(self.section.normals):
            normal = np.array(given)
            low, high = float(spans[:, number, 0].min()), float(spans[:, number, 1].max())
            middle = (low + high) / 2 if center is None else float(center @ normal)
            distance = middle + (self.section.offset * (high - low) if number == 0 else 0.0)
            planes.append(Plane(normal, distance))
            self.report.planes.append({"normal": normal.round(6).tolist(), "distance_mm": round(distance, 4)})
        return planes

    def _center(self, places: list[tuple[Node, Floats]]) -> Floats:
        """Return the middle of the part through which the planes go: a point on its axis, where it is turned."""
        wanted = self.section.part.casefold()
        for node, matrix in places:
            if any(fnmatchcase(name.casefold(), wanted) for name in (node.name, node.product, node.key)):
                part = self._part(node)
                shape = self.product.parts[part].shape
                axis = uncut.axis_of(shape) if shape is not None and not shape.IsNull() else None
                cloud = self._cloud(node)
                middle: Floats = (cloud.min(axis=0) + cloud.max(axis=0)) / 2
                if axis is not None:
                    point = axis.point - np.array(self.product.shifts.get(part, (0.0, 0.0, 0.0)))
                    direction = axis.direction
                    middle = (
                        point if direction is None else point + ((middle - point) @ direction) * direction
                    )
                return _placed(middle[None], matrix).reshape(3)
        raise CadError("nothing_to_cut", "no_part", name=self.section.part)

    def _part(self, node: Node) -> int:
        return self.product.looks[int(node.look or 0)].part

    def _uncut(self, crossed: list[tuple[Node, Floats]]) -> dict[str, str]:
        """Return which parts stay whole and why, by key; none where nothing else would be cut."""
        found: dict[str, str] = {}
        for node, matrix in crossed if self.section.uncut else ():
            kind = uncut.by_name(node.name, node.product)
            if not kind:
                part = self._part(node)
                shift = np.array(self.product.shifts.get(part, (0.0, 0.0, 0.0)))
                local = [plane.within(matrix) for plane in self.planes]
                kind = uncut.by_shape(self.product.parts[part].shape, self._cloud(node) + shift, local)
            if kind:
                found[node.key] = kind
        return found if len(found) < len(crossed) else {}

    def _replace(self, node: Node, matrix: Floats) -> bool:
        """Give a node what is left of its part; return whether there is anything."""
        local = [plane.within(matrix) for plane in self.planes]
        key = (
            node.look,
            *((*plane.normal.round(9).tolist(), round(plane.distance, 6)) for plane in local),
        )
        if key not in self._pieces:
            piece = self._cut(node, local)
            if piece is not None:
                self.meshes.append(piece.mesh)
                self.product.looks.append(Appearance(self._part(node), ()))
            self._pieces[key] = (len(self.meshes) - 1, piece) if piece else None
        made = self._pieces[key]
        if made is None:
            return False
        node.look, piece = made
        self.report.areas[node.key] = piece.area
        if piece.why_triangles:
            self.report.by_triangles[node.key] = piece.why_triangles
        if piece.is_open:
            self.report.open.append(node.key)
        return True

    def _cut(self, node: Node, planes: list[Plane]) -> CutPart | None:
        look = int(node.look or 0)
        by_hand = CutTriangles(self.meshes[look].surfaces, planes, self._hatch(self._part(node)))
        part = self.product.parts[self._part(node)]
        why = self.only_triangles
        if not why and (part.shape is None or part.shape.IsNull()):
            why = "the file is a mesh"
        if not why and not part.solids:
            why = "it is no solid"
        if not why:
            try:
                return self._exact(node, planes, by_hand)
            except kernel.NotCut as error:
                why = str(error)
        return by_hand.piece(part.name, why)

    def _exact(self, node: Node, planes: list[Plane], by_hand: CutTriangles) -> CutPart | None:
        """Return what the kernel leaves of a part. Raises NotCut, also where that is not what its triangles say."""
        number = self._part(node)
        part, appearance = self.product.parts[number], self.product.looks[int(node.look or 0)]
        shift = self.product.shifts.get(number, (0.0, 0.0, 0.0))
        moved = [Plane(plane.normal, plane.distance + float(plane.normal @ shift)) for plane in planes]
        deflection = self.meshed.parts[number].deflection_mm
        before = imbalance(by_hand.surfaces)
        for fuzzy in kernel.FUZZY_MM:
            left = kernel.cut(part.shape, appearance.colors, moved, fuzzy)
            areas = left.areas if left else (0.0,) * len(planes)
            if not by_hand.agrees(areas, deflection):
                continue
            if left is None:
                return None
            mesh = kernel.meshed(part, left, deflection, self.angle, shift, self.folder)
            if imbalance(mesh.surfaces) <= before + GAPS * sum(areas):
                break
        else:
            raise kernel.NotCut(
                f"the kernel's cut has {sum(areas):.4g} mm2, that of the triangles {sum(by_hand.areas):.4g}"
            )
        surfaces = [(color, surface) for color, surface in mesh.surfaces if color != kernel.CAP]
        caps = [surface for color, surface in mesh.surfaces if color == kernel.CAP]
        main = main_color(surfaces)
        hatch = self._hatch(number)
        for surface in caps:
            surfaces += hatched(surface, planes, hatch, main) if hatch else [(main, surface)]
        return CutPart(Mesh(mesh.name, by_color(surfaces)), sum(areas))

    def _hatch(self, part: int) -> Hatch | None:
        if not self.section.hatched:
            return None
        number = self._hatches.setdefault(part, len(self._hatches))
        pitch = self.size / PITCHES
        return Hatch(pitch, LINE_WIDTH * pitch, ANGLES[number % len(ANGLES)])


def _placed(points: Floats, matrix: Floats) -> Floats:
    result: Floats = points @ matrix[:3, :3].T + matrix[:3, 3]
    return result


def _prune(root: Node, gone: set[int]) -> None:
    """Take nodes out of a tree, and assemblies that have nothing left."""
    for node in reversed(list(root.walk())):
        node.children = [
            child
            for child in node.children
            if id(child) not in gone and (child.look is not None or child.children)
        ]
