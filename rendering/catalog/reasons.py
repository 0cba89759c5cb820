"""Why a picture is made, in words: what differs from the newest one of this product in this output type."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models.functions import Coalesce
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from media_assets.recipes import Lookup, Recipe, changed_fields
from rendering.catalog.plan import batches
from rendering.models import OrderLine
from rendering.models.order import DeliverableKey

FIRST = gettext_noop("first picture of this product in this output type")
FORCED = gettext_noop("ordered to be made again")
LOST = gettext_noop("its file is gone from the storage")
LONGEST = 30  # characters of a value that is shown

NAMES = {
    "renderer.blender": "Blender",
    "renderer.scene": gettext_noop("scene version"),
    "encoder": gettext_noop("encoder version"),
    "fps": gettext_noop("frames per second"),
    "look.materials": gettext_noop("materials"),
    "look.lines": gettext_noop("drawn edges"),
    "look.outlines": gettext_noop("drawn outlines"),
    "look.hdri": gettext_noop("panorama"),
    "look.studio": gettext_noop("studio"),
    "orientation": gettext_noop("orientation"),
    "max_bytes": gettext_noop("largest file"),
    "dpi": gettext_noop("resolution"),
    "drawing.exact": gettext_noop("exact lines"),
    "signed": gettext_noop("signature"),
    "pixels": gettext_noop("size"),
}
"""Fields whose own names say too little. All others are named by their last part, as the label of their field is."""

TEXTURE_NAMES = {
    "mm": gettext_noop("width (mm)"),
    "mapping": gettext_noop("mapping"),
    "relief": gettext_noop("relief (mm)"),
}
"""Fields of a texture whose values say something; by its others it is another picture."""

_OF_BOOKS = {
    "pages": gettext_noop("pictures or drawings in it"),
    "parts": gettext_noop("parts list or pictures of parts"),
    "product.number": gettext_noop("number or name of the product"),
    "product.name": gettext_noop("number or name of the product"),
}


@dataclass(frozen=True)
class Earlier:
    """The newest picture of a product in an output type: what it was made from."""

    recipe: Recipe
    cad_file: int


def earlier(lines: Sequence[OrderLine]) -> dict[DeliverableKey, Earlier]:
    """Return the newest delivered picture by what was ordered, for those of *lines*: 1 query for 500 products."""
    types = {line.output_type_id for line in lines}
    found: dict[DeliverableKey, Earlier] = {}
    for products in batches(sorted({line.key[0] for line in lines})):
        delivered = OrderLine.objects.filter(
            product__in=products, output_type__in=types, state=OrderLine.State.DONE, asset__isnull=False
        )
        rows = OrderLine.objects.filter(pk__in=delivered.newest()).order_by()
        for *key, recipe, cad_file in rows.values_list(
            *("product", "output_type", Coalesce("variant", 0), "part", "asset__recipe", "asset__cad_file")
        ):
            found[key[0], key[1], key[2], key[3]] = Earlier(recipe, cad_file)
    return found


def reason(line: OrderLine, before: Earlier | None, wanted: Recipe) -> Lookup:
    """Return why the file of *line* is made: what changed since the one *before*, or why else."""
    if before is None:
        return Lookup(False, why=FIRST)
    changed = changes(before.recipe, wanted, is_same_cad=before.cad_file == line.cad_file_id)
    if changed:
        return Lookup(False, tuple(changed))
    return Lookup(False, why=FORCED if line.not_before else LOST)


def changes(old: Recipe, new: Recipe, *, is_same_cad: bool = True) -> list[str]:
    """Return in words which fields of two recipes of a file differ: "samples 64 → 128", "CAD file"."""
    return list(dict.fromkeys(_words(name, old, new, is_same_cad) for name in changed_fields(old, new)))


def _words(name: str, old: Recipe, new: Recipe, is_same_cad: bool) -> str:
    short = name.removeprefix("view.")
    if short == "geometry":
        return (
            _("geometry (quality, section, exploded view, reading or CAD tools)")
            if is_same_cad
            else _("CAD file")
        )
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
        return _finish(name, old, new)
    if short.startswith("finishes.textures"):
        return _texture(name, old, new)
    if short.startswith("finishes"):
        return _("material rules")
    if short.partition(".")[0] == "hidden":
        return _("hidden parts")
    if short.startswith("product_data"):
        return _("product data")
    if short in _OF_BOOKS:
        return _(_OF_BOOKS[short])
    if short.startswith("cmyk"):
        return _("CMYK profile or its settings")
    if short == "legend":
        return _("numbers or names of parts")
    if short.startswith("credit"):
        return _("creator or copyright")
    plain = _(NAMES.get(short) or short.rpartition(".")[2].replace("_", " "))
    before, after = _shown(_value(old, name)), _shown(_value(new, name))
    return f"{plain} {before} → {after}" if before and after else plain


def _finish(name: str, old: Recipe, new: Recipe) -> str:
    """Return the change of one finish: newly used, no longer used, or a different look."""
    finish = name.rpartition("finishes.surfaces.")[2].replace("_", " ")
    if _value(old, name) is None:
        return _("new finish {finish}").format(finish=finish)
    return (
        _("finish {finish} edited").format(finish=finish)
        if _value(new, name)
        else _("finish {finish} no longer used").format(finish=finish)
    )


def _texture(name: str, old: Recipe, new: Recipe) -> str:
    """Return the change of the texture of one finish: another picture or another size, or one that came or went."""
    finish, _dot, field = name.rpartition("finishes.textures")[2].removeprefix(".").partition(".")
    if not finish:
        finish = ", ".join(_value(old, name) or _value(new, name) or ())
    words = _("texture of {finish}").format(finish=finish.replace("_", " "))
    if field in TEXTURE_NAMES:
        before, after = _shown(_value(old, name)), _shown(_value(new, name))
        return f"{words}: {_(TEXTURE_NAMES[field])} {before} → {after}"
    return words


def _value(recipe: Recipe, name: str) -> Any:
    value: Any = recipe
    for part in name.split("."):
        value = value.get(part) if isinstance(value, Mapping) else None
    return value


def _shown(value: Any) -> str:
    """Return a value as people write it; "" for one that says nothing to them."""
    if value is None or value == "" or value == []:
        return _("none")
    if isinstance(value, bool):
        return _("on") if value else _("off")
    if isinstance(value, float):
        return f"{value:g}"
    if isinstance(value, (list, tuple)) and all(isinstance(one, str) for one in value):
        value = " ".join(value)
    text = str(value)
    return text if isinstance(value, (int, str)) and len(text) <= LONGEST else ""
