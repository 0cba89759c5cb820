"""What a database holds, for its backup: the files that its rows name, and how many rows there are."""

from __future__ import annotations

from collections.abc import Iterator

from django.apps import apps
from django.db import connections
from django.db.migrations.recorder import MigrationRecorder

from media_assets.models import CadFile, MediaAsset
from media_assets.storage import named_sha256
from rendering.catalog.images.receiving import preview_name
from rendering.catalog.images.registry import KINDS

# Every field that names a stored file; what is named elsewhere is in `_named` as well.
FIELDS = (
    "media_assets.CadFile.file",
    "media_assets.MediaAsset.file",
    "media_assets.MediaAsset.poster",
    *(f"{kind.model._meta.label}.file" for kind in KINDS),
)


def named_files(using: str) -> dict[str, str]:
    """Return the storage names of all files that rows name, each with its SHA-256 ("" where no row has it)."""
    return {name: sha256 for name, sha256 in _named(using) if name}


def _named(using: str) -> Iterator[tuple[str, str]]:
    yield from CadFile.objects.using(using).order_by().values_list("file", "sha256").iterator()
    assets = MediaAsset.objects.using(using).order_by()
    for name, sha256, poster in assets.kept().values_list("file", "sha256", "poster").iterator():
        yield name, sha256
        yield poster, named_sha256(poster)
    for report in assets.values_list("receipt__report", flat=True).iterator():  # also of what was pruned
        yield report or "", named_sha256(report or "")
    for kind in KINDS:
        rows = kind.model._default_manager.using(using).order_by()
        for name, sha256 in rows.values_list("file", "sha256"):
            yield name, sha256
            yield preview_name(kind, sha256), ""


def count_rows(using: str) -> dict[str, int]:
    """Return how many rows each model has, by its label; without the tables that are not there."""
    tables = set(connections[using].introspection.table_names())
    return {
        model._meta.label: model._base_manager.using(using).count()
        for model in apps.get_models(include_auto_created=True)
        if model._meta.managed and not model._meta.proxy and model._meta.db_table in tables
    }


def applied_migrations(using: str) -> dict[str, list[str]]:
    """Return the names of the migrations that were applied, by app."""
    found: dict[str, list[str]] = {}
    for app, name in sorted(MigrationRecorder(connections[using]).applied_migrations()):
        found.setdefault(app, []).append(name)
    return found
