"""The health check of the web image: it asks like a visitor behind the proxy, and says what is wrong."""

from __future__ import annotations

import subprocess
import sys
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
from django.test import Client

from tests.paths import PROJECT


@pytest.mark.parametrize("allowed", ["", "render.example.com, other", "*", ".example.com"])
def test_the_health_check_looks_like_a_visitor_behind_the_proxy(allowed: str) -> None:
    assert ask(allowed, 200) == (
        0,
        "",
        {"": "localhost", "*": "localhost", ".example.com": "example.com"}.get(allowed, "render.example.com"),
    )


def test_the_health_check_says_what_a_web_server_that_is_unwell_answers() -> None:
    code, said, _ = ask("render.example.com", 400)
    assert code == 1 and "answers 400. Is render.example.com in ALLOWED_HOSTS" in said


def test_the_health_check_of_a_dead_web_server_fails() -> None:
    code, said = check({"PORT": "9"})
    assert code == 1 and "does not answer" in said


def ask(allowed: str, status: int) -> tuple[int, str, str]:
    """Let the check ask a server that answers *status*; returns its code, words and the Host header it sent."""
    hosts: list[str] = []

    class Answer(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            assert (self.path, self.headers["X-Forwarded-Proto"]) == ("/livez", "https")
            hosts.append(self.headers["Host"])
            self.send_response(status)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    with HTTPServer(("127.0.0.1", 0), Answer) as server:
        thread = threading.Thread(target=server.handle_request)
        thread.start()
        code, said = check({"ALLOWED_HOSTS": allowed, "PORT": str(server.server_port)})
        thread.join()
    return code, said, hosts[0]


def check(environment: dict[str, str]) -> tuple[int, str]:
    program = PROJECT / "deploy" / "docker" / "web_answers.py"
    done = subprocess.run(
        [sys.executable, "-S", str(program)], env=environment, capture_output=True, text=True, check=False
    )
    return done.returncode, done.stdout


def test_the_address_that_the_health_check_asks_for_is_there_for_everybody(client: Client) -> None:
    """This test may not touch the database, so neither does the answer: a web server is alive without one."""
    assert client.get("/livez").content == b"ok"
