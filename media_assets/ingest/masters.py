"""The USD master of an earlier revision: a new one takes over the meshes of the parts that have not changed since."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

from django.db.models import Q

from media_assets import storage
from media_assets.models import CadFile, MediaAsset, Product
from media_assets.recipes import Recipe

LOOKED_AT = 20
"""Masters of a product, the newest first: those of other qualities stand between revisions."""


def find(cad_file: CadFile, geometry: Recipe, product: Product | None) -> MediaAsset | None:
    """Return the newest master of this quality, by the same tools, of the product or of the file read in another way.

    Never that of another product: a reader that a hostile file has taken over could have written any meshes into it.
    """
    own = Q(cad_file=cad_file) if product is None else Q(cad_file=cad_file) | Q(product=product)
    masters = MediaAsset.objects.kept().filter(own, kind=MediaAsset.Kind.USD_MASTER)
    for asset in masters.order_by("-pk")[:LOOKED_AT]:
        if all(asset.recipe.get(name) == geometry[name] for name in ("tessellation", "tools")):
            return asset if _is_sound(asset) else None
    return None


@contextmanager
def opened(master: MediaAsset | None) -> Iterator[Path | None]:
    """Yield the path at which the reader can open a master; None for none, and for one that has just been pruned."""
    with ExitStack() as stack:
        path: Path | None = None
        if master:
            with suppress(OSError):
                path = stack.enter_context(storage.local_copy(master.file))
        yield path


def _is_sound(asset: MediaAsset) -> bool:
    try:
        with storage.open_stored(asset.file) as stream:
            sha256, _ = storage.digest(stream)
    except OSError:
        return False
    return bool(sha256 == asset.sha256)
