"""Looks whether what held jobs lack is there again: lets them go on, or makes again what does not come back."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from datetime import timedelta
from pathlib import Path

from django.conf import settings
from django.db import transaction
from django.db.models.functions import Now

from gpu.models import SystemSettings
from media_assets import storage
from media_assets.cad.problem import CASE
from media_assets.ingest.problems import failure_of
from media_assets.models import clock, sight
from rendering.models import Job
from rendering.models.errors import columns
from rendering.orders.after_job import on_job_ended
from rendering.pictures.signing import NoSigningKey, SigningKey
from rendering.queue import claims

log = logging.getLogger("renderdesk.orders")

MOST = 200  # jobs of each reason in one look, those that would be claimed first
LEAST_ROOM = 1_000_000  # bytes, for a job whose need is not known, where the floor is lower
MADE_AGAIN = ("geometry", "film", "master")  # the lines that wait ask for it anew


def look() -> int:
    """Let go of the held jobs that lack nothing any more; return how many. One query while nothing is held."""
    codes = Job.objects.held().order_by().values_list("error_code", flat=True).distinct()
    return sum(_look(code) for code in sorted(codes))


@sight.of_everybody()
def try_now(job: Job) -> bool:
    """Let a held job be tried at once, whatever it lacks; return whether it was held."""
    return bool(claims.let_go([job.pk]))


def _look(code: str) -> int:
    ripe = Job.objects.held().filter(error_code=code, not_before__lte=Now())
    rows = list(ripe.defer("log", "spec", "reuse").order_by("-priority", "queued", "id")[:MOST])
    if not rows:
        return 0
    try:
        return claims.let_go(LOOKS[code](rows))
    except OSError as error:  # a server that is half away
        log.warning("Jobs stay held (%s): %s", code, error)
        return 0


def _with_room(jobs: Sequence[Job]) -> list[int]:
    """Return those whose disk has room for what they need, for all of them together, and is above its floor.

    What was refused by the floor needs no more than that, whatever it is now.
    """
    floor = SystemSettings.load().disk_floor_mb * 1_000_000
    found, free = [], dict[str, int]()
    for job in jobs:
        folder, is_known = _folder(job), job.error_details.get(CASE) == "folder"
        needed = int(job.error_details["needed"]) if is_known else LEAST_ROOM
        if folder not in free:
            free[folder] = storage.space_of(Path(folder)).free
        if free[folder] >= max(needed, floor):
            found.append(job.pk)
            free[folder] -= needed if is_known else 0
    return found


def _writable(jobs: Sequence[Job]) -> list[int]:
    if storage.media_away():
        return []
    trouble = {folder: storage.write_trouble(Path(folder)) for folder in set(map(_folder, jobs))}
    return [job.pk for job in jobs if not trouble[_folder(job)]]


def _folder(job: Job) -> str:
    """Return the folder that takes nothing, else that of the media."""
    return str(job.error_details.get("folder") or storage.media_place())


def _reachable(jobs: Sequence[Job]) -> list[int]:
    return [] if storage.media_away() else [job.pk for job in jobs]


def _with_file(jobs: Sequence[Job]) -> list[int]:
    """Return those whose file is there again; after a while make it anew, or let them fail where that can't be."""
    if storage.media_away():
        return []
    back = [job for job in jobs if _is_back(job)]
    late = clock.now() - timedelta(seconds=settings.MISSING_FILE_SECONDS)
    for job in jobs:
        is_lost = not job.error_details.get("file")  # its row is gone as well
        if job not in back and job.held_since and (is_lost or job.held_since <= late):
            _give_up(job)
    return [job.pk for job in back]


def _is_back(job: Job) -> bool:
    name = str(job.error_details.get("file", ""))
    return bool(name) and storage.exists(name)


def _with_key(jobs: Sequence[Job]) -> list[int]:
    try:
        SigningKey.load(settings.C2PA_CERTIFICATE, settings.C2PA_KEY)
    except NoSigningKey:
        return []
    return [job.pk for job in jobs]


def _give_up(job: Job) -> None:
    failure = failure_of(job)
    with transaction.atomic():
        is_wanted = failure.details.get(CASE) in MADE_AGAIN and job.lines.live().exists()
        state = Job.State.CANCELED if is_wanted else Job.State.FAILED
        if claims.give_up(job, state, **columns(failure)):
            on_job_ended(job)


LOOKS: dict[str, Callable[[Sequence[Job]], list[int]]] = {
    "disk_full": _with_room,
    "media_read_only": _writable,
    "storage_away": _reachable,
    "source_missing": _with_file,
    "signing_failed": _with_key,
}
"""How each code's jobs are looked at: returns the ids of those that lack nothing any more."""
