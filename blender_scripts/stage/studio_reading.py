"""Takes the lights, the ground and the limits of the camera out of a .blend, and leaves everything else behind.

It runs in a confined Blender that opens this one file and ends.
"""

# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import bpy
import numpy as np
from mathutils import Matrix

from blender_scripts.stage import studio_surfaces
from blender_scripts.stage.studio_surfaces import Notes, finite
from blender_scripts.studios import (
    GROUND,
    MOST_LIGHTS,
    MOST_OBJECTS,
    MOST_TRIANGLES,
    NAMED,
    PRODUCT,
    RAYS,
    CameraLimits,
    GroundObject,
    OwnStudio,
    StudioLight,
)

SENSOR_MM = 36.0
_SAFE_MODIFIERS = {
    *("ARRAY", "BEVEL", "DECIMATE", "EDGE_SPLIT", "MIRROR", "SCREW", "SIMPLE_DEFORM", "SMOOTH", "SOLIDIFY"),
    *("SUBSURF", "TRIANGULATE", "WEIGHTED_NORMAL"),
}
"""Modifiers that compute with the object alone: others read files, other objects or the time."""

_SHOWN_NAMES = 3
_DIGITS = 3  # of degrees, mm and distances of the camera


class RefusedStudio(Exception):
    """The file is no studio that can be used: a code, and what a sentence about it needs."""

    def __init__(self, code: str, **details: Any) -> None:
        super().__init__(code)
        self.code, self.details = code, details


def read(path: Path) -> tuple[OwnStudio, Notes]:
    """Return the studio in a .blend, and what of the file is not used. Raises RefusedStudio."""
    try:
        bpy.ops.wm.open_mainfile(
            filepath=str(path), load_ui=False, use_scripts=False, display_file_selector=False
        )
    except RuntimeError as error:
        raise RefusedStudio("damaged", reason=_short(str(error).replace(str(path), path.name))) from error
    if bpy.data.libraries:
        raise RefusedStudio("linked", names=_some(Path(one.filepath).name for one in bpy.data.libraries))
    notes = Notes()
    scene = bpy.context.scene
    shown = [one for one in bpy.context.view_layer.objects if not one.hide_render]
    ground = [one for one in shown if _is_ground(one) and one.type == "MESH"]
    lamps = [one for one in shown if one.type == "LIGHT"]
    stand_in = next((one for one in shown if one.name.lower() == PRODUCT and one.type == "MESH"), None)
    if len(lamps) > MOST_LIGHTS:
        raise RefusedStudio("too_many", count=len(lamps), most=MOST_LIGHTS)
    if len(ground) > MOST_OBJECTS:
        raise RefusedStudio("too_many_objects", count=len(ground), most=MOST_OBJECTS)
    _leave(scene, shown, {*ground, *lamps, scene.camera, stand_in}, notes)
    _stop(ground, stand_in, notes)
    bpy.context.view_layer.update()
    placing = _placing(stand_in)
    studio = OwnStudio(
        lights=tuple(filter(None, (_light(one, placing, notes) for one in lamps))),
        ground=tuple(_objects(ground, placing, notes)),
        world=studio_surfaces.world(scene.world, notes),
        camera=_limits(scene.camera, placing),
    )
    if not studio.is_lit:
        raise RefusedStudio("unlit")
    return studio, notes


def _is_ground(thing: bpy.types.Object) -> bool:
    names = {one.name.lower() for one in thing.users_collection}
    return GROUND in names or any(
        thing.name in one.all_objects for one in bpy.data.collections if one.name.lower() == GROUND
    )


def _leave(scene: bpy.types.Scene, shown: Iterable[bpy.types.Object], taken: set[Any], notes: Notes) -> None:
    """Note what is in the file and is not taken."""
    others = [one.name for one in shown if one not in taken and one.type != "EMPTY"]
    if others:
        notes.add("objects", count=len(others), names=_some(others))
    if bpy.data.texts:
        notes.add("scripts", count=len(bpy.data.texts))
    if len(bpy.data.scenes) > 1:
        notes.add("scenes", name=scene.name[:NAMED])


