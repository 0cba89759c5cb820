"""The lines of the log that say when a job begins and how it ends; all lines in between have its id."""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import InterfaceError, OperationalError

from blender_scripts import logged
from rendering.models import Job
from rendering.queue.claims import Claim

log = logging.getLogger("renderdesk.jobs")

ORDERS = 10  # that wait for one job, named in a line
LONGEST = 300  # characters of an error
WENT_WELL = (Job.State.SUCCEEDED, Job.State.CANCELED)


@contextmanager
def noted(claim: Claim, device: str) -> Iterator[None]:
    """Log the start and the end of what is done inside, with seconds and the outcome that its row has then."""
    job, began = claim.job, time.monotonic()
    with logged.step(f"job {job.kind}", job=job.pk) as said:
        what = _what(job)
        log.info("%s started", job, extra={**what, "device": device, "attempt": job.attempt})
        try:
            yield
        finally:
            has_ended = job.lease_token is None  # else the lease is somebody else's by now
            outcome = job.state if has_ended else "lease lost"
            went_well = outcome in WENT_WELL or not job.error_code
            facts: dict[str, Any] = {
                **what,
                "device": job.device_name or job.device_used or device,
                "outcome": outcome,
                "seconds": round(time.monotonic() - began, 2),
            }
            if has_ended and not went_well:
                facts |= {"code": job.error_code, "error": job.error[:LONGEST]}
            said |= facts
            log.log(
                logging.INFO if has_ended and went_well else logging.WARNING, "%s ended", job, extra=facts
            )


def _what(job: Job) -> dict[str, Any]:
    """Return what both lines say of *job*; without a database only what its row says."""
    known = {"kind": job.kind, "worker": job.worker, "queue": job.queue}
    try:
        orders = job.lines.order_by("order_id").values_list("order_id", flat=True).distinct()[:ORDERS]
        return {
            **known,
            "orders": list(orders),
            "product": job.product.number if job.product else "",
            "output_type": job.output_type.slug if job.output_type else "",
        }
    except (OperationalError, InterfaceError):
        return known
