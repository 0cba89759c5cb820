"""Return the jobs of dead workers to the queue."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _

from rendering import orders
from rendering.management.console import DeskCommand, Report


class Command(DeskCommand):
    is_of_people = False
    help = _("Return jobs whose worker died to the queue, and wake workers for jobs whose message was lost.")

    def report(self, **options: Any) -> Report:
        jobs = orders.reap()
        document = [{"id": job.pk, "state": job.state, "attempt": job.attempt} for job in jobs]
        return Report(
            document,
            [_("Job {number}: {state}").format(number=job.pk, state=job.state) for job in jobs]
            or [_("Every running job has a live worker.")],
        )
