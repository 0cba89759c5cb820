"""What a GLB of ours says of a surface besides its color, and nothing else. Standard library only."""

# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

_BASIS = "pbrMetallicRoughness"
_UNLIT = "KHR_materials_unlit"
_TRANSFORM = "KHR_texture_transform"

_FACTORS: Mapping[str, tuple[str, str, float | tuple[float, ...]]] = {
    "base": (_BASIS, "baseColorFactor", (1.0, 1.0, 1.0, 1.0)),
    "metallic": (_BASIS, "metallicFactor", 1.0),
    "roughness": (_BASIS, "roughnessFactor", 1.0),
    "emissive": ("", "emissiveFactor", (0.0, 0.0, 0.0)),
    "emissive_strength": ("KHR_materials_emissive_strength", "emissiveStrength", 1.0),
    "transmission": ("KHR_materials_transmission", "transmissionFactor", 0.0),
    "ior": ("KHR_materials_ior", "ior", 1.5),
    "thickness": ("KHR_materials_volume", "thicknessFactor", 0.0),
    "attenuation_color": ("KHR_materials_volume", "attenuationColor", (1.0, 1.0, 1.0)),
    "attenuation_distance": ("KHR_materials_volume", "attenuationDistance", 0.0),
    "coat": ("KHR_materials_clearcoat", "clearcoatFactor", 0.0),
    "coat_roughness": ("KHR_materials_clearcoat", "clearcoatRoughnessFactor", 0.0),
    "specular": ("KHR_materials_specular", "specularFactor", 1.0),
    "specular_color": ("KHR_materials_specular", "specularColorFactor", (1.0, 1.0, 1.0)),
    "cutoff": ("", "alphaCutoff", 0.5),
}
_TEXTURES = {
    "base": (_BASIS, "baseColorTexture"),
    "metallic_roughness": (_BASIS, "metallicRoughnessTexture"),
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
_NAMES = [*((place, name) for place, name, _ in _FACTORS.values()), *_TEXTURES.values()]
_KNOWN = {
    *("name", "alphaMode", "extras", "extensions", _BASIS),
    *(name for place, name in _NAMES if not place),
}
_WRAPS = {10497: "REPEAT", 33071: "EXTEND", 33648: "MIRROR"}
_FILTERS = {9728: "Closest", 9729: "Linear"}


class Unknown(Exception):
    """A material has something that Renderdesk does not write; the message says what."""


@dataclass(frozen=True, slots=True)
class OwnTexture:
    """Image number `image` of the file on a surface, by the coordinates `uv`; names are Blender's."""

    image: int
    uv: int
    wrap: tuple[str, str]
    interpolation: str
    offset: tuple[float, float]
    rotation: float
    scale: tuple[float, float]
    strength: float


@dataclass(frozen=True, slots=True)
class OwnSurface:
    """A surface in the terms of glTF; thickness and attenuation distance (0: none) in meters."""

    base: tuple[float, ...]
    metallic: float
    roughness: float
    emissive: tuple[float, ...]
    emissive_strength: float
    transmission: float
    ior: float
    thickness: float
    attenuation_color: tuple[float, ...]
    attenuation_distance: float
    coat: float
    coat_roughness: float
    specular: float
    specular_color: tuple[float, ...]
    cutoff: float
    alpha_mode: str
    is_unlit: bool
    textures: tuple[tuple[str, OwnTexture], ...]
    is_tinted: bool = False

    def texture(self, field: str) -> OwnTexture | None:
        """Return its texture of this name."""
        return dict(self.textures).get(field)


def described(material: Mapping[str, Any], document: Mapping[str, Any]) -> OwnSurface | None:
    """Return what a material says of its surface; None where it says no more than a color. Raises Unknown."""
    if unknown := material.keys() - _KNOWN:
        raise Unknown(f"it has {min(unknown)}")
    extensions = material.get("extensions", {})
    sections = {"": material, _BASIS: material[_BASIS], **extensions}
    names: dict[str, set[str]] = {_UNLIT: set()}
    for place, name in _NAMES:
        names.setdefault(place, set()).add(name)
    for place, section in sections.items():
        if place and (place not in names or section.keys() - names[place]):
            raise Unknown(f"it has {place}")
    if material.get("alphaMode", "BLEND") not in ("BLEND", "MASK"):
        raise Unknown("it has another kind of transparency")
    if not material.get("extras", {}).get("described"):
        if (
            extensions
            or material.keys() & {"alphaCutoff", "emissiveFactor"}
            or material.get("alphaMode") == "MASK"
        ):
            raise Unknown("it has a color that is more than one")
        return None
    numbers = {
        field: _number(sections.get(place, {}).get(name, default), default)
        for field, (place, name, default) in _FACTORS.items()
    }
    textures = tuple(
        (field, _texture(sections[place][name], document))
        for field, (place, name) in _TEXTURES.items()
        if name in sections.get(place, {})
    )
    return OwnSurface(
        **numbers,
        alpha_mode=material.get("alphaMode", "OPAQUE"),
        is_unlit=_UNLIT in extensions,
        textures=textures,
    )


def _number(value: Any, like: float | tuple[float, ...]) -> Any:
    if isinstance(like, tuple):
        if len(value) != len(like):
            raise Unknown("it has numbers that are none")
        return tuple(float(one) for one in value)
    return float(value)


def _texture(entry: Mapping[str, Any], document: Mapping[str, Any]) -> OwnTexture:
    known = entry.get("extensions", {})
    if entry.keys() - {"index", "texCoord", "scale", "strength", "extensions"} or known.keys() - {_TRANSFORM}:
        raise Unknown("it has textures of another kind")
    moved = known.get(_TRANSFORM, {})
    texture = _at(document["textures"], entry["index"])
    sampler = _at(document["samplers"], texture["sampler"])
    _at(document["images"], texture["source"])
    x, y = _number(moved.get("offset", (0.0, 0.0)), (0.0, 0.0))
    across, up = _number(moved.get("scale", (1.0, 1.0)), (0.0, 0.0))
    return OwnTexture(
        image=texture["source"],
        uv=int(entry.get("texCoord", 0)),
        wrap=(_WRAPS[sampler["wrapS"]], _WRAPS[sampler["wrapT"]]),
        interpolation=_FILTERS[sampler["magFilter"]],
        offset=(x, y),
        rotation=float(moved.get("rotation", 0.0)),
        scale=(across, up),
        strength=float(entry.get("scale", entry.get("strength", 1.0))),
    )


def _at(things: Sequence[Any], number: int) -> Any:
    if not 0 <= number < len(things):
        raise Unknown("it names what it has not")
    return things[number]
