"""Writes the .blend files of the tests: run by a Blender, with the folder as its argument."""

from __future__ import annotations

import math
import sys
from pathlib import Path

import bpy

OUT = Path(sys.argv[sys.argv.index("--") + 1] if "--" in sys.argv else sys.argv[1])


def fresh() -> bpy.types.Scene:
    bpy.ops.wm.read_factory_settings(use_empty=True)
    return bpy.context.scene


def put(name: str, data: object, *, at: tuple[float, float, float] = (0, 0, 0)) -> bpy.types.Object:
    thing = bpy.data.objects.new(name, data)
    thing.location = at
    bpy.context.scene.collection.objects.link(thing)
    return thing


def lamp(name: str, kind: str, at: tuple[float, float, float], **values: object) -> bpy.types.Object:
    data = bpy.data.lights.new(name, kind)
    for key, value in values.items():
        setattr(data, key, value)
    return put(name, data, at=at)


def plane(name: str, half: float, cuts: int = 1) -> bpy.types.Mesh:
    mesh = bpy.data.meshes.new(name)
    step = 2 * half / cuts
    side = range(cuts + 1)
    points = [(x * step - half, y * step - half, 0.0) for y in side for x in side]
    row = cuts + 1
    faces = [
        (y * row + x, y * row + x + 1, (y + 1) * row + x + 1, (y + 1) * row + x)
        for y in range(cuts)
        for x in range(cuts)
    ]
    mesh.from_pydata(points, [], faces)
    return mesh


def stand_in(height: float) -> None:
    mesh = bpy.data.meshes.new("Product")
    corners = [(x, y, z) for x in (-1, 1) for y in (-1, 1) for z in (0, height)]
    mesh.from_pydata(corners, [], [(0, 1, 3, 2), (4, 5, 7, 6)])
    put("Product", mesh, at=(5.0, 0.0, 1.0))


def grounded(mesh: bpy.types.Mesh, color: tuple[float, float, float]) -> bpy.types.Object:
    material = bpy.data.materials.new("Table")
    material.use_nodes = True
    surface = next(one for one in material.node_tree.nodes if one.type == "BSDF_PRINCIPLED")
    surface.inputs["Base Color"].default_value = (*color, 1.0)
    mesh.materials.append(material)
    thing = bpy.data.objects.new(mesh.name, mesh)
    ground = bpy.data.collections.new("Ground")
    bpy.context.scene.collection.children.link(ground)
    ground.objects.link(thing)
    return thing


def camera() -> None:
    data = bpy.data.cameras.new("Camera")
    data.lens, data.clip_start, data.clip_end = 100.0, 0.5, 60.0
    thing = put("Camera", data, at=(0, -8, 2))
    limit = thing.constraints.new("LIMIT_ROTATION")
    limit.use_limit_x = True
    limit.min_x, limit.max_x = math.radians(30), math.radians(85)
    bpy.context.scene.camera = thing


def whole() -> None:
    lamp(
        "Key", "AREA", (-3, -2, 4), energy=400.0, size=2.0, size_y=1.0, shape="RECTANGLE", color=(1, 0.9, 0.8)
    )
    lamp("Sun", "SUN", (0, 0, 5), energy=0.5)
    hidden = lamp("Off", "POINT", (0, 0, 1))
    hidden.hide_render = True
    grounded(plane("Table", 4.0), (0.2, 0.3, 0.8))
    camera()
    world = bpy.data.worlds.new("World")
    world.use_nodes = True
    back = next(one for one in world.node_tree.nodes if one.type == "BACKGROUND")
    back.inputs["Color"].default_value = (0.1, 0.2, 0.3, 1.0)
    back.inputs["Strength"].default_value = 0.5
    bpy.context.scene.world = world


def hostile(marker: Path) -> None:
    """Scripts and drivers that would write a file, nodes, animation and modifiers on what is taken."""
    whole()
    code = f"open({str(marker)!r}, 'w').write('run')"
    text = bpy.data.texts.new("start.py")
    text.write(code)
    text.use_module = True
    key = bpy.data.objects["Key"]
    driver = key.driver_add("location", 2).driver
    driver.type, driver.expression = "SCRIPTED", f"(4, {code})[0]"
    key.keyframe_insert("location", index=0, frame=1)
    light = key.data
    light.use_nodes = True
    tree = light.node_tree
    emission = next(one for one in tree.nodes if one.type == "EMISSION")
    tree.links.new(tree.nodes.new("ShaderNodeTexNoise").outputs[0], emission.inputs["Color"])
    table = bpy.data.objects["Table"]
    picture = bpy.data.images.new("Secret", 4, 4)
    picture.source, picture.filepath = "FILE", "/etc/passwd"
    nodes = table.data.materials[0].node_tree
    surface = next(one for one in nodes.nodes if one.type == "BSDF_PRINCIPLED")
    shown = nodes.nodes.new("ShaderNodeTexImage")
    shown.image = picture
    nodes.links.new(shown.outputs["Color"], surface.inputs["Base Color"])
    table.modifiers.new("Reads", "MESH_CACHE").filepath = str(marker)
    put("Gear", plane("Gear", 1.0))


def save(name: str, **options: bool) -> None:
    bpy.ops.wm.save_as_mainfile(
        filepath=str(OUT / f"{name}.blend"), check_existing=False, **{"compress": False, **options}
    )


fresh()
whole()
save("whole")
save("compressed", compress=True)

fresh()
lamp("Key", "AREA", (5 + 3 * math.sqrt(3), 0, 1), energy=900.0, size=3.0, shape="SQUARE")
stand_in(2.0)
save("scaled")

fresh()
hostile(OUT / "was_run")
save("hostile")

fresh()
grounded(plane("Table", 4.0), (0.5, 0.5, 0.5))
save("unlit")

fresh()
lamp("Key", "SUN", (0, 0, 3))
grounded(plane("Fine", 1.0, cuts=101), (0.5, 0.5, 0.5))
save("fine")

fresh()
with bpy.data.libraries.load(str(OUT / "whole.blend"), link=True) as (there, here):
    here.objects = ["Key"]
bpy.context.scene.collection.objects.link(here.objects[0])
save("linked")
