"""Decides by rule which finish each part gets: by its names first, then by its CAD colour."""

# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import colorsys
import re
from dataclasses import dataclass

import bpy
import numpy as np

from blender_scripts.stage import finishes
from blender_scripts.stage.finishes import FINISHES, Colour
from blender_scripts.stage.geometry import Subject
from blender_scripts.stage.gltf_own import Slot

_Key = tuple[str, Colour, float, str | None, bool]


@dataclass(frozen=True, slots=True)
class Rule:
    """Parts whose names match `words` and whose CAD colour is one of `tones` (empty: any) get `finish`."""

    finish: str
    words: str = ""
    tones: tuple[str, ...] = ()

    def fits(self, names: str, tone: str) -> bool:
        """Whether the rule speaks for a part of these names and this tone."""
        return (not self.tones or tone in self.tones) and (
            not self.words or re.search(self.words, names, re.IGNORECASE) is not None
        )


RULES = (
    Rule("glass", r"glass|glas\b|lens|linse|window|fenster", ("grey", "light", "clear")),
    Rule("glass", tones=("clear",)),
    Rule("rubber", r"rubber|gummi|seal|dicht|o-?ring\b|gasket|tyre|tire\b|reifen|nbr|epdm|fkm"),
    Rule("brass", r"brass|messing|bronze"),
    Rule("copper", r"copper|kupfer"),
    Rule("polished_steel", r"\bball|kugel|roller|rolle\b|rollen|needle|nadel", ("grey", "light", "dark")),
    Rule("brass", r"cage|käfig|kaefig|retainer", ("yellow",)),
    Rule("sheet_steel", r"cage|käfig|kaefig|retainer|sheet|blech|shield|deckscheibe", ("grey", "light")),
    Rule("plastic", r"cage|käfig|kaefig|retainer|plastic|kunststoff|abs\b|pa6|pom\b|nylon"),
    Rule("aluminium", r"alumin|\balu|6061|7075", ("grey", "light")),
    Rule("ground_steel", r"ring|race|bearing|lager|shaft|welle|spindle|pin\b|bolzen", ("grey", "light")),
    Rule("black_oxide", r"screw|schraube|bolt|nut\b|mutter|washer|scheibe|din ?\d|iso ?\d", ("dark",)),
    Rule(
        "machined_steel",
        r"screw|schraube|bolt|nut\b|mutter|washer|scheibe|din ?\d|iso ?\d",
        ("grey", "light"),
    ),
    Rule("plastic", tones=("dark", "white")),
    Rule("brass", tones=("yellow",)),
    Rule("copper", tones=("copper",)),
    Rule("machined_steel", tones=("grey", "light")),
    Rule("paint"),
)
"""In order; the first that fits wins, and the last fits everything (saturated colours)."""


def tone_of(colour: tuple[float, float, float, float]) -> str:
    """What a linear CAD colour looks like: clear, dark, grey, light, white, yellow (brass), copper or colour."""
    if colour[3] < 0.85:
        return "clear"
    hue, saturation, value = colorsys.rgb_to_hsv(*(_to_srgb(channel) for channel in colour[:3]))
    if value < 0.28:
        return "dark"
    if saturation < 0.16:
        return "white" if value > 0.96 else "light" if value > 0.8 else "grey"
    degrees = hue * 360
    if 34 <= degrees <= 56 and 0.2 <= saturation <= 0.75 and value > 0.45:
        return "yellow"
    if 12 <= degrees < 34 and 0.25 <= saturation <= 0.7 and 0.45 < value < 0.95:
        return "copper"
    return "grey" if saturation < 0.22 else "colour"


def finish_of(names: str, slot: Slot) -> str:
    """The name of the finish that the rules give to one slot of a part."""
    tone = tone_of(slot.colour)
    return next(rule.finish for rule in RULES if rule.fits(f"{names} | {slot.material}", tone))


def assign(subject: Subject, mode: str, *, edges: bool) -> None:
    """Give every slot of the subject its material: by the rules, matte in CAD colours, or clay."""
    made: dict[_Key, bpy.types.Material] = {}
    for mesh in subject.meshes:
        axis = _turning_axis(mesh) if mode == "rules" else None
        wanted: list[bpy.types.Material] = []
        for slot in subject.slots[mesh.name]:
            name = {"cad": "matte", "clay": "clay"}.get(mode) or finish_of(subject.names[mesh.name], slot)
            red, green, blue, alpha = slot.colour
            key = (name, (red, green, blue), alpha, axis, edges)
            if key not in made:
                made[key] = finishes.build(
                    FINISHES[name],
                    (red, green, blue),
                    1.0 if name == "glass" else alpha,
                    axis=axis,
                    scale=subject.scale,
                    edges=edges,
                )
            wanted.append(made[key])
        if not mesh.materials:
            mesh.materials.append(wanted[0])
        for index, material in enumerate(wanted):
            mesh.materials[index] = material
    orphans = [one for one in bpy.data.materials if one.users == 0]
    if orphans:
        bpy.data.batch_remove(orphans)


def _turning_axis(mesh: bpy.types.Mesh) -> str | None:
    """The axis around which a part looks turned: two equal extents and a different third."""
    flat = np.empty(len(mesh.vertices) * 3, dtype=np.float32)
    mesh.vertices.foreach_get("co", flat)
    points = flat.reshape(-1, 3)
    extent = points.max(axis=0) - points.min(axis=0)
    largest = float(extent.max()) or 1.0
    for axis, name in enumerate("XYZ"):
        one, other = (float(extent[index]) for index in range(3) if index != axis)
        if abs(one - other) < 0.01 * largest and abs(one - float(extent[axis])) > 0.05 * largest:
            return name
    return None


def _to_srgb(linear: float) -> float:
    linear = min(1.0, max(0.0, linear))
    return linear * 12.92 if linear <= 0.0031308 else 1.055 * linear ** (1 / 2.4) - 0.055
