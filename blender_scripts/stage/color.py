"""From scene-linear light to the picture's colors, and what this requires of a matte surface."""

# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import bpy

from blender_scripts.contract import Look
from blender_scripts.stage.geometry import Subject

_DIELECTRIC = 1.0
"""Blender's specular level at which a surface as rough as ours adds 4 % of the key's light; 0.5 is an index of
refraction of 1.5, but a matte surface sends half of that where no light comes from."""


def calibrate(subject: Subject, look: Look) -> None:
    """Let a matte patch that faces the key show its CAD color through the look's view transform.

    Khronos PBR Neutral takes 4 % off each color, the light that a real surface reflects besides its own color (its
    specification, "Fresnel compensation"), so the surface must have that; the others want the color alone.
    """
    level = _DIELECTRIC if look.view_transform == "Khronos PBR Neutral" else 0.0
    for mesh in subject.meshes:
        for material in mesh.materials:
            is_matte = material is not None and material.name.startswith("finish.matte")
            surface = _surface(material) if is_matte else None
            if surface is not None and surface.inputs["Specular IOR Level"].default_value != level:
                surface.inputs["Specular IOR Level"].default_value = level


def _surface(material: bpy.types.Material) -> bpy.types.Node | None:
    return next((node for node in material.node_tree.nodes if node.type == "BSDF_PRINCIPLED"), None)
