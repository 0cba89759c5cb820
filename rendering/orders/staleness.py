"""Delivered pictures that have become stale: each is found once, and noted on the line that delivered it."""

from __future__ import annotations

from collections.abc import Sequence
from math import ceil

from django.db.models import F
from django.db.models.functions import Mod
from django.utils import timezone

from blender_scripts.launch import BlenderMissing, BlenderTooOld
from media_assets.models import Product
from media_assets.models.batches import batches
from rendering.models import OrderLine
from rendering.orders.deliverables import Deliverable, deliverables

AT_ONCE = 200  # products of one look, on average
ROUND = 60  # looks in which each product has its turn, where there are no more than ROUND * AT_ONCE


def turn(number: int) -> list[Product]:
    """Return the products that look *number* is about: all have their turn in a round, of an hour at least."""
    products = Product.objects.unarchived().exclude(cad_file=None)
    looks = max(ROUND, ceil(products.count() / AT_ONCE))
    mine = products.annotate(place=Mod(F("pk"), looks)).filter(place=number % looks)
    return list(mine.order_by("pk"))


def newly_stale(products: Sequence[Product]) -> list[Deliverable]:
    """Note which pictures of these products have become stale since they were last looked at; return these.

    One that is up to date again can become stale again. Nothing where no Blender can be asked for its version.
    """
    if not products:
        return []
    try:
        found = deliverables(products=products)
    except (BlenderMissing, BlenderTooOld):
        return []
    stale = [item for item in found if item.changed and item.line.stale_since is None]
    fresh = [item.line.pk for item in found if not item.changed and item.line.stale_since is not None]
    noted: set[int] = set()
    for some in batches([item.line.pk for item in stale]):
        held = OrderLine.objects.filter(pk__in=some, stale_since=None).order_by("pk")
        ids = list(held.select_for_update(of=("self",)).values_list("pk", flat=True))
        OrderLine.objects.filter(pk__in=ids).update(stale_since=timezone.now())
        noted |= set(ids)
    for some in batches(fresh):
        OrderLine.objects.filter(pk__in=some).update(stale_since=None)
    return [item for item in stale if item.line.pk in noted]
