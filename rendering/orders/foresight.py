"""What an order would do, before it is placed."""

from __future__ import annotations

from collections.abc import Sequence

from django.db.models import TextChoices

from blender_scripts.launch import BlenderMissing, BlenderTooOld
from media_assets.models import CadFile
from rendering.errors import HOPELESS_CAD
from rendering.models import Order, OrderLine
from rendering.orders.placing import OrderRefused, Wish, draft
from rendering.plan import batches


class Outlook(TextChoices):
    """What becomes of a wish, from the cheapest on."""

    CACHED = "cached", "Exists already"
    RUNNING = "running", "In work already"
    DERIVED = "derived", "Derived, without a render"
    NEW = "new", "Rendered"
    HOPELESS = "hopeless", "Fails: its CAD file can't be read"


def foresee(wishes: Sequence[Wish]) -> list[Outlook]:
    """Return what would become of each wish if they were ordered together now; nothing is written.

    Raises OrderRefused where there is no Blender.
    """
    try:
        lines, _, found = draft(Order(), wishes)
    except (BlenderMissing, BlenderTooOld) as error:
        raise OrderRefused(str(error)) from error
    keys = sorted({line.recipe_key for line in lines})
    live = {
        key
        for some in batches(keys)
        for key in OrderLine.objects.live().filter(recipe_key__in=some).values_list("recipe_key", flat=True)
    }
    outlooks = []
    for line, ready in zip(lines, found, strict=True):
        cad = line.cad_file
        if ready.file:
            outlook = Outlook.CACHED
        elif line.recipe_key in live:
            outlook = Outlook.RUNNING
        elif line.source == OrderLine.Source.DERIVED:
            outlook = Outlook.DERIVED
        elif not ready.geometry and cad.state == CadFile.State.FAILED and cad.error_code in HOPELESS_CAD:
            outlook = Outlook.HOPELESS
        else:
            outlook = Outlook.NEW
        outlooks.append(outlook)
    return outlooks
