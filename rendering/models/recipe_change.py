"""What differs between the recipes of two files, kept as values and put in words where it is read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from blender_scripts.finish_library import NAMES as FINISH_NAMES
from media_assets.models import numbers
from media_assets.recipes import Recipe
from rendering.models.finish import Finish
from rendering.models.output_type import OutputType

LONGEST = 30  # characters of a value that is shown
OTHER_CAD_FILE = "cad_file"
"""The field that stands for the geometry where another CAD file is why it differs."""

NAMES = {
    "renderer.blender": "Blender",
    "renderer.scene": gettext_noop("scene version"),
    "encoder": gettext_noop("encoder version"),
    "fps": gettext_noop("frames per second"),
    "aspect": gettext_noop("aspect ratio"),
    "look.camera_view": gettext_noop("camera"),
    "look.azimuth": gettext_noop("azimuth (°)"),
    "look.elevation": gettext_noop("elevation (°)"),
    "look.roll": gettext_noop("roll (°)"),
    "look.focal_length_mm": gettext_noop("focal length (mm)"),
    "look.f_stop": gettext_noop("f-stop"),
    "look.exposure": gettext_noop("exposure"),
    "look.edges": gettext_noop("soft edges"),
    "look.view_transform": gettext_noop("color transform"),
    "look.materials": gettext_noop("materials"),
    "look.lines": gettext_noop("drawn edges"),
    "look.outlines": gettext_noop("drawn outlines"),
    "look.hdri": gettext_noop("panorama"),
    "look.hdri_rotation": gettext_noop("panorama rotation (°)"),
    "look.hdri_strength": gettext_noop("panorama strength"),
    "look.studio": gettext_noop("studio"),
    "orientation": gettext_noop("orientation"),
    "max_bytes": gettext_noop("largest file"),
    "max_triangles": gettext_noop("most triangles"),
    "dpi": gettext_noop("resolution"),
    "drawing.exact": gettext_noop("exact lines"),
    "elevations": gettext_noop("rows"),
    "signed": gettext_noop("signature"),
    "pixels": gettext_noop("size"),
    "pass": gettext_noop("render pass"),
}
"""Fields whose own names say too little. All others are named by their last part, as the label of their field is."""

CHOICES = {
    "view.look.camera_view": OutputType.Camera,
    "view.look.lighting": OutputType.Lighting,
    "view.look.ground": OutputType.Ground,
    "view.look.materials": OutputType.Materials,
    "view.look.view_transform": OutputType.ViewTransform,
    "materials": OutputType.Materials,
    "format": OutputType.Format,
    "kind": OutputType.Kind,
}
"""Fields whose values have a label in forms."""

TEXTURE_NAMES = {
    "mm": gettext_noop("width (mm)"),
    "mapping": gettext_noop("mapping"),
    "relief": gettext_noop("relief (mm)"),
}
"""Fields of a texture whose values say something; by its others it is another picture."""

_OF_GEOMETRY = {
    "cad": gettext_noop("CAD file"),
    "tessellation": gettext_noop("quality"),
    "tools": gettext_noop("version of the CAD tools"),
    "reading": gettext_noop("reading options"),
}
"""Fields of the recipe of geometry, by their first part."""

_OF_BOOKS = {
    "pages": gettext_noop("pictures or drawings in it"),
    "parts": gettext_noop("parts list or pictures of parts"),
    "product.number": gettext_noop("number or name of the product"),
    "product.name": gettext_noop("number or name of the product"),
}


@dataclass(frozen=True)
class RecipeChange:
    """A field in which two recipes differ, by its dotted name, with both values as far as they are shown.

    A value that says nothing to people is {}; of one finish or texture only whether there is one counts, and of all
    textures the names of their finishes.
    """

    field: str
    before: Any = None
    after: Any = None

    @classmethod
    def of(cls, field: str, old: Recipe, new: Recipe) -> Self:
        values = _value(old, field), _value(new, field)
        if field.endswith("finishes.textures"):
            return cls(field, *(sorted(value or ()) for value in values))
        return cls(field, *map(_kept, values))

    def to_json(self) -> list[Any]:
        return [self.field, self.before, self.after]

    @property
    def words(self) -> str:
        """The change in the reader's language: "samples 64 → 128", "CAD file"."""
        short = self.field.removeprefix("view.")
        if short == OTHER_CAD_FILE:
            return _("CAD file")
        if short == "geometry":
            return _("geometry (quality, section, exploded view, reading or CAD tools)")
        if short == "subject.shape":
            return _("shape of the part")
        if short == "subject.colors":
            return _("colors of the part")
        if short == "subject.customer":
            return _("customer")
        if short.startswith("subject"):
            return _("shown parts")
        if short.startswith("section"):
            return _("section")
        if short.startswith("explosion"):
            return _("exploded view")
        if short == "finishes.parts":
            return _("finishes of parts")
        if short.startswith("finishes.surfaces."):
            return self._finish(short.removeprefix("finishes.surfaces."))
        if short.startswith("finishes.labels"):
            return _("labels")
        if short.startswith("finishes.textures"):
            return self._texture(short.removeprefix("finishes.textures").removeprefix("."))
        if short.startswith("finishes"):
            return _("material rules")
        if short.partition(".")[0] == "hidden":
            return _("hidden parts")
        if short.startswith("product_data"):
            return _("product data")
        if short.partition(".")[0] in _OF_GEOMETRY:
            return _(_OF_GEOMETRY[short.partition(".")[0]])
        if short in _OF_BOOKS:
            return _(_OF_BOOKS[short])
        if short.startswith("cmyk"):
            return _("CMYK profile or its settings")
        if short == "legend":
            return _("numbers or names of parts")
        if short.startswith("credit"):
            return _("creator or copyright")
        plain = _(NAMES.get(short) or short.rpartition(".")[2].replace("_", " "))
        return self._with_values(plain, dict(CHOICES[self.field].choices) if self.field in CHOICES else {})

    def _finish(self, finish: str) -> str:
        """Return the change of one finish: newly used, no longer used, or a different look."""
        finish = _finish_name(finish)
        if self.before is None:
            return _("new finish {finish}").format(finish=finish)
        return (
            _("finish {finish} edited").format(finish=finish)
            if self.after is not None
            else _("finish {finish} no longer used").format(finish=finish)
        )

    def _texture(self, of: str) -> str:
        """Return the change of one texture: another picture or another size, or one that came or went."""
        finish, _dot, field = of.partition(".")
        if not finish:
            finish = ", ".join(map(_finish_name, self.before or self.after or ()))
        words = _("texture of {finish}").format(finish=_finish_name(finish))
        if field in TEXTURE_NAMES:
            labels = dict(Finish.Mapping.choices) if field == "mapping" else {}
            return f"{words}: {self._with_values(_(TEXTURE_NAMES[field]), labels)}"
        return words

    def _with_values(self, name: str, labels: Mapping[Any, Any]) -> str:
        before, after = _shown(self.before, labels), _shown(self.after, labels)
        return f"{name} {before} → {after}" if before and after else name


