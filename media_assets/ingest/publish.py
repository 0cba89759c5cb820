"""A finished file becomes an asset: stored under its content's name, then one row with recipe and receipt."""

from __future__ import annotations

from pathlib import Path

from media_assets import storage
from media_assets.formats import files
from media_assets.models import CadFile, MediaAsset, Product, clock
from media_assets.recipes import Recipe, recipe_key
from media_assets.recipes.receipt import Receipt


def publish(
    source: Path,
    *,
    kind: str,
    format_name: str,
    recipe: Recipe,
    receipt: Receipt,
    cad_file: CadFile,
    product: Product | None = None,
    width: int | None = None,
    height: int | None = None,
    duration: float | None = None,
    view_key: str = "",
    poster: str = "",
) -> MediaAsset:
    """Store *source* and return the one asset of this recipe, made or brought up to date.

    Call it inside the transaction that ends the job: the file is whole before the row exists, and a rollback leaves
    at most an unreferenced file. Raises StorageFull or StorageReadOnly. Sizes in px, duration in s.
    *poster* is the storage name of a film's small picture.
    """
    stored = storage.store(source, kind, files.suffix(format_name))
    now = clock.now()
    content = {
        "file": stored.name,
        "sha256": stored.sha256,
        "bytes": stored.bytes,
        "mime_type": files.mime_type(format_name),
        "width": width,
        "height": height,
        "duration": duration,
        "view_key": view_key,
        "poster": poster,
        "recipe": dict(recipe),
        "receipt": receipt.to_json(),
        "made_on": MediaAsset.device_of(receipt),
        "produced": now,
        "archived_at": None,
        "last_used": now,
        "pruned": None,
    }
    asset, _ = MediaAsset.objects.update_or_create(
        kind=kind,
        recipe_key=recipe_key(recipe),
        defaults=content,
        create_defaults={**content, "cad_file": cad_file, "product": product},
    )
    return asset
