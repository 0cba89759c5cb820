"""The one writer of a job's state. Each verb is a conditional UPDATE; its row count says whether it happened.

A claim hands out a token; every later write carries it, so a worker that lost its lease can change nothing.
Lease times are the database's clock, so hosts need not agree on theirs.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db import IntegrityError, connection, transaction
from django.db.models import Case, DateTimeField, ExpressionWrapper, F, IntegerField, Q, QuerySet, When
from django.db.models.expressions import Combinable
from django.db.models.functions import Now
from django.utils import timezone

from gpu import process, topology
from rendering import dispatch, moves
from rendering.errors import CODES, GPU_FAULTS, Canceled, LeaseLost, explain
from rendering.models import Attempt, Job

LIMITS = {
    "log": 64_000,
    "stage": 60,
    "device_name": 200,
    "device_id": 200,
}  # characters; of a log the last ones
RETRY_PAUSE = timedelta(seconds=2)  # times the attempt; a crashed driver gets a breath


@dataclass
class Claim:
    """A running job and the right to write to it."""

    job: Job
    token: uuid.UUID
    attempt: Attempt

    @property
    def mine(self) -> QuerySet[Job]:
        return Job.objects.filter(pk=self.job.pk, lease_token=self.token, state=Job.State.RUNNING)


def lease_end() -> Combinable:
    return ExpressionWrapper(Now() + timedelta(seconds=settings.LEASE_SECONDS), output_field=DateTimeField())


def create(*, kind: str, recipe_key: str, priority: int, lane: str, queue: str, **fields: Any) -> Job:
    """Return the live job of this recipe, made and rung for if there is none. A higher priority is passed on."""
    live = Job.objects.live().filter(kind=kind, recipe_key=recipe_key)
    for _ in range(3):
        if job := live.first():
            if job.priority < priority:
                Job.objects.filter(pk=job.pk, priority__lt=priority).update(priority=priority)
            if job.cancel_requested:  # it is wanted again before its worker has noticed
                Job.objects.running().filter(pk=job.pk).update(cancel_requested=False)
            return job
        try:
            with transaction.atomic():
                job = Job.objects.create(
                    kind=kind, recipe_key=recipe_key, priority=priority, lane=lane, queue=queue, **fields
                )
                dispatch.ring(lane)
                return job
        except IntegrityError:
            continue  # somebody else made it in this instant
    raise RuntimeError(f"No live job for recipe {recipe_key} could be found or made.")


def waiting_for(queue: str, geometry_key: str = "") -> QuerySet[Job]:
    """Return what the workers of *queue* may take, the best first.

    That is by priority, then the lane that fewest queues serve, then what waits in this very queue, then the geometry
    that is loaded, then age. A GPU that leaves to the light one what that can do as well ends the whole sooner.
    """
    now = topology.current()
    takers = {lane.value: len(now.takers(lane)) for lane in now.lanes(queue)}
    crowd = Case(
        *(When(lane=lane, then=count) for lane, count in takers.items()), output_field=IntegerField()
    )
    foreign = Case(When(queue=queue, then=0), default=1, output_field=IntegerField())
    loaded = Case(When(geometry_key=geometry_key, then=0), default=1, output_field=IntegerField())
    is_choosy = len(set(takers.values())) > 1
    return (
        Job.objects.waiting()
        .filter(Q(not_before=None) | Q(not_before__lte=Now()), lane__in=takers)
        .order_by(
            "-priority",
            *([crowd] if is_choosy else []),
            foreign,
            *([loaded] if geometry_key else []),
            "queued",
            "id",
        )
    )


def claim(queue: str, worker: str, geometry_key: str = "", gpu: str | None = None) -> Claim | None:
    """Take the first job of what waits for *queue*, in the order of `waiting_for`. None: no work.

    A worker says which *gpu* (vendor id, "" for the CPU) it is pinned to: it takes nothing when its queue is another
    one's now, and no job that must avoid it.
    """
    if gpu is not None and not topology.current().lanes(queue, gpu):
        return None
    # Keys only: PostgreSQL sorts what waits before it locks one row; 5000 whole rows took 31 ms, their keys 4 ms.
    best = waiting_for(queue, geometry_key).values_list("pk", flat=True)
    if gpu:
        best = best.exclude(avoid__contains=moves.marked(gpu))
    if connection.features.has_select_for_update_skip_locked:
        best = best.select_for_update(skip_locked=True)
    while True:
        with transaction.atomic():
            pk = best.first()
            if pk is None:
                return None
            token = uuid.uuid4()
            taken = (
                Job.objects.waiting()
                .filter(pk=pk)
                .update(
                    state=Job.State.RUNNING,
                    lease_token=token,
                    lease_until=lease_end(),
                    worker=worker,
                    attempt=F("attempt") + 1,
                    started=timezone.now(),
                    progress=0.0,
                    stage="starting",
                    error_code="",
                    error="",
                    not_before=None,
                    cancel_requested=False,
                )
            )
            if not taken:
                continue  # SQLite has no row locks: another worker was faster
            job = Job.objects.get(pk=pk)
            attempt = Attempt.objects.create(
                job=job, number=job.attempt, worker=worker, queue=queue, gpu=gpu or ""
            )
            return Claim(job, token, attempt)


def renew(claim: Claim, **fields: Any) -> None:
    """Renew the lease and write *fields* (progress, stage, log, device_used, ...).

    Raises Canceled when an operator asked for that, LeaseLost when the job is no longer this worker's.
    """
    if claim.mine.filter(cancel_requested=False).update(lease_until=lease_end(), **storable(fields)):
        return
    if claim.mine.exists():
        raise Canceled
    raise LeaseLost


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
        return False
    _end(claim, Job.State.FAILED, Attempt.Outcome.FAILED, error_code=code, error=text, **fields)
    return True


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


def cancel(job: Job) -> bool:
    """Cancel a job: a queued one at once, a running one by its worker within 2 s. Return whether it was live."""
    ended = (
        Job.objects.waiting()
        .filter(pk=job.pk)
        .update(
            state=Job.State.CANCELED,
            finished=timezone.now(),
            error_code="canceled",
            error="Canceled by an operator.",
            stage="",
        )
    )
    return bool(ended or Job.objects.running().filter(pk=job.pk).update(cancel_requested=True))


def retry(job: Job) -> Job:
    """Queue an ended, unsuccessful job again with a fresh set of attempts; return the live job of its recipe."""
    for _ in range(3):
        twin = Job.objects.live().filter(kind=job.kind, recipe_key=job.recipe_key).first()
        if twin:
            return twin
        try:
            return _revive(job)
        except IntegrityError:
            continue  # somebody retried another job of this recipe in this instant
    raise RuntimeError(f"No live job for recipe {job.recipe_key} could be found or revived.")


def _revive(job: Job) -> Job:
    with transaction.atomic():
        Job.objects.filter(pk=job.pk, state__in=[Job.State.FAILED, Job.State.CANCELED]).update(
            state=Job.State.QUEUED,
            attempt=0,
            queued=timezone.now(),
            started=None,
            finished=None,
            progress=0.0,
            stage="",
            error_code="",
            error="",
            cancel_requested=False,
            not_before=None,
            avoid="",
        )
        job.refresh_from_db()
        dispatch.ring(job.lane)
    return job


def overdue() -> list[Claim]:
    """Return the running jobs whose lease ran out or whose worker is known to be dead on this host."""
    late = set(Job.objects.running().filter(lease_until__lt=Now()).values_list("pk", flat=True))
    claims = []
    for job in Job.objects.running():
        attempt = job.attempts.last()
        if job.lease_token and attempt and (job.pk in late or process.is_known_dead(job.worker)):
            claims.append(Claim(job, job.lease_token, attempt))
    return claims


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


def pump() -> int:
    """Ring for waiting jobs whose message may be lost; return how many lanes were rung."""
    ripe = Job.objects.waiting().filter(
        Q(not_before__lte=Now()) | Q(not_before=None, queued__lt=Now() - timedelta(seconds=2))
    )
    lanes = sorted(set(ripe.values_list("lane", flat=True)))
    for lane in lanes:
        dispatch.ring_if_silent(lane)
    return len(lanes)


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


def storable(fields: dict[str, Any]) -> dict[str, Any]:
    """Return *fields* as every database takes them: words of a crashing program may hold any byte and have no end."""
    clean: dict[str, Any] = {}
    for name, value in fields.items():
        if isinstance(value, str):
            value = value.replace("\0", " ").encode("utf-8", "replace").decode()
            if limit := LIMITS.get(name):
                value = value[-limit:] if name == "log" else value[:limit]
        clean[name] = value
    return clean


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
