"""The lines of orders: advanced whenever a job of theirs ends, from what exists to what is missing."""

from __future__ import annotations

from collections.abc import Sequence

from django.utils import timezone

from media_assets.cad.problem import Failure
from media_assets.ingest import conversions
from media_assets.ingest.problems import clear_failure, failure_of, set_failure
from media_assets.models import CadFile
from media_assets.models.failing import ERROR_FIELDS
from rendering.catalog import freshness, plan, reasons
from rendering.catalog.plan import BATCH, Ask, Found, Sought
from rendering.catalog.recipes import Recipes
from rendering.models import Job, OrderLine
from rendering.models.errors import CANCELED, text_of
from rendering.orders import films, finishing
from rendering.orders.jobs import Need, requests
from rendering.queue import claims
from rendering.queue.retry import HOPELESS_CAD

ENDED = ("state", "finished", "asset", *ERROR_FIELDS)


def advance(line: OrderLine) -> None:
    """Do the next thing for a live line: hand out its file, or make sure that the job it waits for exists."""
    advance_all([line])


def advance_all(lines: Sequence[OrderLine]) -> None:
    """Do the next thing for each of these live lines: as many queries for 500 as for one."""
    wanted = plan.recipes_for_all([Ask(line.cad_file, line.output_type, line.product_id) for line in lines])
    for line, recipes in zip(lines, wanted, strict=True):
        if recipes.file_key != line.recipe_key:
            _follow(line, recipes)
    before = [line.state for line in lines]
    needs = settle(lines, wanted, look(lines, wanted))
    write([line for line, state in zip(lines, before, strict=True) if line.state != state])
    attach(needs)


def look(lines: Sequence[OrderLine], wanted: Sequence[Recipes]) -> list[Found]:
    """Return what exists already for each line."""
    return plan.find_all([sought(line, recipes) for line, recipes in zip(lines, wanted, strict=True)])


def sought(line: OrderLine, wanted: Recipes) -> Sought:
    kind = line.output_type
    return Sought(wanted, kind.kind, kind.width, kind.height, line.not_before)


def settle(lines: Sequence[OrderLine], wanted: Sequence[Recipes], found: Sequence[Found]) -> list[Need]:
    """Set the result on each line, not in the database; return what the lines that go on need."""
    rest = []
    for line, recipes, ready in zip(lines, wanted, found, strict=True):
        cad_file = line.cad_file
        if ready.file:
            line.asset = ready.file
            end(line, OrderLine.State.DONE)
        elif ready.master or ready.geometry:
            rest.append((line, recipes, ready))
        elif cad_file.state == CadFile.State.FAILED and cad_file.error_code in HOPELESS_CAD:
            end_badly(line, failure_of(cad_file))
        else:
            rest.append((line, recipes, ready))
    before = reasons.earlier([line for line, _, _ in rest])
    needs = []
    for line, recipes, ready in rest:
        line.state = OrderLine.State.WORKING
        why = reasons.reason(line, before.get((line.product_id, line.output_type_id)), recipes.file)
        needs.append(Need(line, recipes, ready.master, ready.geometry, why, ready.passed_over))
    return needs


def attach(needs: Sequence[Need]) -> None:
    """Make sure that the jobs which each of these stored lines waits for exist."""
    if not needs:
        return
    turning = [need for need in needs if films.is_film(need)]
    still = [need for need in needs if not films.is_film(need)]
    wanted = [*zip(still, requests(still), strict=True), *films.requests(turning)]
    jobs = claims.create_all([job for _, job in wanted])
    through = OrderLine.jobs.through
    links = [
        through(orderline_id=need.line.pk, job_id=job.pk) for (need, _), job in zip(wanted, jobs, strict=True)
    ]
    through._default_manager.bulk_create(links, batch_size=BATCH, ignore_conflicts=True)
    claims.hold_new({job.pk for job in jobs})
    films.let_go(turning)


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
        conversions.mark_not_converted(job.cad_file, failure_of(job), job.error)
    if job.kind == Job.Kind.TESSELLATE and job.state == Job.State.CANCELED:
        conversions.mark_not_tessellating(job.cad_file)
    if job.is_live:
        return
    lines = list(job.lines.live().select_related("order", "product", "output_type", "cad_file"))
    if job.state == Job.State.SUCCEEDED:
        advance_all(lines)
        return
    for line in lines:
        if job.state == Job.State.CANCELED:
            cancel(line)
        else:
            end_badly(line, failure_of(job))
    write(lines)
    films.leave(job)


def end_badly(line: OrderLine, failure: Failure) -> None:
    """Let a line fail, not in the database."""
    end(line, OrderLine.State.FAILED)
    set_failure(line, failure, text_of(failure))


def cancel(line: OrderLine) -> None:
    """Cancel a line, not in the database."""
    end(line, OrderLine.State.CANCELED)
    for name, value in CANCELED.items():
        setattr(line, name, value)


def end(line: OrderLine, state: str) -> None:
    """Set the end of a line, not in the database."""
    line.state, line.finished = state, timezone.now()
    clear_failure(line)


def write(lines: Sequence[OrderLine]) -> int:
    """Write the results of *lines*, except those that somebody else ended meanwhile; return how many were written."""
    count = OrderLine.objects.live().bulk_update(lines, ENDED, batch_size=100)
    freshness.on_delivered(lines)
    if ended := {line.order_id for line in lines if line.state not in OrderLine.LIVE}:
        finishing.note_endings(ended)
    return count
