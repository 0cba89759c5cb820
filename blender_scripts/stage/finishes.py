"""The library of surface finishes and how each becomes a Cycles material."""

# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from dataclasses import dataclass

import bpy

Colour = tuple[float, float, float]


@dataclass(frozen=True, slots=True)
class Finish:
    """One kind of surface. `own` is its natural linear colour, `tint` how much of the CAD colour replaces it
    (0 to 1); `grain` varies the roughness; `anisotropy` follows a turned part's axis.
    """

    name: str
    metallic: float = 0.0
    roughness: float = 0.4
    own: Colour = (0.5, 0.5, 0.5)
    tint: float = 1.0
    grain: float = 0.0
    anisotropy: float = 0.0
    coat: float = 0.0
    transmission: float = 0.0


STEEL: Colour = (0.62, 0.615, 0.60)
FINISHES = {
    finish.name: finish
    for finish in (
        Finish("ground_steel", 1.0, 0.20, STEEL, 0.45, grain=0.02, anisotropy=0.45),
        Finish("machined_steel", 1.0, 0.30, STEEL, 0.5, grain=0.03, anisotropy=0.3),
        Finish("polished_steel", 1.0, 0.10, (0.68, 0.68, 0.67), 0.3, grain=0.02),
        Finish("sheet_steel", 1.0, 0.38, (0.52, 0.52, 0.52), 0.6, grain=0.05),
        Finish("aluminium", 1.0, 0.34, (0.80, 0.80, 0.81), 0.3, grain=0.03, anisotropy=0.2),
        Finish("brass", 1.0, 0.24, (0.80, 0.58, 0.27), 0.55, grain=0.03, anisotropy=0.2),
        Finish("copper", 1.0, 0.24, (0.85, 0.48, 0.34), 0.5, grain=0.05),
        Finish("black_oxide", 0.9, 0.36, (0.045, 0.045, 0.05), 0.5, grain=0.06),
        Finish("rubber", 0.0, 0.62, (0.018, 0.018, 0.019), 0.5, grain=0.06),
        Finish("plastic", 0.0, 0.34, grain=0.04),
        Finish("paint", 0.0, 0.30, coat=0.35),
        Finish("glass", 0.0, 0.02, (0.95, 0.97, 0.97), 0.4, transmission=1.0),
        Finish("matte", 0.0, 1.0),
        Finish("clay", 0.0, 0.7, (0.42, 0.42, 0.43), 0.0),
    )
}


def build(
    finish: Finish,
    colour: Colour,
    alpha: float,
    *,
    axis: str | None,
    scale: float,
    edges: bool,
) -> bpy.types.Material:
    """A new material of `finish` in `colour` (linear).

    `axis` is the turning axis of the part in its own coordinates, `scale` scene units per unit of the mesh
    (so that grain has one size on all parts), `edges` rounds hard edges in shading a little, by 0.7 % of the
    subject's radius.
    """
    material = bpy.data.materials.new(f"finish.{finish.name}")
    material.use_nodes = True
    tree = material.node_tree
    surface = next(node for node in tree.nodes if node.type == "BSDF_PRINCIPLED")
    inputs = surface.inputs
    blended = [own + (cad - own) * finish.tint for own, cad in zip(finish.own, colour, strict=True)]
    if finish.metallic:
        blended = [min(0.92, max(0.03, channel)) for channel in blended]
    inputs["Base Color"].default_value = (*blended, 1.0)
    inputs["Metallic"].default_value = finish.metallic
    inputs["Roughness"].default_value = finish.roughness
    inputs["Coat Weight"].default_value = finish.coat
    inputs["Coat Roughness"].default_value = 0.08
    inputs["Transmission Weight"].default_value = finish.transmission
    inputs["Alpha"].default_value = max(alpha, 0.02)
    if finish.name == "matte":
        inputs["Specular IOR Level"].default_value = 0.0
    if finish.grain:
        _grain(tree, surface, finish, scale)
    if finish.anisotropy and axis:
        inputs["Anisotropic"].default_value = finish.anisotropy
        tangent = tree.nodes.new("ShaderNodeTangent")
        tangent.direction_type = "RADIAL"
        tangent.axis = axis
        tree.links.new(tangent.outputs["Tangent"], inputs["Tangent"])
    if edges and not finish.transmission:
        bevel = tree.nodes.new("ShaderNodeBevel")
        bevel.samples = 4
        bevel.inputs["Radius"].default_value = 0.007
        tree.links.new(bevel.outputs["Normal"], inputs["Normal"])
    return material


def _grain(tree: bpy.types.NodeTree, surface: bpy.types.Node, finish: Finish, scale: float) -> None:
    """Let the roughness wander a little, as handled and machined surfaces do."""
    where = tree.nodes.new("ShaderNodeTexCoord")
    noise = tree.nodes.new("ShaderNodeTexNoise")
    noise.inputs["Scale"].default_value = 5.0 * scale
    noise.inputs["Detail"].default_value = 2.0
    spread = tree.nodes.new("ShaderNodeMapRange")
    spread.inputs["From Min"].default_value = 0.3
    spread.inputs["From Max"].default_value = 0.7
    spread.inputs["To Min"].default_value = max(0.02, finish.roughness - finish.grain)
    spread.inputs["To Max"].default_value = finish.roughness + finish.grain
    tree.links.new(where.outputs["Object"], noise.inputs["Vector"])
    tree.links.new(noise.outputs["Fac"], spread.inputs["Value"])
    tree.links.new(spread.outputs["Result"], surface.inputs["Roughness"])
