"""A claim: a running job, the token that proves who has it, and the lease that is renewed."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db.models import DateTimeField, Expression, ExpressionWrapper, QuerySet
from django.db.models.functions import Now

from rendering.models import Attempt, Job
from rendering.models.errors import Canceled, LeaseLost

LIMITS = {
    "log": 64_000,
    "stage": 60,
    "device_name": 200,
    "device_id": 200,
}  # characters; of a log the last ones


@dataclass
class Claim:
    """A running job and the right to write to it."""

    job: Job
    token: uuid.UUID
    attempt: Attempt

    @property
    def mine(self) -> QuerySet[Job]:
        return Job.objects.filter(pk=self.job.pk, lease_token=self.token, state=Job.State.RUNNING)


def from_now(seconds: float) -> Expression:
    return ExpressionWrapper(Now() + timedelta(seconds=seconds), output_field=DateTimeField())


def lease_end() -> Expression:
    return from_now(settings.LEASE_SECONDS)


def renew(claim: Claim, **fields: Any) -> None:
    """Renew the lease and write *fields* (progress, stage, log, device_used, ...).

    Raises Canceled when an operator asked for that, LeaseLost when the job is no longer this worker's.
    """
    if claim.mine.filter(cancel_requested=False).update(lease_until=lease_end(), **storable(fields)):
        return
    if claim.mine.exists():
        raise Canceled
    raise LeaseLost


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
