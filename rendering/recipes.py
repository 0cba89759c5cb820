"""What a picture and a file are functions of. Pure: an output type and a geometry in, recipes out."""

from __future__ import annotations

from dataclasses import dataclass
from math import gcd
from typing import Any

from blender_scripts.contract import SCENE_VERSION
from media_assets.recipes import Recipe, recipe_key
from rendering.models import OutputType

ENCODER_VERSION = 1  # raised when rendering.encode makes other bytes of the same picture

LOOK_FIELDS = (
    "camera",
    "orthographic",
    "focal_length",
    "margin",
    "lighting",
    "exposure",
    "ground",
    "background",
    "view_transform",
)
SAMPLING_FIELDS = ("samples", "noise_threshold", "denoise")
LOSSY = ("jpg", "webp", "avif")


@dataclass(frozen=True)
class Recipes:
    """The recipes of one ordered file: its geometry, its picture whatever the size, and the file itself."""

    geometry: Recipe
    view: Recipe
    file: Recipe

    @property
    def geometry_key(self) -> str:
        return recipe_key(self.geometry)

    @property
    def view_key(self) -> str:
        return recipe_key(self.view)

    @property
    def file_key(self) -> str:
        return recipe_key(self.file)

    def master(self, width: int, height: int) -> dict[str, Any]:
        """Return the recipe of the render master of this view at this size (px)."""
        return {"view": self.view, "width": width, "height": height}


def look(output_type: OutputType) -> dict[str, Any]:
    """Return what makes the picture, its size and the sampling apart."""
    fields = {name: getattr(output_type, name) for name in LOOK_FIELDS}
    if output_type.camera == OutputType.Camera.CUSTOM:
        fields |= {name: getattr(output_type, name) for name in ("azimuth", "elevation", "roll")}
    if output_type.background != OutputType.Background.TRANSPARENT:
        fields["background_colour"] = output_type.background_colour.lower()
    return fields


def aspect(output_type: OutputType) -> str:
    divisor = gcd(output_type.width, output_type.height)
    return f"{output_type.width // divisor}:{output_type.height // divisor}"


def recipes(geometry: Recipe, output_type: OutputType, blender_version: str) -> Recipes:
    """Return the recipes of *output_type* for this geometry, rendered by this Blender."""
    view: dict[str, Any] = {
        "geometry": recipe_key(geometry),
        "look": look(output_type),
        "aspect": aspect(output_type),
        **{name: getattr(output_type, name) for name in SAMPLING_FIELDS},
        "renderer": {"blender": blender_version, "scene": SCENE_VERSION},
    }
    if output_type.frames:
        view["frames"] = output_type.frames
    file: dict[str, Any] = {
        "view": view,
        "kind": output_type.kind,
        "width": output_type.width,
        "height": output_type.height,
        "format": output_type.format,
        "encoder": ENCODER_VERSION,
    }
    if output_type.lossless:
        file["lossless"] = True
    elif output_type.format in LOSSY:
        file["quality"] = output_type.quality
    if output_type.fps:
        file["fps"] = output_type.fps
    return Recipes(geometry, view, file)
