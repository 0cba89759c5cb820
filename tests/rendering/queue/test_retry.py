"""The retry policy: one row for each code, and one function that reads it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from gpu.queues.topology import Lane, QueueSpec, Topology
from media_assets.cad.problem import Failure
from rendering.models import Job
from rendering.models.errors import ERRORS
from rendering.orders.held import LOOKS
from rendering.queue import claims, moves, retry
from rendering.queue.retry import RULES, RetryRule, decide, look_after
from tests import factories


def test_every_code_has_a_policy_and_every_policy_a_code() -> None:
    assert RULES.keys() == ERRORS.keys()


def test_no_pause_is_longer_than_the_longest() -> None:
    last = Job._meta.get_field("max_attempts").default
    pauses = [rule.pause * last for rule in (*RULES.values(), *retry.BY_CASE.values())]
    assert max(pauses) <= retry.LONGEST_PAUSE


def failed(**fields: Any) -> Job:
    known = {"kind": Job.Kind.RENDER, "lane": Lane.HEAVY, "attempt": 1, "max_attempts": 3}
    return Job(**{**known, **fields})


@pytest.fixture
def others(monkeypatch: pytest.MonkeyPatch) -> set[str]:
    """The GPUs of other hosts that serve a lane beside GPU-1; none at first."""
    serving: set[str] = set()

    def current() -> Topology:
        gpus = ("GPU-1", *sorted(serving))
        return Topology(tuple(QueueSpec(gpu, frozenset(Lane), host=f"of {gpu}", gpu=gpu) for gpu in gpus))

    monkeypatch.setattr(moves.topology, "current", current)
    return serving


@pytest.mark.parametrize("code", sorted(RULES))
def test_no_job_is_tried_more_often_than_it_may_be(code: str, others: set[str]) -> None:
    others.add("GPU-2")
    decision = decide(failed(attempt=3), Failure(code), "GPU-1")
    assert not decision.again or decision.is_held  # what is held uses no attempt up


@pytest.mark.parametrize("code", sorted(RULES))
def test_what_may_be_the_gpus_fault_goes_to_another_one_at_once(code: str, others: set[str]) -> None:
    others.add("GPU-2")
    decision = decide(failed(), Failure(code), "GPU-1")
    if RULES[code].is_gpu_fault:
        assert decision.again and decision.not_before is None
        assert decision.avoid == moves.marked("GPU-1")
    else:
        assert decision.avoid == ""


def test_what_a_job_lacks_is_waited_for_unless_more_room_would_not_help() -> None:
    held = {code for code in RULES if decide(failed(attempt=3), Failure(code), "").is_held}
    lacks = {"disk_full", "media_read_only", "storage_away", "source_missing", "signing_failed"}
    assert held == lacks == set(LOOKS)
    assert not decide(failed(), Failure.of("disk_full", "outgrown", limit_mb=4_000), "").again


def test_what_comes_back_for_the_same_reason_is_looked_at_less_and_less_often() -> None:
    assert [look_after(times).total_seconds() for times in (0, 1, 2, 50)] == [5, 10, 20, 600]


def test_on_the_same_gpu_a_crashed_driver_gets_a_longer_breath_each_time(others: set[str]) -> None:
    for attempt in (1, 2):
        decision = decide(failed(attempt=attempt), Failure("blender_crashed"), "GPU-1")
        assert decision.again and decision.avoid == ""
        assert decision.not_before is not None
        left = decision.not_before - timezone.now()
        assert timedelta(seconds=2 * attempt - 1) < left <= timedelta(seconds=2 * attempt)


def test_a_reader_that_the_system_killed_is_tried_again_and_one_at_its_limit_is_not() -> None:
    job = failed(kind=Job.Kind.TESSELLATE)
    assert decide(job, Failure.of("out_of_memory", "killed", peak_mb=200), "").again
    assert not decide(job, Failure.of("out_of_memory", "reader", limit_mb=200, peak_mb=200), "").again


def test_the_pause_is_of_the_databases_clock_as_the_claim_is(
    others: set[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    yesterday = timezone.now() - timedelta(days=1)  # to a worker whose own clock is ahead
    monkeypatch.setattr(retry.clock, "now", lambda: yesterday)
    assert decide(failed(), Failure("blender_crashed"), "GPU-1").not_before == yesterday + timedelta(
        seconds=2
    )


def test_a_gpu_that_must_be_there_is_not_asked_for_again_where_there_is_no_other(others: set[str]) -> None:
    assert not decide(failed(), Failure("gpu_required"), "GPU-1").again


def test_a_hanging_conversion_is_not_tried_again_a_hanging_render_is(others: set[str]) -> None:
    assert not decide(failed(kind=Job.Kind.TESSELLATE), Failure("hung"), "").again
    assert decide(failed(), Failure("hung"), "").again


def test_a_job_of_a_dead_worker_waits_for_nothing(others: set[str]) -> None:
    assert decide(failed(), Failure("lost"), "") == retry.RetryDecision(True)


@pytest.mark.django_db
def test_a_rule_may_change_the_spec_of_the_next_attempt(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(RULES, "out_of_memory", RetryRule(attempts=2, changes={"tiles": 4}))
    factories.job(spec={"kind": "still"})
    claim = factories.claim()
    assert not claims.fail(claim, Failure.of("out_of_memory", "blender", limit_mb=100))
    claim.job.refresh_from_db()
    assert claim.job.spec == {"kind": "still", "tiles": 4}
    assert claim.job.error_details == {"case": "blender", "limit_mb": 100}
