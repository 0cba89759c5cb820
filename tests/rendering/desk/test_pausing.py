"""Pausing at the desk: the queue's card, the product's page and list, and what a waiting job's page says."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse

from gpu.queues import pausing
from gpu.queues.topology import CPU_QUEUE
from media_assets.models import Product
from rendering.models import Job
from tests import factories
from tests.rendering.desk.conftest import World
from tests.rendering.desk.test_actions import act, said

pytestmark = pytest.mark.django_db


def test_a_queue_is_paused_and_resumed_by_its_card(world: World, admin_client: Client) -> None:
    url = reverse("admin:queue_pause", args=[CPU_QUEUE])
    assert url in admin_client.get(reverse("admin:index")).content.decode()
    page = admin_client.post(url, follow=True)
    shown = page.content.decode()
    assert "takes no new jobs" in shown and "is paused by admin since" in shown
    assert "1 paused" in page.context["sum"]
    page = admin_client.post(reverse("admin:queue_resume", args=[CPU_QUEUE]), follow=True)
    assert "has been resumed" in page.content.decode() and not pausing.paused()
    assert admin_client.post(reverse("admin:queue_pause", args=["gone"])).status_code == 404
    assert admin_client.get(url).status_code == 405


def test_only_who_may_control_queues_sees_the_button_and_uses_it(
    world: World, staff: Callable[..., Client]
) -> None:
    url = reverse("admin:queue_pause", args=[CPU_QUEUE])
    client = staff("rendering.view_job", "rendering.pause_order")
    assert url not in client.get(reverse("admin:index")).content.decode()
    assert client.post(url).status_code == 403
    client = staff("rendering.view_job", "gpu.pause_queue")
    assert url in client.get(reverse("admin:index")).content.decode()
    assert client.post(url).status_code == 302


def test_a_job_that_waits_because_of_a_pause_says_so(world: World, admin_client: Client) -> None:
    job = factories.job(kind=Job.Kind.ENCODE)
    pausing.pause(CPU_QUEUE, "anna")
    page = admin_client.get(reverse("admin:rendering_job_change", args=[job.pk])).content.decode()
    assert "Waiting:" in page and f"Queue {CPU_QUEUE} is paused by anna since" in page


def test_products_are_paused_and_resumed_with_a_count(world: World, admin_client: Client) -> None:
    other = factories.product()
    told = said(act(admin_client, "media_assets.product", "pause", [world.product, other]))
    assert "2 products paused. Jobs that are already running will finish." in told
    told = said(act(admin_client, "media_assets.product", "pause", [world.product]))
    assert "1 product skipped: already paused." in told
    page = admin_client.get(reverse("admin:media_assets_product_changelist") + "?paused=yes")
    assert page.context["cl"].result_count == 2 and "Paused" in page.content.decode()
    page = admin_client.get(reverse("admin:media_assets_product_change", args=[world.product.pk]))
    assert "is paused by admin since" in page.content.decode()
    told = said(act(admin_client, "media_assets.product", "resume", [world.product, other]))
    assert "2 products resumed." in told
    assert not Product.objects.exclude(paused_since=None).exists()
