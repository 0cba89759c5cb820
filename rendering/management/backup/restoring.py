"""Restores a backup: checked first, then its files, then its database in one transaction, then what was alive is not.

Until the database has been replaced nothing of the installation has changed but that more files are stored.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from django.apps import apps
from django.conf import settings
from django.contrib.contenttypes.models import ContentType
from django.contrib.sessions.models import Session
from django.core.management import call_command
from django.db import connection
from django.db.migrations.loader import MigrationLoader
from django.utils import timezone
from django.utils.translation import gettext as _
from django_q.models import OrmQ

from gpu.models import GpuDevice, Worker
from gpu.workers import locks
from media_assets import storage
from media_assets.storage import DamagedFile, StoredFile
from rendering import history, orders
from rendering.management.backup import contents, database, verifying
from rendering.management.backup.errors import USAGE, BackupError
from rendering.management.backup.folder import BackupFolder
from rendering.management.backup.making import DAMAGED, GONE, THREADS, Say
from rendering.management.backup.manifest import Manifest
from rendering.models import HistoryEntry

# What people have made: without any of it an installation is empty.
CONTENT = (
    *("auth.User", "media_assets.CadFile", "media_assets.Product", "media_assets.MediaAsset"),
    *("rendering.Environment", "rendering.Studio", "rendering.Texture", "rendering.Order"),
)


@dataclass(frozen=True)
class Restored:
    """A backup that was restored."""

    manifest: Manifest
    copied: int  # files; the others were there
    damaged: Mapping[str, str]  # files of the backup that could not be restored, and why
    returned: int  # jobs that were running, and wait again
    seconds: float


def content() -> dict[str, int]:
    """Return what people have made here, by its name; nothing for an empty installation."""
    tables = set(connection.introspection.table_names()) if database.has_tables() else set()
    models = [apps.get_model(label) for label in CONTENT]
    counts = {
        str(model._meta.verbose_name_plural): model._base_manager.count()
        for model in models
        if model._meta.db_table in tables
    }
    return {name: count for name, count in counts.items() if count}


def check(backup: Manifest) -> None:
    """Raise BackupError where this installation can't take the backup, whatever is in it."""
    database.prepare()
    if backup.vendor != connection.vendor:
        raise BackupError(
            USAGE,
            _(
                "Backup {name} is of {theirs}, and this installation uses {ours}. A backup can only be restored into "
                "the same kind of database: set DATABASE_URL to one."
            ).format(name=backup.name, theirs=backup.vendor, ours=connection.vendor),
        )
    known = MigrationLoader(None).disk_migrations
    replaced = {old for one in known.values() for old in one.replaces}
    ours = {app for app, _name in known}
    later = [
        f"{app}.{name}"
        for app, names in backup.migrations.items()
        for name in names
        if (app, name) not in known and (app, name) not in replaced and app in ours
    ]
    if later:
        raise BackupError(
            "newer",
            _(
                "Backup {name} was made by a later version of Renderdesk ({version}; this is {ours}): this one does "
                "not know {migrations}. Restore it with that version."
            ).format(
                name=backup.name, version=backup.version, ours=settings.VERSION, migrations=", ".join(later)
            ),
        )
    if alive := workers():
        raise BackupError(
            USAGE,
            _(
                "Workers are running: {workers}. Stop 'manage.py run_workers' on every host and the web server, wait "
                "{seconds:.0f} s, and restore again."
            ).format(workers=", ".join(alive), seconds=4 * settings.HEARTBEAT_SECONDS),
        )


def workers() -> list[str]:
    """Return the queues whose workers live, by their heartbeats, or by the locks that they hold on this host."""
    alive = set(locks.held_in(settings.CACHE_DIR))
    if Worker._meta.db_table in connection.introspection.table_names():
        alive |= {str(worker) for worker in Worker.objects.alive()}
    return sorted(alive)


def restore(
    folder: BackupFolder, backup: Manifest, *, despite_damage: bool = False, say: Say = lambda words: None
) -> Restored:
    """Put the backup in the place of this installation's database and add its files; return what was done.

    Raises BackupError, before the database is touched, where `check` does, where the disk is too small, and where a
    file of the backup is missing or damaged (unless *despite_damage*: then the others are restored).
    """
    started = time.monotonic()
    check(backup)
    if why := verifying.trouble(folder.path / backup.name, backup.database):
        raise BackupError(
            "damaged",
            _(
                "The database of backup {name} is {why}. Use an earlier backup: 'restore --backup NAME'."
            ).format(name=backup.name, why=_(why)),
        )
    _check_room(backup)
    say(_("Checking and copying {count} files ...").format(count=len(backup.files)))
    copied, damaged = _store(folder, backup)
    if damaged and not despite_damage:
        raise BackupError("damaged", damage_words(backup, damaged))
    check(backup)  # workers may have been started meanwhile
    say(_("Restoring the database ..."))
    database.load(folder.database(backup))
    found = contents.count_rows("default")
    if other := [label for label in found.keys() & backup.rows.keys() if found[label] != backup.rows[label]]:
        raise BackupError(
            "restore_failed",
            _(
                "The restored database has other rows than the backup: {models}. Something writes to it."
            ).format(models=", ".join(sorted(other))),
        )
    call_command("migrate", interactive=False, verbosity=0, skip_checks=False)
    returned = settle()
    history.record(HistoryEntry.Verb.OTHER, [], name=_("Backup {name} restored").format(name=backup.name))
    return Restored(backup, copied, damaged, returned, time.monotonic() - started)


def damage_words(backup: Manifest, damaged: Mapping[str, str]) -> str:
    """Return in a sentence which files of a backup are no good, and what to do."""
    named = ", ".join(f"{name} ({_(why)})" for name, why in list(damaged.items())[:5])
    return _(
        "{count} of {total} files of backup {name} are missing or damaged: {named}. Use an earlier backup (--backup), "
        "or restore the others with --despite-damage: pictures can be ordered again."
    ).format(count=len(damaged), total=len(backup.files), name=backup.name, named=named)


def settle() -> int:
    """End what was alive when the backup was made and is not any more; return how many jobs wait again.

    Workers, messages and sessions of that moment are gone. GPUs count as lost until a probe finds them.
    """
    ContentType.objects.clear_cache()
    Worker.objects.all().delete()
    OrmQ.objects.all().delete()
    Session.objects.all().delete()
    GpuDevice.objects.filter(lost_at=None).update(lost_at=timezone.now())
    returned = orders.give_back_all()
    orders.reap()
    return len(returned)


def _store(folder: BackupFolder, backup: Manifest) -> tuple[int, dict[str, str]]:
    def stored(file: StoredFile) -> bool | str:
        try:
            return storage.copy_in(folder.media, file)
        except FileNotFoundError:
            return GONE
        except DamagedFile:
            return DAMAGED

    with ThreadPoolExecutor(THREADS) as pool:
        results = dict(zip(backup.files, pool.map(stored, backup.files.values()), strict=True))
    damaged = {name: result for name, result in results.items() if isinstance(result, str)}
    return sum(result is True for result in results.values()), damaged


def _check_room(backup: Manifest) -> None:
    if storage.is_bucket():
        return  # nobody knows how much it takes
    needed = sum(file.bytes for file in backup.files.values() if not storage.exists(file.name))
    free = storage.media_space().free
    if free < needed:
        raise BackupError(
            "disk_full",
            _(
                "The media have {free} bytes free, and {needed} bytes are needed. Free some space first."
            ).format(free=free, needed=needed),
        )
