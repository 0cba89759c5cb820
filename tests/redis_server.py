"""A real Redis of a test's own, on a free port of the loopback interface, that can be stopped and started again."""

from __future__ import annotations

import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import redis

from tests.end_to_end.installation import free_port

PROGRAM = shutil.which("redis-server")
MISSING = "there is no Redis. On Debian: apt-get install redis-server"


class RedisServer:
    """One server that keeps nothing on disk."""

    def __init__(self, folder: Path, address: str = "127.0.0.1") -> None:
        self.folder, self.address, self.port = folder, address, free_port()
        self.process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"redis://{self.address}:{self.port}/0"

    def start(self) -> None:
        """Start it, and return when it answers."""
        words = ["--bind", self.address, "--protected-mode", "no", "--port", str(self.port)]
        words += ["--save", "", "--appendonly", "no"]
        self.process = subprocess.Popen(
            [str(PROGRAM), *words, "--dir", str(self.folder)], stdout=subprocess.DEVNULL
        )
        client = redis.Redis.from_url(self.url)
        deadline = time.monotonic() + 10
        while time.monotonic() < deadline:
            try:
                client.ping()
                client.close()
                return
            except redis.ConnectionError:
                time.sleep(0.02)
        raise AssertionError("Redis does not answer")

    def stop(self) -> None:
        if self.process is not None:
            self.process.kill()
            self.process.wait()
            self.process = None


@contextmanager
def redis_server(folder: Path) -> Iterator[RedisServer]:
    """Yield a running server, and end it."""
    server = RedisServer(folder)
    server.start()
    try:
        yield server
    finally:
        server.stop()
