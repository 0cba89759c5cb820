"""Plain numbers of the surfaces, the nodes of lights and the world of a studio: what nodes compute is left behind."""

# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import math
from typing import Any

import bpy

from blender_scripts.studios import NAMED, Paint

PLAIN = Paint()
_MOST_NOTES = 40
_DIGITS = 6
_BRIGHTEST = 1e5


class Notes:
    """What of a file is not used, each as a code and what a sentence about it needs; each once."""

    def __init__(self) -> None:
        self.said: list[dict[str, Any]] = []

    def add(self, code: str, **details: Any) -> None:
        shown = {name: one[: 4 * NAMED] if isinstance(one, str) else one for name, one in details.items()}
        note = {"code": code, **shown}
        if note not in self.said and len(self.said) < _MOST_NOTES:
            self.said.append(note)


def finite(number: Any) -> float:
    """A number as the form has it: short, and 0 for what is none."""
    value = float(number)
    return round(value, _DIGITS) + 0.0 if math.isfinite(value) else 0.0


def paint(material: bpy.types.Material | None, notes: Notes) -> Paint:
    """The plain surface of a material: the values of its sockets, without what is linked to them."""
    if material is None:
        return PLAIN
    surface = _surface(material.node_tree, "OUTPUT_MATERIAL") if material.node_tree else None
    if surface is None:
        return Paint(color=_color(material.diffuse_color), roughness=_share(material.roughness))
    if any(one.is_linked for one in surface.inputs):
        notes.add("textures", name=material.name)
    if surface.type == "EMISSION":
        glow = _times(_value(surface, "Color", (1, 1, 1)), _value(surface, "Strength", 1.0))
        return Paint(color=(0.0, 0.0, 0.0), roughness=1.0, specular=0.0, glow=glow)
    if surface.type == "BSDF_PRINCIPLED":
        glow = _times(_value(surface, "Emission Color", (0, 0, 0)), _value(surface, "Emission Strength", 0.0))
        return Paint(
            color=_color(_value(surface, "Base Color", PLAIN.color)),
            roughness=_share(_value(surface, "Roughness", 0.5)),
            metallic=_share(_value(surface, "Metallic", 0.0)),
            specular=_share(_value(surface, "Specular IOR Level", 0.5)),
            coat=_share(_value(surface, "Coat Weight", 0.0)),
            alpha=_share(_value(surface, "Alpha", 1.0)),
            glow=glow,
        )
    if surface.type in ("BSDF_DIFFUSE", "BSDF_GLOSSY", "BSDF_ANISOTROPIC"):
        is_matte = surface.type == "BSDF_DIFFUSE"
        return Paint(
            color=_color(_value(surface, "Color", PLAIN.color)),
            roughness=1.0 if is_matte else _share(_value(surface, "Roughness", 0.5)),
            metallic=0.0 if is_matte else 1.0,
            specular=0.0 if is_matte else 0.5,
        )
    notes.add("surface", name=material.name)
    return Paint(color=_color(material.diffuse_color))


def glow_of(lamp: bpy.types.Light, name: str, notes: Notes) -> tuple[tuple[float, ...], float]:
    """The linear color of a light and what its energy is multiplied by."""
    color, strength = _color(lamp.color), 2.0 ** getattr(lamp, "exposure", 0.0)
    if getattr(lamp, "use_temperature", False):
        color = _color(one * by for one, by in zip(color, lamp.temperature_color, strict=False))
    tree = lamp.node_tree if lamp.use_nodes else None
    if tree is None:
        return color, strength
    surface = _surface(tree, "OUTPUT_LIGHT")
    if surface is None or surface.type != "EMISSION" or any(one.is_linked for one in surface.inputs):
        notes.add("light_nodes", name=name)
    if surface is not None and surface.type == "EMISSION":
        own = _value(surface, "Color", (1, 1, 1))
        color = _color(one * by for one, by in zip(color, own, strict=False))
        strength *= _value(surface, "Strength", 1.0)
    return color, strength


def world(found: bpy.types.World | None, notes: Notes) -> tuple[float, ...]:
    """The plain light from all around."""
    if found is None:
        return (0.0, 0.0, 0.0)
    if found.node_tree is None:
        return _color(found.color)
    surface = _surface(found.node_tree, "OUTPUT_WORLD")
    if surface is None or surface.type != "BACKGROUND":
        notes.add("world")
        return (0.0, 0.0, 0.0)
    if any(one.is_linked for one in surface.inputs):
        notes.add("world")
        return (0.0, 0.0, 0.0)
    return _times(_value(surface, "Color", (0, 0, 0)), _value(surface, "Strength", 1.0))


def _surface(tree: bpy.types.NodeTree, kind: str) -> bpy.types.Node | None:
    """The node that the output of a tree gets its surface from."""
    for node in tree.nodes:
        if node.type == kind and node.is_active_output and (links := node.inputs["Surface"].links):
            return links[0].from_node
    return None


def _value(node: bpy.types.Node, name: str, otherwise: Any) -> Any:
    return node.inputs[name].default_value if name in node.inputs else otherwise


def _color(values: Any) -> tuple[float, ...]:
    return tuple(finite(min(_BRIGHTEST, max(0.0, one))) for one in list(values)[:3])


def _times(color: Any, strength: float) -> tuple[float, ...]:
    return _color(one * strength for one in list(color)[:3])


def _share(value: float) -> float:
    return finite(min(1.0, max(0.0, value)))
