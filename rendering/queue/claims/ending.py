"""How a claim ends: well, badly, canceled, handed back, or taken from a dead worker."""

from __future__ import annotations

from itertools import takewhile
from typing import Any

from django.db import transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext_noop as _

from media_assets.cad.problem import Failure
from media_assets.models import clock
from media_assets.models.failing import NO_ERROR
from rendering.models import Attempt, Job
from rendering.models.errors import CANCELED, LeaseLost, columns
from rendering.models.sentence import Sentence
from rendering.queue import dispatch, retry, soft_fail
from rendering.queue.claims import statements
from rendering.queue.claims.holding import Claim, storable
from rendering.queue.claims.steering import cancel
from rendering.queue.retry import RetryDecision

AGAIN = Sentence.of(_("waiting to be retried"))


def succeed(claim: Claim, **fields: Any) -> None:
    """Mark the job as succeeded. Call it in the transaction that makes its asset; LeaseLost undoes that."""
    _end(claim, Job.State.SUCCEEDED, Attempt.Outcome.SUCCEEDED, progress=1.0, stage="", **fields)


def fail(claim: Claim, failure: Failure, **fields: Any) -> bool:
    """Put the job back for another attempt if that can help, else mark it as failed; return whether it ended."""
    has_ended = _end_badly(claim, Attempt.Outcome.FAILED, failure, **fields)
    if failure.code in retry.GPU_FAULTS:
        soft_fail.after_failure(claim.job, claim.attempt)
    return has_ended


def cancel_running(claim: Claim, **fields: Any) -> None:
    """The worker's answer to a cancel request, once the child process is gone; or it says itself why."""
    _end(claim, Job.State.CANCELED, Attempt.Outcome.CANCELED, **{**CANCELED, **fields})


def release(claim: Claim, **fields: Any) -> None:
    """Hand the job back because this worker stops; the attempt does not count."""
    _requeue(claim, Attempt.Outcome.RELEASED, attempt=F("attempt") - 1, **fields)


def hand_back(claim: Claim, reason: Sentence, **fields: Any) -> None:
    """Let the job wait again for something more urgent, at its old place; the attempt does not count."""
    with transaction.atomic():
        _write(claim, state=Job.State.QUEUED, started=None, stage=reason, attempt=F("attempt") - 1, **fields)
        why = {"error_code": "", "error": reason.for_programs, "error_details": reason.to_json()}
        _close(claim, Attempt.Outcome.RELEASED, why)
        dispatch.wake_workers(claim.job.lane)


def lose(claim: Claim, reason: str = "") -> bool:
    """Take the job from a dead worker: queue it again, or fail it after the last attempt. Return whether it ended.

    A worker whose GPU is gone gives up its own job so, with the *reason*.

    Raises LeaseLost when the worker ended the job itself in this instant.
    """
    if claim.job.cancel_requested:
        cancel_running(claim)
        return True
    host = claim.job.worker.split(":")[0]
    died = Failure.of("lost", "worker", host=host, attempt=claim.job.attempt)
    return _end_badly(claim, Attempt.Outcome.LOST, Failure.of("lost", said=reason) if reason else died)


def _end_badly(claim: Claim, outcome: str, failure: Failure, **fields: Any) -> bool:
    """Do what the retry policy says; return whether the job ended."""
    decision = retry.decide(claim.job, failure, claim.attempt.gpu)
    if decision.is_held:
        _hold(claim, failure, **fields)
        return not claim.job.is_live
    if not decision.again:
        _end(claim, Job.State.FAILED, outcome, **columns(failure), **fields)
        return True
    # About a worker that was lost nobody has to do anything: the job is tried again.
    error = columns(failure, has_step=outcome != Attempt.Outcome.LOST)
    _requeue(claim, outcome, **error, **_changed(claim.job, decision), **fields)
    return not claim.job.is_live


def _hold(claim: Claim, failure: Failure, **fields: Any) -> None:
    """Let the job wait, at its old place, for what it lacks; the attempt does not count."""
    error = columns(failure)
    now = clock.now()  # as claims and looks see it
    with transaction.atomic():
        _write(
            claim,
            state=Job.State.QUEUED,
            not_before=now + retry.look_after(_times_held(claim, failure)),
            started=None,
            progress=0.0,
            stage="",
            attempt=F("attempt") - 1,
            held_since=now,
            **error,
            **fields,
        )
        _close(claim, Attempt.Outcome.RELEASED, error)
        _stop_if_asked(claim)


def _times_held(claim: Claim, failure: Failure) -> int:
    """Return how often in a row the job was held for this reason and came back."""
    earlier = claim.job.attempts.exclude(pk=claim.attempt.pk).order_by("-id")
    ends = earlier.values_list("outcome", "error_code")[:10]
    return len(list(takewhile(lambda end: end == (Attempt.Outcome.RELEASED, failure.code), ends)))


def _stop_if_asked(claim: Claim) -> None:
    """Cancel a job that was to be canceled while its worker put it back."""
    if claim.job.cancel_requested:
        cancel(claim.job)
        claim.job.refresh_from_db()


def _changed(job: Job, decision: RetryDecision) -> dict[str, Any]:
    """Return what another attempt of *job* has other than this one."""
    fields: dict[str, Any] = {"not_before": decision.not_before, "avoid": decision.avoid}
    return {**fields, "spec": {**job.spec, **decision.changes}} if decision.changes else fields


def _requeue(claim: Claim, outcome: str, **fields: Any) -> None:
    error = {name: fields.pop(name, none) for name, none in NO_ERROR.items()}
    with transaction.atomic():
        _write(
            claim,
            state=Job.State.QUEUED,
            queued=timezone.now(),
            started=None,
            progress=0.0,
            stage=AGAIN if error["error_code"] else "",
            **error,
            **fields,
        )
        _close(claim, outcome, error)
        _stop_if_asked(claim)
        dispatch.wake_workers(claim.job.lane)


def _end(claim: Claim, state: str, outcome: str, **fields: Any) -> None:
    with transaction.atomic():
        _write(claim, state=state, finished=timezone.now(), **fields)
        _close(claim, outcome, {name: fields.get(name, none) for name, none in NO_ERROR.items()})


def _write(claim: Claim, **fields: Any) -> None:
    written = {"lease_token": None, "lease_until": None, **storable(fields)}
    if any(hasattr(value, "resolve_expression") for value in fields.values()):
        if not claim.mine.update(**written):
            raise LeaseLost
        claim.job.refresh_from_db()
        return
    if not statements.write(claim.job, written, lease_token=claim.token):
        raise LeaseLost
    for name, value in written.items():
        setattr(claim.job, name, value)


def _close(claim: Claim, outcome: str, error: dict[str, Any]) -> None:
    job = claim.job
    ended = {"outcome": outcome, "finished": timezone.now(), **storable(error)}
    devices = {"device_used": job.device_used, "device_name": job.device_name}
    statements.write(claim.attempt, {**ended, **devices})
