"""Health checks of a machine or a container: which workers it should have, and whether they live."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone

from gpu import health, process
from gpu.models import Worker
from gpu.supervisor import AlreadyRunning, Cluster, GpuTaken
from gpu.topology import Lane, QueueSpec

pytestmark = pytest.mark.django_db

PINNED = {"CUDA_VISIBLE_DEVICES": "GPU-8f6b1c2e", "RENDERDESK_GPU": "0000:01:00"}


def spec(name: str, **pinned: str) -> QueueSpec:
    return QueueSpec(name, frozenset({Lane.HEAVY}), environment=pinned)


def beat(queue: str, age: float = 0.0, host: str = process.HOST) -> None:
    heartbeat = timezone.now() - timedelta(seconds=age)
    Worker.objects.create(identity=f"{host}:{queue}:1:1", host=host, pid=1, queue=queue, heartbeat=heartbeat)


def test_without_run_workers_a_host_is_not_healthy() -> None:
    assert health.complaints() == ["No run_workers runs here. Start 'manage.py run_workers'."]


def test_every_queue_that_is_served_here_must_show_a_sign_of_life() -> None:
    for name in ("renderdesk", "asset_pipeline"):
        Cluster(spec(name)).claim_device()
    beat("renderdesk")
    beat("asset_pipeline", age=600)
    beat("asset_pipeline_cpu")  # of a run_workers that is gone: none of ours
    assert health.served_queues() == ["asset_pipeline", "renderdesk"]
    (complaint,) = health.complaints()
    assert "No worker of asset_pipeline gives" in complaint
    Worker.objects.filter(queue="asset_pipeline").update(heartbeat=timezone.now())
    assert health.complaints() == []


def test_another_host_s_workers_do_not_make_this_one_healthy() -> None:
    Cluster(spec("asset_pipeline")).claim_device()
    beat("asset_pipeline", host="elsewhere")
    assert health.complaints()


@pytest.mark.parametrize("content", ["", "half", "a:b", "\x00", "::::", "elsewhere:boot:1:1"])
def test_a_lock_file_that_nobody_living_holds_counts_for_nothing(content: str, settings: Any) -> None:
    locks = Path(settings.CACHE_DIR) / "locks"
    locks.mkdir(parents=True)
    (locks / "asset_pipeline.lock").write_text(content)
    assert health.served_queues() == []


def test_what_a_killed_run_workers_held_is_not_served_any_more(settings: Any) -> None:
    ended = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    locks = Path(settings.CACHE_DIR) / "locks"
    locks.mkdir(parents=True)
    (locks / "asset_pipeline.lock").write_text(process.identity(ended.pid))
    assert health.served_queues() == ["asset_pipeline"]
    ended.send_signal(signal.SIGKILL)
    ended.communicate()
    assert health.served_queues() == []


def test_two_containers_of_one_machine_never_share_a_gpu(settings: Any, tmp_path: Path) -> None:
    """Each has a cache folder of its own; the kernel caches are the one folder that they share."""
    settings.CACHE_DIR = tmp_path / "first"
    first = Cluster(spec("asset_pipeline", **PINNED))
    first.claim_device()
    settings.CACHE_DIR = tmp_path / "second"
    Cluster(spec("asset_pipeline_2", RENDERDESK_GPU="0000:02:00")).claim_device()
    Cluster(spec("asset_pipeline_cpu")).claim_device()
    with pytest.raises(GpuTaken, match="maybe in another container, uses the GPU of queue asset_pipeline_3"):
        Cluster(spec("asset_pipeline_3", **PINNED)).claim_device()
    assert issubclass(GpuTaken, AlreadyRunning)
    assert first.gpu_lock is not None
    first.gpu_lock.close()
    Cluster(spec("asset_pipeline_4", **PINNED)).claim_device()


def test_a_lock_is_seen_from_another_process_namespace(tmp_path: Path) -> None:
    """What two containers are to each other: other process numbers, one shared folder."""
    unshare = ["unshare", "--pid", "--fork", "--mount-proc"]
    if shutil.which("unshare") is None or subprocess.run([*unshare, "true"], capture_output=True).returncode:
        pytest.skip("this user may not make process namespaces")
    lock = tmp_path / "GPU-1.lock"
    hold = (
        "import fcntl as f, sys; lock = open(sys.argv[1], 'ab'); f.flock(lock, f.LOCK_EX); "
        "print(1, flush=True); input()"
    )
    pipes: dict[str, Any] = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    with subprocess.Popen([*unshare, sys.executable, "-c", hold, str(lock)], **pipes) as other:
        assert other.stdout is not None
        other.stdout.readline()
        from gpu.supervisor import held_lock

        assert held_lock(lock) is None
        other.communicate(b"\n")
    deadline = time.monotonic() + 5
    while (mine := held_lock(lock)) is None and time.monotonic() < deadline:
        time.sleep(0.05)
    assert mine is not None
    assert (
        lock.read_text().startswith(f"{process.HOST}:{process.boot_id()}/")
        and str(os.getpid()) in lock.read_text()
    )
