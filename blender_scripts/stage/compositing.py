"""Processes a picture between Cycles and the file: denoises the alpha too, where needed."""

# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import bpy

GROUPS_SINCE = (5, 0, 0)
"""First Blender whose scenes composite by a node group, and whose nodes have sockets for what were properties."""


def clean_alpha(scene: bpy.types.Scene) -> None:
    """Build the nodes that run while `use_compositing` is on: the picture, with its alpha denoised as its color is."""
    tree, picture = _tree(scene)
    layers = tree.nodes.new("CompositorNodeRLayers")
    denoise = tree.nodes.new("CompositorNodeDenoise")
    joined = tree.nodes.new("CompositorNodeSetAlpha")
    if bpy.app.version < GROUPS_SINCE:
        denoise.use_hdr = False
        joined.mode = "REPLACE_ALPHA"
    else:
        denoise.inputs["HDR"].default_value = False
        joined.inputs["Type"].default_value = "Replace Alpha"
    tree.links.new(layers.outputs["Alpha"], denoise.inputs["Image"])
    tree.links.new(layers.outputs["Image"], joined.inputs["Image"])
    tree.links.new(denoise.outputs["Image"], joined.inputs["Alpha"])
    tree.links.new(joined.outputs["Image"], picture)


def _tree(scene: bpy.types.Scene) -> tuple[bpy.types.NodeTree, bpy.types.NodeSocket]:
    """Return the scene's empty tree of nodes, and the socket that takes the picture."""
    if bpy.app.version < GROUPS_SINCE:
        scene.use_nodes = True
        tree = scene.node_tree
        tree.nodes.clear()
        return tree, tree.nodes.new("CompositorNodeComposite").inputs["Image"]
    tree = bpy.data.node_groups.new("Compositing", "CompositorNodeTree")
    tree.interface.new_socket("Image", in_out="OUTPUT", socket_type="NodeSocketColor")
    scene.compositing_node_group = tree
    return tree, tree.nodes.new("NodeGroupOutput").inputs["Image"]
