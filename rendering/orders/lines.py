"""The lines of orders: advanced whenever a job of theirs ends, from what exists to what is missing."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from functools import partial

from django.db import DatabaseError, transaction
from django.db.models import Exists, F, OuterRef, QuerySet
from django.utils import timezone

from blender_scripts.launch import BlenderMissing, BlenderTooOld
from media_assets.cad.problem import Failure
from media_assets.ingest import conversions
from media_assets.ingest.problems import clear_failure, failure_of, set_failure
from media_assets.models import CadFile
from media_assets.models.batches import BATCH, batches
from media_assets.models.failing import ERROR_FIELDS
from rendering.catalog import freshness, plan, reasons
from rendering.catalog.asks import Ask
from rendering.catalog.plan import Found, Sought
from rendering.catalog.recipes import Recipes, Renderer
from rendering.models import Job, OrderLine
from rendering.models.errors import CANCELED, text_of
from rendering.orders import books, films, finishing
from rendering.orders.jobs import Need, requests
from rendering.queue import claims
from rendering.queue.retry import HOPELESS_CAD
from rendering.signals import lines_ended

log = logging.getLogger("renderdesk.orders")

ENDED = ("state", "finished", "asset", *ERROR_FIELDS)
WHOLE = ("order", "product", "output_type", "variant", "cad_file")  # what a line is about
STRAYS = 500  # lines that are moved on at a time


def advance(line: OrderLine) -> None:
    """Do the next thing for a live line: hand out its file, or make sure that the job it waits for exists."""
    advance_all([line])


def advance_all(lines: Sequence[OrderLine], begun_by: Renderer | None = None) -> None:
    """Do the next thing for each of these live lines: as many queries for 500 as for one.

    What another renderer has begun goes on as its, where nothing else has changed.
    """
    asked = [Ask(line.cad_file, line.output_type, line.product_id, line.variant, line.part) for line in lines]
    wanted = plan.recipes_for_all(asked)
    if begun_by and any(Renderer.of(one.file) not in (None, begun_by) for one in wanted):
        begun = plan.recipes_for_all(asked, begun_by)
        wanted = [
            old if old.file_key == line.recipe_key else new
            for line, old, new in zip(lines, begun, wanted, strict=True)
        ]
    for line, recipes in zip(lines, wanted, strict=True):
        if recipes.file_key != line.recipe_key:
            _follow(line, recipes)
    found = look(lines, wanted)
    while plan.use(found):  # some of it was pruned in this instant
        found = look(lines, wanted)
    before = [line.state for line in lines]
    needs = settle(lines, wanted, found)
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
    gathering = []
    for line, recipes, ready in zip(lines, wanted, found, strict=True):
        cad_file = line.cad_file
        if ready.file:
            line.asset = ready.file
            end(line, OrderLine.State.DONE)
        elif recipes.contents is not None:
            gathering.append((line, recipes, ready))
        elif ready.master or ready.geometry:
            rest.append((line, recipes, ready))
        elif cad_file.state == CadFile.State.FAILED and cad_file.error_code in HOPELESS_CAD:
            end_badly(line, failure_of(cad_file))
        else:
            rest.append((line, recipes, ready))
    for (line, recipes, ready), lacks in zip(
        gathering, books.lacking([(line, recipes) for line, recipes, _ in gathering], lines), strict=True
    ):
        if lacks is None:
            rest.append((line, recipes, ready))
        elif lacks:
            end_badly(line, Failure.of("source_missing", "contents", count=lacks))
        else:
            line.state = OrderLine.State.WORKING
    before = reasons.earlier([line for line, _, _ in rest])
    needs = []
    for line, recipes, ready in rest:
        line.state = OrderLine.State.WORKING
        why = reasons.reason(line, before.get(line.key), recipes.file)
        needs.append(Need(line, recipes, ready.master, ready.geometry, why, ready.passed_over, ready.passes))
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
    left = films.let_go(turning)
    look_after_commit([need.line.pk for need in needs], left)


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
    is_conversion = job.kind == Job.Kind.TESSELLATE and not conversions.is_derived(job.spec["recipe"])
    if is_conversion and job.state == Job.State.FAILED:
        conversions.mark_not_converted(job.cad_file, failure_of(job), job.error)
    if is_conversion and (job.state == Job.State.CANCELED or job.held_since):
        conversions.mark_not_tessellating(job.cad_file)
    if job.is_live:
        return
    lines = list(job.lines.live().select_related(*WHOLE))
    if job.state == Job.State.FAILED:
        for line in lines:
            end_badly(line, failure_of(job))
        write(lines)
    else:
        _count_what_was_made(lines, job)
        has_begun = bool(lines) and job.state == Job.State.SUCCEEDED
        # Who still waits for a canceled job has ordered it since.
        advance_all(lines, Renderer.of(job.spec["recipe"]) if has_begun else None)
    left = films.leave(job) if job.state != Job.State.SUCCEEDED else []
    look_after_commit([], [job.pk, *left])


def _count_what_was_made(lines: Sequence[OrderLine], job: Job) -> None:
    """Let what *job* just made count for these lines, even if they were forced while the database's clock was ahead.

    Else it would be made over and over until that time comes.
    """
    if job.asset is None or job.kind == Job.Kind.TESSELLATE:
        return
    early = [line for line in lines if line.not_before and line.not_before > job.asset.produced]
    for line in early:
        line.not_before = job.asset.produced
    OrderLine.objects.bulk_update(early, ["not_before"], batch_size=BATCH)


def look_after_commit(lines: Sequence[int], jobs: Sequence[int]) -> None:
    """Move on those of *lines*, and of the lines of *jobs*, that nothing works for once this transaction is committed.

    A job may end in the instant in which a line is attached to it: neither transaction sees the other. Whichever is
    committed last sees both, so each calls this.
    """
    for some in batches(lines):
        transaction.on_commit(partial(move_on, OrderLine.objects.filter(pk__in=some)), robust=True)
    if jobs:
        through = OrderLine.jobs.through._default_manager.filter(job__in=jobs)
        rows = OrderLine.objects.filter(pk__in=through.values("orderline"))
        transaction.on_commit(partial(move_on, rows), robust=True)


def move_on(lines: QuerySet[OrderLine]) -> int:
    """Move on those of *lines* that are live though no job of theirs is, at most STRAYS; return how many.

    Each follows its last job where that failed, and else goes on from what exists. One that can't fails, with the
    reason, and holds up no other.
    """
    is_live = Exists(Job.objects.live().filter(lines=OuterRef("pk")))
    stray = lines.filter(~is_live, ~books.waits(), state__in=OrderLine.LIVE)
    ids = stray.order_by().values_list("pk", flat=True)
    found = list(ids[:STRAYS])
    if not found:
        return 0
    with transaction.atomic():
        rows = OrderLine.objects.live().filter(~is_live, pk__in=found).order_by("pk")
        rows = rows.select_related(*WHOLE)
        moved = list(rows.select_for_update(of=("self",), skip_locked=True))
        last = _last_jobs(moved)
        failed = [line for line in moved if line.pk in last and last[line.pk].state == Job.State.FAILED]
        for line in failed:
            end_badly(line, failure_of(last[line.pk]))
        write(failed)
        _advance_or_fail([line for line in moved if line not in failed])
    log.info("Nothing worked for these lines any more: %s", [line.pk for line in moved])
    return len(moved)


def _last_jobs(lines: Sequence[OrderLine]) -> dict[int, Job]:
    """Return the job of each line that ended last, by the id of the line."""
    jobs = Job.objects.filter(lines__in=[line.pk for line in lines]).annotate(line=F("lines"))
    return {job.line: job for job in jobs.defer("log", "spec", "reuse").order_by("finished", "pk")}  # type: ignore[attr-defined]


def _advance_or_fail(lines: Sequence[OrderLine]) -> None:
    """Advance these lines; one that can't be advanced fails. Without Blender or the storage they wait."""
    try:
        with transaction.atomic():
            advance_all(lines)
    except (BlenderMissing, BlenderTooOld, OSError) as error:
        log.warning("Lines wait: %s", error)
    except DatabaseError:
        raise
    except Exception as error:
        if len(lines) > 1:
            for line in lines:
                line.refresh_from_db(fields=["state", "finished", "asset", *ERROR_FIELDS])
                _advance_or_fail([line])
            return
        log.exception("%s could not be moved on", lines[0])
        end_badly(lines[0], Failure.of("internal", "line", error=f"{type(error).__name__}: {error}"))
        write(lines)


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
    note_ends(lines if count == len(lines) else _as_stored(lines))
    if ended := {line.order_id for line in lines if line.state not in OrderLine.LIVE}:
        finishing.note_endings(ended)
        transaction.on_commit(partial(move_on, books.of_orders(ended)), robust=True)
    return count


def note_ends(lines: Sequence[OrderLine]) -> None:
    """Bring up to date what these stored lines delivered, and let other rooms know of their end."""
    ended = [line for line in lines if line.state in (OrderLine.State.DONE, OrderLine.State.FAILED)]
    if ended:
        lines_ended.send(OrderLine, lines=ended)
    freshness.on_delivered(lines)


def _as_stored(lines: Sequence[OrderLine]) -> list[OrderLine]:
    """Return those of *lines* whose end is the one that is stored."""
    stored: dict[int, object] = {}
    for some in batches([line.pk for line in lines]):
        stored |= dict(OrderLine.objects.filter(pk__in=some).values_list("pk", "finished"))
    return [line for line in lines if stored.get(line.pk) == line.finished]
