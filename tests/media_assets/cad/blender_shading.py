"""Prints what Blender makes of files, as JSON: objects, meshes, names, colors, and how every triangle is shaded.

A program of its own: Blender's library and USD's do not share a process.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import bpy
import numpy as np
from mathutils import Matrix


def main(paths: list[str]) -> None:
    print("ANSWER " + json.dumps({path: imported(path) for path in paths}))


def imported(path: str) -> dict[str, Any]:
    bpy.ops.wm.read_factory_settings(use_empty=True)
    if Path(path).suffix == ".glb":
        bpy.ops.import_scene.gltf(filepath=path)
    else:
        bpy.ops.wm.usd_import(filepath=path, support_scene_instancing=True)
    placed = [
        placed_mesh(one.object, one.matrix_world.copy(), one.parent)
        for one in bpy.context.evaluated_depsgraph_get().object_instances
        if one.object.type == "MESH"
    ]
    keys = {str(value) for one in bpy.data.objects for key, value in one.items() if key.endswith("part_key")}
    return {"meshes": len(bpy.data.meshes), "keys": sorted(keys), "placed": placed}


def placed_mesh(shown: Any, world: Matrix, parent: Any) -> dict[str, Any]:
    """Colors by slot in use; the smallest product of shading and triangle normal, and whether triangles face out."""
    mesh = shown.data
    place = np.array(world)
    # A mirrored object turns its triangles over; Cycles and the viewport turn them back.
    turned = -1.0 if np.linalg.det(place[:3, :3]) < 0 else 1.0
    normal_place = np.linalg.inv(place[:3, :3]).T
    points = np.array([vertex.co for vertex in mesh.vertices]) @ place[:3, :3].T + place[:3, 3]
    middle = points.mean(axis=0)
    fit, out = [], []
    for polygon in mesh.polygons:
        corners = points[list(polygon.vertices)]
        facing = turned * np.cross(corners[1] - corners[0], corners[2] - corners[0])
        facing /= np.linalg.norm(facing)
        out.append(float(facing @ (corners.mean(axis=0) - middle)))
        for loop in polygon.loop_indices:
            normal = normal_place @ np.array(mesh.corner_normals[loop].vector)
            fit.append(float(facing @ normal / np.linalg.norm(normal)))
    colors = set()
    for polygon in mesh.polygons:
        shader = mesh.materials[polygon.material_index].node_tree.nodes["Principled BSDF"]
        colors.add(tuple(round(value, 3) for value in shader.inputs["Base Color"].default_value[:3]))
    return {
        "name": shown.name,
        "around": parent.name if parent else "",
        "colors": sorted(colors),
        "fit": min(fit),
        "out": min(out),
        "middle": [round(float(value), 4) for value in middle],
    }


if __name__ == "__main__":
    main(sys.argv[1:])
