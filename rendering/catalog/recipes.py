"""The recipes of pictures and files. Pure: an output type and a geometry in, recipes out."""

from __future__ import annotations

from collections.abc import Mapping
from copy import copy
from dataclasses import dataclass, replace
from functools import cached_property
from math import gcd
from typing import Any, NamedTuple

from blender_scripts.contract import ALONE, SCENE_VERSION, Arrangement, Look
from blender_scripts.finish_rules import Rule
from media_assets.ingest.conversions import DERIVED
from media_assets.models.turns import Rotation
from media_assets.recipes import Recipe, recipe_key
from rendering.catalog.counting import counted, counts
from rendering.catalog.explosions import unfolding_of
from rendering.catalog.materials import UNDECIDED, Choice
from rendering.models import OutputType
from rendering.pictures import formats
from rendering.pictures.kinds import EXPLODED, LINES, SECTION, Source

ENCODER_VERSION = 3  # raised when rendering.pictures.encode makes other bytes of the same picture

SAMPLING_FIELDS: Mapping[str, Any] = {"samples": 1, "noise_threshold": 0.0, "denoise": False}
"""The fields of the sampling, with what they are for a kind that has none."""

LEAST_OF_MATTES = 2  # samples: with one there is nothing to share


WHOLE = Arrangement()

Legend = tuple[Mapping[str, Any], ...]
"""Rows of a parts list: number, key, name and part_keys of each."""


@dataclass(frozen=True)
class Pictured:
    """Which parts a picture is about: what its recipe says of them, and what Blender is told.

    `shape` is the fingerprint of a part that is pictured by itself, whatever file it is in.
    """

    recipe: Recipe
    arrangement: Arrangement
    shape: str = ""

    @property
    def is_alone(self) -> bool:
        """Whether it is of one part by itself: neither how the product stands nor what else it hides counts."""
        return self.arrangement.rest == ALONE

    def of_this_file(self) -> Pictured:
        """Return the same for what names parts: it is never that of another file, whose part keys are others."""
        keys = recipe_key({"parts": self.arrangement.parts})[:16]
        return replace(self, shape="", recipe={**self.recipe, "keys": keys})

    def source(self, geometry: Recipe) -> Recipe:
        """Return what the picture is a function of in place of its file's geometry."""
        if not self.shape:
            return geometry
        return {"shape": self.shape, **{name: value for name, value in geometry.items() if name != "cad"}}


@dataclass(frozen=True)
class Recipes:
    """The recipes of one ordered file: its geometry, its picture whatever the size, and the file itself.

    What is made of the geometry alone has no picture: its view is empty. Blender, or the writer of the file, is sent
    the material rules, and Blender which parts it shows (`arrangement`); the view, or the file, has what they decide.
    `legend` is what a file says of parts, where it says so, and `passes` are what it is made of besides its picture.
    `contents` are the keys of the files that a book binds together; None for what is no book.
    """

    geometry: Recipe
    view: Recipe
    file: Recipe
    rules: tuple[Rule, ...] = ()
    arrangement: Arrangement = WHOLE
    legend: Legend = ()
    passes: Recipes | None = None
    contents: tuple[str, ...] | None = None

    @cached_property
    def geometry_key(self) -> str:
        return recipe_key(self.geometry)

    @cached_property
    def view_key(self) -> str:
        return recipe_key(self.view)

    @cached_property
    def file_key(self) -> str:
        return recipe_key(self.file)

    @property
    def passes_key(self) -> str:
        """The key of the view of its passes; "" where it has none."""
        return self.passes.view_key if self.passes else ""

    @property
    def is_rendered(self) -> bool:
        """Whether the file is derived from a picture that Blender renders."""
        return bool(self.view)

    @property
    def rules_json(self) -> list[dict[str, Any]]:
        """The rules as the spec of a job has them."""
        return [rule.to_json() for rule in self.rules]

    @property
    def for_blender(self) -> dict[str, Any]:
        """What the spec of a job has besides the recipe of its master."""
        subject = {} if self.arrangement == WHOLE else {"subject": self.arrangement.to_json()}
        return {"rules": self.rules_json, **subject}

    @property
    def for_writer(self) -> dict[str, Any]:
        """What the spec of a job has besides the recipe of its file, where that is made of a master."""
        return {"legend": list(self.legend)} if self.legend else {}

    @property
    def is_linear(self) -> bool:
        """Whether the file is derived from scene-linear light, not from the picture as displayed."""
        return formats.is_linear(self.file["format"])

    def master(self, width: int, height: int, *, is_linear: bool = False) -> dict[str, Any]:
        """Return the recipe of the render master of this view at this size (px): as displayed, or scene-linear."""
        kind = {"linear": True} if is_linear else {}
        return {"view": self.view, "width": width, "height": height, **kind}


