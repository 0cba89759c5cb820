"""Making a job: the live one of its recipe, or a new one and the bell."""

from __future__ import annotations

from typing import Any

from django.db import IntegrityError, transaction

from rendering import dispatch
from rendering.models import Job


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
