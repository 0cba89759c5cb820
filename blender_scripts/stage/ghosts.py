"""The parts around those that a picture is about: a gray ghost, clear glass, or an outline."""

# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import bpy
import numpy as np

from blender_scripts.contract import Arrangement
from blender_scripts.stage import lines, nodes
from blender_scripts.stage.geometry import Subject

_GRAY = (0.42, 0.44, 0.47)
_DARK = (0.05, 0.055, 0.06)
_RIM = 0.5
"""How much more of a ghost is seen where it turns away from the camera."""

_OUTLINE_RIM = 0.75
_LINE = 0.0022
"""Half the width of lines, in radii of the subject: two pixels of a picture of 1024 px are one line."""


def haunt(subject: Subject, wanted: Arrangement) -> None:
    """Give the other places of the subject the look that is wanted for the rest."""
    if not subject.others:
        return
    surface = _surface(wanted)
    line = _flat_material("line", _DARK) if wanted.rest == "outline" else None
    known: dict[str, bpy.types.Mesh] = {}
    for place in subject.others:
        if place.mesh.name not in known:
            known[place.mesh.name] = _ghost(place.mesh, surface, line, _LINE / subject.scale)
        place.thing.data = known[place.mesh.name]


def _ghost(
    mesh: bpy.types.Mesh, surface: bpy.types.Material, line: bpy.types.Material | None, radius: float
) -> bpy.types.Mesh:
    """A mesh of the same surface in this material, with its sharp edges as lines (radius in units of the mesh)."""
    if line is None:
        ghost = mesh.copy()
        for index in range(len(ghost.materials)):
            ghost.materials[index] = surface
        return ghost
    points, corners, shading = lines.welded(mesh)
    tubes, walls = lines.tubes(lines.edges_of(points, corners, shading)[0], radius)
    ghost = bpy.data.meshes.new(f"{mesh.name}.outline")
    ghost.from_pydata(
        np.concatenate([points, tubes]), [], np.concatenate([corners, walls + len(points)]).tolist()
    )
    ghost.materials.append(surface)
    ghost.materials.append(line)
    numbers = np.repeat([0, 1], [len(corners), len(walls)]).astype(np.int32)
    ghost.polygons.foreach_set("material_index", numbers)
    ghost.polygons.foreach_set("use_smooth", numbers == 0)
    ghost.update()
    return ghost


def _surface(wanted: Arrangement) -> bpy.types.Material:
    if wanted.rest == "glass":
        return _glass_material()
    is_outline = wanted.rest == "outline"
    least, rim = (0.0, _OUTLINE_RIM) if is_outline else (wanted.opacity, _RIM)
    return _flat_material(
        "ghost", _DARK if is_outline else _GRAY, least, rim, power=8.0 if is_outline else 2.5
    )


def _flat_material(
    name: str,
    color: tuple[float, float, float],
    least: float = 1.0,
    rim: float = 0.0,
    power: float = 1.0,
) -> bpy.types.Material:
    """A surface that studio light does not change, seen from outside only: `least` of it, and more at its rims."""
    tree, material = nodes.material(name)
    share: float | nodes.Socket = least
    if least < 1.0:
        turned = tree.nodes.new("ShaderNodeLayerWeight")
        turned.inputs["Blend"].default_value = 0.5
        more = nodes.math(tree, "MULTIPLY", nodes.math(tree, "POWER", turned.outputs["Facing"], power), rim)
        share = nodes.math(tree, "MINIMUM", nodes.math(tree, "ADD", more, least), 1.0)
    nodes.over_nothing(tree, nodes.emission(tree, color), _outside(tree, share))
    return material


def _glass_material() -> bpy.types.Material:
    """Thin clear glass: what it mirrors, and a little dark at its rims so that it shows on white; no refraction."""
    tree, material = nodes.material("glass")
    mirror = tree.nodes.new("ShaderNodeBsdfGlossy")
    mirror.inputs["Roughness"].default_value = 0.03
    turned = tree.nodes.new("ShaderNodeLayerWeight")
    turned.inputs["Blend"].default_value = 0.5
    both = tree.nodes.new("ShaderNodeMixShader")
    tree.links.new(turned.outputs["Facing"], both.inputs["Fac"])
    tree.links.new(mirror.outputs["BSDF"], both.inputs[1])
    tree.links.new(nodes.emission(tree, _GRAY), both.inputs[2])
    grazing = nodes.math(tree, "MULTIPLY", nodes.math(tree, "POWER", turned.outputs["Facing"], 4.0), 0.6)
    nodes.over_nothing(tree, both.outputs["Shader"], _outside(tree, nodes.math(tree, "ADD", grazing, 0.05)))
    return material


def _outside(tree: bpy.types.NodeTree, share: float | nodes.Socket) -> nodes.Socket:
    """`share` on the outside of a surface, nought on its inside."""
    where = tree.nodes.new("ShaderNodeNewGeometry")
    outside = nodes.math(tree, "SUBTRACT", 1.0, where.outputs["Backfacing"])
    return nodes.math(tree, "MULTIPLY", outside, share)
