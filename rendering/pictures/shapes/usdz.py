"""Writes a model as .usdz for AR Quick Look: meters, Y up, UsdPreviewSurface; and reads one back.

Everything is written as specs of one layer: a stage would look at all siblings after each of them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
from pxr import Gf, Sdf, Usd, UsdGeom, UsdUtils, Vt

from media_assets.cad.usd import PROTOTYPES, UniqueNames, identifier
from media_assets.serving.usdz import Package
from rendering.pictures.shapes import decals
from rendering.pictures.shapes.dressing import BASIS
from rendering.pictures.shapes.model import Floats, Model, ModelMesh, Triangles, matrix_of

LAYER = "model.usdc"
CLEAR = 0.2  # opacity of what lets all light through: viewers show no refraction
SAID = "renderdesk"
ST = "st"

Types = Sdf.ValueTypeNames


def write(model: Model, target: Path) -> None:
    """Write the package. Raises OSError or ValueError."""
    with TemporaryDirectory(dir=target.parent) as name:
        path = Path(name, LAYER)
        layer = Sdf.Layer.CreateNew(str(path))
        with Sdf.ChangeBlock():
            _Writer(model, layer).write()
        layer.Save()
        pictures = set(filter(None, (_picture(model, said) for said in model.materials)))
        for picture in pictures:
            path.with_name(picture).write_bytes(model.images[_number(picture)])
        if not pictures:
            with target.open("wb") as out:
                out.writelines(Package.of(path.open("rb"), LAYER).chunks())
        elif not UsdUtils.CreateNewUsdzPackage(str(path), str(target)):
            raise OSError("OpenUSD could not pack the model with its pictures.")


class _Writer:
    def __init__(self, model: Model, layer: Sdf.Layer) -> None:
        self.model = model
        self.layer = layer

    def write(self) -> None:
        model, layer = self.model, self.layer
        root = Sdf.PrimSpec(layer, identifier(model.name), Sdf.SpecifierDef, "Xform")
        layer.defaultPrim = root.name
        layer.pseudoRoot.SetInfo("metersPerUnit", 1.0)
        layer.pseudoRoot.SetInfo("upAxis", "Y")
        layer.customLayerData = {SAID: dict(model.said)}
        root.kind = "component"
        root.SetInfo("displayName", model.name)
        prototypes = Sdf.PrimSpec(root, f"_{PROTOTYPES}", Sdf.SpecifierClass)
        names = UniqueNames()
        places = [
            self._prototype(prototypes, names.take(identifier(mesh.name)), mesh) for mesh in model.meshes
        ]
        stack = [(root, number, UniqueNames(prototypes.name)) for number in model.roots]
        while stack:
            parent, number, taken = stack.pop()
            node = model.nodes[number]
            spec = Sdf.PrimSpec(parent, taken.take(identifier(node["name"])), Sdf.SpecifierDef, "Xform")
            spec.SetInfo("displayName", node["name"])
            _set(spec, "xformOp:transform", Types.Matrix4d, Gf.Matrix4d(matrix_of(node).T))
            _set(spec, "xformOpOrder", Types.TokenArray, ["xformOp:transform"], is_uniform=True)
            if "mesh" in node:
                spec.referenceList.Prepend(Sdf.Reference("", places[node["mesh"]]))
            below = UniqueNames(*(f"{identifier(name)}" for name in ("Looks", "Mesh")))
            stack.extend((spec, child, below) for child in node.get("children", ()))

    def _prototype(self, around: Sdf.PrimSpec, name: str, mesh: ModelMesh) -> Sdf.Path:
        spec = Sdf.PrimSpec(around, name, Sdf.SpecifierDef, "Xform")
        looks = Sdf.PrimSpec(spec, "Looks", Sdf.SpecifierDef, "Scope")
        for at, (one, number) in enumerate(mesh.primitives):
            material = self.model.materials[number]
            look = _material(looks, f"{identifier(material['name'])}_{at}", material)
            if picture := _picture(self.model, material):
                _cover(look, picture)
            _bind(_mesh(spec, f"Mesh_{at}" if at else "Mesh", one), look)
        return spec.path


def _mesh(around: Sdf.PrimSpec, name: str, one: Triangles) -> Sdf.PrimSpec:
    spec = Sdf.PrimSpec(around, name, Sdf.SpecifierDef, "Mesh")
    corners = one.corners.reshape(-1).astype(np.int32)
    points = np.ascontiguousarray(one.points, np.float32)
    _set(spec, "points", Types.Point3fArray, Vt.Vec3fArray.FromNumpy(points))
    normals = _set(
        spec,
        "normals",
        Types.Normal3fArray,
        Vt.Vec3fArray.FromNumpy(np.ascontiguousarray(one.more["NORMAL"])),
    )
    normals.SetInfo("interpolation", "vertex")
    _set(spec, "faceVertexIndices", Types.IntArray, Vt.IntArray.FromNumpy(corners))
    _set(
        spec,
        "faceVertexCounts",
        Types.IntArray,
        Vt.IntArray.FromNumpy(np.full(len(corners) // 3, 3, np.int32)),
    )
    if "TEXCOORD_0" in one.more:
        places = np.ascontiguousarray(one.more["TEXCOORD_0"], np.float32).copy()
        places[:, 1] = 1 - places[:, 1]
        st = _set(spec, f"primvars:{ST}", Types.TexCoord2fArray, Vt.Vec2fArray.FromNumpy(places))
        st.SetInfo("interpolation", "vertex")
    _set(spec, "subdivisionScheme", Types.Token, "none", is_uniform=True)
    _set(spec, "doubleSided", Types.Bool, True, is_uniform=True)
    _set(
        spec,
        "extent",
        Types.Float3Array,
        Vt.Vec3fArray.FromNumpy(np.stack([points.min(axis=0), points.max(axis=0)])),
    )
    return spec


def _material(around: Sdf.PrimSpec, name: str, said: Mapping[str, Any]) -> Sdf.PrimSpec:
    spec = Sdf.PrimSpec(around, name, Sdf.SpecifierDef, "Material")
    shader = Sdf.PrimSpec(spec, "Surface", Sdf.SpecifierDef, "Shader")
    _set(shader, "info:id", Types.Token, "UsdPreviewSurface", is_uniform=True)
    for field, value in _surface(said):
        kind = Types.Float if isinstance(value, float) else Types.Color3f
        _set(shader, f"inputs:{field}", kind, value if isinstance(value, float) else Gf.Vec3f(*value))
    output = Sdf.AttributeSpec(shader, "outputs:surface", Types.Token)
    shown = Sdf.AttributeSpec(spec, "outputs:surface", Types.Token)
    shown.connectionPathList.Prepend(output.path)
    return spec


def _picture(model: Model, said: Mapping[str, Any]) -> str:
    """Return what the picture of a label's material is called in the package; "" for other materials."""
    if said["name"] != decals.NAME:
        return ""
    texture = model.textures["textures"][said[BASIS]["baseColorTexture"]["index"]]
    return f"{decals.NAME}_{texture['source']}.png"


