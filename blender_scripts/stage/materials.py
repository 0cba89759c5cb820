"""Gives each part its material: by the rules, as the file has it (matte in CAD colors), or clay."""

# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType

import bpy

from blender_scripts.contract import Arrangement
from blender_scripts.finish_choice import AS_DESCRIBED, Chooser
from blender_scripts.finish_library import CLAY, FINISHES, HATCH, RULES
from blender_scripts.finish_rules import HEX, FinishSpec, PlacedPart, Rule
from blender_scripts.labels import LabelSpec
from blender_scripts.stage import described, finishes, ghosts, labels, textures
from blender_scripts.stage.geometry import PlacedMesh, Subject
from blender_scripts.stage.gltf_own import Slot
from blender_scripts.stage.labels import LaidLabel
from blender_scripts.stage.shape import Shape, shape_of

_Choice = tuple[tuple[FinishSpec, ...], tuple[LaidLabel, ...]]

ALL = Arrangement()
NO_FILES: Mapping[str, str] = MappingProxyType({})


def assign(
    subject: Subject,
    mode: str,
    rules: Sequence[Rule],
    wanted: Arrangement = ALL,
    *,
    edges: bool,
    files: Mapping[str, str] = NO_FILES,
    on: Sequence[LabelSpec] = (),
) -> None:
    """Give every slot of what is shown its material; without `rules` the built-in ones apply.

    `on` are the labels; `files` those of their pictures and of textures, by their SHA-256. Raises BadTexture, BadLabel.

    Objects that share a mesh go on sharing it where they get the same finishes; for others it is copied once for each
    set of finishes, not for each object.
    """
    _restore(subject)
    textures.forget(but=files)
    placed = labels.by_place(subject, on, files) if on and not wanted.color else {}
    choices = _choices(subject, mode, rules, wanted.color, placed)
    made: dict[tuple[object, ...], bpy.types.Material] = {}
    for mesh in subject.meshes:
        of_mesh = choices.get(mesh.name, [])
        shape = shape_of(mesh) if of_mesh else None
        for index, ((choice, placed_on), places) in enumerate(of_mesh):
            shown = mesh if index == 0 else mesh.copy()
            for place in places if index else ():
                place.thing.data = shown
            assert shape
            _dress(
                shown,
                [
                    _labelled(made, *one, shape, subject, edges, files, placed_on)
                    for one in zip(choice, subject.slots[mesh.name], strict=True)
                ],
            )
    ghosts.haunt(subject, wanted)
    orphans = [one for one in bpy.data.materials if one.users == 0]
    if orphans:
        bpy.data.batch_remove(orphans)


def _restore(subject: Subject) -> None:
    """Give every object the mesh of the file again, and remove the copies."""
    copies = {}
    for place in subject.places:
        if place.thing.data != place.mesh:
            copies[place.thing.data.name] = place.thing.data
            place.thing.data = place.mesh
    if copies:
        bpy.data.batch_remove(list(copies.values()))


def _choices(
    subject: Subject,
    mode: str,
    rules: Sequence[Rule],
    color: str,
    placed: Mapping[str, tuple[LaidLabel, ...]],
) -> dict[str, list[tuple[_Choice, list[PlacedMesh]]]]:
    """By mesh: each set of finishes and labels that its shown places get, the most frequent first."""
    chooser = Chooser(rules or RULES)
    marked = FinishSpec("marked", color, 0.0, roughness=0.35, coat=0.3) if color else None
    groups: dict[str, dict[_Choice, list[PlacedMesh]]] = defaultdict(lambda: defaultdict(list))
    for place in subject.shown:
        name = place.mesh.name
        choice = tuple(marked or _finish(place.part, slot, mode, chooser) for slot in subject.slots[name])
        groups[name][choice, placed.get(place.thing.name, ())].append(place)
    return {
        name: sorted(of_mesh.items(), key=lambda group: -len(group[1])) for name, of_mesh in groups.items()
    }


def _finish(part: PlacedPart, slot: Slot, mode: str, chooser: Chooser) -> FinishSpec:
    if slot.material == HATCH.slug:
        return HATCH
    if mode == "clay":
        return CLAY
    if mode == "cad":
        return AS_DESCRIBED.finish if slot.described else FINISHES["matte"]
    part = replace(part, color=color_of(slot), is_described=slot.described is not None)
    return chooser.rules[chooser.choose(part)].finish


def color_of(slot: Slot) -> str:
    """The CAD color of a slot as rules know it: our own files name their materials by it."""
    if slot.material == "uncolored":
        return ""
    if HEX.match(slot.material.lower()):
        return slot.material.lower()
    red, green, blue = (round(255 * _to_srgb(channel)) for channel in slot.color[:3])
    alpha = f"{round(255 * slot.color[3]):02x}" if slot.color[3] < 1.0 else ""
    return f"#{red:02x}{green:02x}{blue:02x}{alpha}"


def _labelled(
    made: dict[tuple[object, ...], bpy.types.Material],
    finish: FinishSpec,
    slot: Slot,
    shape: Shape,
    subject: Subject,
    edges: bool,
    files: Mapping[str, str],
    on: tuple[LaidLabel, ...],
) -> bpy.types.Material:
    """The material of one slot, a copy with labels where there are any."""
    plain = _material(made, finish, slot, shape, subject, edges, files)
    if not on:
        return plain
    key = (plain.name, on)
    if key not in made:
        made[key] = plain.copy()
        labels.lay(made[key], on, files, subject.scale)
    return made[key]


def _material(
    made: dict[tuple[object, ...], bpy.types.Material],
    finish: FinishSpec,
    slot: Slot,
    shape: Shape,
    subject: Subject,
    edges: bool,
    files: Mapping[str, str],
) -> bpy.types.Material:
    """The material of one slot; parts that differ in nothing that shows share it."""
    scale = subject.scale
    if finish == AS_DESCRIBED.finish and slot.described:
        said = slot.described
        radius = finishes.edge_radius(shape.thickness * scale) if edges and not said.transmission else 0.0
        if (said, radius) not in made:
            made[said, radius] = described.build(said, subject.images, scale=scale, radius=radius)
        return made[said, radius]
    finish = replace(finish, tint=0.0) if finish.tint < 1.0 and not color_of(slot) else finish
    radius = finishes.edge_radius(shape.thickness * scale) if edges and not finish.transmission else 0.0
    axis = shape.axis if finish.anisotropy or finish.brushed else ""
    along = shape.along if finish.brushed else ""
    texture = finish.texture
    is_wound = texture and texture.mapping == "cylinder" and shape.axis
    turned = textures.Turned(shape.axis, shape.middle, shape.radius) if is_wound else None
    key = (finish, slot.color, axis, along, radius, turned)
    if key not in made:
        covered = (textures.image_of(texture.sha256, files[texture.sha256]), turned) if texture else None
        made[key] = finishes.build(
            finish, slot.color, axis=axis, along=along, scale=scale, radius=radius, covered=covered
        )
    return made[key]


def _dress(mesh: bpy.types.Mesh, wanted: Sequence[bpy.types.Material]) -> None:
    if not mesh.materials:
        mesh.materials.append(wanted[0])
    for index, material in enumerate(wanted):
        mesh.materials[index] = material


def _to_srgb(linear: float) -> float:
    linear = min(1.0, max(0.0, linear))
    return linear * 12.92 if linear <= 0.0031308 else 1.055 * linear ** (1 / 2.4) - 0.055
