"""Reads the materials of a GLB: their color as CAD would write it, and what else they say. In the child process only.

A material that says no more than a base color is a color: programs of CAD write it so, and mean no metal by it.
"""

from __future__ import annotations

import base64
import binascii
from dataclasses import replace
from typing import Any

import numpy as np

from media_assets.cad.contract import Finding
from media_assets.cad.described import (
    BASIS,
    DEFAULTS,
    FACTORS,
    GLOSSY,
    PLACES,
    REPEAT,
    SECTIONS,
    STRENGTHS,
    TRANSFORM,
    UNLIT,
    WRAPS,
    Described,
    FileTexture,
)
from media_assets.cad.errors import CadError
from media_assets.cad.meshes.colors import to_linear, to_srgb
from media_assets.cad.meshes.gltf import Gltf, extensions, integer, is_integer, listed, numbers
from media_assets.cad.meshes.textures import Levels, Picture, Pictures
from media_assets.cad.product_tree import Color

COLOR_DIGITS = 5
MOST_PROPERTIES = 20
MOST_UVS = 4

MOST_CLEAR = 0.9
"""How much of a part's opacity a transmission of 1 takes, where finishes are chosen by it: glass is still there."""

MIRROR_IOR = 1000.0
"""With it, the specular color is all of what a surface reflects from ahead, as specular-glossiness has it."""

KNOWN = SECTIONS | {GLOSSY, UNLIT}
GLOSSY_NAMES = ("specularFactor", "glossinessFactor", "specularGlossinessTexture")
PACKED = {
    "EXT_texture_webp": True,
    "KHR_texture_basisu": False,
    "EXT_texture_avif": False,
    "MSFT_texture_dds": False,
}
"""Extensions by which a texture has another image, and whether it can be read."""

NEAREST = (9728, 9984, 9986)


