"""Stored files that no row refers to: left by a transaction that was undone, or by somebody who was killed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import PurePath

from django.utils import timezone

from media_assets import storage
from media_assets.models import CadFile, MediaAsset
from media_assets.storage import Listed
from rendering.catalog.plan import batches
from rendering.farm.pruning.planning import Going, unreferenced

FOLDERS = (*MediaAsset.Kind.values, "cad", "poster", "report")
YOUNG = timedelta(days=1)  # its row may be on its way
DAMAGED_KEPT = timedelta(days=30)  # was set aside for whoever looks into it


def found(after: str = "") -> Iterator[tuple[str, list[Going]]]:
    """Yield each folder of stored files behind *after* in order, and what lies in it without a row.

    Raises OSError.
    """
    reports: set[str] | None = None
    for folder in sorted(FOLDERS):
        if after and folder < after.split("/", maxsplit=1)[0]:
            continue
        for part in storage.listed(folder):
            place = str(PurePath(part[0].name).parent) if part else folder
            if not part or place <= after:
                continue
            old = [one for one in part if not _is_young(one)]
            if folder == "report" and old and reports is None:
                reports = _reports()
            known = set().union(
                *(_known(folder, [one.name for one in some], reports) for some in batches(old))
            )
            yield (
                place,
                [unreferenced(one.name, one.bytes, _written(one)) for one in old if one.name not in known],
            )


def lost() -> list[Going]:
    """Return all stored files that no row refers to. Raises OSError."""
    return [one for _, some in found() for one in some]


def is_known(name: str) -> bool:
    """Whether a row refers to the stored file of this name."""
    folder = name.partition("/")[0]
    return name in _known(folder, [name], _reports() if folder == "report" else None)


def _known(folder: str, names: Sequence[str], reports: set[str] | None) -> set[str]:
    """Return which of these names of one folder a row refers to."""
    stems = [PurePath(name).stem for name in names]
    if folder == "cad":
        return set(CadFile.objects.filter(sha256__in=stems).values_list("file", flat=True))
    if folder == "poster":
        return set(MediaAsset.objects.kept().filter(poster__in=names).values_list("poster", flat=True))
    if folder == "report":
        return reports or set()
    rows = MediaAsset.objects.kept().filter(sha256__in=stems)
    return set(rows.order_by().values_list("file", flat=True))


def _reports() -> set[str]:
    """Return the names of all ingest reports that a geometry has, of pruned ones too: they are the proof of it."""
    rows = MediaAsset.objects.filter(kind=MediaAsset.Kind.GLTF_GEOMETRY).order_by()
    return {name for name in rows.values_list("receipt__report", flat=True).iterator() if name}


def _is_young(one: Listed) -> bool:
    kept = DAMAGED_KEPT if one.name.endswith(".damaged") else YOUNG
    return timezone.now() - _written(one) < kept


def _written(one: Listed) -> datetime:
    return datetime.fromtimestamp(one.modified_ns / 1e9, UTC)
