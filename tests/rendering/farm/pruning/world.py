"""A product whose draft was rendered twice: a superseded picture, a current one, and what both were made of."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

from django.utils import timezone
from PIL import Image

from gpu.models import SystemSettings
from media_assets.ingest import conversions
from media_assets.ingest.publish import publish
from media_assets.models import CadFile, MediaAsset, Product
from media_assets.recipes import recipe_key
from media_assets.recipes.receipt import Receipt
from rendering.catalog import freshness
from rendering.models import Order, OrderLine
from tests import factories

FOREVER: dict[str, Any] = {
    f"{rule}_{what}": None
    for rule in ("superseded", "master", "geometry", "usd", "document", "frames")
    for what in ("days", "gb")
}


def rules(**fields: Any) -> SystemSettings:
    """Set the rules that are named, and no others."""
    SystemSettings.load()
    SystemSettings.objects.update(**{**FOREVER, **fields})
    return SystemSettings.load()


def unused(asset: MediaAsset, days: float) -> MediaAsset:
    """Let the last use of an asset be so many days ago."""
    MediaAsset.objects.filter(pk=asset.pk).update(last_used=timezone.now() - timedelta(days=days))
    asset.refresh_from_db()
    return asset


def paint(folder: Path, color: int) -> Path:
    """A PNG whose bytes follow from its color."""
    path = folder / f"{color}.png"
    Image.linear_gradient("L").resize((64, 64)).point(lambda value: (value + color) % 256).save(path)
    return path


def made(
    kind: str,
    folder: Path,
    cad: CadFile,
    number: int,
    *,
    seconds: dict[str, float] | None = None,
    **fields: Any,
) -> MediaAsset:
    """Publish a file of any kind that nobody else's recipe and bytes equal."""
    formats = {"gltf_geometry": "glb", "usd_master": "usdc", "cad_document": "xbf"}
    return publish(
        paint(folder, number),
        kind=kind,
        format_name=formats.get(kind, "png"),
        recipe={"number": number, "kind": kind},
        receipt=Receipt(seconds=seconds, **fields),
        cad_file=cad,
        width=64,
        height=64,
        view_key=recipe_key({"view": number}) if kind == "render_master" else "",
    )


def geometry(cad: CadFile, folder: Path) -> MediaAsset:
    """Publish the geometry of a CAD file as a conversion would, with what it took."""
    return publish(
        paint(folder, 99),
        kind=MediaAsset.Kind.GLTF_GEOMETRY,
        format_name="glb",
        recipe=conversions.geometry_recipe(cad, "standard"),
        receipt=Receipt(seconds={"convert": 4.5}),
        cad_file=cad,
    )


def deliver(product: Product, asset: MediaAsset, slug: str = "draft") -> OrderLine:
    """Let an order have delivered this asset."""
    assert product.cad_file is not None
    line = OrderLine.objects.create(
        order=Order.objects.create(),
        product=product,
        output_type=factories.output_type(slug),
        cad_file=product.cad_file,
        state=OrderLine.State.DONE,
        source=OrderLine.Source.RENDERED,
        recipe_key=asset.recipe_key,
        master_width=64,
        master_height=64,
        asset=asset,
        finished=timezone.now(),
    )
    freshness.on_delivered([line])
    return line
