"""What the pages say is so: of canceled work, of waiting jobs, of devices, of test renders and shares."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from gpu.models import Worker
from rendering import orders
from rendering.models import HistoryEntry, Job, OrderLine, ShareLink
from rendering.queue import waiting
from tests import factories
from tests.rendering.desk.conftest import EVIL, World
from tests.rendering.desk.test_actions import act, said

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("kept_world")]


def page(client: Client, name: str, pk: int) -> str:
    return client.get(reverse(f"admin:{name}", args=[pk])).content.decode()


def test_canceled_is_no_error_and_retry_failed_leaves_it_alone(world: World, admin_client: Client) -> None:
    line = world.order.lines.get(state=OrderLine.State.FAILED)
    OrderLine.objects.filter(pk=line.pk).update(state="canceled", error_code="canceled", error="Canceled.")
    html = page(admin_client, "rendering_order_change", world.order.pk)
    assert 'class="problem"' not in html and "tool-retry_failed" not in html and "tool-retry_canceled" in html
    assert "no line has failed" in said(act(admin_client, "rendering.order", "retry_failed", [world.order]))
    assert OrderLine.objects.get(pk=line.pk).state == OrderLine.State.CANCELED
    assert "1 line started again" in said(
        act(admin_client, "rendering.order", "retry_canceled", [world.order])
    )
    assert 'class="problem"' not in page(admin_client, "rendering_job_change", world.canceled.pk)


def test_what_no_gpu_rendered_is_not_said_to_be_the_gpus(world: World, admin_client: Client) -> None:
    assert "Rendered on the GPU" not in page(admin_client, "rendering_order_change", world.order.pk)


def test_the_lower_half_of_a_job_page_follows_the_upper(world: World, admin_client: Client) -> None:
    job = world.running
    orders.cancel_job(job)
    html = page(admin_client, "rendering_job_live_page", job.pk)
    assert all(f'data-live-key="job-{job.pk}{part}"' in html for part in ("", "-attempts", "-result"))


def test_a_waiting_job_says_what_it_waits_for(world: World) -> None:
    job = world.queued
    assert "it is next" in waiting.why(job)
    factories.job(priority=job.priority + 1, lane=job.lane, queue=job.queue)
    assert "1 job is before it" in waiting.why(job)
    Worker.objects.all().delete()
    assert "no worker of asset_pipeline is running" in waiting.why(job)


def test_test_renders_are_called_so_in_lists_and_on_the_desk(world: World, admin_client: Client) -> None:
    for job in (world.queued, world.failed):
        Job.objects.filter(pk=job.pk).update(spec={"trial": {}})
    assert (
        admin_client.get(reverse("admin:rendering_job_changelist")).content.decode().count("Test render") == 2
    )
    assert "Test render" in admin_client.get(reverse("admin:index")).content.decode()


def test_a_share_is_one_entry_of_the_history(world: World, admin_client: Client, admin_user: User) -> None:
    HistoryEntry.objects.exclude(person=EVIL).delete()
    admin_client.post(
        reverse("admin:rendering_sharelink_add"), {"days": 7, "note": "For Ann", "order": world.order.pk}
    )
    assert ShareLink.objects.get(note="For Ann").expires > timezone.now() + timedelta(days=6)
    assert [one.verb for one in HistoryEntry.objects.exclude(person=EVIL)] == [HistoryEntry.Verb.SHARE]
