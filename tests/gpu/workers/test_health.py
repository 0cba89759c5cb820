"""Health checks of a machine or a container: which workers it should have, and whether they live."""

from __future__ import annotations

import shutil
import signal
import subprocess
import sys
import threading
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone

from blender_scripts.children import process
from gpu.models import Worker
from gpu.queues.topology import Lane, QueueSpec
from gpu.workers import health
from gpu.workers.cluster import AlreadyRunning, Cluster, GpuTaken
from gpu.workers.locks import held_lock, is_held

pytestmark = pytest.mark.django_db

PINNED = {"CUDA_VISIBLE_DEVICES": "GPU-8f6b1c2e", "RENDERDESK_GPU": "0000:01:00"}


def spec(name: str, **pinned: str) -> QueueSpec:
    return QueueSpec(name, frozenset({Lane.HEAVY}), environment=pinned)


def beat(queue: str, age: float = 0.0, host: str = process.HOST) -> None:
    heartbeat = timezone.now() - timedelta(seconds=age)
    Worker.objects.create(identity=f"{host}:{queue}:1:1", host=host, pid=1, queue=queue, heartbeat=heartbeat)


def test_without_run_workers_a_host_is_not_healthy() -> None:
    assert health.complaints() == ["No run_workers is running here. Start 'manage.py run_workers'."]


def test_every_queue_that_is_served_here_must_show_a_sign_of_life() -> None:
    running = [Cluster(spec(name)) for name in ("renderdesk", "asset_pipeline")]
    for cluster in running:
        cluster.claim_device()
    beat("renderdesk")
    beat("asset_pipeline", age=600)
    beat("asset_pipeline_cpu")  # of a run_workers that is gone: none of ours
    assert health.served_queues() == ["asset_pipeline", "renderdesk"]
    (complaint,) = health.complaints()
    assert "No worker of asset_pipeline has a heartbeat" in complaint
    Worker.objects.filter(queue="asset_pipeline").update(heartbeat=timezone.now())
    assert health.complaints() == []


def test_another_host_s_workers_do_not_make_this_one_healthy() -> None:
    running = Cluster(spec("asset_pipeline"))
    running.claim_device()
    beat("asset_pipeline", host="elsewhere")
    assert health.complaints()


def test_what_a_killed_run_workers_held_is_not_served_any_more(settings: Any) -> None:
    lock = Path(settings.CACHE_DIR) / "locks" / "asset_pipeline.lock"
    lock.parent.mkdir(parents=True)
    with holder(lock) as killed:
        assert health.served_queues() == ["asset_pipeline"]
        killed.send_signal(signal.SIGKILL)
    assert lock.exists() and health.served_queues() == []


def test_a_health_check_keeps_no_run_workers_from_starting(settings: Any) -> None:
    """It looks by taking the lock for a moment; who starts in that moment tries again."""
    cluster = Cluster(spec("asset_pipeline"))
    cluster.claim_device()
    assert cluster.lock is not None
    path = Path(cluster.lock.name)
    cluster.lock.close()
    stop = threading.Event()

    def look() -> None:
        while not stop.is_set():
            is_held(path)

    checking = threading.Thread(target=look)
    checking.start()
    try:
        for _ in range(20):
            again = Cluster(spec("asset_pipeline"))
            again.claim_device()
            assert again.lock is not None
            again.lock.close()
    finally:
        stop.set()
        checking.join()


def test_two_containers_of_one_machine_never_share_a_gpu(settings: Any, tmp_path: Path) -> None:
    """Each has a cache folder of its own; the kernel caches are the one folder that they share."""
    settings.CACHE_DIR = tmp_path / "first"
    first = Cluster(spec("asset_pipeline", **PINNED))
    first.claim_device()
    settings.CACHE_DIR = tmp_path / "second"
    Cluster(spec("asset_pipeline_2", RENDERDESK_GPU="0000:02:00")).claim_device()
    Cluster(spec("asset_pipeline_cpu")).claim_device()
    with pytest.raises(
        GpuTaken, match="maybe in another container, already uses the GPU of queue asset_pipeline_3"
    ):
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
    with holder(lock, *unshare) as other:
        assert held_lock(lock) is None
        other.communicate(b"\n")
    assert held_lock(lock) is not None


def holder(lock: Path, *before: str) -> subprocess.Popen[bytes]:
    """A process that holds *lock* until it gets a line or is killed."""
    hold = (
        "import fcntl as f, sys; lock = open(sys.argv[1], 'ab'); f.flock(lock, f.LOCK_EX); "
        "print(1, flush=True); input()"
    )
    argv = [*before, sys.executable, "-c", hold, str(lock)]
    process = subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert process.stdout is not None
    process.stdout.readline()
    return process


def test_machines_that_share_the_caches_may_have_gpus_at_the_same_address(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    pinned = {"RENDERDESK_GPU": "0000:02:00"}
    holder = Cluster(spec("here", **pinned))
    holder.claim_device()
    with pytest.raises(GpuTaken):
        Cluster(spec("there", **pinned)).claim_device()
    monkeypatch.setattr(process, "boot_id", lambda: "of-another-machine")
    Cluster(spec("elsewhere", **pinned)).claim_device()
    assert holder.gpu_lock is not None
