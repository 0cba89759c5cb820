"""manage.py alive, and how run_workers is given some queues only, as containers do it."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone

from blender_scripts.children import process
from gpu.models import GpuProbe, Worker
from gpu.queues.topology import QueueSpec
from gpu.workers.cluster import Cluster
from rendering.management.commands import run_workers
from tests.rendering.shell import ended

pytestmark = pytest.mark.django_db


@pytest.fixture
def started(settings: Any, monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
    """The queues of each supervisor that would have run; the policy is cpu, so that nothing is probed."""
    settings.CYCLES_DEVICE = "cpu"
    begun: list[list[str]] = []

    class Pretender:
        def __init__(self, plan: Any, *_: Any, **__: Any) -> None:
            begun.append([spec.name for spec in plan()])

        def run(self) -> None:
            pass

    monkeypatch.setattr(run_workers, "Supervisor", Pretender)
    return begun


@pytest.mark.parametrize(
    ("words", "queues"),
    [
        ([], ["asset_pipeline", "asset_pipeline_cpu"]),
        (["--lane", "heavy", "light"], ["asset_pipeline"]),
        (["--lane", "cpu"], ["asset_pipeline_cpu"]),
        (["--queue", "asset_pipeline"], ["asset_pipeline"]),
        (["--queue", "renderdesk"], []),
    ],
)
def test_a_host_can_serve_some_queues_only(
    words: list[str], queues: list[str], started: list[list[str]]
) -> None:
    assert ended("run_workers", *words) == 0
    assert started == [queues]


@pytest.mark.parametrize("words", [["--queue", "renderdesk"], ["--lane", "cpu"]])
def test_who_does_not_render_needs_no_gpu_and_no_probe(
    words: list[str], started: list[list[str]], settings: Any
) -> None:
    settings.CYCLES_DEVICE = "gpu"
    assert ended("run_workers", *words) == 0
    assert not GpuProbe.objects.exists()


def test_what_killed_workers_left_behind_is_gone_when_run_workers_has_stopped(
    settings: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    settings.CYCLES_DEVICE = "cpu"
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "tmp"))
    left = [
        settings.CACHE_DIR / name for name in ("work/renderdesk-999999-1-a", "blender/renderdesk-999999-1-b")
    ]
    left.append(tmp_path / "tmp" / "renderdesk-999999-1-c")

    class Stopped:
        def __init__(self, plan: Any, housekeeping: Any, *, at_stop: Any, **_: Any) -> None:
            self.housekeeping, self.at_stop = housekeeping, at_stop

        def run(self) -> None:
            self.housekeeping()
            for folder in left:  # a worker is killed a moment later
                folder.mkdir(parents=True, exist_ok=True)
            self.at_stop()

    monkeypatch.setattr(run_workers, "Supervisor", Stopped)
    monkeypatch.setattr(run_workers.connections, "close_all", lambda: None)  # we are in a transaction
    monkeypatch.setattr(run_workers, "_sweep_beside", lambda: None)
    assert ended("run_workers") == 0
    assert not any(folder.exists() for folder in left)


def test_an_unknown_queue_is_refused_with_those_there_are(
    started: list[list[str]], capsys: pytest.CaptureFixture[str]
) -> None:
    assert ended("run_workers", "--queue", "asset_pipeline_light") == 2
    assert "It has: asset_pipeline, asset_pipeline_cpu" in capsys.readouterr().err
    assert started == []


def test_a_lock_that_cannot_be_opened_is_said_with_the_next_step(
    settings: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    settings.CYCLES_DEVICE = "cpu"
    (tmp_path / "file").write_text("")
    settings.CACHE_DIR = tmp_path / "file" / "cache"
    assert ended("run_workers", "--queue", "renderdesk") == 2
    assert "renderdesk.lock can't be opened: Not a directory. Give the user" in capsys.readouterr().err


def test_alive_says_why_not_and_then_that_it_is(capsys: pytest.CaptureFixture[str]) -> None:
    assert ended("alive") == 1
    assert "No run_workers is running here" in capsys.readouterr().out
    running = Cluster(QueueSpec("renderdesk", frozenset()))
    running.claim_device()
    Worker.objects.create(
        identity="x", host=process.HOST, pid=1, queue="renderdesk", heartbeat=timezone.now()
    )
    assert ended("alive", "--json") == 0
    assert json.loads(capsys.readouterr().out) == {"alive": True, "queues": ["renderdesk"], "complaints": []}
