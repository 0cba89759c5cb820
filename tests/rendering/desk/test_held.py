"""Held jobs at the desk: what is missing, on every page that shows the job, and what an operator can do."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from media_assets.cad.problem import Failure
from media_assets.storage import disk
from rendering import orders
from rendering.models import HistoryEntry, Job, Order
from rendering.orders.forecast import forecast
from rendering.orders.matrix import CellState, matrix
from rendering.queue import claims
from tests import factories
from tests.rendering.desk.test_actions import act, said
from tests.rendering.shell import Shell
from tests.rendering.steps import order, taken, type_of

pytestmark = pytest.mark.django_db

ROOM = {"needed": 812_000_000, "free": 40_000_000}


@pytest.fixture
def held(tmp_path: Any) -> Job:
    """The conversion of an order's only line, held because the disk is full."""
    order(factories.product(), "draft")
    claim = taken()
    assert claim is not None
    claims.fail(claim, Failure.of("disk_full", "folder", folder=tmp_path, **ROOM))
    orders.on_job_ended(claim.job)
    return claim.job


def page(client: Client, name: str, *args: object, query: str = "") -> str:
    response = client.get(reverse(f"admin:{name}", args=args) + query)
    assert response.status_code == 200
    return str(response.content.decode())


def test_the_page_of_the_job_says_what_is_missing_and_since_when(held: Job, admin_client: Client) -> None:
    shown = page(admin_client, "rendering_job_change", held.pk)
    assert "Held" in shown and "held since" in shown and "goes on by itself" in shown
    assert "812,000,000 bytes needed, 40,000,000 bytes free" in shown
    assert "Free some space" in shown
    for action in ("try_now", "cancel"):
        assert f'value="{action}"' in shown
    assert 'value="retry"' not in shown


def test_the_page_of_the_order_says_so_too(held: Job, admin_client: Client) -> None:
    placed = Order.objects.get()
    shown = page(admin_client, "rendering_order_change", placed.pk)
    assert "812,000,000 bytes needed" in shown and "held" in shown
    assert f"{held} is held." in forecast(placed).why
    assert f"{held} is held." in shown


def test_the_desk_counts_them_once_with_what_is_free_now(
    held: Job, admin_client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(disk, "free_bytes", lambda folder: 55_000_000)
    response = admin_client.get(reverse("admin:index"))
    (one,) = response.context["held"]
    assert (one["count"], one["needed"], one["free"]) == (1, 812_000_000, 55_000_000)
    shown = response.content.decode()
    assert "1 job is held: The disk is full." in shown and "Held jobs go on by themselves" in shown
    assert "?held=yes&amp;error_code=disk_full" in shown


def test_the_list_shows_those_that_are_held(held: Job, admin_client: Client) -> None:
    other = factories.job()
    shown = page(admin_client, "rendering_job_changelist", query="?held=yes&error_code=disk_full")
    assert str(held) in shown and str(other) not in shown


def test_the_cad_file_and_the_deliverables_say_so(held: Job, admin_client: Client) -> None:
    shown = page(admin_client, "media_assets_cadfile_change", held.cad_file.pk)
    assert "waiting to be converted; held: The disk is full" in shown
    assert held.product is not None
    (cell,) = matrix([held.product], [type_of("draft")])[0].cells
    assert (cell.state, cell.why) == (CellState.HELD, "The disk is full")
    assert "cell-held" in page(admin_client, "rendering_matrix")


def test_it_is_tried_at_once_by_who_may_retry(held: Job, staff: Callable[..., Client]) -> None:
    assert act(staff("rendering.view_job"), "rendering.job", "try_now", [held]).status_code == 403
    client = staff("rendering.view_job", "rendering.retry_job")
    other = factories.job()
    response = act(client, "rendering.job", "try_now", [held, other])
    assert "1 job is tried now" in said(response) and "1 job skipped: it is not held." in said(response)
    held.refresh_from_db()
    assert (held.held_since, held.error_code) == (None, "")
    assert HistoryEntry.objects.latest("pk").verb == HistoryEntry.Verb.RETRY


def test_commands_show_it_and_try_it(held: Job, manage: Shell) -> None:
    assert f"{held}: held" in manage("job", "show", held.pk).out
    document = manage("job", "show", held.pk, "--json").document
    assert document["held_since"] and document["error_code"] == "disk_full"
    assert "tried now" in manage("job", "retry", held.pk).out
    assert manage("job", "show", held.pk, "--json").document["held_since"] is None