def in_words(changes: Sequence[RecipeChange]) -> list[str]:
    """Return what changed in the reader's language, each once."""
    return list(dict.fromkeys(change.words for change in changes))


def _finish_name(slug: str) -> str:
    """Return a finish as recipes know it, in words: the name of a built-in one, whatever it is called by now."""
    return _(FINISH_NAMES[slug]) if slug in FINISH_NAMES else slug.replace("_", " ")


def _value(recipe: Recipe, name: str) -> Any:
    value: Any = recipe
    for part in name.split("."):
        value = value.get(part) if isinstance(value, Mapping) else None
    return value


def _kept(value: Any) -> Any:
    if isinstance(value, list | tuple):
        is_short = all(isinstance(one, str) for one in value) and len(" ".join(value)) <= LONGEST
        return list(value) if is_short else {}
    says_much = isinstance(value, Mapping) or (isinstance(value, str) and len(value) > LONGEST)
    return {} if says_much else value


def _shown(value: Any, labels: Mapping[Any, Any]) -> str:
    """Return a value as people write it; "" for one that says nothing to them."""
    if value is None or value == "" or value == []:
        return _("none")
    if isinstance(value, bool):
        return _("on") if value else _("off")
    if isinstance(value, float):
        return numbers.local(f"{value:g}")
    if isinstance(value, list):
        value = " ".join(value)
    return str(labels.get(value, value)) if isinstance(value, int | str) else ""
