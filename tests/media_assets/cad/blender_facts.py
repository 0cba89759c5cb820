# SPDX-License-Identifier: GPL-3.0-or-later
"""Prints what Blender shows of each file named, as a JSON object by file name. A program of its own."""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path
from typing import Any

import bpy
import numpy as np

from tests.media_assets.cad.shown import Shown, Surfaces, hex_of_linear


def shown_in_blender(path: Path) -> Shown:
    """Import a file into an empty scene and return what it shows, in mm."""
    bpy.ops.wm.read_factory_settings(use_empty=True)
    if path.suffix == ".glb":
        bpy.ops.import_scene.gltf(filepath=str(path))
    else:
        bpy.ops.wm.usd_import(filepath=str(path), support_scene_instancing=True)
    shown = Shown()
    graph = bpy.context.evaluated_depsgraph_get()
    for one in graph.object_instances:
        placed = one.object.original
        # An instance of a USD prototype is placed by the empty that shows it, which has the part's key.
        owner = one.parent.original if one.is_instance else placed
        if placed.type != "MESH":
            if "part_key" in owner and not (owner.is_instancer or one.is_instance):
                shown.groups += [owner.name, owner.get("product", "")]
            continue
        while "part_key" not in owner and owner.parent:
            owner = owner.parent
        matrix = np.array(one.matrix_world)
        matrix[:3, 3] *= 1000.0
        # Blender's importer puts a stage's scale into its objects, ours of GLB is 1.
        scale = np.linalg.norm(matrix[:3, 0])
        matrix[:3, :3] /= scale
        names = (_name(owner, path), owner.get("product", ""))
        surfaces = _surfaces(placed.data, scale * 1000.0)
        shown.add(str(owner.get("part_key", "")), names, placed.data.name, matrix, surfaces)
    return shown


def _name(owner: Any, path: Path) -> str:
    """Return the name of a part without what Blender puts behind the second of a name.

    Names of USD prims are ASCII, the real one ends the part key.
    """
    if path.suffix == ".glb":
        return re.sub(r"\.\d{3}$", "", owner.name)
    return re.sub(r"#\d+$", "", owner["part_key"].split("/")[-1]).replace("∕", "/")


def _surfaces(mesh: Any, scale: float) -> Surfaces:
    points = np.empty(3 * len(mesh.vertices))
    mesh.vertices.foreach_get("co", points)
    corners = np.empty(3 * len(mesh.polygons), np.int32)
    mesh.loops.foreach_get("vertex_index", corners)
    slots = np.empty(len(mesh.polygons), np.int32)
    mesh.polygons.foreach_get("material_index", slots)
    cloud, triangles = points.reshape(-1, 3) * scale, corners.reshape(-1, 3)
    return [(_color(mesh.materials[slot]), cloud, triangles[slots == slot]) for slot in np.unique(slots)]


def _color(material: Any) -> str:
    shader = next(node for node in material.node_tree.nodes if node.type == "BSDF_PRINCIPLED")
    color = list(shader.inputs["Base Color"].default_value[:3])
    found = hex_of_linear(*color, shader.inputs["Alpha"].default_value)
    return "" if "uncolored" in material.name else found


if __name__ == "__main__":
    results = {name: shown_in_blender(Path(name)).to_json() for name in sys.argv[1:]}
    print("\nANSWER " + json.dumps(results))
