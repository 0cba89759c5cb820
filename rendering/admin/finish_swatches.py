"""Small pictures of finishes: rendered ones of the library, a patch of the colour for those that were changed."""

from __future__ import annotations

from typing import Any

from django.templatetags.static import static

from blender_scripts.finish_library import FINISHES
from blender_scripts.finish_rules import Finish


def swatch(finish: Finish) -> dict[str, Any]:
    """Return what templates/desk/finish.html shows of a finish."""
    is_rendered = FINISHES.get(finish.slug) == finish
    source = static(f"rendering/finishes/{finish.slug}.webp") if is_rendered else ""
    return {"source": source, "colour": finish.colour, "is_cad_colour": finish.tint == 1.0}
