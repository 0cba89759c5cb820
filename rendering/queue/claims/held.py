"""Jobs that are held until something is there again: disk space, the storage, a file. Their error says what."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from typing import Any

from django.db import transaction
from django.utils import timezone

from media_assets.models.batches import batches
from media_assets.models.failing import NO_ERROR
from rendering.models import Job
from rendering.queue import dispatch


def let_go(ids: Collection[int]) -> int:
    """Let those of these jobs that are held be claimed again; return how many were."""
    count = 0
    for some in batches(sorted(ids)):
        with transaction.atomic():
            rows = Job.objects.held().filter(pk__in=some)
            lanes = Counter(rows.values_list("lane", flat=True))
            count += rows.update(held_since=None, not_before=None, **NO_ERROR)
            for lane, jobs in lanes.items():
                dispatch.wake_workers(lane, jobs=jobs)
    return count


def give_up(job: Job, state: str, **error: Any) -> bool:
    """End a held job, as failed or canceled, for what it lacks will not come; return whether it was held."""
    rows = Job.objects.held().filter(pk=job.pk)
    ended = rows.update(
        state=state, finished=timezone.now(), held_since=None, not_before=None, held=False, **error
    )
    if ended:
        job.refresh_from_db()
    return bool(ended)
