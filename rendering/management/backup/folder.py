"""The folder of backups: which are in it, the media that they share, and one process at a time that writes to it.

A backup is made under another name and renamed at the end: one that was killed is never taken for a whole one, and
the files that it copied are there for the next.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from django.utils.translation import gettext as _

from gpu.workers.locks import LockTrouble, held_lock
from media_assets import storage
from rendering.management.backup import manifest
from rendering.management.backup.errors import USAGE, BackupError
from rendering.management.backup.manifest import Manifest

PART = ".part"


@dataclass(frozen=True)
class BackupFolder:
    """A folder that holds backups, by its path."""

    path: Path

    @property
    def media(self) -> Path:
        return self.path / "media"

    def names(self) -> list[str]:
        """Return the names of the backups that are whole, the oldest first."""
        return sorted(
            found.parent.name for found in self.path.glob(f"*/{manifest.NAME}") if not is_part(found.parent)
        )

    def read(self, name: str = "") -> Manifest:
        """Return the manifest of a backup, by default of the newest. Raises BackupError where there is none."""
        names = self.names()
        if not names:
            raise BackupError(
                USAGE,
                _("There is no backup in {folder}: 'manage.py backup' makes one.").format(folder=self.path),
            )
        if name and name not in names:
            raise BackupError(
                USAGE,
                _("There is no backup {name!r} in {folder}. There are: {known}.").format(
                    name=name, folder=self.path, known=", ".join(names)
                ),
            )
        return Manifest.read(self.path / (name or names[-1]))

    def database(self, backup: Manifest) -> Path:
        """Return where the database of a backup lies."""
        return self.path / backup.name / backup.database.name

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Write to the folder while the context lasts. Raises BackupError where another process does, or nobody can."""
        if storage.media_overlap(self.path):
            raise BackupError(
                USAGE,
                _("{folder} and the media lie in each other. Choose another folder.").format(
                    folder=self.path
                ),
            )
        try:
            self.path.mkdir(mode=0o700, parents=True, exist_ok=True)
            lock = held_lock(self.path / ".lock")
        except (OSError, LockTrouble) as error:
            raise BackupError("not_writable", str(error)) from error
        if lock is None:
            raise BackupError(
                "busy", _("Another process is writing to {folder}. Wait for it.").format(folder=self.path)
            )
        with lock:
            (self.path / ".lock").chmod(0o600)
            for left in self.path.glob(f"*{PART}"):
                shutil.rmtree(left)
            yield

    @contextmanager
    def draft(self, moment: datetime) -> Iterator[Path]:
        """Yield an empty folder for a new backup, which has no final name yet; it is gone after an error."""
        stamp = f"{moment:%Y-%m-%dT%H%M%SZ}"
        taken = set(self.names())
        name = next(one for n in range(1, 1000) if (one := stamp if n == 1 else f"{stamp}-{n}") not in taken)
        part = self.path / f"{name}{PART}"
        part.mkdir(mode=0o700)
        try:
            yield part
        finally:
            shutil.rmtree(part, ignore_errors=True)

    def finish(self, part: Path, done: Manifest) -> None:
        """Give a backup its manifest and its name, durably."""
        with os.fdopen(os.open(part / manifest.NAME, os.O_WRONLY | os.O_CREAT, 0o600), "w") as out:
            json.dump(done.to_json(), out, indent=1)
            out.flush()
            os.fsync(out.fileno())
        storage.sync_folder(part)
        part.rename(self.path / done.name)
        storage.sync_folder(self.path)

    def keep(self, count: int) -> list[str]:
        """Delete all but the newest *count* backups, and the media that none of them names; return what was deleted."""
        names = self.names()
        old = names[: max(0, len(names) - count)]
        for name in old:
            part = self.path / f"{name}{PART}"
            (self.path / name).rename(part)  # from now on it is none
            shutil.rmtree(part)
        wanted = {name for one in self.names() for name in self.read(one).files}
        for path in list(self.media.rglob("*")):
            if path.is_file() and path.relative_to(self.media).as_posix() not in wanted:
                path.unlink()
        return old


def is_part(folder: Path) -> bool:
    return folder.name.endswith(PART)
