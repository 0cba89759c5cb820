"""Gives the parts of a model the finishes that a render would show, as the PBR values that every viewer understands."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from blender_scripts.finish_choice import AS_DESCRIBED, Chooser
from blender_scripts.finish_library import CLAY, FINISHES, HATCH
from blender_scripts.finish_rules import FinishSpec, PlacedPart, Rule, name_of
from rendering.pictures.shapes.model import Model, ModelMesh

BASIS = "pbrMetallicRoughness"


def dress(model: Model, mode: str, rules: Sequence[Mapping[str, Any]]) -> None:
    """Replace the materials of *model* by those of the finishes: by rules, as in the CAD file (matte), or clay.

    A mesh whose places get different finishes becomes one mesh for each set of them, with the same triangles.
    """
    chooser = Chooser([Rule.from_json(rule) for rule in rules])
    made: list[dict[str, Any]] = []
    numbers: dict[tuple[FinishSpec, int], int] = {}
    variants: dict[tuple[int, tuple[int, ...]], int] = {}
    meshes: list[ModelMesh] = []

    def number(finish: FinishSpec, material: int) -> int:
        if (finish, material) not in numbers:
            numbers[finish, material] = len(made)
            made.append(_surface(finish, model.materials[material]))
        return numbers[finish, material]

    for node in model.nodes:
        if "mesh" not in node:
            continue
        mesh = model.meshes[node["mesh"]]
        part = _part(node)
        wanted = tuple(
            number(_finish(part, model.materials[material], mode, chooser), material)
            for _, material in mesh.primitives
        )
        key = (node["mesh"], wanted)
        if key not in variants:
            variants[key] = len(meshes)
            dressed = tuple((one, new) for (one, _), new in zip(mesh.primitives, wanted, strict=True))
            meshes.append(ModelMesh(mesh.name, dressed))
        node["mesh"] = variants[key]
    model.meshes, model.materials = meshes, made


def _part(node: Mapping[str, Any]) -> PlacedPart:
    said = node["extras"]
    return PlacedPart(
        said["part_key"],
        name_of(said["part_key"], node["name"]),
        said["product"],
        said.get("cad_material", ""),
    )


def _finish(part: PlacedPart, material: Mapping[str, Any], mode: str, chooser: Chooser) -> FinishSpec:
    if material["name"] == HATCH.slug:
        return HATCH
    is_described = bool(material["extras"].get("described"))
    if mode == "clay":
        return CLAY
    if mode == "cad":
        return AS_DESCRIBED.finish if is_described else FINISHES["matte"]
    color = (material["extras"]["cad_color"] or "").lower()
    return chooser.rules[chooser.choose(replace(part, color=color, is_described=is_described))].finish


def _surface(finish: FinishSpec, material: Mapping[str, Any]) -> dict[str, Any]:
    """Return the material of glTF for a finish on what has this material in the geometry."""
    extras = material["extras"]
    if finish == AS_DESCRIBED.finish and extras.get("described"):
        return {**material, "extras": {**extras, "finish": finish.slug}}
    cad = material[BASIS]["baseColorFactor"]
    shown = finish if extras["cad_color"] or finish.tint == 1.0 else replace(finish, tint=0.0)
    alpha = 1.0 if finish.transmission else cad[3]
    said: dict[str, Any] = {
        "name": finish.slug,
        BASIS: {
            "baseColorFactor": [round(channel, 6) for channel in (*shown.flat(cad), alpha)],
            "metallicFactor": finish.metallic,
            "roughnessFactor": finish.roughness,
        },
        "extras": {**extras, "finish": finish.slug},
    }
    extensions: dict[str, dict[str, Any]] = {}
    if finish.coat:
        extensions["KHR_materials_clearcoat"] = {
            "clearcoatFactor": finish.coat,
            "clearcoatRoughnessFactor": finish.coat_roughness,
        }
    if finish.specular != 0.5:  # Blender's 0.5 is glTF's 1
        extensions["KHR_materials_specular"] = {"specularFactor": min(1.0, 2.0 * finish.specular)}
    if finish.transmission:
        extensions["KHR_materials_transmission"] = {"transmissionFactor": finish.transmission}
    if finish.ior != 1.5:
        extensions["KHR_materials_ior"] = {"ior": finish.ior}
    if extensions:
        said["extensions"] = extensions
    if alpha < 1.0:
        said["alphaMode"] = "BLEND"
    return said
