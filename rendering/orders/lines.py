"""A line of an order: moved on whenever a job of it ends, from what exists to what is missing."""

from __future__ import annotations

from typing import Any

from django.utils import timezone

from media_assets import conversions
from media_assets.models import CadFile
from rendering import plan
from rendering.errors import HOPELESS_CAD, explain
from rendering.models import Job, OrderLine
from rendering.orders.jobs import job_for, render_job, tessellate_job
from rendering.recipes import Recipes


def advance(line: OrderLine) -> None:
    """Do the next thing for a live line: hand out its file, or make sure that the job it waits for exists."""
    wanted = plan.recipes_for(line.cad_file, line.output_type)
    if wanted.file_key != line.recipe_key:
        _follow(line, wanted)
    kind = line.output_type
    found = plan.find(wanted, kind.kind, kind.width, kind.height, line.not_before)
    if found.file:
        finish(line, OrderLine.State.DONE, asset=found.file)
        return
    if found.master:
        job = job_for(
            line, Job.Kind.ENCODE, wanted.file_key, {"recipe": wanted.file, "master": found.master.pk}
        )
    elif found.geometry:
        job = render_job(line, wanted, found.geometry)
    elif line.cad_file.state == CadFile.State.FAILED and line.cad_file.error_code in HOPELESS_CAD:
        fail_line(line, line.cad_file.error_code, line.cad_file.error)
        return
    else:
        job = tessellate_job(line.cad_file, kind.tessellation, line.order.priority, line.product)
    line.jobs.add(job)
    if line.state != OrderLine.State.WORKING:
        line.state = OrderLine.State.WORKING
        line.save(update_fields=["state"])


def _follow(line: OrderLine, wanted: Recipes) -> None:
    """The output type or the tools changed while the line waited: it is about another file, maybe of another size."""
    kind = line.output_type
    has_same_aspect = kind.width * line.master_height == kind.height * line.master_width
    if not has_same_aspect or kind.width > line.master_width:
        line.master_width, line.master_height = kind.width, kind.height
    line.recipe_key = wanted.file_key
    line.save(update_fields=["recipe_key", "master_width", "master_height"])


def on_job_ended(job: Job) -> None:
    """Move on every line that waited for *job*. Call it in the transaction that ended it."""
    if job.kind == Job.Kind.TESSELLATE and job.state == Job.State.FAILED:
        conversions.mark_not_converted(job.cad_file, job.error_code, job.error)
    if job.kind == Job.Kind.TESSELLATE and job.state == Job.State.CANCELED:
        conversions.mark_not_tessellating(job.cad_file)
    for line in job.lines.live().select_related("order", "product", "output_type", "cad_file"):
        if job.state == Job.State.SUCCEEDED:
            advance(line)
        elif job.state == Job.State.CANCELED:
            finish(line, OrderLine.State.CANCELED, error_code="canceled", error=job.error)
        elif job.state == Job.State.FAILED:
            fail_line(line, job.error_code, job.error)


def fail_line(line: OrderLine, code: str, message: str) -> None:
    finish(line, OrderLine.State.FAILED, error_code=code, error=explain(code, message))


def finish(line: OrderLine, state: str, **fields: Any) -> None:
    line.state, line.finished = state, timezone.now()
    for name, value in fields.items():
        setattr(line, name, value)
    line.save(update_fields=["state", "finished", *fields])
