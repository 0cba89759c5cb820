"""How a claim ends: well, badly, canceled, handed back, or taken from a dead worker."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from rendering.models import Attempt, Job
from rendering.models.errors import CODES, GPU_FAULTS, LeaseLost, explain
from rendering.queue import dispatch, moves, soft_fail
from rendering.queue.claims.holding import Claim, storable

RETRY_PAUSE = timedelta(seconds=2)  # times the attempt; a crashed driver gets a breath


def succeed(claim: Claim, **fields: Any) -> None:
    """Mark the job as succeeded. Call it in the transaction that makes its asset; LeaseLost undoes that."""
    _end(claim, Job.State.SUCCEEDED, Attempt.Outcome.SUCCEEDED, progress=1.0, stage="", **fields)


def fail(claim: Claim, code: str, message: str, **fields: Any) -> bool:
    """Put the job back for another attempt if that can help, else mark it as failed; return whether it ended.

    A GPU that can't be used helps no job by being tried again: only another one does, and that one at once.
    """
    text = explain(code, message)
    gpu = claim.attempt.gpu if code in GPU_FAULTS else ""
    elsewhere = bool(gpu) and moves.untried(claim.job, gpu)
    again = CODES[code].retry and not (code == "hung" and claim.job.kind == Job.Kind.TESSELLATE)
    # The same bytes hang the CAD reader again, for as long as its time limit each time.
    if (again or elsewhere) and claim.job.attempt < claim.job.max_attempts:
        pause = None if elsewhere else timezone.now() + RETRY_PAUSE * claim.job.attempt
        avoid = moves.avoid_after(claim.job, gpu)
        _requeue(claim, Attempt.Outcome.FAILED, code, text, not_before=pause, avoid=avoid, **fields)
        has_ended = False
    else:
        _end(claim, Job.State.FAILED, Attempt.Outcome.FAILED, error_code=code, error=text, **fields)
        has_ended = True
    if gpu:
        soft_fail.after_failure(claim.job, claim.attempt)
    return has_ended


def cancel_running(claim: Claim, **fields: Any) -> None:
    """The worker's answer to a cancel request, once the child process is gone."""
    _end(
        claim,
        Job.State.CANCELED,
        Attempt.Outcome.CANCELED,
        error_code="canceled",
        error="Canceled by an operator.",
        **fields,
    )


def release(claim: Claim, **fields: Any) -> None:
    """Hand the job back because this worker stops; the attempt does not count."""
    _requeue(claim, Attempt.Outcome.RELEASED, "", "", attempt=F("attempt") - 1, **fields)


def hand_back(claim: Claim, reason: str, **fields: Any) -> None:
    """Let the job wait again for something more urgent, at its old place; the attempt does not count."""
    with transaction.atomic():
        _write(claim, state=Job.State.QUEUED, started=None, stage=reason, attempt=F("attempt") - 1, **fields)
        _close(claim, Attempt.Outcome.RELEASED, "", reason)
        dispatch.ring(claim.job.lane)


def lose(claim: Claim, reason: str = "") -> bool:
    """Take the job from a dead worker: queue it again, or fail it after the last attempt. Return whether it ended.

    A worker whose GPU is gone gives up its own job so, with the *reason*.

    Raises LeaseLost when the worker ended the job itself in this instant.
    """
    if claim.job.cancel_requested:
        cancel_running(claim)
        return True
    host = claim.job.worker.split(":")[0]
    message = reason or f"The worker {host} (attempt {claim.job.attempt}) died or stopped answering."
    if claim.job.attempt < claim.job.max_attempts:
        avoid = moves.avoid_after(claim.job, claim.attempt.gpu)
        _requeue(claim, Attempt.Outcome.LOST, "lost", message, avoid=avoid)
        return False
    _end(claim, Job.State.FAILED, Attempt.Outcome.LOST, error_code="lost", error=explain("lost", message))
    return True


def _requeue(claim: Claim, outcome: str, code: str, message: str, **fields: Any) -> None:
    with transaction.atomic():
        _write(
            claim,
            state=Job.State.QUEUED,
            queued=timezone.now(),
            started=None,
            progress=0.0,
            stage="waiting to be tried again" if code else "",
            error_code=code,
            error=message,
            **fields,
        )
        _close(claim, outcome, code, message)
        dispatch.ring(claim.job.lane)


def _end(claim: Claim, state: str, outcome: str, **fields: Any) -> None:
    with transaction.atomic():
        _write(claim, state=state, finished=timezone.now(), **fields)
        _close(claim, outcome, fields.get("error_code", ""), fields.get("error", ""))


def _write(claim: Claim, **fields: Any) -> None:
    if not claim.mine.update(lease_token=None, lease_until=None, **storable(fields)):
        raise LeaseLost
    claim.job.refresh_from_db()


def _close(claim: Claim, outcome: str, code: str, message: str) -> None:
    job = claim.job
    Attempt.objects.filter(pk=claim.attempt.pk).update(
        outcome=outcome,
        error_code=code,
        error=storable({"error": message})["error"],
        device_used=job.device_used,
        device_name=job.device_name,
        finished=timezone.now(),
    )
