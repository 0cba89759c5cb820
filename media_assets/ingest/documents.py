"""CAD documents that conversions have read: kept as assets, found again by their recipe."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.db.models import Count, Sum

from media_assets import storage
from media_assets.cad.contract import Kept
from media_assets.ingest import conversions
from media_assets.ingest.publish import publish
from media_assets.models import CadFile, MediaAsset, Product
from media_assets.models.media_asset import MediaAssetQuerySet
from media_assets.recipes import Lookup, Recipe, changed_fields, recipe_key
from media_assets.recipes.receipt import Receipt

WRITING = ("usd-core",)
"""Tools of a geometry recipe that write what was read: no other version of them reads anything else."""

ANY_PRESET = "standard"
"""A document serves every quality, so it does not matter for which one its recipe is asked."""

FREE_BYTES = 2_000_000_000
"""With less free on the disk nothing is kept that can be made again."""


def recipe_of(geometry: Recipe) -> Recipe:
    """Return what the document behind a geometry is a function of: all but the tessellation and what writes it."""
    tools = {name: version for name, version in geometry["tools"].items() if name not in WRITING}
    read = {name: value for name, value in conversions.whole(geometry).items() if name != "tessellation"}
    return {**read, "tools": tools}


def find(cad_file: CadFile, geometry: Recipe) -> tuple[MediaAsset | None, Lookup]:
    """Return the document to make this geometry from, if there is a sound one, and what looking for it gave."""
    recipe = recipe_of(geometry)
    documents = cad_file.assets.filter(kind=MediaAsset.Kind.CAD_DOCUMENT)
    asset = documents.filter(recipe_key=recipe_key(recipe)).first()
    if asset is None:
        last = documents.first()
        changed = tuple(changed_fields(last.recipe, recipe)) if last else ()
        return None, Lookup(False, changed, "" if last else "none was kept")
    why = _damage(asset)
    return (None, Lookup(False, why=why)) if why else (asset, Lookup(True))


def sweep() -> int:
    """Delete the documents that can't be used any more, because the tools or the reading options are others now.

    Returns how many. A document that another process is reading stays readable to it.
    """
    swept = 0
    for asset in (
        _documents().select_related("cad_file").defer("cad_file__tree", "cad_file__report").iterator()
    ):
        today = recipe_of(conversions.geometry_recipe(asset.cad_file, ANY_PRESET))
        if asset.recipe_key == recipe_key(today):
            continue
        same = MediaAsset.objects.kept().filter(sha256=asset.sha256, file=asset.file.name)
        others = same.exclude(pk=asset.pk)
        try:
            storage.discard(asset.file, others.exists)
        except OSError:
            continue  # a storage that can't be written to: the row stays, and with it the next try
        asset.delete()
        swept += 1
    return swept


def space() -> tuple[int, int]:
    """Return how many documents are kept, and their bytes."""
    found = _documents().kept().aggregate(count=Count("pk"), bytes=Sum("bytes", default=0))
    return found["count"], found["bytes"]


def _documents() -> MediaAssetQuerySet:
    return MediaAsset.objects.filter(kind=MediaAsset.Kind.CAD_DOCUMENT)


@contextmanager
def opened(document: MediaAsset | None) -> Iterator[Kept | None]:
    """Yield a document from `find` as the reader takes it; None for none. Raises OSError where its file is gone."""
    if document is None:
        yield None
        return
    with storage.local_copy(document.file) as path:
        yield Kept(str(path), dict(document.how_made.learned or {}))


def _damage(asset: MediaAsset) -> str:
    """Return why the file of a document must not be opened; reading a damaged one crashes OpenCASCADE."""
    try:
        with storage.open_stored(asset.file) as stream:
            sha256, _ = storage.digest(stream)
    except OSError as error:
        return f"the kept document is gone from the storage ({error.strerror})"
    return "" if sha256 == asset.sha256 else "the kept document is not the one that was stored"


def keep(kept: Kept, cad_file: CadFile, geometry: Recipe, product: Product | None) -> str:
    """Publish the document of a finished conversion; return why that was not done, "" when it was.

    A cache is no reason to fail: a full or read-only storage is an answer, not an error.
    """
    source = Path(kept.path)
    free = storage.media_space().free
    if free < FREE_BYTES + source.stat().st_size:
        return f"what was read is not kept, because only {free / 1e9:.1f} GB are free"
    recipe = recipe_of(geometry)
    try:
        publish(
            source,
            kind=MediaAsset.Kind.CAD_DOCUMENT,
            format_name="xbf",
            recipe=recipe,
            receipt=Receipt(tools=recipe["tools"], learned=kept.learned),
            cad_file=cad_file,
            product=product,
        )
    except storage.StorageError as error:
        return f"what was read is not kept: {error}"
    return ""
