"""The stored files that rows name: which ones, and their deletion once no row does."""

from __future__ import annotations

import logging
from collections.abc import Collection, Iterable
from typing import Any

from django.db.models import QuerySet
from django.db.models.fields.json import KT

from media_assets import storage
from media_assets.models import CadFile, MediaAsset

log = logging.getLogger("renderdesk.media")
BATCH = 500  # SQLite takes 999 parameters


def names_of(cad_files: QuerySet[CadFile], assets: QuerySet[MediaAsset]) -> set[str]:
    """Return the storage names of these rows' files: sources, files, posters, reports."""
    found = set(cad_files.order_by().values_list("file", flat=True))
    for names in assets.order_by().values_list("file", "poster", KT("receipt__report")):
        found |= set(filter(None, names))
    return found


def in_use(names: Collection[str]) -> set[str]:
    """Return those of these storage names that a row needs."""
    found: set[str] = set()
    every = sorted(names)
    for start in range(0, len(every), BATCH):
        some = every[start : start + BATCH]
        reports = MediaAsset.objects.filter(kind=MediaAsset.Kind.GLTF_GEOMETRY, receipt__report__in=some)
        sources: tuple[tuple[QuerySet[Any], Any], ...] = (
            (CadFile.objects.filter(file__in=some), "file"),
            (MediaAsset.objects.filter(file__in=some), "file"),
            (MediaAsset.objects.filter(poster__in=some), "poster"),
            (reports, KT("receipt__report")),
        )
        for rows, field in sources:
            found |= set(rows.order_by().values_list(field, flat=True))
    return found


def delete_unused(names: Iterable[str]) -> None:
    """Delete these stored files, except those that a row needs. Call it after the commit.

    A file is out of sight while its rows are looked for a second time, so whoever stores the same bytes in that
    instant stores them anew. What can't be deleted is logged and stays.
    """
    wanted = set(names)
    for name in wanted - in_use(wanted):
        try:
            hidden = storage.hide(name)
            if hidden and in_use([name]):
                storage.show(hidden, name)
            elif hidden:
                storage.delete(hidden)
        except OSError as error:
            log.warning("The file %s of a deleted row stays: %s", name, error)
