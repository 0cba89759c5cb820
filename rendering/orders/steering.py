"""Controls of orders: cancel and retry jobs, lines and whole orders; pause; priority."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from django.db import transaction
from django.db.models import Exists, Max, OuterRef, Q, QuerySet

from media_assets.ingest import conversions
from media_assets.ingest.problems import clear_failure
from media_assets.models import sight
from media_assets.models.batches import batches
from media_assets.models.failing import NO_ERROR
from rendering.models import Job, Order, OrderLine, OrderStep
from rendering.orders import finishing, steps
from rendering.orders.after_job import on_job_ended
from rendering.orders.lines import advance_all, cancel, look_after_commit, write
from rendering.orders.placing import check_priority
from rendering.queue import claims

NOT_DELIVERED = (OrderLine.State.FAILED, OrderLine.State.CANCELED)


@sight.of_everybody()
def cancel_job(job: Job) -> bool:
    """Cancel a job, and at once the lines that wait for it. Return whether it was live.

    A line that comes while the worker is still to stop is none of them: it is made all the same.
    """
    with transaction.atomic():
        waiting = list(job.lines.live())
        was_live = claims.cancel(job)
        if was_live and waiting:
            cancel_lines(waiting)
        job.refresh_from_db()
        if job.state == Job.State.CANCELED:
            on_job_ended(job)
    return was_live


@sight.of_everybody()
def retry_job(job: Job) -> Job:
    """Queue an ended job again; lines that failed or were canceled with it wait again. Return the job that runs.

    One whose CAD file was deleted stays as it is.
    """
    if job.cad_file_id is None:
        return job
    with transaction.atomic():
        revived = claims.retry(job)
        if revived.is_live:
            waiting = job.lines.filter(state__in=NOT_DELIVERED)
            for line in waiting:
                line.jobs.add(revived)
            finishing.reopen(line.order_id for line in waiting)
            waiting.update(state=OrderLine.State.WORKING, finished=None, **NO_ERROR)
            if revived.kind == Job.Kind.TESSELLATE and not conversions.is_derived(revived.spec["recipe"]):
                conversions.mark_waiting(revived.cad_file)
                steps.read_again(revived)
            claims.hold_new({revived.pk})
            look_after_commit([], [revived.pk])
    return revived


def retry_line(line: OrderLine) -> bool:
    """Start a failed or canceled line again from what exists; return whether it was one."""
    return bool(retry_lines([line]))


@sight.of_everybody()
def retry_lines(lines: Sequence[OrderLine]) -> int:
    """Start those of *lines* that failed or were canceled again from what exists; return how many that are.

    Those of which something was deleted stay as they are.
    """
    ended = [line for line in lines if line.state in NOT_DELIVERED and line.is_whole]
    for line in ended:
        line.state, line.finished = OrderLine.State.PENDING, None
        clear_failure(line)
    with transaction.atomic():
        for some in batches([line.pk for line in ended]):
            OrderLine.objects.filter(pk__in=some, state__in=NOT_DELIVERED).update(
                state=OrderLine.State.PENDING, finished=None, **NO_ERROR
            )
        finishing.reopen(line.order_id for line in ended)
        steps.try_again(ended)
        advance_all(ended)
        _look_again(ended)
    return len(ended)


def cancel_line(line: OrderLine) -> bool:
    """Cancel a live line, and its jobs that nobody else waits for; return whether it was live."""
    return bool(cancel_lines([line]))


@sight.of_everybody()
def cancel_lines(lines: Sequence[OrderLine]) -> int:
    """Cancel those of *lines* that are live, and their jobs that nobody else waits for; return how many they were."""
    live = [line for line in lines if line.state in OrderLine.LIVE]
    for line in live:
        cancel(line)
    wanted = OrderLine.objects.live().filter(jobs=OuterRef("pk"))
    with transaction.atomic():
        write(live)
        for some in batches([line.pk for line in live]):
            idle = Job.objects.live().filter(lines__in=some).exclude(Exists(wanted)).distinct()
            for job in idle.select_related("cad_file"):
                cancel_job(job)
            shared = Job.objects.live().filter(lines__in=some).values_list("pk", flat=True)
            claims.hold_new(set(shared))
        _look_again(live)
    return len(live)


@sight.of_everybody()
def cancel_order(order: Order) -> int:
    """Cancel every live line of *order*, and every step of its workflow that waits; return how many."""
    with transaction.atomic():
        return steps.cancel(order) + cancel_lines(list(order.lines.live()))


def _look_again(lines: Sequence[OrderLine]) -> None:
    """Steps of workflows may wait for the results of these lines."""
    for some in batches(sorted({line.cad_file_id for line in lines if line.cad_file_id})):
        orders = {line.order_id for line in lines}
        steps.look_again(OrderStep.objects.waiting().filter(cad_file__in=some, order__in=orders))


@sight.of_everybody()
def pause_order(order: Order) -> bool:
    """Let what only this order waits for wait; what runs goes on. Return whether it was not paused before."""
    return _set_paused(order, True)


@sight.of_everybody()
def resume_order(order: Order) -> bool:
    """Let the jobs of a paused order be claimed again; return whether it was paused."""
    return _set_paused(order, False)


def _set_paused(order: Order, paused: bool) -> bool:
    with transaction.atomic():
        changed = Order.objects.filter(pk=order.pk).exclude(paused=paused).update(paused=paused)
        if changed:
            order.paused = paused
            claims.hold_or_free(set(_live_jobs(order).values_list("pk", flat=True)))
    return bool(changed)


@sight.of_everybody()
def set_priority(order: Order, priority: int) -> int:
    """Give *order* another priority and pass it on to its live jobs; return how many of those have another one now.

    A job that several orders wait for has the highest priority of these. What a job is ahead of its order by, as a
    thumbnail is, it stays ahead. Raises OrderRefused for a priority that no order may have.
    """
    check_priority(priority)
    with transaction.atomic():
        jobs = dict(_live_jobs(order).values_list("pk", "priority"))
        before = _highest(jobs)
        Order.objects.filter(pk=order.pk).update(priority=priority)
        order.priority = priority
        after = _highest(jobs)
        wanted = {pk: after[pk] + max(0, old - before[pk]) for pk, old in jobs.items() if pk in after}
        return claims.set_priority(wanted)


def _highest(jobs: Collection[int]) -> dict[int, int]:
    """Return for each job the highest priority of the orders that wait for it."""
    found: dict[int, int] = {}
    for some in batches(sorted(jobs)):
        live = OrderLine.objects.live().filter(jobs__in=some).order_by()
        found |= dict(live.values_list("jobs").annotate(highest=Max("order__priority")).filter(jobs__in=some))
    return found


def _live_jobs(order: Order) -> QuerySet[Job]:
    lines = order.lines.live().filter(jobs=OuterRef("pk"))
    steps_of = OrderStep.objects.open().filter(order=order, job=OuterRef("pk"))
    return Job.objects.live().filter(Q(Exists(lines)) | Q(Exists(steps_of))).order_by()
