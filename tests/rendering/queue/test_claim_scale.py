"""Claims cost the same whatever waits: the plans of their statements, and what running jobs write."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection

from gpu.queues.topology import PRIMARY_QUEUE, Lane
from rendering.models import Job
from rendering.queue import claims
from rendering.queue.claims import looking, statements
from tests import factories
from tests.rendering.queue import waiting_rows

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.database,
    pytest.mark.skipif(connection.vendor != "postgresql", reason="plans and pages of PostgreSQL"),
]


def test_no_statement_of_a_claim_sorts_or_reads_what_waits() -> None:
    """`make bench` looks at the same with 1,000,000 rows."""
    waiting_rows.fill(20_000)
    assert not waiting_rows.wrong_in(waiting_rows.plans_of_claims())


def test_the_beat_of_a_running_job_touches_no_index() -> None:
    factories.job()
    claim = factories.claim()
    counts = "SELECT n_tup_upd, n_tup_hot_upd FROM pg_stat_xact_user_tables WHERE relname = 'rendering_job'"
    with connection.cursor() as cursor:
        cursor.execute(counts)
        before = cursor.fetchone()
        for number in range(4):
            claims.renew(claim, progress=number / 8, stage=f"sample {number} of 8", log="x" * 100)
        cursor.execute(counts)
        after = cursor.fetchone()
    assert [new - old for new, old in zip(after, before, strict=True)] == [4, 4]


def test_hot_tables_are_cleaned_up_before_a_fifth_of_them_is_dead() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT reloptions FROM pg_class WHERE relname = 'rendering_job'")
        options = dict(one.split("=") for one in cursor.fetchone()[0])
    assert options["fillfactor"] == "80"
    assert float(options["autovacuum_vacuum_scale_factor"]) <= 0.02


def test_what_is_foreseen_keeps_the_turns_and_gives_way_to_what_is_more_urgent(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Where taken jobs can't be cleaned up, because a transaction stays open, one look is good for several claims."""
    monkeypatch.setattr(looking, "start_of", lambda queue: 0.0)
    monkeypatch.setattr(looking, "DEAD", -1)
    monkeypatch.setattr(looking, "REST", 1e6)
    looks: list[Any] = []
    heads = statements.heads
    monkeypatch.setattr(statements, "heads", lambda *given: looks.append(given) or heads(*given))
    for number in range(12):
        factories.job(share=1 + number % 2, geometry_key="a" if number == 11 else "")
    assert [factories.claim(geometry_key="a").job.share for _ in range(6)] == [1, 2, 1, 2, 1, 2]
    assert len(looks) <= 2
    urgent = factories.job(priority=60, share=1)
    assert factories.claim().job == urgent
    assert sum(1 for _ in iter(lambda: claims.claim(PRIMARY_QUEUE, "h:b:1:1"), None)) == 6


def test_places_are_those_where_something_waits() -> None:
    for lane, queue in ((Lane.LIGHT, "b"), (Lane.HEAVY, "b"), (Lane.CPU, "a"), (Lane.HEAVY, "gone")):
        factories.job(lane=lane, queue=queue)
        factories.job(lane=lane, queue=queue)
    assert Job.objects.places() == [("cpu", "a"), ("heavy", "b"), ("light", "b"), ("heavy", "gone")]
