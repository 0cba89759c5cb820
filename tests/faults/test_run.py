"""A short run of a few kinds: `make faults` is the long one."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.faults import postgres
from tests.paths import PROJECT

KINDS = ["kill_blender", "kill_worker", "cut_connections", "restart_database", "same_order", "lose_messages"]


@pytest.mark.cluster
@pytest.mark.slow
@pytest.mark.skipif(
    postgres.programs() is None,
    reason="PostgreSQL's server programs are not installed: apt-get install postgresql",
)
def test_an_installation_that_is_broken_six_times_loses_nothing(tmp_path: Path) -> None:
    target = tmp_path / "found.json"
    words = ["--seconds", "20", "--seed", "4", "--json", str(target), "--kinds", *KINDS]
    done = subprocess.run(
        [sys.executable, "-m", "tests.faults", *words],
        cwd=PROJECT,
        capture_output=True,
        text=True,
        timeout=280,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    found = json.loads(target.read_text())
    assert not found["violations"]
    assert len(found["log"]) >= 3
    assert found["facts"]["counts"]["lines done"] > 0
