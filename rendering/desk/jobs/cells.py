"""The status of a job in lists, on the desk and on its page: the same words everywhere."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.db.models import Q, QuerySet
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from media_assets.models import numbers
from rendering.farm import previews
from rendering.models import Job
from rendering.models.errors import problem_of


def light(jobs: QuerySet[Job], *, pictures: bool = False) -> QuerySet[Job]:
    """Return *jobs* for a list: with what its rows name, without the long texts.

    *pictures*: with what shows them while they render, for users who may see pictures.
    """
    if pictures:
        jobs = previews.with_film(jobs)
    jobs = jobs.annotate(is_trial=Q(spec__has_key="trial"))
    return jobs.select_related("product", "output_type", "cad_file").defer(
        "log", "spec", "cad_file__tree", "cad_file__report"
    )


def describe(job: Job) -> dict[str, Any]:
    """Return what the templates in desk/ show of a job."""
    state, label = state_of(job)
    return {
        "job": job,
        "state": state,
        "label": label,
        "url": reverse("admin:rendering_job_change", args=[job.pk]),
        "live_url": reverse("admin:rendering_job_live"),
        "percent": percent(job),
        "preview": preview_url(job),
        "took": took(job),
        "problem": problem_of(job) if job.error_code else None,
    }


def percent(job: Job) -> int:
    """Return the progress in whole percent: 100 only when the job has ended."""
    return min(99, int(100 * job.progress)) if job.is_live else int(100 * job.progress)


def preview_url(job: Job) -> str:
    """Return the address of what a job from `light` with pictures shows while it renders; "" for nothing."""
    shown = previews.shown(job)
    return live_picture_url(job.pk, shown) if shown else ""


def live_picture_url(pk: int, shown: previews.LivePreview) -> str:
    return f"{reverse('admin:rendering_job_preview', args=[pk])}?v={shown.version}"


def state_of(job: Job) -> tuple[str, str]:
    """Return the state's style and its words, also of a state that is about to change."""
    if job.state == Job.State.RUNNING and job.cancel_requested:
        return "canceled", _("Canceling")
    if job.held_since:
        return "held", _("Held")
    if job.state == Job.State.QUEUED and job.attempt:
        return "retrying", _("Waiting to retry")
    if job.state == Job.State.QUEUED and job.held:
        return "paused", _("Paused")
    return job.state, job.get_state_display()


def took(job: Job) -> str:
    """Return how long it ran, runs or has been waiting."""
    if job.state == Job.State.QUEUED:
        return _("waiting %(time)s") % {"time": duration(timezone.now() - job.queued)}
    if job.started is None:
        return ""
    return duration((job.finished or timezone.now()) - job.started)


def duration(span: timedelta) -> str:
    """Return a time span in the two largest units that matter."""
    seconds = max(0.0, span.total_seconds())
    if seconds < 10:
        return numbers.local(f"{seconds:.1f} s")
    minutes, rest = divmod(round(seconds), 60)
    if not minutes:
        return f"{rest} s"
    hours, minutes = divmod(minutes, 60)
    if not hours:
        return f"{minutes} min {rest:02d} s" if minutes < 10 else f"{minutes} min"
    days, hours = divmod(hours, 24)
    return f"{days} d {hours} h" if days else f"{hours} h {minutes:02d} min"


def cell(job: Job, name: str) -> SafeString:
    """Return one refreshing cell of a job's row: state, device or time."""
    return render_to_string(f"desk/jobs/{name}.html", describe(job))


CELLS = ("state", "device", "time")


def all_cells(job: Job) -> SafeString:
    """Return every refreshing cell of a job's row, for the page that polls them."""
    return SafeString("".join(cell(job, name) for name in CELLS))
