"""Private folders for temporary files, each named after its process: what a killed one leaves, the next sweeps."""

# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from blender_scripts.children import process

PREFIX = "renderdesk-"


def private_folder(base: Path | str | None = None) -> Path:
    """Make a folder below *base*, by default where the system keeps temporary files, and sweep that. Raises OSError."""
    sweep(base)
    who = f"{PREFIX}{os.getpid()}-{process.start_ticks(os.getpid())}-"
    return Path(tempfile.mkdtemp(prefix=who, dir=base)).resolve()


@contextmanager
def temporary_folder(base: Path | str | None = None) -> Iterator[Path]:
    """Yield a private folder that is gone afterwards. Raises OSError."""
    folder = private_folder(base)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def sweep(base: Path | str | None = None) -> int:
    """Delete the private folders of processes that are gone; return how many."""
    swept = 0
    for folder in Path(base or tempfile.gettempdir()).glob(f"{PREFIX}*-*-*"):
        pid, start = folder.name.removeprefix(PREFIX).split("-")[:2]
        if pid.isdigit() and process.start_ticks(int(pid)) != start:
            shutil.rmtree(folder, ignore_errors=True)
            swept += 1
    return swept
