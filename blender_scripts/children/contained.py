"""How a child process contains itself, as its first action."""

# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import ctypes
import os
import resource
import signal
from contextlib import suppress
from pathlib import Path

PARENT = "RENDERDESK_PARENT"
"""The environment variable with the process id of whom a child must not outlive."""

_PR_SET_PDEATHSIG, _PR_SET_DUMPABLE = 1, 4  # prctl(2); the first outlives an exec
_LIMITS = {
    "memory": resource.RLIMIT_AS,
    "cpu": resource.RLIMIT_CPU,
    "file": resource.RLIMIT_FSIZE,
    "open_files": resource.RLIMIT_NOFILE,
}


def contain(**limits: int) -> None:
    """Die with the parent that the environment names, if any, leave no core file, end on SIGINT and SIGTERM.

    The *limits* are `memory` (bytes of address space), `cpu` (seconds), `file` (bytes of any one file written) and
    `open_files`.
    """
    parent = int(os.environ.get(PARENT) or 0)
    if parent:
        with suppress(OSError, AttributeError):
            ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
        if not _is_below(parent):
            os._exit(1)  # it died before the lines above
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    for limit, value in (
        (resource.RLIMIT_CORE, 0),
        *((_LIMITS[name], value) for name, value in limits.items()),
    ):
        if resource.getrlimit(limit) != (value, value):  # who is confined may not even set the same again
            resource.setrlimit(limit, (value, value))


def be_unreadable() -> None:
    """Keep this process's memory and environment, which hold secrets, from others of its user.

    No core file shall hold them either. A process is readable again as soon as it becomes another program.
    """
    with suppress(OSError, AttributeError):
        ctypes.CDLL(None).prctl(_PR_SET_DUMPABLE, 0, 0, 0, 0)


def _is_below(parent: int) -> bool:
    """Whether this process is *parent*'s child, or that of a wrapper script which is: the dead have no children."""
    above = os.getppid()
    with suppress(OSError):
        while above not in (0, 1, parent):
            above = int(Path(f"/proc/{above}/stat").read_text().rpartition(")")[2].split()[1])
    return above == parent
