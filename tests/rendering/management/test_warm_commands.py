"""manage.py probe_gpu --warm and --reset-cache on recorded machines, where the render is a real one on the CPU."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command

from blender_scripts.children import process
from gpu.models import GpuDevice, GpuProbe
from gpu.probing import caches, life, probe, warmup
from gpu.queues import topology
from gpu.queues.topology import QueueSpec
from gpu.workers import startup
from gpu.workers.cluster import Cluster
from rendering.farm import warm
from rendering.management import doctor
from tests.rendering.shell import ended

pytestmark = pytest.mark.django_db


def fill(name: str) -> Path:
    caches.environment()
    file = caches.root() / name / "kernel"
    file.write_text("x" * 1_500_000)
    return file


@pytest.mark.blender
def test_warming_renders_on_the_gpu_and_says_cold_and_warm_seconds(
    machine: Callable[..., None], capsys: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    machine("one_nvidia")
    assert ended("probe_gpu", "--warm", "--json") == 0
    document = json.loads(capsys.readouterr().out)
    (warmed,) = document["warmed"]
    assert (warmed["name"], warmed["before"], warmed["error"]) == ("NVIDIA GeForce RTX 4090", "cold", "")
    assert warmed["first_seconds"] > 0 and warmed["again_seconds"] > 0
    (kernels,) = document["kernels"]
    assert kernels["state"] == "warm" and kernels["stamp"]["cold_seconds"] == warmed["first_seconds"]
    assert life.last_results()[process.HOST].kernels[0].state == "warm"

    # Workers that start now have nothing to say about it; after a driver update they have.
    queues = topology.current().queues
    with caplog.at_level(logging.WARNING, "renderdesk.workers"):
        startup.hint_at_cold_kernels(queues)
        assert not [message for message in caplog.messages if "kernels" in message]
        GpuDevice.objects.update(driver="600.1")
        stamp = caches.read_stamp(warmed["vendor_id"])
        assert stamp is not None
        caches.write_stamp(stamp.from_json({**stamp.to_json(), "driver": "400.1"}))
        ended("probe_gpu")
        startup.hint_at_cold_kernels(queues)
    assert "with driver 400.1, which is 560.35.03 now" in caplog.messages[-1]
    assert "kernels of NVIDIA GeForce RTX 4090: cold" in capsys.readouterr().out


@pytest.mark.blender
def test_a_gpu_that_falls_back_to_the_cpu_is_not_warm(
    machine: Callable[..., None], capsys: pytest.CaptureFixture[str]
) -> None:
    machine("one_nvidia", falls_back=True)
    assert ended("probe_gpu", "--warm") == 1
    out = capsys.readouterr().out
    assert "not warmed." in out and "kernels of NVIDIA GeForce RTX 4090: cold" in out


def test_without_a_gpu_there_is_nothing_to_warm_and_nothing_is_invented(
    machine: Callable[..., None], capsys: pytest.CaptureFixture[str]
) -> None:
    machine("no_gpu")
    assert ended("probe_gpu", "--warm") == 1
    out = capsys.readouterr().out
    assert "nothing to warm" in out and "cold" not in out
    assert warmup.usable_gpus() == []


def test_reset_empties_the_caches_and_probes_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    gone, kept = fill("optix"), fill("cuda")
    assert ended("probe_gpu", "--reset-cache", "optix") == 0
    assert f"emptied {caches.root() / 'optix'}: 1.5 MB" in capsys.readouterr().out
    assert not gone.exists() and kept.exists()
    assert ended("probe_gpu", "--reset-cache", "--json") == 0
    assert json.loads(capsys.readouterr().out)["emptied"]["cuda"] == 1_500_000
    assert not GpuProbe.objects.exists()


def test_reset_waits_for_no_worker_but_refuses_unless_forced(
    settings: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = fill("optix")
    own = settings.CACHE_DIR
    settings.CACHE_DIR = tmp_path / "another container"
    spec = QueueSpec("asset_pipeline", frozenset(), environment={"CUDA_VISIBLE_DEVICES": "GPU-8f6b"})
    worker = Cluster(spec)
    worker.claim_device()
    settings.CACHE_DIR = own
    assert ended("probe_gpu", "--reset-cache") == 2
    assert "Workers of this machine run (GPU GPU-8f6b)" in capsys.readouterr().err
    assert file.exists()
    assert ended("probe_gpu", "--reset-cache", "--force") == 0
    assert not file.exists()
    file = fill("optix")
    assert worker.gpu_lock is not None
    worker.gpu_lock.close()
    assert ended("probe_gpu", "--reset-cache") == 0


@pytest.mark.parametrize("words", [["--force"], ["--reset-cache", "/etc"], ["--reset-cache", "stamps"]])
def test_what_makes_no_sense_is_a_usage_error(words: list[str]) -> None:
    with pytest.raises(BaseException) as refused:  # call_command turns argparse's exit into a CommandError
        call_command("probe_gpu", *words)
    assert type(refused.value).__name__ in ("CommandError", "SystemExit")


def test_reset_of_a_folder_of_somebody_else_is_refused(
    settings: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    settings.KERNEL_CACHE_DIR = tmp_path / "local"
    toolkit = tmp_path / "local" / "cuda" / "bin"
    toolkit.mkdir(parents=True)
    assert ended("probe_gpu", "--reset-cache") == 2
    assert "not made by Renderdesk" in capsys.readouterr().err
    assert toolkit.is_dir()


def test_the_doctor_names_cold_kernels_and_a_folder_that_keeps_nothing(
    machine: Callable[..., None], settings: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(probe, "filesystem", lambda folder: "ext4")
    finding = doctor.kernel_caches()
    assert (finding.state, finding.detail) == ("ok", f"0.0 MB in {settings.KERNEL_CACHE_DIR}")
    machine("one_nvidia")
    ended("probe_gpu")
    finding = doctor.kernel_caches()
    assert finding.state == "warn" and "NVIDIA GeForce RTX 4090 are not known" in finding.detail
    assert "--warm" in finding.hint
    monkeypatch.setattr(probe, "filesystem", lambda folder: "tmpfs")
    assert "is on tmpfs: it is gone with the container" in doctor.kernel_caches().detail
    (tmp_path / "file").write_text("")
    settings.KERNEL_CACHE_DIR = tmp_path / "file" / "x"
    assert "can't be made" in doctor.kernel_caches().detail


def test_the_warm_blender_of_a_worker_keeps_its_kernels_there_and_gives_way_unless_a_gpu_waits_for_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    class Started:
        def __init__(self, *_: Any, env: dict[str, str], niceness: int, **__: Any) -> None:
            self.env, self.niceness = env, niceness

        def start(self) -> None:
            pass

    monkeypatch.setattr(warm, "Session", Started)
    monkeypatch.setattr(warm, "_session", None)
    started: Any = warm.session()
    assert (started.env, started.niceness) == (caches.environment(), 10)
    monkeypatch.setattr(warm, "_session", None)
    monkeypatch.setenv("RENDERDESK_GPU_ID", "GPU-1")
    started = warm.session()
    assert started.niceness == 0
