"""Writes the product as a USD master: millimeters, Z up, parts as prototypes that instances refer to.

Materials are bound inside the prototypes, where Blender's importer keeps them; a part in two looks has two prototypes.
Runs in the child process only.
"""

from __future__ import annotations

import unicodedata
from pathlib import Path
from typing import Any

import numpy as np
from pxr import Gf, Kind, Sdf, Tf, Usd, UsdGeom, UsdShade, Vt

from media_assets.cad.earlier import NOTE, MeshMemory
from media_assets.cad.glb_materials import ROUGHNESS, UNCOLORED
from media_assets.cad.placing import Box
from media_assets.cad.product_tree import IDENTITY, CadProduct, Color, Node
from media_assets.cad.surfaces import Mesh

PROTOTYPES = "Prototypes"
TRANSFORM, TRANSFORM_ORDER = "xformOp:transform", "xformOpOrder"


class UsdWriter:
    """Builds one stage. ``metadata`` says where it came from; ``box`` is what the product fills; ``memory`` what its
    meshes are functions of, where that is known.
    """

    def __init__(
        self,
        product: CadProduct,
        meshes: list[Mesh],
        metadata: dict[str, str],
        box: Box,
        memory: MeshMemory | None = None,
    ) -> None:
        self.product = product
        self.meshes = meshes
        self.metadata = metadata
        self.box = box
        self.memory = memory
        self._prototypes: dict[int, Sdf.Path] = {}

    def write(self, path: Path) -> None:
        """Write the file (binary ``.usdc``)."""
        layer = Sdf.Layer.CreateNew(str(path))
        # A stage looks at all siblings after every change, which is quadratic in them; a layer does not. So the stage
        # of the file is closed before they come, and another one holds one prototype at a time.
        root = self._root(Usd.Stage.Open(layer)).GetPath()
        prototypes = Sdf.PrimSpec(layer.GetPrimAtPath(root), f"_{PROTOTYPES}", Sdf.SpecifierClass)
        names = UniqueNames()
        stage = Usd.Stage.CreateInMemory()
        for look, mesh in enumerate(self.meshes):
            if mesh.surfaces:
                place = prototypes.path.AppendChild(names.take(identifier(mesh.name)))
                made = self._prototype(stage, Sdf.Path("/Part"), mesh)
                Sdf.CopySpec(stage.GetRootLayer(), made, layer, place)
                stage.GetRootLayer().Clear()
                if said := self.memory.said_of(look, mesh) if self.memory else None:
                    layer.GetPrimAtPath(place).customData = {NOTE: said}
                self._prototypes[look] = place
        with Sdf.ChangeBlock():
            self._tree(layer, root)
        layer.Save()

    def _root(self, stage: Usd.Stage) -> Usd.Prim:
        """Return the default prim, which says what the whole file is."""
        node = self.product.root
        UsdGeom.SetStageMetersPerUnit(stage, 0.001)
        UsdGeom.SetStageUpAxis(stage, UsdGeom.Tokens.z)
        root = UsdGeom.Xform.Define(stage, Sdf.Path(f"/{identifier(node.name)}")).GetPrim()
        stage.SetDefaultPrim(root)
        root.SetAssetInfoByKey("name", node.name)
        for key, value in self.metadata.items():
            root.SetAssetInfoByKey(key, value)
        stage.GetRootLayer().customLayerData = {"name": node.name, **self.metadata}
        hint = Vt.Vec3fArray([Gf.Vec3f(*self.box.low), Gf.Vec3f(*self.box.high)])
        UsdGeom.ModelAPI.Apply(root).SetExtentsHint(hint)
        return root

    def _tree(self, layer: Sdf.Layer, root_path: Sdf.Path) -> None:
        root = layer.GetPrimAtPath(root_path)
        self._describe(root, self.product.root)
        stack = [(root, self.product.root)]
        while stack:
            parent, node = stack.pop()
            names = UniqueNames(f"_{PROTOTYPES}")
            for child in node.children:
                name = names.take(identifier(child.name))
                spec = Sdf.PrimSpec(parent, name, Sdf.SpecifierDef, "Xform")
                self._describe(spec, child)
                stack.append((spec, child))

    def _describe(self, spec: Sdf.PrimSpec, node: Node) -> None:
        """Say of a prim what it is, where it is, and which part it shows."""
        # Model kinds must be nested without a gap: assemblies around, components at the ends.
        spec.kind = Kind.Tokens.assembly if node.children else Kind.Tokens.component
        spec.SetInfo("displayName", node.name)
        if node.matrix != IDENTITY:
            # USD multiplies rows from the left: its matrix is the transpose of ours.
            placed = Sdf.AttributeSpec(spec, TRANSFORM, Sdf.ValueTypeNames.Matrix4d)
            placed.default = Gf.Matrix4d(*node.matrix).GetTranspose()
            uniform = Sdf.VariabilityUniform
            order = Sdf.AttributeSpec(spec, TRANSFORM_ORDER, Sdf.ValueTypeNames.TokenArray, uniform)
            order.default = Vt.TokenArray([TRANSFORM])
        said = {"part_key": node.key, "product": node.product, "cad_material": self.product.material(node)}
        for key, value in said.items():
            if not value:
                continue
            # This namespace becomes the custom properties of Blender's objects.
            attribute = Sdf.AttributeSpec(spec, f"userProperties:{key}", Sdf.ValueTypeNames.String)
            attribute.custom = True
            attribute.default = value
        if node.look is not None and node.look in self._prototypes:
            spec.referenceList.Prepend(Sdf.Reference("", self._prototypes[node.look]))
            # The children of an instance are those of its prototype alone; the root's hold the prototypes.
            spec.instanceable = node is not self.product.root

    def _prototype(self, stage: Usd.Stage, path: Sdf.Path, mesh: Mesh) -> Sdf.Path:
        UsdGeom.Xform.Define(stage, path).GetPrim().SetDisplayName(mesh.name)
        points = np.concatenate([surface.points for _, surface in mesh.surfaces])
        normals = np.concatenate([surface.normals for _, surface in mesh.surfaces])
        starts = np.cumsum([0] + [len(surface.points) for _, surface in mesh.surfaces])
        corners = np.concatenate(
            [surface.corners + start for (_, surface), start in zip(mesh.surfaces, starts, strict=False)]
        )
        geometry = UsdGeom.Mesh.Define(stage, path.AppendChild("Mesh"))
        geometry.CreatePointsAttr(Vt.Vec3fArray.FromNumpy(points))
        geometry.CreateNormalsAttr(Vt.Vec3fArray.FromNumpy(normals))
        geometry.SetNormalsInterpolation(UsdGeom.Tokens.vertex)
        geometry.CreateFaceVertexIndicesAttr(Vt.IntArray.FromNumpy(corners.reshape(-1).astype(np.int32)))
        geometry.CreateFaceVertexCountsAttr(Vt.IntArray.FromNumpy(np.full(len(corners), 3, np.int32)))
        geometry.CreateSubdivisionSchemeAttr(UsdGeom.Tokens.none)
        # A surface that is no solid has two sides, and viewers may leave out the back of a mesh that has one.
        geometry.CreateDoubleSidedAttr(True)
        geometry.CreateExtentAttr(Vt.Vec3fArray.FromNumpy(np.stack([points.min(axis=0), points.max(axis=0)])))
        self._bind(stage, path, geometry, mesh)
        return path

    def _bind(self, stage: Usd.Stage, path: Sdf.Path, geometry: UsdGeom.Mesh, mesh: Mesh) -> None:
        """Bind one material to the whole mesh, or one to each subset of its triangles."""
        looks = UsdGeom.Scope.Define(stage, path.AppendChild("Looks")).GetPath()
        unique = UniqueNames()  # surfaces of one color may differ in what else is said of them
        names = [unique.take(_color_name(color)) for color, _ in mesh.surfaces]
        materials = [
            _material(stage, looks.AppendChild(f"color_{name}"), color)
            for name, (color, _) in zip(names, mesh.surfaces, strict=True)
        ]
        if len(materials) == 1:
            UsdShade.MaterialBindingAPI.Apply(geometry.GetPrim()).Bind(materials[0])
            geometry.CreateDisplayColorAttr([_rgb(mesh.surfaces[0][0])])
            return
        binding = UsdShade.MaterialBindingAPI.Apply(geometry.GetPrim())
        start = 0
        for name, (_, surface), material in zip(names, mesh.surfaces, materials, strict=True):
            faces = np.arange(start, start + len(surface.corners), dtype=np.int32)
            start += len(faces)
            subset = binding.CreateMaterialBindSubset(
                f"faces_{name}", Vt.IntArray.FromNumpy(faces), UsdGeom.Tokens.face
            )
            UsdShade.MaterialBindingAPI.Apply(subset.GetPrim()).Bind(material)
        UsdShade.MaterialBindingAPI(geometry).SetMaterialBindSubsetsFamilyType(UsdGeom.Tokens.partition)


