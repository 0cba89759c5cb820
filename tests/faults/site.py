"""The installation that is broken: its own PostgreSQL, media disk, clocks, workers and users.

Either it renders on the CPU in a confined Blender, or on two GPUs that are none (`tests.fake_gpu`), unconfined.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from random import Random

from tests.end_to_end.installation import Installation
from tests.fake_gpu import FakeMachine
from tests.faults.clients import Client
from tests.faults.media import MediaDisk
from tests.faults.postgres import Postgres
from tests.faults.registry import Missed

CLIENTS = 3
SEEN_SECONDS = 0.1
RESTART_SECONDS = 1.0  # what systemd waits before it starts a service again (there 15 s)
FLOOR_MB = 2
LIBFAKETIME = Path("/usr/lib/x86_64-linux-gnu/faketime/libfaketimeMT.so.1")

# A lease and its kin are shorter than in real life, so that a process that is frozen for seconds loses its own.
PACE = {
    "RENDERDESK_LEASE_SECONDS": "20",
    "RENDERDESK_WEDGED_SECONDS": "20",
    "RENDERDESK_RING_SECONDS": "4",
    "RENDERDESK_HEARTBEAT_SECONDS": "1",
}
LIMITS = {"hang_seconds": 20, "disk_floor_mb": FLOOR_MB, "light_lane_max_px": 50, "session_jobs": 15}

ROLES = ("blender", "reader", "cluster", "helper")


class Site:
    """Everything that faults can reach. Use it as `with Site.built(folder, is_mounted=...) as site`."""

    def __init__(self, folder: Path, *, is_mounted: bool, has_gpus: bool) -> None:
        self.folder = folder / "desk"
        self.folder.mkdir()
        self.media = MediaDisk(self.folder, is_mounted=is_mounted)
        self.postgres = Postgres(folder / "postgres")
        self.desk = Installation(self.folder, self.postgres.url)
        self.desk.environment |= {**PACE, "MEDIA_ROOT": str(self.media.root), "TMPDIR": str(self.temporary)}
        if has_gpus:
            self.desk.environment |= FakeMachine(self.folder, "two_nvidia").environment
        self.clients = [Client(self.desk.environment) for _ in range(CLIENTS)]
        self.clocks = {name: folder / f"clock-{name}" for name in ("workers", "database")}
        self.supervisor: subprocess.Popen[bytes] | None = None
        self.ended_at: float | None = None
        self.starts = 0
        self._processes: dict[int, str] = {}
        self._seen_at = -SEEN_SECONDS
        self.hunted: Counter[str] = Counter()  # the roles of the processes that faults wait for
        self.canceled = self.folder / "canceled"  # the lines that may have been canceled by us, one id a line

    @property
    def temporary(self) -> Path:
        return self.folder / "tmp"

    @property
    def has_clocks(self) -> bool:
        return LIBFAKETIME.exists()

    @classmethod
    @contextmanager
    def built(cls, folder: Path, *, is_mounted: bool, has_gpus: bool) -> Iterator[Site]:
        """Yield a site with a migrated database and running workers; end each of its processes afterwards."""
        with ExitStack() as undo:
            site = cls(folder, is_mounted=is_mounted, has_gpus=has_gpus)
            undo.callback(site.media.close)
            site.temporary.mkdir()
            for name, path in site.clocks.items():
                path.write_text("+0")
                environment = site.postgres.environment if name == "database" else site.desk.environment
                if site.has_clocks:
                    environment |= clock(path)
            undo.callback(site.postgres.stop)
            undo.callback(site.postgres.thaw)
            site.postgres.make()
            # The clients' clock is right: hosts need not agree on the time.
            for client in site.clients:
                client.environment = {
                    name: value
                    for name, value in site.desk.environment.items()
                    if not name.startswith(("LD_PRELOAD", "FAKETIME", "PYTHONPATH"))
                }
                undo.callback(client.close)
            undo.callback(site.end)
            subprocess.run(
                [sys.executable, "manage.py", "migrate", "--verbosity", "0"],
                cwd=Path(__file__).resolve().parents[2],
                env=site.clients[0].environment,
                check=True,
                timeout=300,
            )
            site.clients[0].ask("set_up", **LIMITS)
            site.start_workers()
            yield site

    # -- workers, as systemd keeps them --------------------------------------------------------------

    def start_workers(self) -> None:
        self.supervisor, self.ended_at = self.desk.start_workers(), None
        self.starts += 1

    def keep_running(self) -> None:
        """Start run_workers again a moment after it ended; call it often."""
        if self.supervisor is None or self.supervisor.poll() is None:
            return
        now = time.monotonic()
        self.ended_at = self.ended_at or now
        if now - self.ended_at >= RESTART_SECONDS:
            self.start_workers()

    def stop_workers(self, patience: float) -> bool:
        """Stop run_workers as an operator does; return whether it ended by itself in so many seconds."""
        if self.supervisor is None:
            return True
        self.supervisor.terminate()
        with suppress(subprocess.TimeoutExpired):
            self.supervisor.wait(patience)
            return True
        return False

    def end(self) -> None:
        """End each process of the installation, frozen ones as well."""
        self.supervisor = None
        for pid in self.desk.children():
            send(pid, signal.SIGCONT)
        self.desk.stop()
        for _ in range(20):
            left = self.desk.children()
            if not left:
                return
            for pid in left:
                send(pid, signal.SIGKILL)
            time.sleep(0.1)

    # -- victims -------------------------------------------------------------------------------------

    def processes(self, role: str) -> list[int]:
        """Return the ids of the processes with a role (one of ROLES, or "worker": a busy one), by age."""
        own = self.supervisor.pid if self.supervisor else 0
        found = {pid: command for pid, command in self._seen().items() if pid != own}
        if role == "worker":
            busy = [*self.processes("blender"), *self.processes("reader")]
            return sorted(
                {parent for pid in busy if role_of(found.get(parent := parent_of(pid), "")) == "cluster"}
            )
        return sorted(pid for pid, command in found.items() if role_of(command) == role)

    def _seen(self) -> dict[int, str]:
        """The installation's processes as they were a moment ago: many faults may wait for one at a time."""
        now = time.monotonic()
        if now - self._seen_at > SEEN_SECONDS:
            self._processes, self._seen_at = self.desk.children(), now
        return self._processes

    def hunt(self, draw: Random, role: str, seconds: float = 25.0) -> Iterator[float]:
        """Wait for a process with this role and return one. Raises Missed. Use it with `yield from`."""
        self.hunted[role] += 1
        try:
            deadline = time.monotonic() + seconds
            while time.monotonic() < deadline:
                if found := self.processes(role):
                    return draw.choice(found)
                yield 0.1
        finally:
            self.hunted[role] -= 1
        raise Missed(f"no {role}")


def role_of(command: str) -> str:
    """Return the role of one of the installation's processes by its command line."""
    if "session.py" in command:
        return "blender"
    if "forkserver" in command:
        return "reader"
    return "cluster" if "run_workers" in command else "helper"


def parent_of(pid: int) -> int:
    with suppress(OSError, IndexError):
        return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])
    return 0


def send(pid: int, number: signal.Signals) -> None:
    """Send a signal to a process, if it is still there."""
    with suppress(ProcessLookupError):
        os.kill(pid, number)


def clock(path: Path) -> dict[str, str]:
    """The environment of a process whose clock is ahead by what *path* says ("+90"); it never turns back a timer."""
    return {
        "LD_PRELOAD": str(LIBFAKETIME),
        "FAKETIME_TIMESTAMP_FILE": str(path),
        "FAKETIME_CACHE_DURATION": "1",
        "FAKETIME_DONT_FAKE_MONOTONIC": "1",
        "FAKETIME_DISABLE_SHM": "1",
        "PYTHONPATH": str(Path(__file__).with_name("preloaded")),
    }