def look(output_type: OutputType) -> Look:
    """Return what makes the picture, its size and the sampling apart."""
    is_custom = output_type.camera == OutputType.Camera.CUSTOM
    framed = Look(
        camera_view="front" if is_custom else output_type.camera,
        azimuth=counted(output_type, "azimuth", None),
        elevation=counted(output_type, "elevation", None),
        roll=counted(output_type, "roll", 0.0),
        focal_length_mm=output_type.focal_length,
        orthographic=output_type.orthographic,
        margin=output_type.margin,
        ground=counted(output_type, "ground", "shadow" if output_type.kind_row.has("lighting") else "none"),
    )
    if not output_type.kind_row.has("lighting"):
        return framed
    return replace(
        framed,
        lighting=output_type.lighting,
        hdri=output_type.environment.sha256 if output_type.environment else "",
        studio=output_type.studio.sha256 if output_type.studio else "",
        hdri_rotation=counted(output_type, "hdri_rotation", 0.0),
        hdri_strength=counted(output_type, "hdri_strength", 1.0),
        f_stop=output_type.f_stop,
        materials=output_type.materials,
        edges=output_type.soft_edges,
        lines=counted(output_type, "edge_color", "").lower(),
        outlines=bool(counted(output_type, "edge_color", "")),
        view_transform=output_type.view_transform,
        exposure=output_type.exposure,
    )


def background(output_type: OutputType) -> list[str]:
    """Return what is laid behind the picture: nothing, one color, or a gradient's two from top to bottom."""
    colors = ("background_color", "gradient_color")
    return [getattr(output_type, name).lower() for name in colors if counts(output_type, name)]


class Renderer(NamedTuple):
    """What makes a picture of a view: the version of Blender, and that of the scene it is given."""

    blender: str
    scene: int = SCENE_VERSION

    @classmethod
    def of(cls, recipe: Recipe) -> Renderer | None:
        """Return what a recipe of a render, or of a file of one, names; None where it has none."""
        said = recipe.get("view", {}).get("renderer")
        return cls(said["blender"], said["scene"]) if said else None


def embeds(output_type: OutputType) -> bool:
    """Return whether files of this type say which product they show."""
    return output_type.product_data and counts(output_type, "product_data")


def has_legend(output_type: OutputType) -> bool:
    """Return whether files of this type say which part is what."""
    return output_type.kind_row.has_legend or formats.output(output_type.format).has_legend


def passes_of(output_type: OutputType) -> OutputType:
    """Return what the passes of the same view are ordered by; it is no row."""
    found = copy(output_type)
    found.pk, found.kind, found.format = None, "passes", "ids"
    return found


def aspect(output_type: OutputType) -> str:
    divisor = gcd(output_type.width, output_type.height)
    return f"{output_type.width // divisor}:{output_type.height // divisor}"


