"""Writes the materials of a GLB. Those that are only a color say that they are no metal, which glTF does not."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from media_assets.cad.described import (
    BASIS,
    DEFAULTS,
    FACTORS,
    PLACES,
    STRENGTHS,
    TRANSFORM,
    UNLIT,
    Described,
    FileTexture,
)
from media_assets.cad.product_tree import Color

UNCOLORED = Color(0.8, 0.8, 0.8)
ROUGHNESS = 0.5
LINEAR, NEAREST = 9729, 9728


class MaterialWriter:
    """Collects the materials of one document in ``written``; ``keep`` puts bytes into it and returns their view."""

    def __init__(self, keep: Callable[[bytes], int]) -> None:
        self.written: list[dict[str, Any]] = []
        self._keep = keep
        self._numbers: dict[Color | None, int] = {}
        self._images: dict[bytes, int] = {}
        self._views: list[int] = []
        self._textures: dict[tuple[int, int], int] = {}
        self._samplers: dict[tuple[int, int, bool], int] = {}
        self._used: set[str] = set()

    def number(self, color: Color | None) -> int:
        """Return the number of a material, which is written when it is met first."""
        if color not in self._numbers:
            self._numbers[color] = len(self.written)
            shown = color or UNCOLORED
            self.written.append(self._described(shown, shown.described) if shown.described else _plain(color))
        return self._numbers[color]

    def images(self) -> dict[str, Any]:
        """Return what a document has beside its materials, if there are textures or extensions."""
        found: dict[str, Any] = {}
        if self._views:
            found["images"] = [{"bufferView": view, "mimeType": "image/png"} for view in self._views]
            found["samplers"] = [
                {
                    "magFilter": NEAREST if is_sharp else LINEAR,
                    "wrapS": across,
                    "wrapT": up,
                }
                for across, up, is_sharp in self._samplers
            ]
            found["textures"] = [{"source": image, "sampler": sampler} for image, sampler in self._textures]
        if self._used:
            found["extensionsUsed"] = sorted(self._used)
        return found

    def _described(self, color: Color, described: Described) -> dict[str, Any]:
        material: dict[str, Any] = {"name": color.hex}
        for field, (place, name, _) in FACTORS.items():
            value = getattr(described, field)
            if place == BASIS or value != DEFAULTS[field]:
                self._section(material, place)[name] = list(value) if isinstance(value, tuple) else value
        for field, texture in described.textures:
            place, name = PLACES[field]
            self._section(material, place)[name] = self._texture(described, field, texture)
        if described.is_unlit:
            self._section(material, UNLIT)
        if described.alpha_mode != "OPAQUE":
            material["alphaMode"] = described.alpha_mode
        if described.alpha_mode == "MASK":
            material["alphaCutoff"] = described.cutoff
        material["extras"] = {"cad_color": color.hex, "described": True}
        return material

    def _section(self, entry: dict[str, Any], place: str) -> dict[str, Any]:
        if not place:
            return entry
        if place == BASIS:
            around = entry
        else:
            self._used.add(place)
            around = entry.setdefault("extensions", {})
        found: dict[str, Any] = around.setdefault(place, {})
        return found

    def _texture(self, described: Described, field: str, texture: FileTexture) -> dict[str, Any]:
        if texture.png not in self._images:
            self._images[texture.png] = len(self._views)
            self._views.append(self._keep(texture.png))
        sampler = (*texture.wrap, texture.is_sharp)
        used = (
            self._images[texture.png],
            self._samplers.setdefault(sampler, len(self._samplers)),
        )
        entry: dict[str, Any] = {
            "index": self._textures.setdefault(used, len(self._textures)),
            "texCoord": described.uvs.index(texture.uv),
        }
        if field in STRENGTHS and texture.strength != 1.0:
            entry[STRENGTHS[field]] = texture.strength
        moved = {
            "offset": list(texture.offset),
            "rotation": texture.rotation,
            "scale": list(texture.scale),
        }
        if moved != {"offset": [0.0, 0.0], "rotation": 0.0, "scale": [1.0, 1.0]}:
            self._section(entry, TRANSFORM).update(moved)
        return entry


def _plain(color: Color | None) -> dict[str, Any]:
    shown = color or UNCOLORED
    material: dict[str, Any] = {
        "name": color.mark or color.hex if color else "uncolored",
        BASIS: {
            "baseColorFactor": [round(channel, 6) for channel in shown.linear],
            "metallicFactor": 0.0,
            "roughnessFactor": ROUGHNESS,
        },
        "extras": {"cad_color": color.hex if color else None},
    }
    if shown.alpha < 1.0:
        material["alphaMode"] = "BLEND"
    return material
