"""Jobs that only paused orders wait for are held: they keep their place, and nobody claims them."""

from __future__ import annotations

from collections.abc import Collection

from django.db.models import Exists, OuterRef

from rendering import dispatch
from rendering.claims.holding import Claim
from rendering.models import Job, Order, OrderLine
from rendering.plan import batches


def hold_or_free(ids: Collection[int]) -> None:
    """Hold those of these live jobs that only paused orders wait for, and let the others be claimed.

    One that runs goes on; if it comes back to the queue, it waits there. A job without an order is nobody's to pause.
    """
    lines = OrderLine.objects.live().filter(jobs=OuterRef("pk"))
    is_paused = Exists(lines.filter(order__paused=True)) & ~Exists(lines.filter(order__paused=False))
    for some in batches(sorted(ids)):
        jobs = Job.objects.live().filter(pk__in=some)
        jobs.filter(is_paused, held=False).update(held=True)
        freed = list(jobs.filter(~is_paused, held=True).values_list("lane", flat=True))
        if freed and jobs.filter(~is_paused, held=True).update(held=False):
            for lane in sorted(set(freed)):
                dispatch.ring(lane, jobs=freed.count(lane))


def is_held(claim: Claim) -> bool:
    """Whether only paused orders wait for a job that runs: one that can go on later stops now."""
    return claim.mine.filter(held=True).exists()


def hold_new(ids: Collection[int]) -> None:
    """Hold or free jobs that lines were just given; while no order is paused and nothing is held, nothing is done."""
    if Order.objects.filter(paused=True).exists() or Job.objects.filter(held=True).exists():
        hold_or_free(ids)


def look_at_held() -> None:
    """Free what is held for no reason any more: somebody may have ordered it in the instant of the pause."""
    if ids := list(Job.objects.live().filter(held=True).values_list("pk", flat=True)):
        hold_or_free(ids)
