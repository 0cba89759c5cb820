"""Ends child processes, and describes their end in words."""

# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import os
import signal
from collections.abc import Callable
from contextlib import suppress

KILL_AFTER = 0.7
"""Seconds between SIGTERM and SIGKILL: a canceled job must be gone within two."""


def end_group(group: int, is_gone: Callable[[float], bool]) -> None:
    """End a whole process group: SIGTERM, then SIGKILL after KILL_AFTER; waits 1 s more at most.

    *is_gone* says whether the group's first process has ended, after waiting so many seconds for that.
    """
    if not is_gone(0.0):
        signal_group(group, signal.SIGTERM)
        is_gone(KILL_AFTER)
    signal_group(group, signal.SIGKILL)  # those that the first process has left behind, too
    is_gone(1.0)


def signal_group(group: int, number: signal.Signals) -> None:
    """Send a signal to each process of a group, if there is one left."""
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(group, number)


def in_words(returncode: int) -> str:
    """An exit code, or the signal that a negative one stands for."""
    if returncode >= 0:
        return f"exit code {returncode}"
    with suppress(ValueError):
        return f"signal {signal.Signals(-returncode).name}"
    return f"signal {-returncode}"
