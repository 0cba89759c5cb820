"""Reads GLB (glTF 2.0 binary): tree, names, instances, base colors and normals. Runs in the child process only.

glTF is in meters with Y up; inside are millimeters with Z up.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from media_assets.cad.contract import NO_FILES, Finding, Limits, Reading
from media_assets.cad.errors import CadError
from media_assets.cad.meshes.axes import placement
from media_assets.cad.meshes.gltf import Gltf, extensions, integer, is_integer, listed
from media_assets.cad.meshes.primitives import Geometry, Primitives
from media_assets.cad.meshes.scene import (
    LONGEST_NAME,
    MeshScene,
    all_hidden,
    dropped_triangles,
    nothing_usable,
    same_colors,
    too_many_parts,
    too_many_triangles,
)
from media_assets.cad.names import clean, product_name
from media_assets.cad.product_tree import Appearance, CadProduct, Color, Node, Part, unique_key
from media_assets.cad.surfaces import Mesh, Surface

DEEPEST = 200
"""Nodes below nodes; deeper trees are no products, and would not fit through readers of JSON."""

LEFT_OUT = {
    "motion": "The file has animations, skins or morph targets, which were left out: it is shown as it stands. Export "
    "it in the pose to be shown if it looks wrong.",
    "lines": "Lines and points in the file were left out: only surfaces are shown.",
    "gpu_instances": "Copies that the file places by EXT_mesh_gpu_instancing were left out. Export it with a node for "
    "each copy.",
}


def read_glb(
    path: Path, name: str, reading: Reading, limits: Limits, companions: Mapping[str, Path] = NO_FILES
) -> MeshScene:
    """Return what is in a GLB; ``name`` is for a product without one. Nothing about it is left to the operator.

    Raises CadError: damaged, truncated, unreadable, external_reference, too_large, too_many_instances,
    cyclic_assembly, nothing_to_show, no_usable_geometry.
    """
    return _GlbReader(Gltf(path, 3 * limits.max_triangles), name, limits).read()


class _GlbReader:
    """Walks the tree and gives each mesh its look."""

    def __init__(self, gltf: Gltf, name: str, limits: Limits) -> None:
        self.gltf = gltf
        self.name = name
        self.limits = limits
        self.parts: list[Part] = []
        self.looks: list[Appearance] = []
        self.meshes: list[Mesh] = []
        self.primitives = Primitives(gltf, limits)
        self.hidden: list[str] = []
        self.shown = 0
        self.placed = 0
        self._visited: set[int] = set()
        self._parts: dict[tuple[Geometry, ...], int] = {}
        self._looks: dict[tuple[tuple[Geometry, Color | None], ...], int | None] = {}

    def read(self) -> MeshScene:
        roots = self._roots()
        if len(roots) == 1:
            root = self._visit(roots[0], "/", None, self.name, 0)
        else:
            taken: set[str] = set()
            found = [self._visit(number, "/", taken, self.name, 1) for number in roots]
            root = Node(self.name, self.name, "/", children=[node for node in found if node])
        if root is None or not self.looks:
            raise all_hidden() if self.hidden else nothing_usable()
        self.primitives.note("motion", bool(self.gltf.document.get("animations")))
        left_out = self.primitives.left_out
        findings = [Finding(f"{code}_left_out", LEFT_OUT[code]) for code in LEFT_OUT if code in left_out]
        product = CadProduct(
            root=root,
            parts=self.parts,
            looks=self.looks,
            assemblies=sum(1 for node in root.walk() if node.children),
            free_roots=len(roots),
            findings=findings
            + self.primitives.materials.findings()
            + dropped_triangles(self.primitives.dropped),
            hidden=self.hidden,
        )
        return MeshScene(product, self.meshes, "metre", _facts(self.gltf))

    def _roots(self) -> list[int]:
        """Return the nodes of the scene that is shown; without a scene, those that hang below no other."""
        document = self.gltf.document
        nodes = listed(document, "nodes")
        if not nodes:
            raise CadError("nothing_to_show", "glb")
        if listed(document, "scenes"):
            scene = self.gltf.entry("scenes", integer(document, "scene", 0))
            return listed(scene, "nodes")
        below = {
            child
            for node in nodes
            if isinstance(node, dict)
            for child in listed(node, "children")
            if is_integer(child)
        }
        roots = [number for number in range(len(nodes)) if number not in below]
        if not roots:
            raise _tangled()
        return roots

    def _visit(self, number: Any, around: str, taken: set[str] | None, outer: str, depth: int) -> Node | None:
        """Return a node with everything below it, or None when there is nothing to see in it."""
        entry = self.gltf.entry("nodes", number)
        if number in self._visited:
            raise _tangled()
        self._visited.add(number)
        if depth > DEEPEST:
            raise CadError("damaged", "too_deep", limit=DEEPEST)
        own = text(entry)
        if _is_hidden(entry):
            self.hidden.append(own or outer)
            return None
        mesh = self.gltf.entry("meshes", entry["mesh"]) if "mesh" in entry else None
        look = self._look(mesh) if mesh else None
        product = product_name(text(mesh) if mesh and look is not None else own, own, outer)
        name = own or product
        key = around if taken is None else unique_key(around, name, taken)
        node = Node(name, product, key, placement(entry))
        below: set[str] = set()
        children = listed(entry, "children")
        if look is not None and children:
            # A part has no parts of its own: the mesh of a node with others below becomes one of them.
            node.children.append(Node(product, product, unique_key(key, product, below), look=look))
            node.product = own or product
        elif look is not None:
            node.look = look
        for child in children:
            found = self._visit(child, key, below, name, depth + 1)
            if found:
                node.children.append(found)
        if look is not None:
            self._count_place()
            self.primitives.note("motion", "skin" in entry)
            self.primitives.note("gpu_instances", "EXT_mesh_gpu_instancing" in extensions(entry))
        return node if node.look is not None or node.children else None

    def _count_place(self) -> None:
        self.placed += 1
        if self.placed > self.limits.max_instances:
            raise too_many_parts(self.limits)

    def _look(self, mesh: dict[str, Any]) -> int | None:
        """Return the number of a mesh's look; meshes with the same arrays and colors have one, as copies have."""
        described = []
        for primitive in listed(mesh, "primitives"):
            if not isinstance(primitive, dict):
                raise CadError("damaged", "mesh")
            geometry = self.primitives.geometry(primitive)
            if geometry is not None:
                described.append((geometry, self.primitives.color(primitive)))
        wanted = tuple(described)
        if wanted not in self._looks:
            found = [one for geometry, color in wanted for one in self.primitives.surfaces(geometry, color)]
            # A small file can name the same triangles a million times in one mesh.
            self.shown += sum(len(surface.corners) for _, surface in found)
            if self.shown > self.limits.max_triangles:
                raise too_many_triangles(self.limits)
            shown = same_colors(found)
            self._looks[wanted] = self._new_look(text(mesh), wanted, shown) if shown else None
        return self._looks[wanted]

    def _new_look(
        self,
        name: str,
        wanted: tuple[tuple[Geometry, Color | None], ...],
        shown: list[tuple[Color | None, Surface]],
    ) -> int:
        geometries = tuple(geometry for geometry, _ in wanted)
        title = product_name(name, self.name)
        if geometries not in self._parts:
            self._parts[geometries] = len(self.parts)
            self.parts.append(Part(title, None, 0, 0, None))
        self.looks.append(Appearance(self._parts[geometries], tuple(color for color, _ in shown)))
        self.meshes.append(Mesh(title, shown))
        return len(self.looks) - 1


def text(entry: dict[str, Any]) -> str:
    """Return the name of a glTF object, on one line and of a sensible length; "" when it has none."""
    name = entry.get("name", "")
    if not isinstance(name, str):
        return ""
    # JSON can hold halves of characters that no file can be written with.
    return clean(name[:LONGEST_NAME].encode("utf-8", "replace").decode("utf-8"))


def _facts(gltf: Gltf) -> dict[str, Any]:
    asset = gltf.document.get("asset", {})
    generator = text({"name": asset.get("generator")}) if isinstance(asset, dict) else ""
    return {"originating_system": generator} if generator else {}


def _is_hidden(node: dict[str, Any]) -> bool:
    """Return whether a node is switched off (KHR_node_visibility), and with it all below."""
    visibility = extensions(node).get("KHR_node_visibility")
    return isinstance(visibility, dict) and visibility.get("visible") is False


def _tangled() -> CadError:
    return CadError("cyclic_assembly", "glb")
