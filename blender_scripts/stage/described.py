"""Builds the Cycles material of a surface that its file describes, as Blender's own glTF importer understands it."""

# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import math
from collections.abc import Sequence

import bpy

from blender_scripts.stage import finishes, nodes
from blender_scripts.stage.gltf_material import OwnSurface, OwnTexture
from blender_scripts.stage.mesh_data import TINT, uv_name
from blender_scripts.stage.nodes import Socket

_COLORS = {"base", "emissive", "specular_color"}
"""Textures that hold colors; the others hold numbers."""


class Images:
    """The images of one file in Blender, made when they are asked for: once as colors, once as numbers."""

    def __init__(self, contents: Sequence[bytes]) -> None:
        self._contents = contents
        self._made: dict[tuple[int, bool], bpy.types.Image] = {}

    def get(self, number: int, *, is_color: bool) -> bpy.types.Image:
        """Return an image; it lives as long as a material uses it, or until the subject is discarded."""
        key = (number, is_color)
        if key not in self._made:
            image = bpy.data.images.new(f"file.{number}", 1, 1)
            image.pack(data=self._contents[number], data_len=len(self._contents[number]))
            image.source = "FILE"
            image.colorspace_settings.name = "sRGB" if is_color else "Non-Color"
            image.alpha_mode = "CHANNEL_PACKED"
            self._made[key] = image
        return self._made[key]


def build(said: OwnSurface, images: Images, *, scale: float, radius: float) -> bpy.types.Material:
    """A new material; `scale` is scene units per meter, `radius` (scene units) rounds hard edges in shading."""
    material = bpy.data.materials.new("finish.as_described")
    material.use_nodes = True
    material.node_tree.nodes.clear()
    _Builder(material.node_tree, said, images).build(scale, radius)
    return material


