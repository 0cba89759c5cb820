"""Jobs: each piece of work, how far it is, and why it failed."""

from __future__ import annotations

from typing import Annotated, Any

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from ninja import Query, Router, Schema
from pydantic import AwareDatetime, Field

from rendering import history, orders
from rendering.api.access import needs
from rendering.api.lists import ListWanted, Page, RowId, found, one, page, values_of
from rendering.api.problems import ApiRefused, answers
from rendering.models import HistoryEntry, Job
from rendering.models.api_token import TokenScope

router = Router(tags=["Jobs"])
SEE = "rendering.view_job"


class JobOut(Schema):
    id: int
    kind: str = Field(description="tessellate, render or encode")
    state: str = Field(description="queued, running, succeeded, failed or canceled")
    stage: str
    queue: str
    priority: int
    attempt: int
    product: str | None
    output_type: str | None
    cad_file: int | None
    asset: int | None = Field(description="What it made")
    device_used: str | None = Field(description="GPU or CPU")
    compute_type: str | None
    device_name: str | None
    device_id: str | None
    gpu_fallback: bool
    progress: float = Field(description="0 to 1")
    error_code: str | None
    error: str | None
    held_since: AwareDatetime | None
    created: AwareDatetime
    started: AwareDatetime | None
    finished: AwareDatetime | None
    seconds: dict[str, Any] = Field(description="By stage")
    reused: dict[str, str]


class JobsWanted(ListWanted):
    state: Annotated[Job.State, values_of(Job.State)] | None = None
    order: RowId | None = Field(None, description="Jobs that this order waits for or waited for")


@router.get("/jobs", response=answers(Page[JobOut]), **needs(TokenScope.READ, SEE), summary="List jobs")
def list_jobs(request: HttpRequest, wanted: Query[JobsWanted]) -> HttpResponse:
    rows = Job.objects.select_related("product", "output_type").defer("log", "spec")
    if wanted.state:
        rows = rows.filter(state=wanted.state)
    if wanted.order:
        rows = rows.filter(lines__order=wanted.order).distinct()
    return page(wanted, rows, JobOut, Job.as_dict, changed=("created", "started", "finished"))


@router.get("/jobs/{id}", response=answers(JobOut, 404), **needs(TokenScope.READ, SEE), summary="Show a job")
def show_job(request: HttpRequest, id: RowId) -> HttpResponse:
    return one(JobOut, _job(id).as_dict())


@router.post(
    "/jobs/{id}/cancel",
    response=answers(JobOut, 404, 409),
    **needs(TokenScope.ORDER, "cancel"),
    summary="Cancel a job",
)
def cancel_job(request: HttpRequest, id: RowId) -> HttpResponse:
    job = _job(id)
    if not orders.cancel_job(job):
        raise _nothing_to_do(job)
    history.record(HistoryEntry.Verb.CANCEL, job)
    return one(JobOut, _job(id).as_dict())


@router.post(
    "/jobs/{id}/retry",
    response=answers(JobOut, 404, 409),
    **needs(TokenScope.ORDER, "retry"),
    summary="Try a job again that failed, was canceled or is held",
)
def retry_job(request: HttpRequest, id: RowId) -> HttpResponse:
    """The answer is the job that runs: another one where somebody ordered the same meanwhile."""
    job = _job(id)
    if not orders.try_now(job):
        if job.state not in (Job.State.FAILED, Job.State.CANCELED):
            raise _nothing_to_do(job)
        job = orders.retry_job(job)
    history.record(HistoryEntry.Verb.RETRY, job)
    return one(JobOut, _job(job.pk).as_dict())


def _nothing_to_do(job: Job) -> ApiRefused:
    return ApiRefused(409, "wrong_state", _("Job {id} is {state}.").format(id=job.pk, state=job.state))


def _job(pk: int) -> Job:
    job: Job = found(Job.objects.select_related("product", "output_type"), "job", pk=pk)
    return job
