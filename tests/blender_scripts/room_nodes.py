"""What each shader of the studio's room computes: `python -m tests.blender_scripts.room_nodes` prints it as JSON."""

from __future__ import annotations

import json

import bpy

from blender_scripts.presets import PRESETS, StudioRoom
from blender_scripts.stage.world import World


def behind(socket: bpy.types.NodeSocket) -> set[str]:
    """The names of all nodes that lead into a socket."""
    nodes = {link.from_node for link in socket.links}
    return {node.name for node in nodes}.union(*(behind(one) for node in nodes for one in node.inputs))


def room_nodes(room: StudioRoom) -> dict[str, int]:
    """How many nodes say which of the two shaders a ray needs, and how many each of them takes."""
    scene = bpy.context.scene
    World(scene).room(room, is_turned=True)
    mix = next(node for node in scene.world.node_tree.nodes if node.type == "MIX_SHADER")
    return {
        name: len(behind(socket))
        for name, socket in zip(("which", "plain", "mirrored"), mix.inputs, strict=True)
    }


if __name__ == "__main__":
    bpy.ops.wm.read_factory_settings(use_empty=True)
    light = PRESETS["softbox"].light
    assert isinstance(light, StudioRoom)
    print("\n" + json.dumps(room_nodes(light)))
