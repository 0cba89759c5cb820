"""Exploded views of products: what people said about them, as recipes have it, and what a conversion made of it."""

from __future__ import annotations

import json
from collections.abc import Collection

from media_assets import storage
from media_assets.cad.explode.plan import ExplodePlan
from media_assets.cad.explode.wanted import Change, Explosion, vector
from media_assets.models import ExplodedView, MediaAsset
from media_assets.models.batches import batches


def saved(products: Collection[int]) -> dict[int | None, ExplodedView]:
    """Return what people said of these products (ids), of those where they said anything."""
    parts = batches(sorted(products))
    return {view.product_id: view for some in parts for view in ExplodedView.objects.filter(product__in=some)}


def explosion(view: ExplodedView | None, *, depth: int | None = None, forced: bool = False) -> Explosion:
    """Return how a product is taken apart; *depth* in place of the product's own."""
    own = view or ExplodedView()
    changes = tuple(Change(tuple(one["parts"]), vector(one["move"])) for one in own.changes)
    return Explosion(depth or own.depth or 0, own.spread, forced, changes)


def plan_of(geometry: MediaAsset) -> ExplodePlan | None:
    """Return how a geometry was taken apart, by the report of its conversion; None where that is gone."""
    name = geometry.how_made.report
    if not name or storage.is_lost(str(name)):
        return None
    with storage.open_stored(str(name)) as stream:
        said = json.load(stream).get("explosion")
    return ExplodePlan.from_json(said) if said else None
