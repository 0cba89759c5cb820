"""What operators do to orders: cancel and retry jobs, lines and whole orders."""

from __future__ import annotations

from django.db import transaction

from media_assets import conversions
from rendering import claims
from rendering.models import Job, Order, OrderLine
from rendering.orders.lines import advance, finish, on_job_ended


def cancel_job(job: Job) -> bool:
    """Cancel a job; lines that waited for it are canceled with it. Return whether it was live."""
    with transaction.atomic():
        was_live = claims.cancel(job)
        job.refresh_from_db()
        if job.state == Job.State.CANCELED:
            on_job_ended(job)
    return was_live


def retry_job(job: Job) -> Job:
    """Queue an ended job again; lines that failed or were canceled with it wait again. Return the job that runs."""
    with transaction.atomic():
        revived = claims.retry(job)
        if revived.is_live:
            waiting = job.lines.filter(state__in=[OrderLine.State.FAILED, OrderLine.State.CANCELED])
            for line in waiting:
                line.jobs.add(revived)
            waiting.update(state=OrderLine.State.WORKING, error_code="", error="", finished=None)
            if revived.kind == Job.Kind.TESSELLATE:
                conversions.mark_waiting(revived.cad_file)
    return revived


def retry_line(line: OrderLine) -> bool:
    """Start a failed or canceled line again from what exists; return whether it was one."""
    if line.state not in (OrderLine.State.FAILED, OrderLine.State.CANCELED):
        return False
    with transaction.atomic():
        line.state, line.error_code, line.error, line.finished = OrderLine.State.PENDING, "", "", None
        line.save(update_fields=["state", "error_code", "error", "finished"])
        advance(line)
    return True


def cancel_line(line: OrderLine) -> bool:
    """Cancel a live line, and its jobs that nobody else waits for; return whether it was live."""
    with transaction.atomic():
        if line.state not in OrderLine.LIVE:
            return False
        finish(line, OrderLine.State.CANCELED, error_code="canceled", error="Canceled by an operator.")
        for job in line.jobs.live():
            if not job.lines.live().exists():
                cancel_job(job)
    return True


def cancel_order(order: Order) -> int:
    """Cancel every live line of *order*; return how many."""
    return sum(cancel_line(line) for line in order.lines.live())
