"""Handles one message: claims jobs and runs each from claim to publish, until nothing waits for this queue."""

from __future__ import annotations

import logging
import traceback
from collections.abc import Callable, Mapping
from typing import Any

from django.db import InterfaceError, OperationalError
from django.utils import timezone
from django.utils.translation import gettext_noop

from blender_scripts.children import process
from blender_scripts.launch import BlenderError, BlenderInterrupted
from gpu.models import SystemSettings
from gpu.probing import registry
from gpu.workers import heartbeat
from gpu.workers.heartbeat import Heartbeat
from media_assets.cad.problem import CodedError, Failure
from media_assets.models import clock
from media_assets.storage import StorageAway, StorageError, StorageFull, media_errors, require_media
from rendering.farm import ending, noted, ready, warm
from rendering.farm.runners import deliverable, encode, film, render, tessellate, turntable
from rendering.models import Job
from rendering.models.errors import OUTDATED, Canceled, HandedBack, JobError, LeaseLost, Released
from rendering.models.sentence import Sentence
from rendering.orders.held import LEAST_ROOM
from rendering.pictures.formats import OUTPUT_FORMATS
from rendering.pictures.kinds import KINDS
from rendering.queue import claims, retry
from rendering.queue.claims import Claim
from rendering.queue.lease import Lease

log = logging.getLogger("renderdesk.jobs")

RUNNERS: dict[str, Callable[[Claim, Lease], None]] = {
    Job.Kind.TESSELLATE: tessellate.run,
    Job.Kind.RENDER: render.run,
    Job.Kind.ENCODE: encode.run,
}


def runner(job: Job) -> Callable[[Claim, Lease], None]:
    """Return what runs *job*: its kind says it, except for turntables and for files with a writer of their own."""
    if job.spec.get("film"):
        return turntable.render if job.kind == Job.Kind.RENDER else turntable.gather
    if job.kind == Job.Kind.ENCODE and _has_writer(job.spec):
        return deliverable.run
    if job.kind == Job.Kind.ENCODE and _is_film(job.spec):
        return film.run
    return RUNNERS[job.kind]


def _has_writer(spec: Mapping[str, Any]) -> bool:
    name = spec.get("recipe", {}).get("kind")
    return name in KINDS and bool(KINDS[name].writer)


def _is_film(spec: Mapping[str, Any]) -> bool:
    name = spec.get("recipe", {}).get("format")
    return name in OUTPUT_FORMATS and OUTPUT_FORMATS[name].is_film


def work(queue: str) -> int:
    """Run what waits for *queue* until nothing does or the worker drains; return how many jobs were run."""
    beat = heartbeat.current(queue)
    count = 0
    while True:
        beat.kicked = timezone.now()
        if beat.drain_until is not None:
            return count
        claim = claims.claim(queue, beat.identity, warm.geometry_key(), beat.gpu)
        if claim is None:
            return count
        beat.busy_with = str(claim.job)
        try:
            run(claim, beat)
        finally:
            beat.busy_with = ""
        count += 1


def failure_of(error: StorageError) -> Failure:
    """Return what the storage said as the error of a job."""
    if isinstance(error, StorageFull):
        floor = SystemSettings.load().disk_floor_mb * 1_000_000
        if error.needed in (0, floor):  # what the job itself needs is not known
            needed = max(floor, LEAST_ROOM)
            return Failure.of("disk_full", "floor", folder=error.folder, needed=needed, free=error.free)
        return Failure.of("disk_full", "folder", folder=error.folder, needed=error.needed, free=error.free)
    if isinstance(error, StorageAway):
        return Failure.of("storage_away", error.case, folder=error.folder, reason=error.reason)
    return Failure.of("media_read_only", error.case, folder=error.folder, reason=error.reason)


def of_storage() -> Failure | None:
    """Return what is wrong with the media now, which is then what is behind any error of a job; None if nothing is."""
    try:
        require_media()
    except StorageError as error:
        return failure_of(error)
    return None


def run(claim: Claim, beat: Heartbeat) -> None:
    """Run one claimed job to its end, whatever that is. Nothing but a defect of the database is raised."""
    with noted.noted(claim, beat.device):
        _run(claim, beat)


def _run(claim: Claim, beat: Heartbeat) -> None:
    lease = Lease(claim, beat)
    job = claim.job
    try:
        with media_errors():
            require_media()
            if ready.ends_by_reuse(lease):
                return
            if ready.is_for_another_renderer(job):
                # Its lines ask for another job then, with the recipe of what renders here.
                ending.stop(lease, lambda: claims.cancel_running(claim, **OUTDATED))
                return
            runner(job)(claim, lease)
    except Canceled:
        ending.stop(lease, lambda: claims.cancel_running(claim, **ending.written(lease)))
    except Released:
        reason = registry.loss_of(process.HOST, claim.attempt.gpu)
        ending.stop(lease, lambda: claims.lose(claim, reason) if reason else claims.release(claim))
    except HandedBack as pause:
        (why,) = pause.args
        ending.stop(lease, lambda: claims.hand_back(claim, why, **ending.written(lease)))
    except (OperationalError, InterfaceError) as error:
        # What is written is tried again by the lease; this was a question of the runner's own.
        log.warning("%s waits for the database: %s", job, str(error).strip())
        ending.stop(lease, lambda: wait_for_database(claim))
    except LeaseLost:
        log.warning("%s is no longer this worker's; what it made is not published.", job)
    except CodedError as error:
        ending.fail(lease, of_storage() or error.failure)
    except StorageError as error:
        ending.fail(lease, failure_of(error))
    except BlenderError as error:  # asked who it is, or started
        code = "blender_crashed" if isinstance(error, BlenderInterrupted) else "blender_missing"
        ending.fail(lease, JobError(code, said=error).failure)
    except Exception as error:
        log.exception("%s failed", job)
        lease.note(log=traceback.format_exc())
        defect = Failure.of("internal", said=f"{type(error).__name__}: {error}")
        ending.fail(lease, of_storage() or defect)


def wait_for_database(claim: Claim) -> None:
    """Let the job wait a moment at its old place; the attempt does not count."""
    why = Sentence.of(gettext_noop("waiting for the database"))
    claims.hand_back(claim, why, not_before=clock.now() + retry.PAUSE)
