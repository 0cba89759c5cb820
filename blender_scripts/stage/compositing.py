"""Processes a picture between Cycles and the file: denoises the alpha too, where needed."""

# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import bpy

from blender_scripts.stage import nodes

GROUPS_SINCE = (5, 0, 0)
"""First Blender whose scenes composite by a node group, and whose nodes have sockets for what were properties."""


_BLACK, _OPAQUE = 3e-4, 0.977
"""What has less light and less alpha than this is shadow alone."""

_BLUR_PX = 4
_COLOR = "color"


def clean_alpha(scene: bpy.types.Scene) -> None:
    """Build the nodes that run while `use_compositing` is on: the picture, with its alpha denoised as its color is.

    What noise that leaves in the shadow beside the subject is evened out.
    """
    tree, picture = _tree(scene)
    layers = tree.nodes.new("CompositorNodeRLayers")
    joined = tree.nodes.new("CompositorNodeSetAlpha")
    if bpy.app.version < GROUPS_SINCE:
        joined.mode = "REPLACE_ALPHA"
    else:
        joined.inputs["Type"].default_value = "Replace Alpha"
    color = _denoise(tree, layers.outputs["Image"], is_light=True)
    color.name = _COLOR
    tree.links.new(color.outputs["Image"], joined.inputs["Image"])
    clean = _denoise(tree, layers.outputs["Alpha"], is_light=False)
    alpha = _smoothed_shadow(tree, layers.outputs["Image"], clean.outputs["Image"])
    tree.links.new(alpha, joined.inputs["Alpha"])
    tree.links.new(joined.outputs["Image"], picture)


def clean_color(scene: bpy.types.Scene, is_wanted: bool) -> None:
    """Denoise the color too, or leave it as Cycles hands it over."""
    tree = scene.node_tree if bpy.app.version < GROUPS_SINCE else scene.compositing_node_group
    tree.nodes[_COLOR].mute = not is_wanted


def _denoise(tree: bpy.types.NodeTree, noisy: bpy.types.NodeSocket, *, is_light: bool) -> bpy.types.Node:
    """A denoiser of light, which has no upper end, or of what goes from nought to one."""
    denoise = tree.nodes.new("CompositorNodeDenoise")
    if bpy.app.version < GROUPS_SINCE:
        denoise.use_hdr = is_light
    else:
        denoise.inputs["HDR"].default_value = is_light
    tree.links.new(noisy, denoise.inputs["Image"])
    return denoise


def _smoothed_shadow(
    tree: bpy.types.NodeTree, image: bpy.types.NodeSocket, alpha: bpy.types.NodeSocket
) -> bpy.types.NodeSocket:
    """The alpha with a mean of the shadow around in place of the shadow, and the subject's edge as sharp as it is."""
    parts = tree.nodes.new("CompositorNodeSeparateColor")
    tree.links.new(image, parts.inputs["Image"])
    brightest = parts.outputs["Red"]
    for name in ("Green", "Blue"):
        brightest = _math(tree, "MAXIMUM", brightest, parts.outputs[name])
    is_dark = _math(tree, "LESS_THAN", brightest, _BLACK)
    is_shadow = _math(tree, "MULTIPLY", is_dark, _math(tree, "LESS_THAN", alpha, _OPAQUE))
    shadow = _math(tree, "MULTIPLY", alpha, is_shadow)
    share = _math(tree, "MAXIMUM", _blurred(tree, is_shadow), _BLACK)
    smooth = _math(tree, "DIVIDE", _blurred(tree, shadow), share)
    return _math(
        tree, "ADD", alpha, _math(tree, "MULTIPLY", is_shadow, _math(tree, "SUBTRACT", smooth, alpha))
    )


def _blurred(tree: bpy.types.NodeTree, value: bpy.types.NodeSocket) -> bpy.types.NodeSocket:
    blur = tree.nodes.new("CompositorNodeBlur")
    if bpy.app.version < GROUPS_SINCE:
        blur.filter_type = "GAUSS"
        blur.size_x = blur.size_y = _BLUR_PX
    else:
        blur.inputs["Size"].default_value = (_BLUR_PX, _BLUR_PX)
    tree.links.new(value, blur.inputs["Image"])
    return blur.outputs["Image"]


def _math(
    tree: bpy.types.NodeTree, operation: str, *values: float | bpy.types.NodeSocket
) -> bpy.types.NodeSocket:
    kind = "CompositorNodeMath" if bpy.app.version < GROUPS_SINCE else "ShaderNodeMath"
    return nodes.math(tree, operation, *values, kind=kind)


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
