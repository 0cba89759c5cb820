"""Writes the product as a USD master: millimetres, Z up, parts as prototypes that instances refer to.

Materials are bound inside the prototypes, where Blender's importer keeps them; a part in two looks has two prototypes.
Runs in the child process only.
"""

from __future__ import annotations

import unicodedata
from pathlib import Path
from typing import Any

import numpy as np
from pxr import Gf, Kind, Sdf, Tf, Usd, UsdGeom, UsdShade, Vt

from media_assets.cad.glb import ROUGHNESS, UNCOLORED
from media_assets.cad.product_tree import IDENTITY, Color, Node, Product
from media_assets.cad.triangles import Mesh

PROTOTYPES = "Prototypes"


class UsdWriter:
    """Builds one stage."""

    def __init__(self, product: Product, meshes: list[Mesh], metadata: dict[str, str]) -> None:
        self.product = product
        self.meshes = meshes
        self.metadata = metadata
        self._prototypes: dict[int, Sdf.Path] = {}

    def write(self, path: Path) -> None:
        """Write the file (binary ``.usdc``)."""
        stage = Usd.Stage.CreateNew(str(path))
        UsdGeom.SetStageMetersPerUnit(stage, 0.001)
        UsdGeom.SetStageUpAxis(stage, UsdGeom.Tokens.z)
        root = self._xform(stage, Sdf.Path(f"/{identifier(self.product.root.name)}"), self.product.root)
        stage.SetDefaultPrim(root)
        for key, value in self.metadata.items():
            root.SetAssetInfoByKey(key, value)
        prototypes = stage.CreateClassPrim(root.GetPath().AppendChild(f"_{PROTOTYPES}"))
        taken: set[str] = set()
        for look, mesh in enumerate(self.meshes):
            if mesh.surfaces:
                name = _unique(identifier(mesh.name), taken)
                self._prototypes[look] = self._prototype(stage, prototypes.GetPath().AppendChild(name), mesh)
        if self.product.root.look is not None:
            self._instance(root, self.product.root.look)
        self._children(stage, root, self.product.root)
        Usd.ModelAPI(root).SetKind(
            Kind.Tokens.assembly if self.product.root.children else Kind.Tokens.component
        )
        stage.GetRootLayer().Save()

    def _children(self, stage: Usd.Stage, root: Usd.Prim, root_node: Node) -> None:
        stack = [(root, root_node)]
        while stack:
            parent, node = stack.pop()
            taken: set[str] = {f"_{PROTOTYPES}"}
            for child in node.children:
                path = parent.GetPath().AppendChild(_unique(identifier(child.name), taken))
                prim = self._xform(stage, path, child)
                is_part = child.look is not None
                # Model kinds must be nested without a gap: assemblies around, components at the ends.
                Usd.ModelAPI(prim).SetKind(Kind.Tokens.component if is_part else Kind.Tokens.assembly)
                if child.look is not None:
                    self._instance(prim, child.look)
                stack.append((prim, child))

    def _instance(self, prim: Usd.Prim, look: int) -> None:
        if look in self._prototypes:
            prim.GetReferences().AddInternalReference(self._prototypes[look])
            prim.SetInstanceable(True)

    def _xform(self, stage: Usd.Stage, path: Sdf.Path, node: Node) -> Usd.Prim:
        xform = UsdGeom.Xform.Define(stage, path)
        if node.matrix != IDENTITY:
            # USD multiplies rows from the left: its matrix is the transpose of ours.
            rows = np.array(node.matrix).reshape(4, 4).T.tolist()
            xform.AddTransformOp().Set(Gf.Matrix4d(rows))
        prim = xform.GetPrim()
        prim.SetDisplayName(node.name)
        for key, value in (("part_key", node.key), ("product", node.product)):
            # This namespace becomes the custom properties of Blender's objects.
            prim.CreateAttribute(f"userProperties:{key}", Sdf.ValueTypeNames.String).Set(value)
        return prim

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
        geometry.CreateExtentAttr(Vt.Vec3fArray.FromNumpy(np.stack([points.min(axis=0), points.max(axis=0)])))
        self._bind(stage, path, geometry, mesh)
        return path

    def _bind(self, stage: Usd.Stage, path: Sdf.Path, geometry: UsdGeom.Mesh, mesh: Mesh) -> None:
        """Bind one material to the whole mesh, or one to each subset of its triangles."""
        looks = UsdGeom.Scope.Define(stage, path.AppendChild("Looks")).GetPath()
        materials = [_material(stage, looks, color) for color, _ in mesh.surfaces]
        if len(materials) == 1:
            UsdShade.MaterialBindingAPI.Apply(geometry.GetPrim()).Bind(materials[0])
            geometry.CreateDisplayColorAttr([_rgb(mesh.surfaces[0][0])])
            return
        binding = UsdShade.MaterialBindingAPI.Apply(geometry.GetPrim())
        start = 0
        for (color, surface), material in zip(mesh.surfaces, materials, strict=True):
            faces = np.arange(start, start + len(surface.corners), dtype=np.int32)
            start += len(faces)
            subset = binding.CreateMaterialBindSubset(
                f"faces_{_color_name(color)}", Vt.IntArray.FromNumpy(faces), UsdGeom.Tokens.face
            )
            UsdShade.MaterialBindingAPI.Apply(subset.GetPrim()).Bind(material)
        UsdShade.MaterialBindingAPI(geometry).SetMaterialBindSubsetsFamilyType(UsdGeom.Tokens.partition)


def identifier(name: str) -> str:
    """Return a name that every USD version accepts for a prim ("Käfig": "Kafig"); the real one is its display name."""
    letters = unicodedata.normalize("NFKD", name.replace("ß", "ss"))
    plain = "".join(letter for letter in letters if not unicodedata.combining(letter))
    return str(Tf.MakeValidIdentifier("".join(letter if letter.isascii() else "_" for letter in plain)))


def _unique(name: str, taken: set[str]) -> str:
    unique, number = name, 1
    while unique in taken:
        number += 1
        unique = f"{name}_{number}"
    taken.add(unique)
    return unique


def _color_name(color: Color | None) -> str:
    return color.hex.lstrip("#") if color else "uncolored"


def _rgb(color: Color | None) -> Any:
    return Gf.Vec3f(*(color or UNCOLORED).linear[:3])


def _material(stage: Usd.Stage, looks: Sdf.Path, color: Color | None) -> UsdShade.Material:
    path = looks.AppendChild(f"color_{_color_name(color)}")
    material = UsdShade.Material.Define(stage, path)
    shader = UsdShade.Shader.Define(stage, path.AppendChild("Surface"))
    shader.CreateIdAttr("UsdPreviewSurface")
    shader.CreateInput("diffuseColor", Sdf.ValueTypeNames.Color3f).Set(_rgb(color))
    shader.CreateInput("metallic", Sdf.ValueTypeNames.Float).Set(0.0)
    shader.CreateInput("roughness", Sdf.ValueTypeNames.Float).Set(ROUGHNESS)
    shader.CreateInput("opacity", Sdf.ValueTypeNames.Float).Set((color or UNCOLORED).alpha)
    material.CreateSurfaceOutput().ConnectToSource(shader.ConnectableAPI(), "surface")
    return material
