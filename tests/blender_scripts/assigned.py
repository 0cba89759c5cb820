"""What Blender gives to each part: `python -m tests.blender_scripts.assigned` reads JSON [[glb, rules], ...]."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import bpy

from blender_scripts.contract import Arrangement
from blender_scripts.finish_rules import Rule
from blender_scripts.stage import arrangement, geometry, materials


def assigned(glb: str, rules: list[dict[str, Any]]) -> dict[str, Any]:
    """Load a file, dress it, and say by part key the finishes of its slots; and what is left behind afterwards."""
    subject = geometry.load(bpy.context.scene, Path(glb))
    arrangement.arrange(subject, (), Arrangement())
    materials.assign(subject, "rules", [Rule.from_json(rule) for rule in rules], edges=True)
    found = {
        place.part.key: [one.name.split(".")[1] for one in place.thing.data.materials]
        for place in subject.places
    }
    meshes = len(bpy.data.meshes)
    materials.assign(subject, "clay", (), edges=False)
    again = len(bpy.data.meshes)
    geometry.discard(subject.objects)
    left = sum(map(len, (bpy.data.meshes, bpy.data.materials, bpy.data.objects, bpy.data.images)))
    return {"finishes": found, "meshes": meshes, "meshes_of_file": again, "left_behind": left}


if __name__ == "__main__":
    bpy.ops.wm.read_factory_settings(use_empty=True)
    print("\n" + json.dumps([assigned(*one) for one in json.load(sys.stdin)]))