class GltfMaterials:
    """The materials of one GLB, each read once; ``findings`` say what they lost."""

    def __init__(self, gltf: Gltf) -> None:
        self.gltf = gltf
        self.lost: set[str] = set()
        self.lost_textures: set[str] = set()
        self._pictures = Pictures()
        self._colors: dict[int, Color] = {}

    def color(self, number: Any) -> Color:
        """Return the base color of a material with what else it says. Raises CadError damaged."""
        material = self.gltf.entry("materials", number)
        if number not in self._colors:
            self._colors[number] = self._read(material)
        return self._colors[number]

    def findings(self) -> list[Finding]:
        """Return what to say about what was left out."""
        found = []
        if self.lost:
            found.append(
                Finding(
                    "properties_left_out",
                    "The file describes its surfaces in ways that are not shown here. Compare the picture with the "
                    "model, and assign a finish where it looks different.",
                    ", ".join(sorted(self.lost)[:MOST_PROPERTIES]),
                )
            )
        if self.lost_textures:
            found.append(
                Finding(
                    "textures_left_out",
                    "Some textures could not be read; where a surface has its color from them, it is shown in its base "
                    "color. Save them as PNG or JPEG inside the GLB (those of KHR_texture_basisu by gltf-transform "
                    "ktxdecompress IN.glb OUT.glb), and upload it again.",
                    ", ".join(sorted(self.lost_textures)[:MOST_PROPERTIES]),
                )
            )
        return found + reduced(self._pictures)

    def _read(self, material: dict[str, Any]) -> Color:
        extras = material.get("extras")
        marks = extras if isinstance(extras, dict) else {}
        known = extensions(material)
        for name, entry in (*known.items(), (BASIS, material.get(BASIS, {}))):
            if name in KNOWN | {BASIS} and not isinstance(entry, dict):
                raise CadError("damaged", "material")
        self._note_lost(material, known)
        described = self._glossy(known[GLOSSY]) if GLOSSY in known else self._factors(material)
        mode = material.get("alphaMode", "OPAQUE")
        described = replace(
            described,
            alpha_mode=mode if mode in ("BLEND", "MASK") else "OPAQUE",
            cutoff=_number(material, "alphaCutoff", 0.5, 1.0),
            is_unlit=UNLIT in known,
        )
        textures, average = self._textures(material, known)
        described = replace(described, textures=(*described.textures, *textures))
        if GLOSSY in known:
            glossy, average = self._glossy_textures(known[GLOSSY], described)
            is_baked = any(field == "metallic_roughness" for field, _ in glossy)
            roughness = 1.0 if is_baked else described.roughness
            described = replace(described, textures=(*glossy, *textures), roughness=roughness)
        factor = np.array(described.base)
        factor[:3] *= to_linear(np.array(average))
        alpha = float(factor[3]) if described.alpha_mode == "BLEND" else 1.0
        alpha = min(alpha, 1.0 - MOST_CLEAR * described.transmission)
        shown = Color(*(round(float(one), COLOR_DIGITS) for one in (*to_srgb(factor[:3]), alpha)))
        is_ours = "cad_color" in marks
        says_more = marks.get("described") is True if is_ours else _says_more(material, known)
        return replace(shown, described=described) if says_more else shown

    def _note_lost(self, material: dict[str, Any], known: dict[str, Any]) -> None:
        self.lost.update(name[:80] for name in known if name not in KNOWN)
        if "thicknessTexture" in known.get("KHR_materials_volume", {}):
            self.lost.add("thicknessTexture")

    def _factors(self, material: dict[str, Any]) -> Described:
        """Return the numbers of a material."""
        found: dict[str, Any] = {}
        for field, (place, name, most) in FACTORS.items():
            entry = _section(material, place)
            if name not in entry:
                continue
            default = DEFAULTS[field]
            if isinstance(default, tuple):
                found[field] = tuple(min(max(one, 0.0), most) for one in numbers(entry, name, default))
            else:
                found[field] = _number(entry, name, default, most)
        if found.get("ior", 1.5) < 1.0:  # 0 stands for a mirror
            found["ior"] = MIRROR_IOR if found["ior"] == 0.0 else 1.0
        return Described(**found)

    def _textures(
        self, material: dict[str, Any], known: dict[str, Any]
    ) -> tuple[list[tuple[str, FileTexture]], tuple[float, float, float]]:
        """Return the textures of a material, and the average of that of its color."""
        found = []
        average = (1.0, 1.0, 1.0)
        for field, (place, name) in PLACES.items():
            entry = _section(material, place)
            if name not in entry or (place == BASIS and GLOSSY in known):
                continue
            picture = self._picture(entry[name], has_alpha=field in ("base", "specular"))
            if picture is None:
                self.lost_textures.add(name)
                continue
            found.append((field, self._texture(entry[name], picture, STRENGTHS.get(field, ""))))
            if field == "base":
                average = picture.average
        return found, average

    def _glossy(self, glossy: dict[str, Any]) -> Described:
        """Return the numbers of a material of specular and glossiness."""
        rgba = numbers(glossy, "diffuseFactor", (1.0, 1.0, 1.0, 1.0))
        red, green, blue = numbers(glossy, "specularFactor", (1.0, 1.0, 1.0))
        return Described(
            base=(*(min(max(one, 0.0), 1.0) for one in rgba),),  # type: ignore[arg-type]
            metallic=0.0,
            roughness=1.0 - _number(glossy, "glossinessFactor", 1.0, 1.0),
            ior=MIRROR_IOR,
            specular_color=(min(max(red, 0.0), 1.0), min(max(green, 0.0), 1.0), min(max(blue, 0.0), 1.0)),
        )

    def _glossy_textures(
        self, glossy: dict[str, Any], described: Described
    ) -> tuple[list[tuple[str, FileTexture]], tuple[float, float, float]]:
        found = []
        average = (1.0, 1.0, 1.0)
        if "diffuseTexture" in glossy:
            picture = self._picture(glossy["diffuseTexture"])
            if picture is None:
                self.lost_textures.add("diffuseTexture")
            else:
                average = picture.average
                found.append(("base", self._texture(glossy["diffuseTexture"], picture)))
        if "specularGlossinessTexture" in glossy:
            content = self._content(glossy["specularGlossinessTexture"])
            color = self._pictures.picture(content, has_alpha=False) if content else None
            gloss = 1.0 - described.roughness
            rough = self._pictures.made(_rough_of(gloss), content, name=f"rough {gloss}") if content else None
            if color is None or rough is None:
                self.lost_textures.add("specularGlossinessTexture")
            else:
                reference = glossy["specularGlossinessTexture"]
                found.append(("specular_color", self._texture(reference, color)))
                found.append(("metallic_roughness", self._texture(reference, rough)))
        return found, average

    def _picture(self, reference: Any, *, has_alpha: bool = True) -> Picture | None:
        content = self._content(reference)
        return self._pictures.picture(content, has_alpha=has_alpha) if content else None

    def _content(self, reference: Any) -> bytes | None:
        """Return the bytes of the image of a texture; None where it is not in the file or in no form that is read."""
        textures = listed(self.gltf.document, "textures")
        number: Any = reference.get("index") if isinstance(reference, dict) else None
        if (
            not is_integer(number)
            or not 0 <= number < len(textures)
            or not isinstance(textures[number], dict)
        ):
            return None
        source: Any = textures[number].get("source")
        for name, is_read in PACKED.items():
            other = extensions(textures[number]).get(name)
            if isinstance(other, dict) and is_integer(other.get("source")):
                source = other["source"] if is_read or source is None else source
                if not is_read and source == other["source"]:
                    self.lost_textures.add(name)
        if not is_integer(source):
            return None
        image = self.gltf.entry("images", source)
        uri = image.get("uri")
        if isinstance(uri, str):
            return _from_uri(uri)
        if not is_integer(image.get("bufferView")):
            return None
        entry = self.gltf.entry("bufferViews", image["bufferView"])
        return self.gltf.bytes_of(entry)

    def _texture(self, reference: dict[str, Any], picture: Picture, strength: str = "") -> FileTexture:
        """Return how an image lies on the surface."""
        entry: dict[str, Any] = self.gltf.entry("textures", reference["index"])
        sampler = self.gltf.entry("samplers", entry["sampler"]) if "sampler" in entry else {}
        moved = extensions(reference).get(TRANSFORM)
        moved = moved if isinstance(moved, dict) else {}
        uv = integer(moved, "texCoord", integer(reference, "texCoord", 0))
        if uv >= MOST_UVS:
            self.lost.add(f"TEXCOORD_{uv}")
        wraps = [one if one in WRAPS else REPEAT for one in (sampler.get("wrapS"), sampler.get("wrapT"))]
        turned = numbers({"rotation": [moved.get("rotation", 0.0)]}, "rotation", (0.0,))
        x, y = numbers(moved, "offset", (0.0, 0.0))
        across, up = numbers(moved, "scale", (1.0, 1.0))
        return FileTexture(
            picture.png,
            uv=min(uv, MOST_UVS - 1),
            wrap=(wraps[0], wraps[1]),
            is_sharp=sampler.get("magFilter") in NEAREST,
            offset=(x, y),
            rotation=turned[0],
            scale=(across, up),
            strength=_number(reference, strength, 1.0, 10.0) if strength else 1.0,
        )


