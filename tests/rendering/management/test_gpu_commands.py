"""manage.py probe_gpu and the start of run_workers on recorded machines; when the CPU is a fallback."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from blender_scripts.children import process
from gpu.models import GpuDevice, GpuProbe
from rendering.farm import warm
from rendering.farm.runners.render import gpu_was_expected
from rendering.management.commands import run_workers
from tests.rendering.shell import ended

pytestmark = pytest.mark.django_db


def test_probe_gpu_lists_the_gpus_and_registers_them(
    machine: Callable[[str], None], capsys: pytest.CaptureFixture[str]
) -> None:
    machine("two_nvidia")
    assert ended("probe_gpu") == 0
    out = capsys.readouterr().out
    assert "2 GPUs: NVIDIA GeForce RTX 4090, NVIDIA GeForce RTX 3060" in out
    assert "memory 24564 MB, driver 560.35.03, OPTIX/CUDA" in out
    assert "HIP     finds no GPU" in out
    row = GpuProbe.objects.get()
    assert (row.trigger, row.state, row.host) == ("command", "succeeded", process.HOST)
    assert GpuDevice.objects.count() == 2


def test_probe_gpu_without_a_gpu_ends_with_1_and_names_what_was_lost(
    machine: Callable[[str], None], capsys: pytest.CaptureFixture[str]
) -> None:
    machine("one_nvidia")
    ended("probe_gpu")
    machine("no_gpu")
    capsys.readouterr()
    assert ended("probe_gpu", "--json") == 1
    document = json.loads(capsys.readouterr().out)
    assert (document["devices"], len(document["lost"]), document["host"]) == ([], 1, process.HOST)
    assert [one["state"] for one in document["backends"]] == ["none"] * 4


def test_probe_gpu_without_blender_ends_with_1_and_the_reason(
    settings: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    settings.BLENDER_EXECUTABLE = "/nowhere/blender"
    assert ended("probe_gpu", "--json") == 1
    document = json.loads(capsys.readouterr().out)
    assert document["error_code"] == "probe_failed" and "/nowhere/blender" in document["error"]
    assert GpuProbe.objects.get().state == "failed"


class Started:
    """Stands for the supervisor: notes which queues it would have started."""

    queues: list[str] = []

    def __init__(self, plan: Callable[[], Any], *_: Any, **__: Any) -> None:
        Started.queues = [spec.name for spec in plan()]

    def run(self) -> None:
        pass


@pytest.mark.parametrize(
    ("policy", "recording", "code", "said"),
    [
        ("gpu", "no_gpu", 2, "asset_pipeline was not started"),
        ("auto", "no_gpu", 0, "asset_pipeline renders on the CPU"),
        ("cpu", "no_gpu", 0, ""),
        ("gpu", "backend_crashes", 0, ""),
        ("auto", "two_nvidia", 0, ""),
    ],
)
def test_run_workers_probes_and_obeys_the_policy(
    policy: str,
    recording: str,
    code: int,
    said: str,
    machine: Callable[[str], None],
    settings: Any,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    settings.CYCLES_DEVICE = policy
    machine(recording)
    monkeypatch.setattr(run_workers, "Supervisor", Started)
    Started.queues = []
    assert ended("run_workers") == code
    errors = capsys.readouterr().err
    assert said in errors if said else not errors
    assert ("asset_pipeline" in Started.queues) == (code == 0)
    assert ("asset_pipeline_light" in Started.queues) == (recording == "two_nvidia")
    assert GpuProbe.objects.filter(trigger="worker_start").exists() == (policy != "cpu")


def test_the_cpu_queue_alone_starts_without_a_gpu_or_a_probe(
    settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.CYCLES_DEVICE = "gpu"
    monkeypatch.setattr(run_workers, "Supervisor", Started)
    assert ended("run_workers", "--queue", "asset_pipeline_cpu") == 0
    assert not GpuProbe.objects.exists()


@pytest.mark.parametrize(
    ("device", "registered", "policy", "expected"),
    [
        ("CPU", {}, "auto", False),
        ("", {}, "auto", False),
        ("Card on h1", {}, "auto", True),
        ("Card on h1", {}, "cpu", False),
        ("CPU", {"lost_at": "2026-11-23T00:00Z"}, "auto", True),
        ("CPU", {"enabled": False}, "auto", False),
        ("CPU", {"host": "another"}, "auto", False),
    ],
)
def test_the_cpu_is_a_fallback_only_where_a_gpu_was_expected(
    device: str, registered: dict[str, Any], policy: str, expected: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RENDERDESK_DEVICE", device)
    if registered:
        GpuDevice.objects.create(
            **{"host": process.HOST, "backend": "CUDA", "vendor_id": "GPU-1", "name": "Card", **registered}
        )
    assert gpu_was_expected(policy) is expected


def test_a_worker_of_a_gpu_tries_its_own_backends_and_none_that_broke_the_probe(
    machine: Callable[[str], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert warm.wanted_backends() == ("OPTIX", "CUDA", "HIP", "ONEAPI")
    monkeypatch.setenv("RENDERDESK_BACKENDS", "OPTIX CUDA")
    assert warm.wanted_backends() == ("OPTIX", "CUDA")
    machine("backend_crashes")
    ended("probe_gpu")
    assert warm.wanted_backends() == ("CUDA",)
