"""What the end of a job does to orders: it advances their lines, and the steps of workflows that waited for it."""

from __future__ import annotations

from rendering.models import Job
from rendering.orders import lines, steps
from rendering.signals import job_ended


def on_job_ended(job: Job) -> None:
    """Move on every line and step that waited for *job*. Call it in the transaction that ended it."""
    lines.on_job_ended(job)
    steps.on_job_ended(job)
    if not job.is_live:
        job_ended.send(Job, job=job)
