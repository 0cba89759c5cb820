"""Show, cancel or retry one job."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.utils.translation import gettext as _

from rendering import history, orders
from rendering.management.console import DONE, FAILED, DeskCommand, Report, UsageError, row_id
from rendering.models import HistoryEntry, Job


class Command(DeskCommand):
    help = _("Show a job, cancel a queued or running one, or retry one that failed, was canceled or is held.")

    def add_arguments(self, parser: ArgumentParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("verb", choices=["show", "cancel", "retry"])
        parser.add_argument("id", type=row_id)

    def report(self, *, verb: str, id: int, **options: Any) -> Report:
        job = Job.objects.filter(pk=id).first()
        if job is None:
            raise UsageError(_("There is no job {id}. 'manage.py jobs' lists them.").format(id=id))
        if verb == "show":
            return Report(job.as_dict(), lines_of(job), DONE)
        if verb == "cancel":
            happened, word = orders.cancel_job(job), _("canceled")
        else:
            happened, word = orders.try_now(job), _("tried now")
            if not happened:
                happened, word = job.state in (Job.State.FAILED, Job.State.CANCELED), _("queued again")
                job = orders.retry_job(job) if happened else job
        job.refresh_from_db()
        if not happened:
            message = _("Job {id} is {state}: there is nothing to {verb}.").format(
                id=id, state=job.state, verb=verb
            )
            self.stderr.write(message)
            return Report(job.as_dict(), [], FAILED)
        verbs = {"cancel": HistoryEntry.Verb.CANCEL, "retry": HistoryEntry.Verb.RETRY}
        history.record(verbs[verb], job)
        return Report(job.as_dict(), [_("Job {number} is {word}.").format(number=job.pk, word=word)], DONE)


def lines_of(job: Job) -> list[str]:
    """Return a job for people: what it is, what it found ready, how long each stage took, and its error."""
    seconds = ", ".join(f"{stage} {took} s" for stage, took in job.seconds.items())
    return [
        f"{job}: {_('held') if job.held_since else job.state}" + (f", {job.stage}" if job.stage else ""),
        *(f"{name}: {found}" for name, found in job.found_ready.items()),
        *([_("picture: made ({reason})").format(reason=job.why)] if job.why else []),
        *([seconds] if seconds else []),
        *([f"{job.error_code}: {job.error}"] if job.error_code else []),
    ]
