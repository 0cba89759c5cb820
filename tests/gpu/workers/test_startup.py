"""What starting workers hear about the device policy: a refusal, a warning, or nothing."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from blender_scripts.children import process
from gpu.models import GpuDevice, GpuProbe
from gpu.probing.probe import ProbeResult
from gpu.probing.runner import probe_now
from gpu.queues import topology
from gpu.workers import startup
from gpu.workers.startup import StartRefused

pytestmark = pytest.mark.django_db

Probed = Callable[[str], ProbeResult]


def checked() -> str:
    return startup.check(topology.current().of_host(process.HOST))


def test_a_strict_policy_without_a_gpu_refuses_with_every_backends_word(
    probed: Probed, settings: Any
) -> None:
    settings.CYCLES_DEVICE = "gpu"
    probe_now(GpuProbe.Trigger.WORKER_START, lambda: probed("no_gpu"))
    with pytest.raises(StartRefused) as refused:
        checked()
    words = str(refused.value)
    for expected in ("asset_pipeline was not started", "set by: environment variable CYCLES_DEVICE"):
        assert expected in words
    assert all(f"{name} finds no GPU" in words for name in ("OPTIX", "CUDA", "HIP", "ONEAPI"))
    assert "--queue asset_pipeline_cpu" in words


def test_the_same_is_a_warning_for_auto_and_nothing_for_cpu(probed: Probed, settings: Any) -> None:
    probe_now(GpuProbe.Trigger.WORKER_START, lambda: probed("no_gpu"))
    settings.CYCLES_DEVICE = "auto"
    assert "asset_pipeline renders on the CPU" in checked()
    settings.CYCLES_DEVICE = "cpu"
    assert checked() == ""


@pytest.mark.parametrize("policy", ["gpu", "auto", "cpu"])
def test_with_a_gpu_every_policy_is_quiet(policy: str, probed: Probed, settings: Any) -> None:
    settings.CYCLES_DEVICE = policy
    probe_now(GpuProbe.Trigger.WORKER_START, lambda: probed("two_nvidia"))
    assert checked() == ""


def test_the_cpu_queue_needs_no_gpu_whatever_the_policy(settings: Any) -> None:
    settings.CYCLES_DEVICE = "gpu"
    assert startup.check([topology.current().queues[-1]]) == ""


def test_a_gpu_that_is_lost_or_switched_off_is_named(probed: Probed, settings: Any) -> None:
    settings.CYCLES_DEVICE = "gpu"
    both = probed("two_nvidia")
    probe_now(GpuProbe.Trigger.WORKER_START, lambda: both)
    GpuDevice.objects.filter(name__endswith="4090").update(enabled=False)
    probe_now(GpuProbe.Trigger.WORKER_START, lambda: replace(both, devices=both.devices[:1]))
    with pytest.raises(StartRefused) as refused:
        checked()
    assert "RTX 4090 is disabled" in str(refused.value)
    assert "RTX 3060 has been lost since" in str(refused.value)


def test_a_host_that_was_never_probed_says_so(settings: Any) -> None:
    settings.CYCLES_DEVICE = "gpu"
    with pytest.raises(StartRefused, match="No probe of this host has succeeded"):
        checked()


def test_a_host_without_a_gpu_may_convert_for_one_that_has_some(probed: Probed, settings: Any) -> None:
    settings.CYCLES_DEVICE = "gpu"
    probe_now(GpuProbe.Trigger.COMMAND, lambda: replace(probed("one_nvidia"), host="farm-2"))
    assert checked() == ""
