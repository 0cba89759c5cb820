"""What a file says of a surface besides its color: in the terms of glTF, colors in linear light.

A surface of which a file says nothing but a color and an opacity has none of this, and finishes are chosen for it.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any

Rgb = tuple[float, float, float]
Rgba = tuple[float, float, float, float]

REPEAT, CLAMP, MIRROR = 10497, 33071, 33648
WRAPS = (REPEAT, CLAMP, MIRROR)
"""How an image goes on beyond its border (glTF's numbers): repeated, clamped, mirrored."""

BASIS = "pbrMetallicRoughness"
GLOSSY = "KHR_materials_pbrSpecularGlossiness"
UNLIT = "KHR_materials_unlit"
TRANSFORM = "KHR_texture_transform"


@dataclass(frozen=True)
class FileTexture:
    """An image (PNG) on a surface. ``uv`` counts the coordinates that lead to it, ``strength`` is that of a normal
    map or of an occlusion; offset, rotation (radians) and scale are those of KHR_texture_transform."""

    png: bytes
    uv: int = 0
    wrap: tuple[int, int] = (REPEAT, REPEAT)
    is_sharp: bool = False
    offset: tuple[float, float] = (0.0, 0.0)
    rotation: float = 0.0
    scale: tuple[float, float] = (1.0, 1.0)
    strength: float = 1.0


@dataclass(frozen=True)
class Described:
    """A surface as glTF 2.0 has it, defaults included; ``thickness`` and ``attenuation_distance`` in meters (0: light
    goes on and on). ``is_tinted``: the colors of its points count as well. ``textures`` by their names in PLACES."""

    base: Rgba = (1.0, 1.0, 1.0, 1.0)
    alpha_mode: str = "OPAQUE"
    cutoff: float = 0.5
    metallic: float = 1.0
    roughness: float = 1.0
    emissive: Rgb = (0.0, 0.0, 0.0)
    emissive_strength: float = 1.0
    transmission: float = 0.0
    ior: float = 1.5
    thickness: float = 0.0
    attenuation_color: Rgb = (1.0, 1.0, 1.0)
    attenuation_distance: float = 0.0
    coat: float = 0.0
    coat_roughness: float = 0.0
    specular: float = 1.0
    specular_color: Rgb = (1.0, 1.0, 1.0)
    is_unlit: bool = False
    is_tinted: bool = False
    textures: tuple[tuple[str, FileTexture], ...] = ()

    @property
    def uvs(self) -> tuple[int, ...]:
        """Return which coordinates its textures use."""
        return tuple(sorted({texture.uv for _, texture in self.textures}))


FACTORS = {
    "base": (BASIS, "baseColorFactor", 1.0),
    "metallic": (BASIS, "metallicFactor", 1.0),
    "roughness": (BASIS, "roughnessFactor", 1.0),
    "emissive": ("", "emissiveFactor", 1.0),
    "emissive_strength": ("KHR_materials_emissive_strength", "emissiveStrength", 1e4),
    "transmission": ("KHR_materials_transmission", "transmissionFactor", 1.0),
    "ior": ("KHR_materials_ior", "ior", 1e3),
    "thickness": ("KHR_materials_volume", "thicknessFactor", 1e4),
    "attenuation_color": ("KHR_materials_volume", "attenuationColor", 1.0),
    "attenuation_distance": ("KHR_materials_volume", "attenuationDistance", 1e6),
    "coat": ("KHR_materials_clearcoat", "clearcoatFactor", 1.0),
    "coat_roughness": ("KHR_materials_clearcoat", "clearcoatRoughnessFactor", 1.0),
    "specular": ("KHR_materials_specular", "specularFactor", 1.0),
    "specular_color": ("KHR_materials_specular", "specularColorFactor", 1.0),
}
"""Where glTF keeps each number: the object in the material ("" for itself), its name there, and the most it may be."""

PLACES = {
    "base": (BASIS, "baseColorTexture"),
    "metallic_roughness": (BASIS, "metallicRoughnessTexture"),
    "normal": ("", "normalTexture"),
    "occlusion": ("", "occlusionTexture"),
    "emissive": ("", "emissiveTexture"),
    "transmission": ("KHR_materials_transmission", "transmissionTexture"),
    "coat": ("KHR_materials_clearcoat", "clearcoatTexture"),
    "coat_roughness": ("KHR_materials_clearcoat", "clearcoatRoughnessTexture"),
    "coat_normal": ("KHR_materials_clearcoat", "clearcoatNormalTexture"),
    "specular": ("KHR_materials_specular", "specularTexture"),
    "specular_color": ("KHR_materials_specular", "specularColorTexture"),
}
"""Where glTF keeps each texture."""

SECTIONS = {place for place, *_ in FACTORS.values()} | {place for place, _ in PLACES.values()}
STRENGTHS = {"normal": "scale", "occlusion": "strength", "coat_normal": "scale"}
"""What the strength of a texture is called, of those that have one."""

DEFAULTS: dict[str, Any] = {one.name: one.default for one in fields(Described)}
