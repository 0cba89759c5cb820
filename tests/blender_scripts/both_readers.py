"""Loads GLBs by our reader and by Blender's: `python -m tests.blender_scripts.both_readers FILE...` prints JSON."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import bpy
import numpy as np

from blender_scripts.contract import Arrangement
from blender_scripts.stage import arrangement, geometry, gltf_own
from tests.blender_scripts.imported import imported


def _facts(subject: geometry.Subject) -> dict[str, Any]:
    arrangement.arrange(subject, (), Arrangement())
    bpy.context.view_layer.update()
    places = {}
    for place in subject.places:
        one = place.thing
        places[one["part_key"]] = (
            dict(one.items()),
            np.array(one.matrix_world),
            _mesh(one.data),
            subject.slots[one.data.name],
            place.part,
        )
    return {"places": places, "points": subject.points, "scale": subject.scale, "meshes": len(subject.meshes)}


def _mesh(mesh: bpy.types.Mesh) -> dict[str, Any]:
    return {
        "points": _read(mesh.vertices, "co", 3),
        "corners": _read(mesh.loops, "vertex_index", 1),
        "normals": _read(mesh.corner_normals, "vector", 3),
        "slots": _read(mesh.polygons, "material_index", 1),
        "smooth": _read(mesh.polygons, "use_smooth", 1),
        "edges": np.sort(_read(mesh.edges, "vertices", 2).reshape(-1, 2), axis=0),
    }


def _read(things: Any, name: str, width: int) -> Any:
    values = np.zeros(len(things) * width, np.float32)
    things.foreach_get(name, values)
    return values


def compare(path: Path) -> dict[str, Any]:
    """Say how far apart the two are: objects, and the largest differences of numbers."""
    scene = bpy.context.scene
    own = geometry._assembled(scene, gltf_own.read(path))
    ours = _facts(own)
    geometry.discard(own.objects)
    left = len(bpy.data.objects) + len(bpy.data.meshes)
    other = imported(scene, path)
    theirs = _facts(other)
    geometry.discard(other.objects)
    worst: dict[str, float] = {}
    odd = sorted(ours["places"].keys() ^ theirs["places"].keys())
    for key in ours["places"].keys() & theirs["places"].keys():
        mine, blender = ours["places"][key], theirs["places"][key]
        if (mine[0], mine[3], mine[4]) != (blender[0], blender[3], blender[4]):
            odd.append(f"{key}: {mine[0]} {blender[0]} {mine[3]} {blender[3]} {mine[4]} {blender[4]}")
        _keep(worst, "matrix", mine[1], blender[1])
        for name in mine[2]:
            _keep(worst, name, mine[2][name], blender[2][name])
    _keep(worst, "box", ours["points"].min(axis=0), theirs["points"].min(axis=0))
    _keep(worst, "top", ours["points"].max(axis=0), theirs["points"].max(axis=0))
    return {
        "objects": len(ours["places"]),
        "meshes": [ours["meshes"], theirs["meshes"]],
        "left_behind": left,
        "odd": odd,
        "worst": worst,
    }


def _keep(worst: dict[str, float], name: str, one: Any, other: Any) -> None:
    far = float(np.abs(one - other).max(initial=0.0)) if one.shape == other.shape else float("inf")
    worst[name] = max(worst.get(name, 0.0), far)


if __name__ == "__main__":
    bpy.ops.wm.read_factory_settings(use_empty=True)
    print("\n" + json.dumps({path: compare(Path(path)) for path in sys.argv[1:]}))
