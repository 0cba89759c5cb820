"""A real nginx in front of a real gunicorn, with the lines of deploy/nginx: who is slow costs nobody a thread."""

from __future__ import annotations

import http.client
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.deploy.nginx import in_front_of
from tests.end_to_end.installation import free_port
from tests.paths import PROJECT

pytestmark = pytest.mark.slow
THREADS = 2


@pytest.fixture(scope="module")
def gunicorn(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    """The port of a web server with two threads."""
    port = free_port()
    own = {
        "RENDERDESK_VAR_DIR": str(tmp_path_factory.mktemp("var")),
        "RENDERDESK_BIND": f"127.0.0.1:{port}",
        "WEB_CONCURRENCY": "1",
        "RENDERDESK_WEB_THREADS": str(THREADS),
    }
    server = subprocess.Popen(
        [sys.executable, "-m", "gunicorn", "config.wsgi"], cwd=PROJECT, env=os.environ | own
    )
    try:
        deadline = time.monotonic() + 30
        while not lives(port):
            assert time.monotonic() < deadline and server.poll() is None
            time.sleep(0.05)
        yield port
    finally:
        server.terminate()
        server.wait(20)


@pytest.fixture
def nginx(gunicorn: int, tmp_path: Path) -> Iterator[int]:
    with in_front_of(f"127.0.0.1:{gunicorn}", str(tmp_path), tmp_path / "nginx") as port:
        yield port


def lives(port: int, seconds: float = 5.0) -> bool:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=seconds)
    try:
        connection.request("GET", "/livez", headers={"Host": "localhost"})
        return connection.getresponse().read() == b"ok"
    except OSError:
        return False
    finally:
        connection.close()


HEADERS = b"GET /livez HTTP/1.1\r\nHost: localhost\r\nX-Slow: "
BODY = b"POST /livez HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100000\r\n\r\nabc"


@pytest.mark.parametrize("unfinished", [HEADERS, BODY])
def test_slow_clients_hold_no_thread(nginx: int, unfinished: bytes) -> None:
    with ExitStack() as slow:
        for _ in range(8 * THREADS):
            slow.enter_context(socket.create_connection(("127.0.0.1", nginx))).sendall(unfinished)
        assert all(lives(nginx) for _ in range(4))


def test_without_nginx_they_do(gunicorn: int) -> None:
    """What the proxy is for; if this fails one day, the documentation may say so."""
    with ExitStack() as slow:
        for _ in range(THREADS):
            slow.enter_context(socket.create_connection(("127.0.0.1", gunicorn))).sendall(HEADERS)
        assert not lives(gunicorn, 1.0)
    assert lives(gunicorn)


@pytest.mark.parametrize(
    ("request_lines", "status"),
    [
        ("POST /livez HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1200000000\r\n\r\n", 413),
        (f"GET /{'a' * 9000} HTTP/1.1\r\nHost: localhost\r\n\r\n", 414),
        (f"GET /livez HTTP/1.1\r\nHost: localhost\r\nX-Long: {'a' * 9000}\r\n\r\n", 400),
    ],
)
def test_what_is_too_large_never_reaches_gunicorn(nginx: int, request_lines: str, status: int) -> None:
    with socket.create_connection(("127.0.0.1", nginx)) as client:
        client.sendall(request_lines.encode())
        answer = http.client.HTTPResponse(client)
        answer.begin()
        assert answer.status == status