class _Builder:
    def __init__(self, tree: bpy.types.NodeTree, said: OwnSurface, images: Images) -> None:
        self.tree = tree
        self.said = said
        self.images = images
        self.end = tree.nodes.new("ShaderNodeOutputMaterial")

    def build(self, scale: float, radius: float) -> None:
        said, tree = self.said, self.tree
        color, alpha = self._base()
        if said.is_unlit:
            self._unlit(color, alpha)
            return
        surface = tree.nodes.new("ShaderNodeBsdfPrincipled")
        inputs = surface.inputs
        self._lead(color, inputs["Base Color"])
        self._lead(alpha, inputs["Alpha"])
        self._lead(self._number(said.metallic, "metallic_roughness", "Blue"), inputs["Metallic"])
        self._lead(self._number(said.roughness, "metallic_roughness", "Green"), inputs["Roughness"])
        self._lead(self._color(said.emissive, "emissive"), inputs["Emission Color"])
        inputs["Emission Strength"].default_value = said.emissive_strength
        self._lead(self._number(said.transmission, "transmission", "Red"), inputs["Transmission Weight"])
        inputs["IOR"].default_value = said.ior
        self._lead(self._number(said.coat, "coat", "Red"), inputs["Coat Weight"])
        self._lead(self._number(said.coat_roughness, "coat_roughness", "Green"), inputs["Coat Roughness"])
        self._lead(self._number(0.5 * said.specular, "specular", "Alpha"), inputs["Specular IOR Level"])
        self._lead(self._color(said.specular_color, "specular_color"), inputs["Specular Tint"])
        self._normal("coat_normal", inputs["Coat Normal"])
        if not self._normal("normal", inputs["Normal"]) and radius:
            finishes.round_edges(tree, surface, radius)
        tree.links.new(surface.outputs["BSDF"], self.end.inputs["Surface"])
        if said.transmission:
            finishes.let_light_through(tree, surface, said.transmission, said.base[:3])
        if said.transmission and said.thickness and said.attenuation_distance:
            inside = tree.nodes.new("ShaderNodeVolumeAbsorption")
            inside.inputs["Color"].default_value = (*said.attenuation_color, 1.0)
            inside.inputs["Density"].default_value = 1.0 / (said.attenuation_distance * scale)
            tree.links.new(inside.outputs["Volume"], self.end.inputs["Volume"])

    def _unlit(self, color: Socket | Sequence[float], alpha: Socket | float) -> None:
        """Show the color as it is, to the camera alone."""
        glow = self.tree.nodes.new("ShaderNodeEmission")
        clear = self.tree.nodes.new("ShaderNodeBsdfTransparent")
        ray = self.tree.nodes.new("ShaderNodeLightPath")
        mixed = self.tree.nodes.new("ShaderNodeMixShader")
        self._lead(color, glow.inputs["Color"])
        seen = nodes.math(self.tree, "MULTIPLY", ray.outputs["Is Camera Ray"], alpha)
        self.tree.links.new(seen, mixed.inputs["Fac"])
        self.tree.links.new(clear.outputs["BSDF"], mixed.inputs[1])
        self.tree.links.new(glow.outputs["Emission"], mixed.inputs[2])
        self.tree.links.new(mixed.outputs["Shader"], self.end.inputs["Surface"])

    def _base(self) -> tuple[Socket | Sequence[float], Socket | float]:
        """Color and opacity: texture, colors of points and factor multiplied."""
        said, tree = self.said, self.tree
        color: Socket | Sequence[float] = said.base[:3]
        alpha: Socket | float = said.base[3]
        texture = said.texture("base")
        sources = []
        if texture:
            image = self._image("base", texture)
            sources.append((image.outputs["Color"], image.outputs["Alpha"]))
        if said.is_tinted:
            tint = tree.nodes.new("ShaderNodeVertexColor")
            tint.layer_name = TINT
            sources.append((tint.outputs["Color"], tint.outputs["Alpha"]))
        for shown, opacity in sources:
            color = self._times(shown, color)
            alpha = nodes.math(tree, "MULTIPLY", opacity, alpha)
        if said.alpha_mode == "OPAQUE":
            return color, 1.0
        if said.alpha_mode == "MASK":
            below = nodes.math(tree, "LESS_THAN", alpha, said.cutoff)
            return color, nodes.math(tree, "SUBTRACT", 1.0, below)
        return color, alpha

    def _times(self, one: Socket, other: Socket | Sequence[float]) -> Socket:
        if not isinstance(other, bpy.types.NodeSocket) and tuple(other) == (1.0, 1.0, 1.0):
            return one
        return nodes.vector(self.tree, "MULTIPLY", one, other)

    def _number(self, factor: float, field: str, channel: str) -> Socket | float:
        texture = self.said.texture(field)
        if texture is None or not factor:
            return factor
        image = self._image(field, texture)
        if channel == "Alpha":
            found = image.outputs["Alpha"]
        else:
            apart = self.tree.nodes.new("ShaderNodeSeparateColor")
            self.tree.links.new(image.outputs["Color"], apart.inputs["Color"])
            found = apart.outputs[channel]
        return found if factor == 1.0 else nodes.math(self.tree, "MULTIPLY", found, factor)

    def _color(self, factor: Sequence[float], field: str) -> Socket | Sequence[float]:
        texture = self.said.texture(field)
        if texture is None or not any(factor):
            return factor
        return self._times(self._image(field, texture).outputs["Color"], factor)

    def _normal(self, field: str, target: Socket) -> bool:
        texture = self.said.texture(field)
        if texture is None:
            return False
        node = self.tree.nodes.new("ShaderNodeNormalMap")
        node.uv_map = uv_name(texture.uv)
        node.inputs["Strength"].default_value = texture.strength
        self.tree.links.new(self._image(field, texture).outputs["Color"], node.inputs["Color"])
        self.tree.links.new(node.outputs["Normal"], target)
        return True

    def _image(self, field: str, texture: OwnTexture) -> bpy.types.Node:
        """The node of an image, led to by its coordinates."""
        node = self.tree.nodes.new("ShaderNodeTexImage")
        node.image = self.images.get(texture.image, is_color=field in _COLORS)
        node.interpolation = texture.interpolation
        where = self.tree.nodes.new("ShaderNodeUVMap")
        where.uv_map = uv_name(texture.uv)
        place = where.outputs["UV"]
        if (texture.offset, texture.rotation, texture.scale) != ((0.0, 0.0), 0.0, (1.0, 1.0)):
            place = self._moved(place, texture)
        across, up = texture.wrap
        if across == up:
            node.extension = across
        else:
            node.extension = "REPEAT" if "REPEAT" in texture.wrap else "EXTEND"
            place = self._wrapped(place, texture.wrap, node.extension, node.image.size)
        self.tree.links.new(place, node.inputs["Vector"])
        return node

    def _moved(self, place: Socket, texture: OwnTexture) -> Socket:
        """Coordinates after glTF's transform, which counts from the top left; Blender counts from the bottom left."""
        node = self.tree.nodes.new("ShaderNodeMapping")
        sine, cosine = math.sin(texture.rotation), math.cos(texture.rotation)
        (x, y), (across, up) = texture.offset, texture.scale
        node.inputs["Location"].default_value = (x + up * sine, 1.0 - y - up * cosine, 0.0)
        node.inputs["Rotation"].default_value = (0.0, 0.0, texture.rotation)
        node.inputs["Scale"].default_value = (across, up, 1.0)
        self.tree.links.new(place, node.inputs["Vector"])
        return node.outputs["Vector"]

    def _wrapped(self, place: Socket, wrap: Sequence[str], around: str, size: Sequence[int]) -> Socket:
        """Coordinates for an image that goes on in one way to the sides and in another up and down."""
        apart = self.tree.nodes.new("ShaderNodeSeparateXYZ")
        together = self.tree.nodes.new("ShaderNodeCombineXYZ")
        self.tree.links.new(place, apart.inputs["Vector"])
        for axis, one, pixels in zip("XY", wrap, size, strict=True):
            found = apart.outputs[axis]
            if one == "MIRROR":
                found = nodes.math(self.tree, "PINGPONG", found, 1.0)
            elif one == "EXTEND" and around != "EXTEND":
                half = 0.5 / pixels
                found = nodes.math(self.tree, "MINIMUM", found, 1.0 - half)
                found = nodes.math(self.tree, "MAXIMUM", found, half)
            self.tree.links.new(found, together.inputs[axis])
        return together.outputs["Vector"]

    def _lead(self, value: Socket | Sequence[float] | float, target: Socket) -> None:
        """Give an input a number, a color or what another node makes."""
        if isinstance(value, bpy.types.NodeSocket):
            self.tree.links.new(value, target)
        elif isinstance(value, float | int):
            target.default_value = value
        else:
            target.default_value = (*value, 1.0) if len(target.default_value) == 4 else tuple(value)
