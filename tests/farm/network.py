"""Hosts as network namespaces on one bridge, each with its own name, caches and clock; services have addresses there.

All of it is in a network namespace of this process, which takes it along when it ends. Needs root and iproute2.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

from tests.faults import media
from tests.faults.site import clock
from tests.paths import PROJECT

NEW_NET = 0x40000000  # CLONE_NEWNET of <linux/sched.h>
SERVICES = {"database": "10.77.0.2", "messages": "10.77.0.3", "storage": "10.77.0.4"}
WORKERS = ("tests.farm.workers", "run_workers", "--drain-seconds", "5")
STOP_SECONDS = 40.0


def make() -> str:
    """Give this process a network of its own with a bridge; return why that can't be, "" when it is done."""
    if why := media.own_namespaces(NEW_NET):
        return why
    Path("/run/netns").mkdir(exist_ok=True)
    _run("mount", "-t", "tmpfs", "none", "/run/netns")
    _run("ip", "link", "set", "lo", "up")
    _run("ip", "link", "add", "bridge", "type", "bridge")
    for address in SERVICES.values():
        _run("ip", "address", "add", f"{address}/24", "dev", "bridge")
    _run("ip", "link", "set", "bridge", "up")
    return ""


class Host:
    """One host of the farm and its run_workers."""

    def __init__(self, number: int, folder: Path, environment: dict[str, str]) -> None:
        self.name, self.folder = f"host{number}", folder / f"host{number}"
        self.folder.mkdir()
        self.clock = self.folder / "clock"
        self.clock.write_text("+0")
        self.environment = environment | {
            "RENDERDESK_HOST": self.name,
            "RENDERDESK_VAR_DIR": str(self.folder / "var"),
            "RENDERDESK_CACHE_DIR": str(self.folder / "cache"),
        }
        self.code = PROJECT  # the release that it runs
        self.process: subprocess.Popen[bytes] | None = None
        self.there: list[list[float]] = []  # from when to when it could work (monotonic)
        _run("ip", "netns", "add", self.name)
        _run("ip", "link", "add", self.name, "type", "veth", "peer", "name", "eth0", "netns", self.name)
        _run("ip", "link", "set", self.name, "master", "bridge", "up")
        self.ip("address", "add", f"10.77.0.{10 + number}/24", "dev", "eth0")
        self.ip("link", "set", "eth0", "up")
        self.ip("link", "set", "lo", "up")

    def start(self) -> None:
        """Start its workers."""
        with (self.folder / "log").open("ab") as log:
            self.process = subprocess.Popen(
                ["ip", "netns", "exec", self.name, sys.executable, "-m", *WORKERS],
                cwd=self.code,
                env=self.environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        self.comes()

    def stop(self) -> None:
        if self.process is None:
            return
        for number in (signal.SIGTERM, signal.SIGKILL):
            with suppress(ProcessLookupError, subprocess.TimeoutExpired):
                os.killpg(self.process.pid, number)
                self.process.wait(STOP_SECONDS)
        self.process = None

    def cut(self, *services: str) -> None:
        """Let nothing of this host reach these services any more."""
        for name in services:
            self.ip("route", "add", "blackhole", SERVICES[name])
        self.goes()

    def heal(self, *services: str) -> None:
        for name in services:
            self.ip("route", "del", "blackhole", SERVICES[name])
        self.comes()

    def be_wrong(self, by: str) -> None:
        """Have a clock that is wrong from the start, "+300" by five minutes."""
        self.clock.write_text(by)
        self.environment |= clock(self.clock)

    def comes(self) -> None:
        self.there.append([time.monotonic(), float("inf")])

    def goes(self) -> None:
        self.there[-1][1] = time.monotonic()

    def ip(self, *words: str) -> None:
        _run("ip", "-n", self.name, *words)


def _run(*words: str) -> None:
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"{' '.join(words)}: {done.stderr.strip()}")