def identifier(name: str) -> str:
    """Return a name that every USD version accepts for a prim ("Käfig": "Kafig"); the real one is its display name."""
    letters = unicodedata.normalize("NFKD", name.replace("ß", "ss"))
    plain = "".join(letter for letter in letters if not unicodedata.combining(letter))
    return str(Tf.MakeValidIdentifier("".join(letter if letter.isascii() else "_" for letter in plain)))


class UniqueNames:
    """Names of siblings: one that is taken gets a number."""

    def __init__(self, *taken: str) -> None:
        self._taken = set(taken)
        self._last: dict[str, int] = {}

    def take(self, name: str) -> str:
        """Return the name, or the first free "name_2", "name_3", ..., and note it as taken."""
        unique, number = name, self._last.get(name, 1)
        while unique in self._taken:
            number += 1
            unique = f"{name}_{number}"
        self._last[name] = number
        self._taken.add(unique)
        return unique


def _color_name(color: Color | None) -> str:
    return color.hex.lstrip("#") if color else "uncolored"


def _rgb(color: Color | None) -> Any:
    return Gf.Vec3f(*(color or UNCOLORED).linear[:3])


def _material(stage: Usd.Stage, path: Sdf.Path, color: Color | None) -> UsdShade.Material:
    material = UsdShade.Material.Define(stage, path)
    shader = UsdShade.Shader.Define(stage, path.AppendChild("Surface"))
    shader.CreateIdAttr("UsdPreviewSurface")
    shader.CreateInput("diffuseColor", Sdf.ValueTypeNames.Color3f).Set(_rgb(color))
    said = color.described if color else None
    # What lies in an image is not known here.
    is_even = said is not None and "metallic_roughness" not in dict(said.textures)
    shader.CreateInput("metallic", Sdf.ValueTypeNames.Float).Set(said.metallic if said and is_even else 0.0)
    shader.CreateInput("roughness", Sdf.ValueTypeNames.Float).Set(
        said.roughness if said and is_even else ROUGHNESS
    )
    shader.CreateInput("opacity", Sdf.ValueTypeNames.Float).Set((color or UNCOLORED).alpha)
    if said:
        glow = Gf.Vec3f(*said.emissive) * said.emissive_strength
        shader.CreateInput("emissiveColor", Sdf.ValueTypeNames.Color3f).Set(glow)
        shader.CreateInput("ior", Sdf.ValueTypeNames.Float).Set(said.ior)
        shader.CreateInput("clearcoat", Sdf.ValueTypeNames.Float).Set(said.coat)
        shader.CreateInput("clearcoatRoughness", Sdf.ValueTypeNames.Float).Set(said.coat_roughness)
    material.CreateSurfaceOutput().ConnectToSource(shader.ConnectableAPI(), "surface")
    return material
