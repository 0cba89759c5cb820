"""How a worker ends its job: well, by one verb, or badly, by another.

Each writes the end and moves on the lines that waited in one transaction, which is tried again while the database is
away.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from typing import Any

from django.db import transaction

from blender_scripts.children import process
from gpu.probing import life
from media_assets import storage
from media_assets.cad.problem import Failure
from rendering import orders
from rendering.models.errors import LeaseLost
from rendering.queue import claims, retry
from rendering.queue.lease import Lease

log = logging.getLogger("renderdesk.jobs")

ON_CPU = {"device_used": "CPU", "compute_type": "NONE"}
"""What a job says of itself that no GPU could have done."""


def succeed(lease: Lease, publish: Callable[[], Mapping[str, Any]]) -> None:
    """End the job well: *publish* makes its assets and returns what the job says of itself, its asset included.

    A lost lease publishes nothing: raises LeaseLost. Raises StorageAway, StorageReadOnly, and what *publish* raises.
    """

    def write() -> None:
        storage.require_media()  # an empty folder takes files that nobody would find again
        with transaction.atomic():
            claims.succeed(lease.claim, **publish())
            orders.on_job_ended(lease.claim.job)

    lease.persist(write)


def fail(lease: Lease, failure: Failure) -> None:
    """End the job badly, or let it be tried again; what failed a GPU is probed."""
    if lease.claim.attempt.gpu and failure.code in retry.GPU_FAULTS:
        lease.persist(lambda: life.request_after_failure(process.HOST))
    stop(lease, lambda: claims.fail(lease.claim, failure, **written(lease)))


def stop(lease: Lease, verb: Callable[[], object]) -> None:
    """Write by *verb* why the job does not go on here; a lost lease writes nothing."""

    def write() -> None:
        with transaction.atomic():
            verb()
            orders.on_job_ended(lease.claim.job)

    try:
        lease.persist(write)
    except LeaseLost:
        log.warning("%s is no longer this worker's; its end is not written.", lease.claim.job)


def written(lease: Lease) -> dict[str, Any]:
    """What the run had noted and not yet written; its progress and stage end with it."""
    return {name: value for name, value in lease.pending.items() if name not in ("progress", "stage")}