def _number(picture: str) -> int:
    return int(Path(picture).stem.rpartition("_")[2])


def _cover(material: Sdf.PrimSpec, picture: str) -> None:
    """Give a surface the colors and the opacity of a picture."""
    reader, texture = (
        Sdf.PrimSpec(material, name, Sdf.SpecifierDef, "Shader") for name in ("Place", "Picture")
    )
    _set(reader, "info:id", Types.Token, "UsdPrimvarReader_float2", is_uniform=True)
    _set(reader, "inputs:varname", Types.String, ST)
    place = Sdf.AttributeSpec(reader, "outputs:result", Types.Float2)
    _set(texture, "info:id", Types.Token, "UsdUVTexture", is_uniform=True)
    _set(texture, "inputs:file", Types.Asset, Sdf.AssetPath(picture))
    for way in ("wrapS", "wrapT"):
        _set(texture, f"inputs:{way}", Types.Token, "clamp")
    _set(texture, "inputs:sourceColorSpace", Types.Token, "sRGB")
    Sdf.AttributeSpec(texture, "inputs:st", Types.Float2).connectionPathList.Prepend(place.path)
    surface = material.nameChildren["Surface"]
    for name, output, kind in (("diffuseColor", "rgb", Types.Float3), ("opacity", "a", Types.Float)):
        shown = Sdf.AttributeSpec(texture, f"outputs:{output}", kind)
        surface.attributes[f"inputs:{name}"].connectionPathList.Prepend(shown.path)


