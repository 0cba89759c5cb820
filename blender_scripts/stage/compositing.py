"""Processes a picture between Cycles and the file: denoises the alpha too, where needed."""

# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import bpy


def clean_alpha(scene: bpy.types.Scene) -> None:
    """Build the nodes that run while `use_compositing` is on: the picture, with its alpha denoised as its color is."""
    scene.use_nodes = True
    tree = scene.node_tree
    tree.nodes.clear()
    layers = tree.nodes.new("CompositorNodeRLayers")
    denoise = tree.nodes.new("CompositorNodeDenoise")
    denoise.use_hdr = False
    joined = tree.nodes.new("CompositorNodeSetAlpha")
    joined.mode = "REPLACE_ALPHA"
    output = tree.nodes.new("CompositorNodeComposite")
    tree.links.new(layers.outputs["Alpha"], denoise.inputs["Image"])
    tree.links.new(layers.outputs["Image"], joined.inputs["Image"])
    tree.links.new(denoise.outputs["Image"], joined.inputs["Alpha"])
    tree.links.new(joined.outputs["Image"], output.inputs["Image"])
