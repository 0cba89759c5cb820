"""Stored files that no row refers to: left by a transaction that was undone, or by somebody who was killed."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import PurePath

from django.utils import timezone

from media_assets import storage
from media_assets.ingest import stored
from media_assets.models import MediaAsset
from media_assets.storage import Listed
from rendering.farm.pruning.planning import Going, unreferenced

FOLDERS = (*MediaAsset.Kind.values, "cad", "poster", "report")
YOUNG = timedelta(days=1)  # its row may be on its way
DAMAGED_KEPT = timedelta(days=30)  # was set aside for whoever looks into it


def found(after: str = "") -> Iterator[tuple[str, list[Going]]]:
    """Yield each folder of stored files behind *after* in order, and what lies in it without a row.

    Raises OSError.
    """
    for folder in sorted(FOLDERS):
        if after and folder < after.split("/", maxsplit=1)[0]:
            continue
        for part in storage.listed(folder):
            place = str(PurePath(part[0].name).parent) if part else folder
            if not part or place <= after:
                continue
            old = [one for one in part if not _is_young(one)]
            known = stored.in_use([one.name for one in old])
            yield (
                place,
                [unreferenced(one.name, one.bytes, _written(one)) for one in old if one.name not in known],
            )


def lost() -> list[Going]:
    """Return all stored files that no row refers to. Raises OSError."""
    return [one for _, some in found() for one in some]


def _is_young(one: Listed) -> bool:
    kept = DAMAGED_KEPT if one.name.endswith(".damaged") else YOUNG
    return timezone.now() - _written(one) < kept


def _written(one: Listed) -> datetime:
    return datetime.fromtimestamp(one.modified_ns / 1e9, UTC)
