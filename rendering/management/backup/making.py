"""Makes a backup: the database of one moment, then every file that its rows name.

A file is stored before its row exists, so what the database names is there. One that somebody deletes meanwhile is
missing: then the database of a later moment, which does not name it any more, is taken instead.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from django.conf import settings
from django.core.signing import Signer
from django.db import connection
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from media_assets import storage
from media_assets.storage import DamagedFile, StorageAway, StoredFile
from rendering import history
from rendering.management.backup import contents, database
from rendering.management.backup.errors import BackupError
from rendering.management.backup.folder import BackupFolder
from rendering.management.backup.manifest import SALT, Manifest
from rendering.models import HistoryEntry

ROUNDS = 5  # databases that are taken until no file was deleted meanwhile
THREADS = 8
BATCH = 512  # files
SPARE = 64_000_000  # bytes that stay free beside what the backup needs
GONE, DAMAGED = gettext_noop("missing"), gettext_noop("damaged")
Say = Callable[[str], None]


@dataclass(frozen=True)
class Made:
    """A backup that was made: its manifest, and what had to be copied for it."""

    manifest: Manifest
    copied: int = 0  # files
    copied_bytes: int = 0
    dropped: Sequence[str] = ()  # older backups


@dataclass
class Copying:
    """The files of one database: those that are in the folder, and why others are not."""

    files: dict[str, StoredFile] = field(default_factory=dict)
    missing: dict[str, str] = field(default_factory=dict)
    copied: int = 0
    bytes: int = 0


def back_up(folder: BackupFolder, *, keep: int = 0, say: Say = lambda words: None) -> Made:
    """Make a backup in *folder* and return it; with *keep*, only the newest so many stay.

    Files that rows name and the storage does not have are in the manifest; then no earlier backup, which may have
    them, is deleted. Raises BackupError, which says what to do, and StorageAway.
    """
    database.prepare()
    with folder.alone():
        known = _known(folder)
        for rounds_left in reversed(range(ROUNDS)):
            with folder.draft(datetime.now(UTC)) as part:
                done, copying = _attempt(folder, part, known, say)
                if not (rounds_left and _was_deleted(copying.missing)):
                    folder.finish(part, done)
                    break
            say(_("Files were deleted meanwhile: the database is taken again."))
            known |= copying.files
        dropped = folder.keep(keep) if keep and not done.missing else []
    words = _("{files} files, {megabytes:.1f} MB").format(files=len(done.files), megabytes=done.bytes / 1e6)
    history.record(HistoryEntry.Verb.OTHER, [], name=_("Backup {name}").format(name=done.name), words=words)
    return Made(done, copying.copied, copying.bytes, dropped)


def last() -> HistoryEntry | None:
    """Return the entry of the last backup of this installation; None without any that is known."""
    return HistoryEntry.objects.filter(verb=HistoryEntry.Verb.OTHER, via="manage.py backup").first()


def _attempt(
    folder: BackupFolder, part: Path, known: Mapping[str, StoredFile], say: Say
) -> tuple[Manifest, Copying]:
    _check_room(folder, database.size())
    say(_("Writing the database ..."))
    created = datetime.now(UTC)
    with database.snapshot(part) as (file, alias):
        names = contents.named_files(alias)
        rows, migrations = contents.count_rows(alias), contents.applied_migrations(alias)
    if names and (why := storage.media_away()):
        raise StorageAway(storage.media_place(), why)
    with file.open("rb") as stream:
        written = StoredFile(file.name, *storage.digest(stream))
    copying = _copy(folder, names, known, say)
    name = part.name.removesuffix(part.suffix)
    done = Manifest(
        name=name,
        created=created,
        version=settings.VERSION,
        vendor=connection.vendor,
        database=written,
        rows=rows,
        migrations=migrations,
        files=copying.files,
        missing=copying.missing,
        signed=Signer(salt=SALT).sign(name),
    )
    return done, copying


def _copy(
    folder: BackupFolder, names: Mapping[str, str], known: Mapping[str, StoredFile], say: Say
) -> Copying:
    """Copy what is not in *folder* yet. Raises BackupError where there is no room, before the first file."""
    copying = Copying()
    todo = []
    needed = 0
    for name, sha256 in names.items():
        with suppress(FileNotFoundError):
            there = (folder.media / name).stat().st_size
            sure = known.get(name) or StoredFile(name, sha256, there)
            if sure.sha256 and sure.bytes == there:
                copying.files[name] = sure
                continue
        try:
            needed += storage.size(name)
            todo.append(name)
        except FileNotFoundError:
            copying.missing[name] = GONE
    _check_room(folder, needed)
    say(
        _("{count} files, {megabytes:.1f} MB to copy; {there} are there already").format(
            count=len(todo), megabytes=needed / 1e6, there=len(copying.files)
        )
    )

    def copied(name: str) -> StoredFile | str:
        try:
            return storage.copy_out(name, folder.media, names[name])
        except FileNotFoundError:
            return GONE
        except DamagedFile:
            return DAMAGED

    with ThreadPoolExecutor(THREADS) as pool:
        for start in range(0, len(todo), BATCH):
            some = todo[start : start + BATCH]
            for name, result in zip(some, pool.map(copied, some), strict=True):
                if isinstance(result, str):
                    copying.missing[name] = result
                else:
                    copying.files[name] = result
                    copying.copied += 1
                    copying.bytes += result.bytes
            if len(todo) > BATCH:
                say(_("{count} of {total} files").format(count=start + len(some), total=len(todo)))
    return copying


def _was_deleted(missing: Mapping[str, str]) -> bool:
    """Return whether any of these files is not named any more, or is there again: it was deleted, or nearly so."""
    gone = {name for name, why in missing.items() if why == GONE}
    if not gone:
        return False
    return not gone <= contents.named_files("default").keys() or any(storage.exists(name) for name in gone)


def _known(folder: BackupFolder) -> dict[str, StoredFile]:
    """Return the files of all backups in *folder*."""
    return {name: file for one in folder.names() for name, file in folder.read(one).files.items()}


def _check_room(folder: BackupFolder, needed: int) -> None:
    free = storage.space_of(folder.path).free
    if free < needed + SPARE:
        raise BackupError(
            "disk_full",
            _(
                "{folder} has {free} bytes free, and {needed} bytes are needed. Free some space there, keep fewer "
                "backups (--keep), or choose another folder. What was copied stays for the next time."
            ).format(folder=folder.path, free=free, needed=needed + SPARE),
        )