def _stop(ground: list[bpy.types.Object], stand_in: bpy.types.Object | None, notes: Notes) -> None:
    """Take away what computes: drivers and animation, and modifiers that may reach for something else."""
    stopped = Counter[str]()
    for owner in _animated():
        data = owner.animation_data
        stopped["drivers"] += len(data.drivers)
        stopped["animation"] += int(bool(data.action or data.nla_tracks))
        owner.animation_data_clear()
    for code, count in sorted(stopped.items()):
        if count:
            notes.add(code, count=count)
    for thing in bpy.data.objects:
        dropped = [
            one
            for one in thing.modifiers
            if one.type not in _SAFE_MODIFIERS or (thing not in ground and thing != stand_in)
        ]
        if dropped and thing in ground:
            notes.add("modifiers", name=thing.name, names=_some(one.name for one in dropped))
        for one in dropped:
            thing.modifiers.remove(one)


def _animated() -> Iterator[Any]:
    for name in ("objects", "lights", "cameras", "meshes", "materials", "worlds", "scenes", "node_groups"):
        for one in getattr(bpy.data, name):
            for owner in (one, getattr(one, "node_tree", None), getattr(one, "shape_keys", None)):
                if owner is not None and owner.animation_data is not None:
                    yield owner


def _placing(stand_in: bpy.types.Object | None) -> Matrix:
    """What leads from the file to the scene: the stand-in gets a bounding sphere of radius 1 and stands at the origin.

    Without one a unit of the file is one of the scene.
    """
    if stand_in is None:
        return Matrix.Identity(4)
    matrix = np.array(_evaluated(stand_in).matrix_world)
    corners = np.array([[*corner, 1.0] for corner in _evaluated(stand_in).bound_box]) @ matrix.T
    low, high = corners[:, :3].min(axis=0), corners[:, :3].max(axis=0)
    radius = float(np.linalg.norm(high - low)) / 2
    if not 1e-6 < radius < 1e6:
        raise RefusedStudio("stand_in")
    middle = (low + high) / 2
    return Matrix.Scale(1 / radius, 4) @ Matrix.Translation((-middle[0], -middle[1], -low[2]))


def _light(thing: bpy.types.Object, placing: Matrix, notes: Notes) -> StudioLight | None:
    lamp, name = thing.data, thing.name
    if getattr(getattr(lamp, "cycles", None), "is_portal", False):
        notes.add("portal", name=name)
        return None
    place, turn, scale = (placing @ _evaluated(thing).matrix_world).decompose()
    color, strength = studio_surfaces.glow_of(lamp, name, notes)
    shrunk = placing.to_scale()[0]
    size, shape, angle = (0.0, 0.0), "RECTANGLE", 0.0
    energy = lamp.energy * strength
    if lamp.type == "AREA":
        shape = lamp.shape
        across, up = lamp.size, lamp.size_y if shape in ("RECTANGLE", "ELLIPSE") else lamp.size
        size = (finite(across * abs(scale[0])), finite(up * abs(scale[1])))
        angle = getattr(lamp, "spread", math.pi)
    elif lamp.type == "SUN":
        angle = lamp.angle
    elif lamp.type == "SPOT":
        angle = lamp.spot_size
    if not getattr(lamp, "normalize", True):
        notes.add("normalize", name=name)
    return StudioLight(
        name=name,
        kind=lamp.type,
        place=tuple(map(finite, place)),
        turn=tuple(finite(one) for row in turn.to_matrix() for one in row),
        color=color,
        energy=finite(max(0.0, energy) * (1.0 if lamp.type == "SUN" else shrunk**2)),
        size=size,
        shape=shape,
        radius=finite(lamp.shadow_soft_size * shrunk) if lamp.type in ("POINT", "SPOT") else 0.0,
        angle=finite(angle),
        blend=finite(lamp.spot_blend) if lamp.type == "SPOT" else 0.0,
        casts_shadow=lamp.use_shadow,
        unseen=_unseen(thing),
    )


