"""The demo as a newcomer runs it: clone, make demo, first picture."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from tests.paths import PROJECT

PATIENCE = 1800.0  # seconds; the first installation downloads about 1 GB
MINE = ("DATABASE_URL", "MEDIA_ROOT", "SECRET_KEY", "VIRTUAL_ENV", "STATIC_ROOT", "DEBUG", "HTTPS")


@dataclass(frozen=True)
class FirstPicture:
    """Seconds since the start of the clone."""

    installed: float
    picture: float


def measure(folder: Path) -> FirstPicture:
    """Clone the project into *folder*, run `make demo` there until it names the picture, and stop it."""
    began = time.monotonic()
    subprocess.run(["git", "clone", "--quiet", "--depth", "1", PROJECT.as_uri(), str(folder)], check=True)
    environment = {
        name: value
        for name, value in os.environ.items()
        if name not in MINE and not name.startswith(("RENDERDESK", "DJANGO", "MAKE"))
    }
    process = subprocess.Popen(
        ["make", "demo"],
        cwd=folder,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    said: list[str] = []
    installed = picture = 0.0
    try:
        assert process.stdout is not None
        for line in process.stdout:
            said.append(line)
            if "Looking at Blender" in line:
                installed = time.monotonic() - began
            if "The picture:" in line:
                picture = time.monotonic() - began
                break
            if time.monotonic() - began > PATIENCE:
                break
    finally:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGINT)  # as Ctrl-C in a terminal does
        with suppress(subprocess.TimeoutExpired):
            process.communicate(timeout=60)
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
    if not picture:
        raise SystemExit("The demo made no picture:\n" + "".join(said[-20:]))
    return FirstPicture(installed, picture)
