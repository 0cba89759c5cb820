"""What one GLB costs Blender: `python -m tests.benchmarks.cad_blender FILE` prints JSON, from a fresh process."""

from __future__ import annotations

import json
import sys
import time

import bpy
import numpy as np

if __name__ == "__main__":
    bpy.ops.wm.read_factory_settings(use_empty=True)
    began = time.perf_counter()
    bpy.ops.import_scene.gltf(filepath=sys.argv[1])
    taken = time.perf_counter() - began
    bpy.context.view_layer.update()
    shown = [one for one in bpy.context.scene.objects if one.type == "MESH"]
    areas: dict[str, float] = {}  # m2 of each mesh before its placement
    for mesh in bpy.data.meshes:
        values = np.zeros(len(mesh.polygons), np.float32)
        mesh.polygons.foreach_get("area", values)
        areas[mesh.name] = float(values.sum(dtype=np.float64))
    area = sum(
        areas[one.data.name] * abs(one.matrix_world.to_3x3().determinant()) ** (2 / 3) for one in shown
    )
    found = {"seconds": taken, "objects": len(shown), "meshes": len(areas), "area": area}
    print("\n" + json.dumps(found))
