"""Files of meshes, each with one way to describe a surface: a ball, and a plate with a picture, as GLB."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any

import numpy as np
from PIL import Image

from tests.media_assets.cad.mesh_files import Array, GlbFile

Case = Callable[[GlbFile], dict[str, Any]]

STEPS = 24


def ball() -> tuple[Array, Array, Array, Array]:
    """Points, normals, places in textures and corners of a ball of 2 cm, in meters."""
    around, down = np.meshgrid(np.linspace(0, 1, 2 * STEPS + 1), np.linspace(0, 1, STEPS + 1))
    turn, tilt = around * 2 * np.pi, down * np.pi
    facing = np.stack([np.sin(tilt) * np.cos(turn), np.cos(tilt), -np.sin(tilt) * np.sin(turn)], axis=-1)
    facing = facing.reshape(-1, 3)
    wide = 2 * STEPS + 1
    first = (np.arange(STEPS)[:, None] * wide + np.arange(2 * STEPS)).reshape(-1)
    corners = np.concatenate(
        [
            np.stack([first, first + wide, first + wide + 1], axis=1),
            np.stack([first, first + wide + 1, first + 1], axis=1),
        ]
    )
    return facing * 0.01, facing, np.stack([around, down], axis=-1).reshape(-1, 2), corners


def chart(side: int = 32) -> Array:
    """A picture whose every quarter and corner is another."""
    levels = np.zeros((side, side, 4), np.uint8)
    half = side // 2
    levels[:half, :half] = (200, 30, 30, 255)
    levels[:half, half:] = (30, 160, 60, 255)
    levels[half:, :half] = (40, 70, 200, 255)
    levels[half:, half:] = (230, 200, 60, 255)
    levels[: side // 4, : side // 4] = (240, 240, 240, 255)
    return levels


def flat(red: int, green: int, blue: int, alpha: int = 255) -> Array:
    """A picture of two halves, one as given and one half as bright."""
    levels = np.full((16, 16, 4), (red, green, blue, alpha), np.uint8)
    levels[8:, :, :3] //= 2
    return levels


def bumps() -> Array:
    """A map of normals: waves."""
    slope = 0.5 * np.sin(np.linspace(0, 4 * np.pi, 64, endpoint=False))
    normals = np.stack([np.broadcast_to(slope, (64, 64)), np.zeros((64, 64)), np.ones((64, 64))], axis=-1)
    normals /= np.linalg.norm(normals, axis=-1, keepdims=True)
    alpha = np.full((64, 64, 1), 255)
    return np.concatenate([(normals * 127 + 128).round(), alpha], axis=-1).astype(np.uint8)


def encoded(levels: Array, kind: str = "PNG") -> bytes:
    out = io.BytesIO()
    image = Image.fromarray(levels)
    (image.convert("RGB") if kind == "JPEG" else image).save(out, kind)
    return out.getvalue()


def texture(glb: GlbFile, levels: Array, kind: str = "PNG", **more: Any) -> dict[str, Any]:
    """Add an image and what names it; `more` goes to what refers to it."""
    mime = f"image/{kind.lower()}"
    image = glb.add("images", {"bufferView": glb.view(encoded(levels, kind)), "mimeType": mime})
    entry: dict[str, Any] = {"source": image}
    if "sampler" in more:
        entry["sampler"] = glb.add("samplers", more.pop("sampler"))
    return {"index": glb.add("textures", entry), **more}


def basis(**entry: Any) -> dict[str, Any]:
    return {"pbrMetallicRoughness": {"metallicFactor": 0.0, "roughnessFactor": 0.5, **entry}}


def extended(known: dict[str, Any], **extensions: Any) -> dict[str, Any]:
    return {**known, "extensions": extensions}


RED, BLUE, WHITE = [0.6, 0.03, 0.02, 1.0], [0.03, 0.1, 0.5, 1.0], [0.9, 0.9, 0.9, 1.0]

CASES: dict[str, Case] = {
    "metal": lambda _: basis(baseColorFactor=[0.8, 0.5, 0.2, 1.0], metallicFactor=1.0, roughnessFactor=0.3),
    "rough": lambda _: basis(baseColorFactor=RED, roughnessFactor=1.0),
    "gloss": lambda _: basis(baseColorFactor=RED, roughnessFactor=0.1),
    "blended": lambda _: {**basis(baseColorFactor=[*BLUE[:3], 0.4]), "alphaMode": "BLEND"},
    "glow": lambda _: extended(
        {**basis(baseColorFactor=BLUE), "emissiveFactor": [0.2, 0.1, 0.0]},
        KHR_materials_emissive_strength={"emissiveStrength": 2.0},
    ),
    "coat": lambda _: extended(
        basis(baseColorFactor=RED, roughnessFactor=0.8),
        KHR_materials_clearcoat={"clearcoatFactor": 1.0, "clearcoatRoughnessFactor": 0.05},
    ),
    "specular": lambda _: extended(
        basis(baseColorFactor=BLUE, roughnessFactor=0.2),
        KHR_materials_specular={"specularFactor": 0.3, "specularColorFactor": [1.0, 0.4, 0.2]},
    ),
    "glossiness": lambda _: extended(
        {},
        KHR_materials_pbrSpecularGlossiness={
            "diffuseFactor": RED,
            "specularFactor": [0.2, 0.15, 0.05],
            "glossinessFactor": 0.6,
        },
    ),
    "unlit": lambda _: extended(basis(baseColorFactor=[0.4, 0.2, 0.05, 1.0]), KHR_materials_unlit={}),
    "glass": lambda _: extended(
        basis(baseColorFactor=WHITE, roughnessFactor=0.05),
        KHR_materials_transmission={"transmissionFactor": 1.0},
        KHR_materials_ior={"ior": 1.33},
    ),
    "tinted glass": lambda _: extended(
        basis(baseColorFactor=WHITE, roughnessFactor=0.05),
        KHR_materials_transmission={"transmissionFactor": 0.9},
        KHR_materials_volume={
            "thicknessFactor": 0.02,
            "attenuationDistance": 0.01,
            "attenuationColor": [0.2, 0.7, 0.4],
        },
    ),
    "picture": lambda glb: basis(baseColorTexture=texture(glb, chart())),
    "picture times factor": lambda glb: basis(
        baseColorFactor=[0.5, 1.0, 0.5, 1.0], baseColorTexture=texture(glb, chart(), "JPEG")
    ),
    "moved picture": lambda glb: basis(
        baseColorTexture=texture(
            glb,
            chart(),
            extensions={
                "KHR_texture_transform": {"offset": [0.1, 0.3], "rotation": 0.5, "scale": [3.0, 2.0]}
            },
        )
    ),
    "mirrored picture": lambda glb: basis(
        baseColorTexture=texture(
            glb,
            chart(),
            sampler={"wrapS": 33648, "wrapT": 33071, "magFilter": 9728},
            extensions={"KHR_texture_transform": {"scale": [4.0, 2.0]}},
        )
    ),
    "cut out": lambda glb: {
        **basis(
            baseColorTexture=texture(glb, np.concatenate([chart()[:, :16], 0 * chart()[:, 16:]], axis=1))
        ),
        "alphaMode": "MASK",
    },
    "metal in places": lambda glb: basis(
        baseColorFactor=[0.8, 0.6, 0.4, 1.0],
        metallicFactor=1.0,
        roughnessFactor=1.0,
        metallicRoughnessTexture=texture(glb, flat(0, 200, 255)),
    ),
    "waves": lambda glb: {
        **basis(baseColorFactor=RED, roughnessFactor=0.3),
        "normalTexture": texture(glb, bumps(), scale=0.8),
        "occlusionTexture": texture(glb, flat(255, 255, 255)),
    },
    "glowing picture": lambda glb: {
        **basis(baseColorFactor=[0.05, 0.05, 0.05, 1.0]),
        "emissiveFactor": [0.5, 0.5, 0.5],
        "emissiveTexture": texture(glb, chart()),
    },
    "glossy picture": lambda glb: extended(
        {},
        KHR_materials_pbrSpecularGlossiness={
            "diffuseTexture": texture(glb, chart()),
            "specularGlossinessTexture": texture(glb, flat(80, 80, 40, 200)),
        },
    ),
    "colors of points": lambda _: basis(),
}


def write(name: str) -> bytes:
    """Return the GLB of a case: a ball before a plate."""
    glb = GlbFile()
    material = CASES[name](glb)
    number = glb.add("materials", material)
    points, normals, places, corners = ball()
    attributes = {
        "POSITION": glb.array(points, "f4", min=points.min(axis=0).tolist(), max=points.max(axis=0).tolist()),
        "NORMAL": glb.array(normals, "f4"),
        "TEXCOORD_0": glb.array(places, "f4"),
    }
    if name == "colors of points":
        shades = np.concatenate([0.5 + 0.5 * normals, np.ones((len(normals), 1))], axis=1)
        attributes["COLOR_0"] = glb.array(shades, "f4")
    shown = {
        "attributes": attributes,
        "indices": glb.array(corners.reshape(-1), "u2"),
        "material": number,
    }
    mesh = glb.add("meshes", {"name": "Ball", "primitives": [shown]})
    glb.add("nodes", {"mesh": mesh, "name": "Ball"})
    plate = np.array([[-1, -1, -1.5], [1, -1, -1.5], [1, 1, -1.5], [-1, 1, -1.5]]) * 0.012
    dark = glb.add("materials", basis(baseColorFactor=[0.2, 0.2, 0.2, 1.0], roughnessFactor=0.9))
    behind = {
        "attributes": {
            "POSITION": glb.array(
                plate, "f4", min=plate.min(axis=0).tolist(), max=plate.max(axis=0).tolist()
            ),
            "NORMAL": glb.array(np.tile([0.0, 0.0, 1.0], (4, 1)), "f4"),
        },
        "indices": glb.array(np.array([0, 1, 2, 0, 2, 3]), "u2"),
        "material": dark,
    }
    glb.add("nodes", {"mesh": glb.add("meshes", {"name": "Plate", "primitives": [behind]}), "name": "Plate"})
    glb.add("scenes", {"nodes": [0, 1]})
    glb.document["scene"] = 0
    used = set(material.get("extensions", {}))
    if "transform" in str(material):
        used.add("KHR_texture_transform")
    glb.document["extensionsUsed"] = sorted(used)
    return glb.content()
