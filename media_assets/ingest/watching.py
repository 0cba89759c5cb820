"""Takes in the CAD files that appear in a folder; each is moved to `taken` or, with its reason, to `refused`.

A file stays where it is until it has been taken in, so a watcher that was killed goes on where it was: what it took is
known by its bytes.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from blender_scripts.children.folders import temporary_folder
from media_assets.ingest.receive import Arrival, clean_name
from media_assets.storage import StorageError

TAKEN, REFUSED, LOCK = "taken", "refused", ".renderdesk-watch"
UNFINISHED = (
    ".part",
    ".partial",
    ".tmp",
    ".crdownload",
    ".filepart",
    ".!qb",
)  # names that copying programs use
OFFICE = ("~$", ".")  # locks of programs, and what is hidden
NAME_LIMIT = 200  # bytes of a name below the limit of file systems, with room for a counter and a suffix

Stamp = tuple[int, int, int]  # inode, size, time of the last change (ns)
Take = Callable[[Path, str], list[Arrival]]


class FolderInUse(Exception):
    """Another watcher has this folder."""


@dataclass(frozen=True)
class Watched:
    """What became of one file: its name, what it was taken in as, or why it was refused or has to wait."""

    name: str
    arrivals: list[Arrival] = field(default_factory=list)
    reason: str = ""
    is_waiting: bool = False

    @property
    def shown(self) -> str:
        """The name as people can read it."""
        return clean_name(self.name)

    def as_dict(self) -> dict[str, object]:
        return {
            "name": self.shown,
            "state": "waiting" if self.is_waiting else "refused" if self.reason else "taken",
            "reason": self.reason or None,
            "files": [one.as_dict() for one in self.arrivals],
        }


@dataclass
class Watcher:
    """One folder. *settle*: seconds for which a file must not have changed before it is taken."""

    folder: Path
    take: Take
    settle: float = 10.0
    seen: dict[str, tuple[Stamp, float]] = field(default_factory=dict)  # name -> how it was, and since when

    def look(self) -> Iterator[Watched]:
        """Take in each file that has settled, in the order of their last change; yield what became of it."""
        present = sorted(_files(self.folder), key=lambda one: one[1][2])
        self.seen = {path.name: self.seen[path.name] for path, _ in present if path.name in self.seen}
        for path, stamp in present:
            is_whole = self._has_settled(path.name, stamp) and not _is_being_written(path)
            if is_whole and (outcome := self._taken(path, stamp)):
                yield outcome

    def _has_settled(self, name: str, stamp: Stamp) -> bool:
        """Whether the file has looked the same for long enough, by this host's own clock."""
        now = time.monotonic()
        before = self.seen.get(name)
        if before is None or before[0] != stamp:
            self.seen[name] = (stamp, now)
            return self.settle <= 0
        return now - before[1] >= self.settle

    def _taken(self, path: Path, stamp: Stamp) -> Watched | None:
        """Take in a file and move it away; None for one that changed or went. What can wait is tried again."""
        try:
            outcome = self._judged(path, stamp)
            if outcome:
                self._move(path, outcome)
                self.seen.pop(path.name, None)
            return outcome
        except FileNotFoundError:
            return None
        except (StorageError, OSError) as error:  # a full disk, a share that is away
            return Watched(path.name, reason=str(error), is_waiting=True)

    def _judged(self, path: Path, stamp: Stamp) -> Watched | None:
        """Take in a copy, so that nobody writes to it meanwhile, and return what became of it."""
        with temporary_folder() as private:
            copy = private / "upload"
            shutil.copyfile(path, copy, follow_symlinks=False)
            if _stamp(path) != stamp:
                return None
            try:
                arrivals = self.take(copy, path.name)
            except ValidationError as error:
                return Watched(path.name, reason=" ".join(error.messages))
        trouble = dict.fromkeys(one.error for one in arrivals if one.error_code)
        return Watched(path.name, arrivals, " ".join(trouble))

    def _move(self, path: Path, outcome: Watched) -> None:
        """Move the file aside; where it was refused the reason lies beside it as a text."""
        if not outcome.reason:
            _move(path, self.folder / TAKEN / time.strftime("%Y-%m-%d"))
            return
        numbers = [one.product.number for one in outcome.arrivals if one.product]
        words = [outcome.reason, *(_("Product: {number}").format(number=number) for number in numbers)]
        aside = _move(path, self.folder / REFUSED)
        aside.with_name(f"{aside.name}.txt").write_text("\n".join(words) + "\n", encoding="utf-8")


@contextmanager
def alone(folder: Path) -> Iterator[None]:
    """Hold the folder for one watcher. Raises FolderInUse, or OSError for a folder that can't be written to."""
    for name in (TAKEN, REFUSED):
        (folder / name).mkdir(exist_ok=True)
    with (folder / LOCK).open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise FolderInUse(_("Another watcher has this folder: {folder}").format(folder=folder)) from None
        yield


def _files(folder: Path) -> Iterator[tuple[Path, Stamp]]:
    """Yield the files of the folder itself, no links and nothing that a program says is unfinished."""
    with os.scandir(folder) as entries:
        for entry in entries:
            name = entry.name.lower()
            if (
                name.startswith(OFFICE)
                or name.endswith(UNFINISHED)
                or not entry.is_file(follow_symlinks=False)
            ):
                continue
            if stamp := _stamp(Path(entry.path)):
                yield Path(entry.path), stamp


def _stamp(path: Path) -> Stamp | None:
    try:
        now = path.lstat()
    except FileNotFoundError:
        return None
    return now.st_ino, now.st_size, now.st_mtime_ns


def _is_being_written(path: Path) -> bool:
    """Whether a process of this host has the file open for writing, as far as the kernel says so."""
    try:
        handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    except OSError:
        return False
    try:
        fcntl.fcntl(handle, fcntl.F_SETLEASE, fcntl.F_RDLCK)
        fcntl.fcntl(handle, fcntl.F_SETLEASE, fcntl.F_UNLCK)
    except BlockingIOError:
        return True
    except OSError:
        return False  # somebody else's file, or a file system without leases: its stamp alone counts
    finally:
        os.close(handle)
    return False


def _move(path: Path, folder: Path) -> Path:
    """Move a file into *folder* under a name that is free there, and return where it is."""
    folder.mkdir(parents=True, exist_ok=True)
    shown = Path(clean_name(path.name))
    stem, suffix = shown.stem.encode()[:NAME_LIMIT].decode("utf-8", "ignore"), shown.suffix[:20]
    for count in range(1, 100_000):
        target = folder / (f"{stem}{suffix}" if count == 1 else f"{stem}-{count}{suffix}")
        try:
            os.link(path, target, follow_symlinks=False)  # never over another file
        except FileExistsError:
            continue
        except OSError:  # a file system without hard links, as most shares are
            if target.exists():
                continue
            path.rename(target)
            return target
        path.unlink()
        return target
    raise OSError(_("No name is free in {folder}.").format(folder=folder))
