"""A whole installation for a test: its own database, folders, workers and web server, used from outside."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.request import urlopen

from tests.databases import database
from tests.end_to_end.console import Console
from tests.paths import PROJECT

TINY = {"width": 64, "height": 64, "samples": 2, "noise_threshold": 0.0}
SLOW = {"width": 256, "height": 256, "samples": 4000, "noise_threshold": 0.0}


@dataclass(frozen=True)
class Answer:
    """What a command printed and how it ended."""

    code: int
    document: Any
    errors: str


class Installation:
    """Runs manage.py as a user would, in a process of its own, with an environment of its own."""

    def __init__(self, folder: Path, database_url: str) -> None:
        self.folder = folder
        self.address, self.webhook_port = f"127.0.0.1:{free_port()}", free_port()
        self.environment = {
            **{
                name: value for name, value in os.environ.items() if not name.startswith(("DJANGO", "PYTEST"))
            },
            "DATABASE_URL": database_url,
            "RENDERDESK_VAR_DIR": str(folder / "var"),
            "MEDIA_ROOT": str(folder / "media"),
            "RENDERDESK_CACHE_DIR": str(folder / "cache"),
            "RENDERDESK_HEARTBEAT_SECONDS": "1",
            "RENDERDESK_URL": f"http://{self.address}",  # of the web server, if one is started
            "RENDERDESK_WEBHOOK_PRIVATE_ADDRESSES": "true",
            "RENDERDESK_WEBHOOK_PORTS": str(self.webhook_port),  # of a receiver, likewise
            "RENDERDESK_BLENDER_NICE": "0",  # other tests run beside
            "CYCLES_DEVICE": "cpu",  # else each start of workers asks the four GPU backends, a Blender each
        }
        self.processes: list[subprocess.Popen[bytes]] = []
        self._console: Console | None = None

    def manage(self, *arguments: str, timeout: float = 240.0, **environment: str) -> Answer:
        """Run a command with --json and return its document."""
        done = subprocess.run(
            [sys.executable, "manage.py", *arguments, "--json"],
            cwd=PROJECT,
            env=self.environment | environment,
            capture_output=True,
            text=True,
            timeout=timeout,
            check=False,
        )
        try:
            document = json.loads(done.stdout)
        except ValueError:
            raise AssertionError(f"no JSON document: {done.stdout!r} {done.stderr}") from None
        return Answer(done.returncode, document, done.stderr)

    def shell(self, code: str) -> str:
        """Run Python inside the installation and return what it printed."""
        self._console = self._console or Console(self.environment)
        return self._console.ask(code)

    def forget_console(self) -> None:
        """End the process that `shell` asks, and its connection; the next question starts another."""
        if self._console is not None:
            self._console.close()
            self._console = None

    def command(self, *words: str) -> Any:
        """Run a command that ends well and return its document, without the second that a process takes to start."""
        code = f"from django.core.management import call_command; call_command(*{[*words, '--json']})"
        return json.loads(self.shell(code))

    def make_tiny(self, slug: str, **fields: Any) -> None:
        """Make an output type cheap enough for a test, or as slow as one needs it."""
        fields = TINY | fields
        self.shell(
            "from rendering.models import OutputType\n"
            f"OutputType.objects.update_or_create(slug={slug!r}, defaults={{**{fields!r}, 'name': {slug!r}}})"
        )

    def start(self, *arguments: str, **environment: str) -> subprocess.Popen[bytes]:
        """Start manage.py ARGUMENTS (or python -m ...) in the background; it is stopped with the installation."""
        command = [sys.executable, *arguments]
        log = (self.folder / f"process-{len(self.processes)}.log").open("wb")
        process = subprocess.Popen(
            command,
            cwd=PROJECT,
            env=self.environment | environment,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        self.processes.append(process)
        return process

    def start_workers(self, **environment: str) -> subprocess.Popen[bytes]:
        return self.start("manage.py", "run_workers", "--drain-seconds", "1", **environment)

    def start_web(self) -> str:
        """Start the web server as the demo does and return its address once it answers."""
        subprocess.run(
            [sys.executable, "manage.py", "collectstatic", "--no-input", "--verbosity", "0"],
            cwd=PROJECT,
            env=self.environment,
            check=True,
            timeout=120,
        )
        self.start(
            *("-m", "gunicorn", "config.wsgi", "--bind", self.address),
            *("--threads", "4", "--log-level", "warning"),
            RENDERDESK_API_RATE="1000/s",
        )

        def answers() -> bool:
            with suppress(OSError), urlopen(f"http://{self.address}/livez", timeout=5) as response:
                return bool(response.status == 200)
            return False

        self.wait_until(answers, "the web server answers", 60)
        return f"http://{self.address}"

    def stop(self) -> None:
        self.forget_console()
        for process in self.processes:
            with suppress(ProcessLookupError):
                process.send_signal(signal.SIGTERM)
        for process in self.processes:
            with suppress(subprocess.TimeoutExpired):
                process.wait(25)
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()

    def logs(self) -> str:
        return "\n".join(
            path.read_text(errors="replace") for path in sorted(self.folder.glob("process-*.log"))
        )

    def jobs(self, kind: str = "", state: str = "") -> list[dict[str, Any]]:
        found = self.command("jobs", *(["--state", state] if state else []))
        return [job for job in found if not kind or job["kind"] == kind]

    def wait_until(self, condition: Callable[[], Any], what: str, seconds: float = 90.0) -> Any:
        """Return the first true value of *condition*; fail with the workers' words when it never is."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            if value := condition():
                return value
            time.sleep(0.1)
        raise AssertionError(f"never happened: {what}\n{self.logs()[-4000:]}")

    def children(self) -> dict[int, str]:
        """The processes of this installation that live now, by pid, with their command lines."""
        mark = f"RENDERDESK_VAR_DIR={self.folder / 'var'}".encode()
        found, parents, ours = {}, {}, set()
        for entry in Path("/proc").iterdir():
            if not entry.name.isdigit() or int(entry.name) == os.getpid():
                continue
            with suppress(OSError):
                # What is contained has another environment: it is known by its folder or by its parents.
                is_ours = mark in (entry / "environ").read_bytes().split(b"\0")
                is_ours = is_ours or (entry / "cwd").readlink().is_relative_to(self.folder)
                pid = int(entry.name)
                ours |= {pid} if is_ours else set()
                parents[pid] = int((entry / "stat").read_text().rpartition(")")[2].split()[1])
                found[pid] = (entry / "cmdline").read_bytes().replace(b"\0", b" ").decode()

        def belongs(pid: int) -> bool:
            while pid not in ours and pid in parents:
                pid = parents[pid]
            return pid in ours

        return {pid: command for pid, command in found.items() if belongs(pid)}


def free_port() -> int:
    """Return a port of this machine that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def installation(folder: Path, server: str | None = None) -> Iterator[Installation]:
    """Yield a migrated installation on *server* (default: that of this test run); leave nothing of it behind."""
    with database(folder, os.environ.get("DATABASE_URL", "") if server is None else server) as url:
        it = Installation(folder, url)
        try:
            yield it
        finally:
            it.stop()