def _surface(said: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """Yield the inputs of UsdPreviewSurface for a material of glTF; what lies in images is left out."""
    basis, more = said[BASIS], said.get("extensions", {})
    *color, alpha = basis.get("baseColorFactor", (1.0, 1.0, 1.0, 1.0))
    through = more.get("KHR_materials_transmission", {}).get("transmissionFactor", 0.0)
    coat = more.get("KHR_materials_clearcoat", {})
    yield "diffuseColor", color
    yield "metallic", float(basis.get("metallicFactor", 1.0))
    yield "roughness", float(basis.get("roughnessFactor", 1.0))
    yield "opacity", float(alpha * (1.0 - through) + CLEAR * through)
    yield "ior", float(more.get("KHR_materials_ior", {}).get("ior", 1.5))
    yield "clearcoat", float(coat.get("clearcoatFactor", 0.0))
    yield "clearcoatRoughness", float(coat.get("clearcoatRoughnessFactor", 0.0))
    yield "emissiveColor", said.get("emissiveFactor", (0.0, 0.0, 0.0))


def _bind(spec: Sdf.PrimSpec, material: Sdf.PrimSpec) -> None:
    spec.SetInfo("apiSchemas", Sdf.TokenListOp.Create(prependedItems=["MaterialBindingAPI"]))
    binding = Sdf.RelationshipSpec(spec, "material:binding", False)
    binding.targetPathList.Prepend(material.path)


def _set(
    spec: Sdf.PrimSpec, name: str, kind: Any, value: Any, *, is_uniform: bool = False
) -> Sdf.AttributeSpec:
    variability = Sdf.VariabilityUniform if is_uniform else Sdf.VariabilityVarying
    attribute = Sdf.AttributeSpec(spec, name, kind, variability)
    attribute.default = value
    return attribute


def read(path: Path) -> Model:
    """Return the triangles of a written package, placed in meters with Y up. Raises ValueError for what is none."""
    stage = Usd.Stage.Open(str(path))
    if UsdGeom.GetStageMetersPerUnit(stage) != 1.0 or UsdGeom.GetStageUpAxis(stage) != UsdGeom.Tokens.y:
        raise ValueError("The package is not in meters with Y up.")
    cache = UsdGeom.XformCache()
    nodes: list[dict[str, Any]] = []
    meshes: list[ModelMesh] = []
    for prim in stage.Traverse():
        if prim.IsA(UsdGeom.Mesh):
            mesh = UsdGeom.Mesh(prim)
            corners = np.array(mesh.GetFaceVertexIndicesAttr().Get(), np.uint32).reshape(-1, 3)
            one = Triangles(np.array(mesh.GetPointsAttr().Get(), np.float32), {}, corners)
            world: Floats = np.array(cache.GetLocalToWorldTransform(prim))
            nodes.append({"mesh": len(meshes), "matrix": world.reshape(-1).tolist()})
            meshes.append(ModelMesh(prim.GetName(), ((one, 0),)))
    said = stage.GetRootLayer().customLayerData.get(SAID, {})
    name = stage.GetDefaultPrim().GetName()
    return Model(name, nodes, list(range(len(nodes))), meshes, [], {}, (), said)
