"""Small pictures of finishes: rendered ones of the library, a patch of the color for those that were changed."""

from __future__ import annotations

from typing import Any

from django.templatetags.static import static

from blender_scripts.finish_library import FINISHES
from blender_scripts.finish_rules import FinishSpec

MOSTLY_CAD = 0.9  # of the tint: from here on the CAD color is what one sees


def swatch(finish: FinishSpec, cad_color: str = "") -> dict[str, Any]:
    """Return what desk/materials/finish.html shows of a finish, on a part of this CAD color (#rrggbb) if given."""
    is_cad_color = finish.tint >= MOSTLY_CAD
    if is_cad_color and cad_color:
        return {"source": "", "color": _covered(finish, cad_color[:7]), "is_cad_color": True}
    is_rendered = FINISHES.get(finish.slug) == finish
    source = static(f"rendering/finishes/{finish.slug}.webp") if is_rendered else ""
    return {"source": source, "color": _covered(finish, finish.color), "is_cad_color": is_cad_color}


def _covered(finish: FinishSpec, color: str) -> str:
    """Return the color with a finish's texture on it, if any: levels multiply as light does, nearly a power of them."""
    if finish.texture is None:
        return color
    pairs = zip(bytes.fromhex(color[1:]), bytes.fromhex(finish.texture.color[1:]), strict=True)
    return "#" + "".join(f"{round(one * by / 255):02x}" for one, by in pairs)
