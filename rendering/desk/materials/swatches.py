"""Small pictures of finishes: rendered ones of the library, a patch of the colour for those that were changed."""

from __future__ import annotations

from typing import Any

from django.templatetags.static import static

from blender_scripts.finish_library import FINISHES
from blender_scripts.finish_rules import Finish

MOSTLY_CAD = 0.9  # of the tint: from here on the CAD colour is what one sees


def swatch(finish: Finish, cad_colour: str = "") -> dict[str, Any]:
    """Return what templates/desk/finish.html shows of a finish, on a part of this CAD colour (#rrggbb) if given."""
    is_cad_colour = finish.tint >= MOSTLY_CAD
    if is_cad_colour and cad_colour:
        return {"source": "", "colour": cad_colour[:7], "is_cad_colour": True}
    is_rendered = FINISHES.get(finish.slug) == finish
    source = static(f"rendering/finishes/{finish.slug}.webp") if is_rendered else ""
    return {"source": source, "colour": finish.colour, "is_cad_colour": is_cad_colour}
