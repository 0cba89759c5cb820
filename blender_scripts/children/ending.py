"""Ends child processes, and describes their end in words."""

# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import os
import signal
from collections import defaultdict
from collections.abc import Callable, Iterable
from contextlib import suppress
from pathlib import Path

KILL_AFTER = 0.7
"""Seconds between SIGTERM and SIGKILL: a canceled job must be gone within two."""


def end_group(group: int, is_gone: Callable[[float], bool]) -> None:
    """End a whole process group: SIGTERM, then SIGKILL after KILL_AFTER; waits 1 s more at most.

    *is_gone* says whether the group's first process has ended, after waiting so many seconds for that. What it
    started ends with it, in whatever group.
    """
    strays: list[int] = []
    if not is_gone(0.0):
        strays = descendants(group)
        signal_group(group, signal.SIGTERM)
        is_gone(KILL_AFTER)
    signal_group(group, signal.SIGKILL)  # those that the first process has left behind, too
    kill(strays)
    is_gone(1.0)


def descendants(process: int) -> list[int]:
    """Return the ids of the processes below one, as they are now, in whatever group or session (proc(5))."""
    children = defaultdict(list)
    for entry in os.scandir("/proc"):
        if entry.name.isdigit():
            with suppress(OSError):
                parent = Path(entry.path, "stat").read_text().rpartition(")")[2].split()[1]
                children[int(parent)].append(int(entry.name))
    found, at = [*children[process]], 0
    while at < len(found):
        found += children[found[at]]
        at += 1
    return found


def kill(processes: Iterable[int]) -> None:
    """End processes, those that are still there."""
    for process in processes:
        with suppress(ProcessLookupError, PermissionError):
            os.kill(process, signal.SIGKILL)


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
