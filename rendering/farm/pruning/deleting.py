"""Deletes what a plan lets go: rows are marked first, under a lock and only if nothing needs them, files go after that.

Whoever is killed in between leaves files that no row refers to, which the next run finds. A row whose file is gone
without having been marked can't come about.
"""

from __future__ import annotations

from collections.abc import Sequence

from django.db import transaction
from django.utils import timezone

from media_assets import storage
from media_assets.ingest import stored
from media_assets.models import MediaAsset, clock
from media_assets.storage import SharedFolder
from rendering.farm.pruning.needed import needed
from rendering.farm.pruning.planning import GRACE, Going
from rendering.farm.pruning.rules import FRAMES, UNREFERENCED
from rendering.orders import films

BATCH = 100  # assets that are locked at a time


def delete(going: Sequence[Going]) -> list[tuple[Going, int]]:
    """Delete these files, at most BATCH, and return each that went with the bytes that this freed.

    What is needed or used by now, or being deleted by somebody else, stays. Raises OSError where the storage can't be
    written.
    """
    assets = {one.asset: one for one in going if one.asset is not None}
    gone = [
        (assets[row.pk], sum(stored.discard(str(file.name)) for file in (row.file, row.poster) if file))
        for row in (_mark(list(assets)) if assets else [])
    ]
    gone += [(one, one.bytes) for one in going if one.rule == FRAMES and _remove_frames(one)]
    lost = [one for one in going if one.rule == UNREFERENCED]
    freed = [(one, stored.discard(one.name)) for one in lost]
    return [*gone, *((one, size) for one, size in freed if size)]


def _mark(ids: Sequence[int]) -> list[MediaAsset]:
    """Mark as pruned those of these assets whose files may go, and return them with the names of their files."""
    with transaction.atomic():
        idle = MediaAsset.objects.kept().filter(pk__in=ids, last_used__lt=timezone.now() - GRACE)
        rows = list(
            idle.order_by("pk")
            .only("pk", "kind", "recipe_key", "cad_file", "file", "poster", "sha256")
            .select_for_update(skip_locked=True)
        )
        stays = needed(rows)
        # A file that is not there was not deleted by us: its row keeps saying so.
        marked = [row for row in rows if row.pk not in stays and storage.exists(row.file)]
        MediaAsset.objects.filter(pk__in=[row.pk for row in marked]).update(pruned=clock.now(), poster="")
    return marked


def _remove_frames(one: Going) -> bool:
    """Remove the frames of a film that nobody renders; whoever counts on them finds them missing and renders them."""
    if one.name.rpartition("/")[2] in films.keys_in_work():
        return False
    SharedFolder(one.name).remove()
    return True
