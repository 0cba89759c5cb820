"""The desk's cards: which GPU is alive, what it does, what waits for it, and what the CPU did instead."""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from django.utils.html import strip_tags

from gpu.models import GpuDevice, GpuProbe, Worker
from gpu.queues import out_of_service
from gpu.queues.topology import LIGHT_QUEUE, PRIMARY_QUEUE, Lane
from rendering.models import Job
from tests import factories
from tests.rendering.desk.conftest import picture_of

pytestmark = pytest.mark.django_db


def gpu(number: int, **fields: Any) -> GpuDevice:
    return GpuDevice.objects.create(
        host="h",
        backend="OPTIX",
        vendor_id=f"GPU-{number}",
        name=f"Card {number}",
        **{"memory_mb": 24_000 // number, **fields},
    )


def worker(queue: str, gpu: str) -> Worker:
    now = timezone.now()
    number = Worker.objects.count() + 1
    return Worker.objects.create(
        identity=f"h:b:{number}:1", host="h", pid=number, queue=queue, gpu=gpu, heartbeat=now, kicked=now
    )


def run(worker: Worker | str, **fields: Any) -> Job:
    job = factories.job(product=factories.product(number=f"P-{Job.objects.count()}-run"))
    end = timezone.now() + timedelta(minutes=5)
    who = worker if isinstance(worker, str) else worker.identity
    values = {"lease_token": uuid.uuid4(), "lease_until": end, "started": timezone.now(), "attempt": 1}
    Job.objects.filter(pk=job.pk).update(state=Job.State.RUNNING, worker=who, **values, **fields)
    return job


def cards(client: Client) -> dict[str, str]:
    """The cards of the desk as a reader sees them: name -> text."""
    html = client.get(reverse("admin:desk_live")).content.decode()
    found = {}
    for card in re.findall(r'<li class="card [^"]*">(.*?)</li>', html, re.DOTALL):
        text = " ".join(strip_tags(card).split())
        name = " ".join(strip_tags(re.findall(r"<h3>(.*?)<span", card, re.DOTALL)[0]).split())
        found[name] = text
    return found


def test_each_gpu_has_a_card_that_says_what_it_does_and_what_waits_for_it(admin_client: Client) -> None:
    gpu(1), gpu(2)
    job = run(worker(PRIMARY_QUEUE, "GPU-1"), progress=0.4, stage="sample 52 of 128, 34 s left")
    worker(LIGHT_QUEUE, "GPU-2")
    for _ in range(3):
        factories.job(lane=Lane.HEAVY, queue=PRIMARY_QUEUE)
    shown = cards(admin_client)
    assert list(shown) == ["Card 1", "Card 2", "CPU work"]
    assert "Working" in shown["Card 1"] and "40 % · sample 52 of 128, 34 s left" in shown["Card 1"]
    assert str(job) in shown["Card 1"] and "P-0-run" in shown["Card 1"]
    assert "3 waiting (3 heavy)" in shown["Card 1"]
    assert "Idle" in shown["Card 2"] and "Nothing is waiting." in shown["Card 2"]
    assert "No worker" in shown["CPU work"]
    page = admin_client.get(reverse("admin:index")).content.decode()
    assert "1 working · 1 idle · 1 needs attention · 3 waiting" in page


def test_a_lost_gpu_a_switched_off_one_and_jobs_that_nobody_holds_are_all_on_the_desk(
    admin_client: Client,
) -> None:
    gpu(1, lost_at=timezone.now() - timedelta(minutes=47)), gpu(2, enabled=False)
    job = run("h:b:99:1")
    factories.job(queue="a-queue-of-yesterday")
    shown = cards(admin_client)
    assert "Lost" in shown["Card 1"] and "lost 47 min ago" in shown["Card 1"]
    assert "Disabled" in shown["Card 2"]
    assert "CPU renders" in shown
    assert str(job) in shown["No worker alive"]
    assert "1 waiting" in shown["a-queue-of-yesterday"]


def test_cold_kernels_are_told_with_the_command_that_warms_them(admin_client: Client) -> None:
    device = gpu(1)
    kernels = {"vendor_id": device.vendor_id, "name": device.name, "state": "cold", "words": "nothing yet"}
    result = {
        "host": "h",
        "at": (timezone.now() - timedelta(minutes=12)).isoformat(),
        "seconds": 1.0,
        "blender_version": "4.5.15",
        "backends": [],
        "kernels": [kernels],
    }
    now = timezone.now()
    GpuProbe.objects.create(trigger="schedule", host="h", state="succeeded", result=result, finished=now)
    text = cards(admin_client)["Card 1"]
    assert "the first render takes minutes longer" in text and "manage.py probe_gpu --warm" in text
    assert "probed 12 min ago" in text


def test_pictures_of_the_cpu_are_seen_at_a_glance(admin_client: Client, tmp_path: Path) -> None:
    asset = picture_of(factories.product(), tmp_path)
    cpu = picture_of(factories.product(), tmp_path)
    cpu.receipt |= {"gpu_fallback": False}
    cpu.save()
    Job.objects.filter(pk=factories.job().pk).update(
        state=Job.State.SUCCEEDED, finished=timezone.now(), gpu_fallback=True, device_used="CPU"
    )
    desk = admin_client.get(reverse("admin:index")).content.decode()
    assert desk.count('badge-fallback">CPU instead of GPU<') == 1 and 'badge-cpu">CPU<' in desk
    assert "1 render in the last day ran on the CPU instead of a GPU." in desk
    listed = admin_client.get(reverse("admin:media_assets_mediaasset_changelist")).content.decode()
    assert 'badge-fallback">CPU instead of GPU<' in listed and 'badge-cpu">CPU<' in listed
    page = reverse("admin:media_assets_mediaasset_change", args=[asset.pk])
    assert 'badge-fallback">CPU instead of GPU<' in admin_client.get(page).content.decode()


@pytest.mark.parametrize(("device", "count"), [("GPU", 1), ("CPU", 2), ("fallback", 1)])
def test_jobs_are_filtered_by_the_device_that_did_them(device: str, count: int, admin_client: Client) -> None:
    for used, fallback in (("GPU", False), ("CPU", False), ("CPU", True)):
        Job.objects.filter(pk=factories.job().pk).update(device_used=used, gpu_fallback=fallback)
    answer = admin_client.get(reverse("admin:rendering_job_changelist"), {"device": device})
    assert answer.context["cl"].result_count == count


def test_the_desk_takes_as_many_queries_for_8_gpus_as_for_2(admin_client: Client) -> None:
    address = reverse("admin:desk_live")

    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            assert admin_client.get(address).status_code == 200
        return len(captured)

    for number in (1, 2):
        gpu(number)
        run(worker(f"q{number}", f"GPU-{number}"))
    queries()
    few = queries()
    for number in range(3, 9):
        gpu(number)
        run(worker(f"q{number}", f"GPU-{number}"))
    assert queries() == few


def test_who_may_see_gpus_but_no_jobs_is_told_of_no_job(staff: Callable[..., Client]) -> None:
    gpu(1)
    job = run(worker(PRIMARY_QUEUE, "GPU-1"))
    text = cards(staff("gpu.view_gpudevice"))["Card 1"]
    assert str(job) not in text and "wait" not in text
    assert cards(staff("media_assets.view_product")) == {}
    seen = staff("rendering.view_job")
    assert str(job) in cards(seen)["Card 1"]
    assert "gpudevice" not in seen.get(reverse("admin:desk_live")).content.decode()


def test_the_list_of_gpus_takes_as_many_queries_for_8_as_for_2(admin_client: Client) -> None:
    address = reverse("admin:gpu_gpudevice_changelist")
    counts = []
    for numbers in (range(1, 3), range(3, 9)):
        for number in numbers:
            gpu(number)
        with CaptureQueriesContext(connection) as captured:
            assert "No worker" in admin_client.get(address).content.decode()
        counts.append(len(captured))
    assert counts[0] == counts[1]


def test_only_who_may_change_gpus_puts_one_back(staff: Callable[..., Client]) -> None:
    device = gpu(1)
    out_of_service.take_out(device, Lane.HEAVY, "it failed.")
    address = reverse("admin:gpu_gpudevice_back", args=[device.pk])
    seer = staff("gpu.view_gpudevice", "rendering.view_job")
    assert "Put back in service" not in seer.get(reverse("admin:index")).content.decode()
    assert seer.post(address).status_code == 403
    assert staff("gpu.change_gpudevice").get(address).status_code == 405
    device.refresh_from_db()
    assert device.out_of_service


def test_the_desk_answers_before_there_is_any_folder(
    admin_client: Client, settings: Any, tmp_path: Path
) -> None:
    settings.VAR_DIR = tmp_path / "var"
    settings.MEDIA_ROOT = tmp_path / "elsewhere" / "media"
    for page in ("admin:index", "admin:desk_live"):
        assert admin_client.get(reverse(page)).status_code == 200
    assert not settings.VAR_DIR.exists()
