"""Lock files for the processes that serve a queue or use a GPU. The kernel releases them however their holder ends."""

from __future__ import annotations

import contextlib
import fcntl
import time
from pathlib import Path
from typing import IO

from django.utils.translation import gettext as _

_TRIALS = 5  # a health check that looks whether a lock is held has it for a moment


class LockTrouble(Exception):
    """A lock file can't be made or opened, and what to do."""


def lock_file(folder: Path | str, name: str) -> Path:
    """Return the lock file of *name* in a cache folder."""
    return Path(folder) / "locks" / f"{name}.lock"


def held_lock(path: Path) -> IO[bytes] | None:
    """Return the lock file, held as long as it is open; None when another process, in whatever container, holds it.

    Raises LockTrouble when it can't be opened.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        lock = path.open("ab")
    except OSError as error:
        raise LockTrouble(
            _(
                "The lock file %(path)s can't be opened: %(reason)s. Give the user that runs Renderdesk the right to "
                "write there. A file that another user left behind can be deleted."
            )
            % {"path": path, "reason": error.strerror}
        ) from error
    for _trial in range(_TRIALS):
        with contextlib.suppress(BlockingIOError):
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return lock
        time.sleep(0.02)
    lock.close()
    return None


def is_held(path: Path) -> bool:
    """Return whether a process holds this lock file."""
    with path.open("rb") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
    return False


def held_in(folder: Path | str) -> list[str]:
    """Return the names whose lock files in a cache folder are held."""
    locks = lock_file(folder, "*")
    return sorted(lock.stem for lock in locks.parent.glob(locks.name) if is_held(lock))