def recipes(
    geometry: Recipe,
    output_type: OutputType,
    blender_version: str,
    choice: Choice = UNDECIDED,
    orientation: Rotation = (),
    product_data: Mapping[str, Any] | None = None,
    credit: Mapping[str, str] | None = None,
    pictured: Pictured | None = None,
    hidden: tuple[str, ...] = (),
    legend: Legend = (),
    *,
    scene: int = SCENE_VERSION,
) -> Recipes:
    """Return the recipes of *output_type* for this geometry, so turned, with these materials, by this renderer.

    *product_data*: what is embedded of the product where the output type asks for it; *credit*: of creator and rights.
    *pictured*: which of its parts the picture is about; None: all. *hidden*: the keys of parts that are not shown.
    *legend*: what the file says of parts.
    """
    row = output_type.kind_row
    if not row.is_rendered:
        return _of_geometry(geometry, output_type, choice, orientation, credit, hidden)
    if pictured and row.source == Source.PASSES:
        pictured = pictured.of_this_file()
    if pictured and pictured.is_alone:
        orientation, hidden = (), ()
    view: dict[str, Any] = {
        "geometry": recipe_key(pictured.source(geometry) if pictured else geometry),
        "look": look(output_type).to_json(),
        "aspect": aspect(output_type),
        **{name: counted(output_type, name, otherwise) for name, otherwise in SAMPLING_FIELDS.items()},
        "renderer": Renderer(blender_version, scene)._asdict(),
    }
    if row.render_pass:
        view["pass"] = row.render_pass
    if row.source == Source.PASSES:  # numbers of parts can't be made larger or smaller
        view["pixels"] = [output_type.width, output_type.height]
        if counts(output_type, "samples"):
            view["samples"] = max(LEAST_OF_MATTES, output_type.samples)
    if pictured:
        view["subject"] = pictured.recipe
    if hidden:
        view["hidden"] = recipe_key({"parts": hidden})[:16]
    if orientation:
        view["orientation"] = list(orientation)
    if "section" in geometry:
        view["section"] = geometry["section"]
    if "explosion" in geometry:
        view["explosion"] = {**geometry["explosion"], "shown": unfolding_of(output_type).to_json()}
    if output_type.all_frames:
        view["frames"] = output_type.all_frames
    if output_type.elevations:
        view["elevations"] = output_type.elevations
    is_by_rule = row.has("materials") and output_type.materials == OutputType.Materials.RULES
    if is_by_rule:
        view["finishes"] = choice.recipe
    file: dict[str, Any] = {
        "view": view,
        "kind": output_type.kind,
        "width": output_type.width,
        "height": output_type.height,
        "format": output_type.format,
        "encoder": row.version or ENCODER_VERSION,
    }
    file["background"] = background(output_type)
    for name in ("bit_depth", "effort", "quality"):
        if counts(output_type, name):
            file[name] = getattr(output_type, name)
    if output_type.lossless:
        file["lossless"] = True
    for name in ("dpi", "max_bytes", "clipping_path", "signed"):
        if counts(output_type, name) and getattr(output_type, name):
            file[name] = getattr(output_type, name)
    if counts(output_type, "color_profile") and output_type.color_profile_id:
        file["cmyk"] = {
            "profile": output_type.color_profile_id,
            "intent": output_type.intent,
            "black_point": output_type.black_point,
        }
    if embeds(output_type):
        file["product_data"] = dict(product_data or {})
    if credit:
        file["credit"] = dict(credit)
    if output_type.fps:
        file["fps"] = output_type.fps
    if has_legend(output_type):
        file["legend"] = recipe_key({"parts": legend})[:16]
    arrangement = replace(pictured.arrangement if pictured else WHOLE, hidden=hidden)
    return Recipes(geometry, view, file, choice.rules if is_by_rule else (), arrangement, legend)


def _of_geometry(
    geometry: Recipe,
    output_type: OutputType,
    choice: Choice,
    orientation: Rotation,
    credit: Mapping[str, str] | None,
    hidden: tuple[str, ...],
) -> Recipes:
    """Return the recipes of a file that is made of the geometry alone: no camera, no light, no renderer."""
    row = output_type.kind_row
    is_by_rule = "materials" in row.fields and output_type.materials == OutputType.Materials.RULES
    file: dict[str, Any] = {
        "geometry": recipe_key(geometry),
        "kind": row.name,
        "format": output_type.format,
        "encoder": row.version,
        **{
            name: value
            for name in row.fields
            if name not in (*SECTION, *EXPLODED, *LINES)
            and (value := counted(output_type, name, None)) is not None
        },
    }
    file |= {name: geometry[name] for name in DERIVED if name in geometry}
    if orientation:
        file["orientation"] = list(orientation)
    if hidden:
        file["hidden"] = list(hidden)
    if is_by_rule:
        file["finishes"] = choice.recipe
    if credit:
        file["credit"] = dict(credit)
    return Recipes(geometry, {}, file, choice.rules if is_by_rule else ())
