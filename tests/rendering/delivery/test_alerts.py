"""Renderdesk notices what is wrong with itself, and says so once when it begins and once when it is over."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.core import mail
from django.core.exceptions import ValidationError
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from gpu.models import GpuDevice, QueuePause, SystemSettings, Worker
from gpu.queues.topology import CPU_QUEUE, PRIMARY_QUEUE
from media_assets.storage import disk
from media_assets.storage.disk import DiskSpace
from rendering import tasks
from rendering.delivery.alerts import conditions, look, looking
from rendering.models import Alert, Event, Job, Notification, Webhook
from rendering.models.alert import RUNBOOK, AlertName
from rendering.queue import leftovers
from tests import factories
from tests.paths import PROJECT
from tests.rendering.delivery.receiver import listening

pytestmark = [pytest.mark.django_db, pytest.mark.database]

Look = Callable[..., list[str]]


@pytest.fixture(autouse=True)
def served(settings: Any) -> None:
    """Workers of all queues are alive, and there is room."""
    settings.WEBHOOK_PRIVATE_ADDRESSES, settings.WEBHOOK_PORTS = True, range(1, 65536)
    row = SystemSettings.load()
    row.disk_floor_mb = 0
    row.alert_emails = "ada@example.com, bob@example.com\nada@example.com"
    row.save()
    for number, queue in enumerate((PRIMARY_QUEUE, CPU_QUEUE)):
        Worker.objects.create(identity=f"w:b:{number}:1", host="w", pid=number + 1, queue=queue)


@pytest.fixture
def at(monkeypatch: pytest.MonkeyPatch) -> Look:
    """Look *minutes* from now; return the alerts that hold then, by name and subject."""
    began = timezone.now()

    def look_then(minutes: float) -> list[str]:
        now = began + timedelta(minutes=minutes)
        if Worker.objects.filter(pid=1).exists():
            Worker.objects.update(heartbeat=now)
        for module in (looking.timezone, conditions.timezone):
            monkeypatch.setattr(module, "now", lambda: now)
        monkeypatch.setattr(conditions.clock, "now", lambda: now)
        look()
        return [
            f"{one.name} {one.subject}".strip() for one in Alert.objects.current().order_by("name", "subject")
        ]

    return look_then


def subjects() -> list[str]:
    """The mails that were sent, to one of the two who get them."""
    tasks.tell()
    return [one.subject for one in mail.outbox if one.to == ["ada@example.com"]]


def test_nothing_is_wrong_where_all_is_served(at: Look) -> None:
    assert at(0) == [] and at(10) == []
    assert not Alert.objects.exists() and not Notification.objects.exists()


def test_a_lane_without_a_worker_is_told_of_once_and_not_while_one_restarts(at: Look) -> None:
    with listening() as receiver:
        Webhook.objects.create(name="pager", url=receiver.url, events=["alert.began", "alert.over"])
        Worker.objects.filter(queue=CPU_QUEUE).update(pid=1, queue="gone")
        assert at(0) == [] and at(2) == []
        assert at(3) == ["RenderdeskNoWorker cpu"] and at(4) == at(9) == ["RenderdeskNoWorker cpu"]
        assert subjects() == ["Renderdesk: No worker serves a lane (cpu)"]
        Worker.objects.filter(queue="gone").update(queue=CPU_QUEUE)
        assert at(10) == at(13) == ["RenderdeskNoWorker cpu"], "it may go again at once"
        assert at(14.1) == [] and at(30) == []
        assert subjects()[1:] == ["Renderdesk, over: No worker serves a lane (cpu)"]
    said = [json.loads(payload) for _, payload in receiver.heard]
    assert [one["event"] for one in said] == ["alert.began", "alert.over"]
    alert = said[0]["alert"]
    assert alert["name"] == "RenderdeskNoWorker" and "asset_pipeline_cpu" in alert["message"]
    assert alert["runbook"] == "docs/operations.md#runbook-no-worker" and "run_workers" in alert["next_step"]
    assert said[1]["alert"]["ended"] and len(mail.outbox) == 4
    assert "run_workers" in mail.outbox[0].body and "runbook-no-worker" in mail.outbox[0].body


def test_what_comes_and_goes_is_one_alert(at: Look) -> None:
    device = GpuDevice.objects.create(host="h", backend="CUDA", vendor_id="GPU-1", name="RTX", enabled=True)
    for minute in range(0, 40, 4):
        device.lost_at = timezone.now() if minute % 8 == 0 else None
        device.queue = "" if device.lost_at else PRIMARY_QUEUE
        device.save()
        assert at(minute) == ["RenderdeskGpuLost h: RTX (GPU-1)"]
    assert Alert.objects.count() == 1 and len(subjects()) == 1
    device.enabled = False
    device.save()
    assert at(50) == []


def test_jobs_that_could_run_and_wait_too_long_are_an_alert_by_lane(at: Look) -> None:
    old = timezone.now() - timedelta(minutes=121)
    jobs = [factories.job() for _ in range(2)]
    Job.objects.update(queued=old)
    assert at(0) == ["RenderdeskQueueOld light"]
    assert "2 waiting jobs has waited for 121 minutes; the limit is 120" in Alert.objects.get().message
    Job.objects.filter(pk=jobs[0].pk).update(held=True)
    later = timezone.now() + timedelta(days=1)
    Job.objects.filter(pk=jobs[1].pk).update(not_before=later)
    assert at(6) == []
    Job.objects.update(held=False, not_before=None)
    QueuePause.objects.create(queue=PRIMARY_QUEUE, by="olga")
    assert at(20) == []
    QueuePause.objects.all().delete()
    SystemSettings.objects.update(alert_queue_minutes=None)
    assert at(30) == []


def test_a_disk_below_its_floor_is_an_alert(at: Look, monkeypatch: pytest.MonkeyPatch) -> None:
    SystemSettings.objects.update(disk_floor_mb=512)
    monkeypatch.setattr(
        conditions.storage, "media_space", lambda: DiskSpace(disk.media_root(), 500_000_000, 10**9)
    )
    assert at(0) == [f"RenderdeskDiskLow {disk.media_root()}"]
    assert Alert.objects.get().message == "500 MB are free; 512 MB are to be kept free."


def ended(count: int, state: str, when: datetime) -> None:
    for _ in range(count):
        job = factories.job()
        code = "timed_out" if state == Job.State.FAILED else ""
        Job.objects.filter(pk=job.pk).update(state=state, finished=when, error_code=code)


def test_a_large_share_of_failures_is_an_alert_but_not_one_of_few_jobs(at: Look) -> None:
    now = timezone.now()
    ended(9, Job.State.FAILED, now)
    assert at(0) == []
    ended(10, Job.State.SUCCEEDED, now)
    assert at(1) == []
    ended(1, Job.State.FAILED, now)
    assert at(2) == ["RenderdeskFailures"]
    assert Alert.objects.get().message == "10 of the 20 jobs of the last hour failed: timed_out (10)."
    assert at(70) == []


def test_a_condition_that_can_not_be_looked_at_keeps_no_other_from_it(
    at: Look, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(row: SystemSettings) -> Any:
        raise OSError("gone")

    for name in (AlertName.NO_WORKER, AlertName.DISK_LOW):
        monkeypatch.setitem(conditions.CONDITIONS, name, conditions.AlertRule(broken))
    GpuDevice.objects.create(host="h", backend="CUDA", vendor_id="1", name="RTX", lost_at=timezone.now())
    assert at(0) == ["RenderdeskGpuLost h: RTX (1)"]


def test_every_alert_is_looked_for_and_has_its_entry_in_the_runbook() -> None:
    assert conditions.CONDITIONS.keys() == RUNBOOK.keys() == set(AlertName)
    text = (PROJECT / "docs" / "operations.md").read_text(encoding="utf-8")
    for name, facts in RUNBOOK.items():
        anchor = facts.runbook.partition("#")[2]
        entry = text[text.lower().index(f"### {anchor.replace('-', ': ', 1).replace('-', ' ')}\n") :]
        assert name.value in entry[:100]


def test_the_desk_shows_what_is_wrong_to_those_who_may_see_it(admin_client: Client, client: Client) -> None:
    now = timezone.now()
    for subject in ("h: one", "h: two"):
        Alert.objects.create(
            name=AlertName.GPU_LOST, subject=subject, message="No probe has found it.", began=now
        )
    Alert.objects.create(name=AlertName.FAILURES, message="Not seen for long enough.")
    Alert.objects.create(name=AlertName.DISK_LOW, message="It was full.", began=now, ended=now)
    page = admin_client.get(reverse("admin:index")).content.decode()
    assert (
        page.count("A GPU is lost") == 1
        and "h: one" in page
        and "h: two" in page
        and "runbook-gpu-lost" in page
    )
    assert "Not seen for long enough" not in page and "It was full" not in page
    rows = admin_client.get(reverse("admin:rendering_alert_changelist") + "?now=yes").content.decode()
    assert "h: one" in rows and "It was full" not in rows and "Not seen for long enough" not in rows
    client.force_login(factories.user(is_staff=True))
    assert "A GPU is lost" not in client.get(reverse("admin:index")).content.decode()


def test_addresses_of_alerts_are_checked() -> None:
    row = SystemSettings.load()
    row.alert_emails = "ada@example.com; not an address"
    with pytest.raises(ValidationError):
        row.full_clean()


def test_alerts_that_are_over_go_with_old_notifications() -> None:
    long_ago = timezone.now() - timedelta(days=181)
    Alert.objects.create(name=AlertName.DISK_LOW, message="m", began=long_ago, ended=long_ago)
    Alert.objects.create(name=AlertName.DISK_LOW, message="m", began=long_ago)
    assert leftovers.drop()["alerts"] == 1 and Alert.objects.count() == 1


def test_a_webhook_that_chose_no_alerts_gets_none(at: Look) -> None:
    Webhook.objects.create(name="shop", url="http://127.0.0.1:1/")
    SystemSettings.objects.update(alert_emails="")
    GpuDevice.objects.create(host="h", backend="CUDA", vendor_id="1", name="RTX", lost_at=timezone.now())
    assert at(0) and not Notification.objects.filter(event=Event.ALERT_BEGAN).exists()
