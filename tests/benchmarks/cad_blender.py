"""What one GLB costs Blender: `python -m tests.benchmarks.cad_blender READER FILE`, from a fresh process, prints JSON.

READER is "blender" (the importer that comes with it) or "ours" (what a render of Renderdesk loads geometry with).
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path

import bpy
import numpy as np

from blender_scripts.contract import Arrangement
from blender_scripts.stage import arrangement, geometry

if __name__ == "__main__":
    reader, path = sys.argv[1], Path(sys.argv[2])
    bpy.ops.wm.read_factory_settings(use_empty=True)
    began = time.perf_counter()
    if reader == "ours":
        arrangement.arrange(geometry.load(bpy.context.scene, path), (), Arrangement())
    else:
        bpy.ops.import_scene.gltf(filepath=str(path))
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