def reduced(pictures: Pictures) -> list[Finding]:
    """Return what to say about images that were scaled down."""
    if not pictures.reduced:
        return []
    return [
        Finding(
            "textures_reduced",
            "Some images of the file are larger than 4096 px on a side; they were scaled down to that.",
        )
    ]


def _says_more(material: dict[str, Any], known: dict[str, Any]) -> bool:
    """Return whether a material says more of its surface than color and opacity."""
    glossy = known.get(GLOSSY)
    if glossy is not None and any(name in glossy for name in (*GLOSSY_NAMES, "diffuseTexture")):
        return True
    if UNLIT in known or material.get("alphaMode") == "MASK":
        return True
    numbers_said = any(
        name in _section(material, place) for field, (place, name, _) in FACTORS.items() if field != "base"
    )
    return numbers_said or any(name in _section(material, place) for place, name in PLACES.values())


def _section(material: dict[str, Any], place: str) -> dict[str, Any]:
    if not place:
        return material
    found = material.get(BASIS, {}) if place == BASIS else extensions(material).get(place, {})
    return found if isinstance(found, dict) else {}


def _number(entry: dict[str, Any], name: str, default: float, most: float) -> float:
    """Return a number from 0 to ``most``. Raises CadError damaged."""
    (found,) = numbers({name: [entry.get(name, default)]}, name, (default,))
    return min(max(found, 0.0), most)


def _rough_of(gloss: float) -> Any:
    """Return what makes an image of metalness (none) and roughness of one with glossiness in its alpha."""

    def make(levels: Levels) -> Levels:
        made = np.zeros((*levels.shape[:2], 3), np.uint8)
        made[..., 1] = (255.0 - gloss * levels[..., 3]).round().astype(np.uint8)
        return made

    return make


def _from_uri(uri: str) -> bytes | None:
    """Return the bytes that an address holds itself; None where it leads elsewhere."""
    head, comma, text = uri.partition(",")
    if not comma or not head.startswith("data:") or not head.endswith(";base64"):
        return None
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return None
