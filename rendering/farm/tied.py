"""Runs a program that ends with the process that started it: python tied.py PROGRAM ARGUMENT...

Standard library only, run by its path: nothing of Django is loaded.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import resource
import signal
import sys

PR_SET_PDEATHSIG = 1  # prctl(2); it outlives the exec below

if __name__ == "__main__":
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if sys.platform == "linux":
        with contextlib.suppress(OSError, AttributeError):
            ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    if os.getppid() != int(os.environ.get("RENDERDESK_PARENT", os.getppid())):
        sys.exit(1)  # it died before the line above
    os.execv(sys.argv[1], sys.argv[1:])  # noqa: S606 - no shell, as in subprocess