def _objects(ground: Iterable[bpy.types.Object], placing: Matrix, notes: Notes) -> Iterator[GroundObject]:
    left = MOST_TRIANGLES
    for thing in ground:
        shown = _evaluated(thing)
        mesh = shown.to_mesh()
        mesh.calc_loop_triangles()
        count = len(mesh.loop_triangles)
        left -= count
        if left < 0:
            raise RefusedStudio("too_fine", name=thing.name, most=MOST_TRIANGLES)
        if count:
            paints = tuple(studio_surfaces.paint(slot.material, notes) for slot in shown.material_slots)
            yield _object(thing, mesh, placing @ shown.matrix_world, paints)
        shown.to_mesh_clear()


def _object(thing: bpy.types.Object, mesh: bpy.types.Mesh, matrix: Matrix, paints: Any) -> GroundObject:
    found = mesh.loop_triangles
    points = np.empty(3 * len(mesh.vertices), np.float32)
    mesh.vertices.foreach_get("co", points)
    corners, loops = np.empty(3 * len(found), np.int32), np.empty(3 * len(found), np.int32)
    found.foreach_get("vertices", corners)
    found.foreach_get("loops", loops)
    numbers = np.empty(len(found), np.int32)
    found.foreach_get("material_index", numbers)
    smooth = np.empty(len(mesh.polygons), bool)
    mesh.polygons.foreach_get("use_smooth", smooth)
    normals = np.zeros(0)
    to_scene = np.array(matrix)
    if smooth.any():
        flat = np.empty(3 * len(mesh.loops), np.float32)
        mesh.corner_normals.foreach_get("vector", flat)
        turned = flat.reshape(-1, 3)[loops] @ np.linalg.pinv(to_scene[:3, :3])
        normals = turned / np.maximum(np.linalg.norm(turned, axis=1), 1e-12)[:, None]
    moved = points.reshape(-1, 3) @ to_scene[:3, :3].T + to_scene[:3, 3]
    return GroundObject(
        name=thing.name,
        points=tuple(map(finite, moved.ravel())),
        triangles=tuple(corners.tolist()),
        normals=tuple(map(finite, normals.ravel())),
        paints=paints or (studio_surfaces.PLAIN,),
        painted=tuple(np.clip(numbers, 0, len(paints) - 1).tolist()) if len(paints) > 1 else (),
        catches_shadow=thing.is_shadow_catcher,
        unseen=_unseen(thing),
    )


def _limits(thing: bpy.types.Object | None, placing: Matrix) -> CameraLimits:
    """The limits of the scene's camera: its lens, what it sees, and the X of a Limit Rotation constraint.

    A camera that looks straight down has X = 0, a level one 90 degrees.
    """
    usual = CameraLimits()
    if thing is None:
        return usual
    data, shrunk = thing.data, placing.to_scale()[0]
    lowest, highest = usual.lowest, usual.highest
    for one in thing.constraints:
        if one.type == "LIMIT_ROTATION" and one.use_limit_x and not one.mute:
            lowest = max(lowest, 90.0 - math.degrees(one.max_x))
            highest = min(highest, 90.0 - math.degrees(one.min_x))
    if lowest > highest:
        raise RefusedStudio("no_view")
    sensor = data.sensor_height if data.sensor_fit == "VERTICAL" else data.sensor_width
    longest = data.lens * SENSOR_MM / sensor if data.type == "PERSP" else usual.longest_mm
    near = max(1e-4, data.clip_start * shrunk)
    far = min(1e5, data.clip_end * shrunk)
    if not near < far:
        raise RefusedStudio("no_view")
    return CameraLimits(*(round(finite(one), _DIGITS) for one in (lowest, highest, longest, near, far)))


def _unseen(thing: bpy.types.Object) -> tuple[str, ...]:
    return tuple(ray for ray in RAYS if not getattr(thing, f"visible_{ray}"))


def _evaluated(thing: bpy.types.Object) -> bpy.types.Object:
    return thing.evaluated_get(bpy.context.evaluated_depsgraph_get())


def _some(names: Iterable[str]) -> str:
    found = sorted(names)
    more = ", …" if len(found) > _SHOWN_NAMES else ""
    return ", ".join(name[:NAMED] for name in found[:_SHOWN_NAMES]) + more


def _short(text: str) -> str:
    return " ".join(text.split())[:200]
