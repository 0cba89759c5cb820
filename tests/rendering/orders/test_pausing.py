"""Paused queues and products: what is claimed, what goes on, and what a waiting job says of it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django_q.models import OrmQ

from gpu.queues import pausing
from gpu.queues.topology import CPU_QUEUE, PRIMARY_QUEUE
from media_assets.models import Product
from rendering import orders
from rendering.models import Job
from rendering.models.sentence import Sentence
from rendering.orders.forecast import forecast
from rendering.queue import claims, waiting
from rendering.queue.claims import statements
from tests import factories
from tests.rendering.steps import ends, order, runs, taken

pytestmark = [pytest.mark.django_db, pytest.mark.database]


def test_nobody_claims_for_a_paused_queue_until_it_is_resumed_and_rung() -> None:
    job = factories.job()
    assert pausing.pause(PRIMARY_QUEUE, "anna") and not pausing.pause(PRIMARY_QUEUE, "ben")
    assert claims.claim(PRIMARY_QUEUE, "w:b:1:1") is None
    assert f"Queue {PRIMARY_QUEUE} is paused by anna since 20" in waiting.why(job)
    OrmQ.objects.all().delete()
    assert pausing.resume(PRIMARY_QUEUE) and not pausing.resume(PRIMARY_QUEUE)
    assert OrmQ.objects.filter(key=PRIMARY_QUEUE).count() == 1
    assert claims.claim(PRIMARY_QUEUE, "w:b:1:1") is not None
    assert "no worker of asset_pipeline is running" in waiting.why(job)


def test_other_queues_go_on_while_one_is_paused() -> None:
    factories.job()
    factories.job(kind=Job.Kind.ENCODE)
    pausing.pause(PRIMARY_QUEUE, "anna")
    assert claims.claim(CPU_QUEUE, "w:b:1:1") is not None


def test_only_a_queue_that_is_there_is_paused() -> None:
    with pytest.raises(pausing.UnknownQueue, match="asset_pipeline_cpu"):
        pausing.pause("asset_pipelin", "anna")


def test_what_runs_in_a_paused_queue_goes_on_and_a_film_stops_between_two_frames() -> None:
    factories.job()
    claim = factories.claim()
    assert not claims.is_held(claim)
    pausing.pause(PRIMARY_QUEUE, "anna")
    claims.renew(claim, progress=0.5)
    assert claims.is_held(claim)
    claims.hand_back(claim, Sentence.plain("paused after frame 3"))
    assert claims.claim(PRIMARY_QUEUE, "w:b:1:1") is None
    assert Job.objects.get().attempt == 0, "handing back costs no attempt"


def test_a_paused_queue_is_not_rung_over_and_over() -> None:
    factories.job()
    Job.objects.update(queued="2026-01-01T00:00Z")
    pausing.pause(PRIMARY_QUEUE, "anna")
    OrmQ.objects.all().delete()
    claims.pump()
    assert not OrmQ.objects.filter(key=PRIMARY_QUEUE).exists()


def test_a_queue_that_is_paused_between_the_choice_and_the_claim_is_not_claimed_for(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    factories.job()
    pauses = iter([lambda: pausing.pause(PRIMARY_QUEUE, "anna")])
    take = statements.take

    def in_this_instant(*given: Any) -> Job | None:
        next(pauses)()
        return take(*given)

    monkeypatch.setattr(statements, "take", in_this_instant)
    assert claims.claim(PRIMARY_QUEUE, "w:b:1:1") is None
    assert Job.objects.get().state == Job.State.QUEUED


def test_nobody_takes_the_jobs_of_a_paused_product_until_it_is_resumed(tmp_path: Path) -> None:
    product, other = factories.product(), factories.product()
    placed = order(product, "draft")
    order(other, "draft")
    assert orders.pause_product(product, "anna") and not orders.pause_product(product, "ben")
    job = Job.objects.get(product=product)
    assert f"Product {product.number} is paused by anna since 20" in waiting.why(job)
    ends(tmp_path)
    assert placed.lines.get().state == "working"
    assert not Job.objects.live().exclude(product=product).exists()
    assert "paused" in forecast(placed).why
    assert orders.resume_product(product) and not orders.resume_product(product)
    ends(tmp_path)
    assert placed.lines.get().state == "done"


def test_what_is_ordered_for_a_paused_product_waits(tmp_path: Path) -> None:
    product = factories.product()
    orders.pause_product(product, "anna")
    order(product, "draft")
    orders.tessellate_job(factories.cad_file(), "standard", 50, product)
    assert taken() is None


def test_a_job_that_another_product_needs_as_well_goes_on() -> None:
    cad = factories.cad_file()
    paused, other = factories.product(cad_file=cad), factories.product(cad_file=cad)
    order(paused, "draft")
    orders.pause_product(paused, "anna")
    assert Job.objects.get().held
    placed = order(other, "draft")
    assert not Job.objects.get().held
    orders.cancel_order(placed)
    assert taken() is None


def test_a_product_paused_between_message_and_claim_is_not_started() -> None:
    """As if its job was made in a transaction that the pause did not see."""
    product = factories.product()
    order(product, "draft")
    Product.objects.update(paused_since="2026-01-01T00:00Z", paused_by="anna")
    assert taken() is None
    assert Job.objects.get().held


def test_the_next_job_of_a_paused_product_waits_too(tmp_path: Path) -> None:
    product = factories.product()
    order(product, "draft")
    runs(tmp_path)
    orders.pause_product(product, "anna")
    assert taken() is None
