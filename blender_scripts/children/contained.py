"""How a child process contains itself, as its first action. Run by its path, it does this for another program:

RENDERDESK_PARENT=PID python -I contained.py '{"memory": BYTES, "cpu": SECONDS}' PROGRAM ARGUMENT...
"""

# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import ctypes
import json
import os
import resource
import signal
import sys
from contextlib import suppress
from pathlib import Path

PARENT = "RENDERDESK_PARENT"
"""The environment variable with the process id of whom a child must not outlive."""

_PR_SET_PDEATHSIG = 1  # prctl(2); it outlives an exec
_LIMITS = {"memory": resource.RLIMIT_AS, "cpu": resource.RLIMIT_CPU, "file": resource.RLIMIT_FSIZE}


def contain(**limits: int) -> None:
    """Die with the parent that the environment names, if any, leave no core file, end on SIGINT and SIGTERM.

    The *limits* are `memory` (bytes of address space), `cpu` (seconds) and `file` (bytes of any one file written).
    """
    parent = int(os.environ.get(PARENT) or 0)
    if parent:
        with suppress(OSError, AttributeError):
            ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
        if not _is_below(parent):
            os._exit(1)  # it died before the lines above
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    for name, value in limits.items():
        resource.setrlimit(_LIMITS[name], (value, value))


def _is_below(parent: int) -> bool:
    """Whether this process is *parent*'s child, or that of a wrapper script which is: the dead have no children."""
    above = os.getppid()
    with suppress(OSError):
        while above not in (0, 1, parent):
            above = int(Path(f"/proc/{above}/stat").read_text().rpartition(")")[2].split()[1])
    return above == parent


if __name__ == "__main__":
    contain(**json.loads(sys.argv[1]))
    os.execv(sys.argv[2], sys.argv[2:])  # noqa: S606 - no shell, as in subprocess
