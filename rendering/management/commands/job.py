"""Show, cancel or retry one job."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from rendering import history, orders
from rendering.management.console import DONE, FAILED, DeskCommand, Report, UsageError, row_id
from rendering.models import HistoryEntry, Job


class Command(DeskCommand):
    help = "Show a job, cancel a queued or running one, or retry one that failed or was canceled."

    def add_arguments(self, parser: ArgumentParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("verb", choices=["show", "cancel", "retry"])
        parser.add_argument("id", type=row_id)

    def report(self, *, verb: str, id: int, **options: Any) -> Report:
        job = Job.objects.filter(pk=id).first()
        if job is None:
            raise UsageError(f"There is no job {id}. 'manage.py jobs' lists them.")
        if verb == "show":
            return Report(job.as_dict(), lines_of(job), DONE)
        if verb == "cancel":
            happened, word = orders.cancel_job(job), "canceled"
        else:
            happened, word = job.state in (Job.State.FAILED, Job.State.CANCELED), "queued again"
            job = orders.retry_job(job) if happened else job
        job.refresh_from_db()
        if not happened:
            message = f"Job {id} is {job.state}: there is nothing to {verb}."
            self.stderr.write(message)
            return Report(job.as_dict(), [], FAILED)
        verbs = {"cancel": HistoryEntry.Verb.CANCEL, "retry": HistoryEntry.Verb.RETRY}
        history.record(verbs[verb], job)
        return Report(job.as_dict(), [f"Job {job.pk} is {word}."], DONE)


def lines_of(job: Job) -> list[str]:
    """Return a job for people: what it is, what it found ready, how long each stage took, and its error."""
    seconds = ", ".join(f"{stage} {took} s" for stage, took in job.seconds.items())
    return [
        f"{job}: {job.state}" + (f", {job.stage}" if job.stage else ""),
        *(f"{name}: {found}" for name, found in job.reused.items()),
        *([seconds] if seconds else []),
        *([f"{job.error_code}: {job.error}"] if job.error_code else []),
    ]
