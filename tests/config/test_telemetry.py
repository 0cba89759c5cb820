"""Sentry and OpenTelemetry: what reaches a receiver, without people and secrets, and what is said without a package."""

from __future__ import annotations

import gzip
import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from config import telemetry
from tests.paths import PROJECT

PROGRAM = """
import django; django.setup()
import logging
from django.test import Client
from django.conf import settings
from django.contrib.auth.models import User
from blender_scripts import logged
settings.ALLOWED_HOSTS = ["testserver"]
client = Client(raise_request_exception=False, headers={"X-Request-ID": "request-of-test"})
client.get("/admin/login/?code=s3cret", headers={"Cookie": "sessionid=s3cret"})
with logged.step("job render", job=27):
    try:
        raise RuntimeError("https://a.example/x?key=s3cret failed")
    except RuntimeError:
        logging.getLogger("renderdesk.jobs").exception("Render 27 failed: /share/s3cret/")
import sentry_sdk; sentry_sdk.flush(5)
"""


class Receiver(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        is_packed = self.headers.get("Content-Encoding") == "gzip"
        self.server.got.append((self.path, gzip.decompress(body) if is_packed else body))  # type: ignore[attr-defined]
        self.send_response(200)
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:
        pass


@pytest.fixture
def receiver() -> Iterator[HTTPServer]:
    server = HTTPServer(("127.0.0.1", 0), Receiver)
    server.got = []  # type: ignore[attr-defined]
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


def test_errors_and_spans_arrive_with_their_ids_and_nothing_else(
    receiver: HTTPServer, tmp_path: object
) -> None:
    place = f"127.0.0.1:{receiver.server_port}"
    own = {
        "DJANGO_SETTINGS_MODULE": "config.settings",
        "RENDERDESK_VAR_DIR": str(tmp_path),
        "SENTRY_DSN": f"http://public@{place}/1",
        "OTEL_EXPORTER_OTLP_ENDPOINT": f"http://{place}",
    }
    argv = [sys.executable, "-c", PROGRAM]
    done = subprocess.run(
        argv, cwd=PROJECT, env={**os.environ, **own}, capture_output=True, text=True, timeout=120
    )
    assert done.returncode == 0, done.stderr
    bodies: dict[str, bytes] = {}
    for path, body in receiver.got:  # type: ignore[attr-defined]
        bodies[path] = bodies.get(path, b"") + body
    spans, errors = bodies["/v1/traces"], bodies["/api/1/envelope/"]
    assert (
        b"job render" in spans
        and b"request GET" in spans
        and b"request-of-test" in spans
        and b"renderdesk.job" in spans
    )
    events = [json.loads(line) for line in errors.splitlines() if b'"exception"' in line]
    (of_job,) = [one for one in events if one["tags"].get("job") == "27"]
    assert of_job["exception"]["values"][-1]["value"] == "https://a.example/x?… failed"
    assert of_job["logentry"]["message"] == "Render 27 failed: /share/…/"
    assert not {"user", "request", "extra", "breadcrumbs"} & of_job.keys()
    assert b"s3cret" not in spans + errors


def test_a_missing_package_is_named_with_the_command(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "sentry_sdk", None)
    (wrong,) = telemetry.start({"SENTRY_DSN": "http://public@127.0.0.1:9/1"}, "1")
    assert (
        "SENTRY_DSN is set, and the package sentry_sdk is missing" in wrong
        and "requirements-telemetry.txt" in wrong
    )


def test_an_address_that_is_none_is_said() -> None:
    (wrong,) = telemetry.start({"SENTRY_DSN": "nonsense"}, "1")
    assert wrong.startswith("SENTRY_DSN is wrong")
    assert telemetry.start({}, "1") == []
