"""The web server's own settings: gunicorn takes them from the project's folder, in every way it is started."""

from __future__ import annotations

import os
import runpy
import subprocess
import sys
from typing import Any

import pytest

from tests.conftest import PROJECT


def configured(monkeypatch: pytest.MonkeyPatch, **environment: str) -> dict[str, Any]:
    for name in ("RENDERDESK_BIND", "RENDERDESK_WEB_THREADS", "WEB_CONCURRENCY"):
        monkeypatch.delenv(name, raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    return runpy.run_path(str(PROJECT / "gunicorn.conf.py"))


def test_gunicorn_finds_and_accepts_them() -> None:
    shown = subprocess.run(
        [sys.executable, "-m", "gunicorn", "config.wsgi", "--print-config"],
        cwd=PROJECT,
        env={**os.environ, "RENDERDESK_BIND": "127.0.0.1:8123"},
        capture_output=True,
        text=True,
        check=True,
    )
    found = dict(line.split("=", 1) for line in shown.stdout.splitlines() if "=" in line)
    found = {name.strip(): value.strip() for name, value in found.items()}
    assert found["bind"] == "['127.0.0.1:8123']"
    assert (found["worker_class"], found["threads"], found["limit_request_fields"]) == ("gthread", "8", "64")


def test_it_is_for_the_proxy_of_this_machine_alone_unless_told_otherwise(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert configured(monkeypatch)["bind"] == "127.0.0.1:8000"
    found = configured(monkeypatch, WEB_CONCURRENCY="4", RENDERDESK_WEB_THREADS="16")
    assert (found["workers"], found["threads"]) == (4, 16)


def test_a_stopping_server_has_the_time_that_its_service_gives(monkeypatch: pytest.MonkeyPatch) -> None:
    unit = (PROJECT / "deploy/systemd/renderdesk-web.service").read_text()
    assert "TimeoutStopSec=40" in unit and configured(monkeypatch)["graceful_timeout"] < 40
