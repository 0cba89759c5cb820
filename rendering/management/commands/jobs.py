"""List jobs."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.utils.translation import gettext as _

from rendering.management.console import DeskCommand, Report, row_id
from rendering.models import Job


class Command(DeskCommand):
    help = _("List jobs, the newest first.")

    def add_arguments(self, parser: ArgumentParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("--state", choices=Job.State.values)
        parser.add_argument("--order", type=row_id, metavar="ID", help=_("only those of this order"))
        parser.add_argument("--limit", type=int, default=0, help=_("at most this many (default: all)"))

    def report(self, *, state: str | None, order: int | None, limit: int, **options: Any) -> Report:
        jobs = Job.objects.select_related("product", "output_type")
        if state:
            jobs = jobs.filter(state=state)
        if order:
            jobs = jobs.filter(lines__order=order).distinct()
        chosen = list(jobs[:limit] if limit > 0 else jobs)
        return Report([job.as_dict() for job in chosen], [describe(job) for job in chosen] or [_("No jobs.")])


def describe(job: Job) -> str:
    what = f"{job.product.number if job.product else '-'} {job.output_type.slug if job.output_type else ''}".strip()
    progress = f"{job.progress:.0%} {job.stage}".strip() if job.state == Job.State.RUNNING else ""
    return f"{job.pk:>6}  {job.state:<9}  {job.kind:<10}  {job.queue:<20}  {what}  {progress}{job.error}"
