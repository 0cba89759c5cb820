"""The stored files that rows name: which ones, and their deletion once no row does."""

from __future__ import annotations

import logging
from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from pathlib import PurePath
from typing import Any

from django.db.models import QuerySet
from django.db.models.fields.json import KT

from media_assets import storage
from media_assets.models import CadFile, MediaAsset
from media_assets.models.batches import batches

log = logging.getLogger("renderdesk.media")


def names_of(cad_files: QuerySet[CadFile], assets: QuerySet[MediaAsset]) -> set[str]:
    """Return the storage names of these rows' files: sources, files, posters, reports."""
    found = set(cad_files.order_by().values_list("file", flat=True))
    for names in assets.order_by().values_list("file", "poster", KT("receipt__report")):
        found |= set(filter(None, names))
    return found


def in_use(names: Collection[str]) -> set[str]:
    """Return those of these storage names that a row needs: a pruned asset needs its report alone."""
    folders = defaultdict(list)
    for name in sorted(names):
        folders[name.partition("/")[0]].append(name)
    found: set[str] = set()
    for folder, every in folders.items():
        for some in batches(every):
            rows, field = _rows(folder, some)
            found |= set(rows.order_by().values_list(field, flat=True))
    return found


def _rows(folder: str, names: Sequence[str]) -> tuple[QuerySet[Any], Any]:
    """Return the rows that have files of one folder with these names, and the field that has them."""
    if folder == "report":
        geometries = MediaAsset.objects.filter(kind=MediaAsset.Kind.GLTF_GEOMETRY)
        return geometries.filter(receipt__report__in=names), KT("receipt__report")
    if folder == "poster":
        return MediaAsset.objects.kept().filter(poster__in=names), "poster"
    rows: QuerySet[Any] = CadFile.objects.all() if folder == "cad" else MediaAsset.objects.kept()
    return rows.filter(sha256__in=[PurePath(name).stem for name in names], file__in=names), "file"


def discard(name: str) -> int:
    """Delete a stored file unless a row needs it, and return the bytes that this freed. Raises OSError."""
    return storage.discard(name, lambda: bool(in_use([name])))


def delete_unused(names: Iterable[str]) -> None:
    """Delete these stored files, except those that a row needs. Call it after the commit.

    What can't be deleted is logged and stays.
    """
    wanted = set(names)
    for name in wanted - in_use(wanted):
        try:
            discard(name)
        except OSError as error:
            log.warning("The file %s of a deleted row stays: %s", name, error)
