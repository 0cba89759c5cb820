"""A PostgreSQL of its own: a cluster in a folder, on a free port of the loopback, that may be killed at any time."""

from __future__ import annotations

import os
import pwd
import secrets
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import psycopg

from blender_scripts.children.ending import descendants
from tests.end_to_end.installation import free_port

NAME = "renderdesk"
# A commit survives the death of every process (synchronous_commit), not of the machine (fsync): nobody cuts its power.
SETTINGS = {
    "unix_socket_directories": "",
    "fsync": "off",
    "synchronous_commit": "on",
    "full_page_writes": "off",
    "max_connections": "80",
    "shared_buffers": "32MB",
    "log_min_messages": "warning",
}
UNPRIVILEGED = ("postgres", "nobody")  # initdb refuses root


def programs() -> Path | None:
    """Return the folder of the newest server programs of PostgreSQL on this machine; None without any."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda one: int(one.parts[-3]))
    on_path = shutil.which("initdb")
    found = found or ([Path(on_path)] if on_path else [])
    return found[-1].parent if found else None


class Postgres:
    """One server. Start it, break it, stop it."""

    def __init__(self, folder: Path, address: str = "127.0.0.1") -> None:
        bin_folder = programs()
        assert bin_folder is not None, (
            "PostgreSQL's server programs are not installed: apt-get install postgresql"
        )
        self.bin = bin_folder
        self.folder, self.data = folder, folder / "data"
        self.address, self.port = address, free_port()
        self.password = secrets.token_hex(16)
        self.environment: dict[str, str] = {}  # of the server, from its next start on
        self.user: str | None = None
        if os.geteuid() == 0:
            self.user = next(name for name in UNPRIVILEGED if _is_user(name))

    @property
    def url(self) -> str:
        return f"postgres://{NAME}:{self.password}@{self.address}:{self.port}/{NAME}"

    def make(self) -> None:
        """Make the cluster and its database."""
        self.folder.mkdir()
        word = self.folder / "word"
        word.write_text(self.password)
        if self.user:
            for path in (self.folder, word):
                shutil.chown(path, self.user)
        self._run(
            "initdb", "-D", self.data, "-U", NAME, "-A", "scram-sha-256", f"--pwfile={word}", "--no-sync"
        )
        word.unlink()
        settings = {**SETTINGS, "listen_addresses": self.address, "port": str(self.port)}
        with (self.data / "postgresql.conf").open("a") as out:
            out.writelines(f"{name} = '{value}'\n" for name, value in settings.items())
        with (self.data / "pg_hba.conf").open("a") as out:
            out.write("host all all samenet scram-sha-256\n")
        self.start()
        with self.connection("postgres") as connection:
            connection.execute(f"CREATE DATABASE {NAME}")

    def start(self) -> None:
        words = ("start", "-D", self.data, "-l", self.folder / "server.log", "-w", "-t", "60", "-s")
        for is_last in (False, False, True):
            try:
                self._run("pg_ctl", *words)
                return
            except RuntimeError:  # a process of a server that was killed may be about to end
                if is_last:
                    raise
                time.sleep(1.0)

    def stop(self, mode: str = "immediate") -> None:
        """End the server; "immediate" is as a crash of all its processes."""
        if self.processes():
            self._run("pg_ctl", "stop", "-D", self.data, "-m", mode, "-w", "-t", "60", "-s")

    def processes(self) -> list[int]:
        """Return the ids of the server's processes, its main one first; none while it is down."""
        with suppress(OSError, ValueError, IndexError):
            main = int((self.data / "postmaster.pid").read_text().split()[0])
            # The file outlives a server that was killed.
            if str(self.data).encode() in Path(f"/proc/{main}/cmdline").read_bytes():
                return [main, *descendants(main)]
        return []

    def thaw(self) -> None:
        """Let each process of the server go on that was frozen."""
        for pid in self.processes():
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGCONT)

    @contextmanager
    def connection(self, database: str = NAME) -> Iterator[psycopg.Connection[tuple[Any, ...]]]:
        """Yield a connection of ours that commits each statement. Raises psycopg.Error."""
        address = self.url.replace("postgres://", "postgresql://").rpartition("/")[0]
        with psycopg.connect(
            f"{address}/{database}", autocommit=True, connect_timeout=5, application_name="faults"
        ) as connection:
            yield connection

    def _run(self, program: str, *arguments: str | Path) -> None:
        environment: Mapping[str, str] = {
            **{name: value for name, value in os.environ.items() if not name.startswith("PG")},
            **self.environment,
        }
        own = (
            {"user": self.user, "group": pwd.getpwnam(self.user).pw_gid, "extra_groups": []}
            if self.user
            else {}
        )
        done = subprocess.run(
            [self.bin / program, *arguments],
            cwd=self.folder,
            env=environment,
            start_new_session=True,  # Ctrl-C is for this process alone
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
            timeout=120,
            check=False,
            **own,  # type: ignore[arg-type]
        )
        if done.returncode:
            raise RuntimeError(f"{program} failed: {done.stderr.strip()}")


def _is_user(name: str) -> bool:
    with suppress(KeyError):
        return bool(pwd.getpwnam(name))
    return False
