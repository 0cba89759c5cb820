"""What is paused is not claimed: jobs that only paused orders or products wait for, and whole queues.

Such jobs are *held*: they keep their place. A queue's pause is a row that every claim looks at.
"""

from __future__ import annotations

from collections.abc import Collection

from django.db.models import Exists, OuterRef, Q

from gpu.models import QueuePause
from media_assets.models import Product
from media_assets.models.batches import batches
from rendering.models import Job, Order, OrderLine, OrderStep
from rendering.queue import dispatch
from rendering.queue.claims.holding import Claim

IS_PAUSED = Q(order__paused=True) | Q(product__paused_since__isnull=False)


def hold_or_free(ids: Collection[int]) -> None:
    """Hold those of these live jobs that only paused orders or products wait for, and let the others be claimed.

    One that runs goes on; if it comes back to the queue, it waits there. A job without an order waits with its product.
    """
    lines = OrderLine.objects.live().filter(jobs=OuterRef("pk"))
    steps = OrderStep.objects.open().filter(job=OuterRef("pk"))
    paused = Exists(lines.filter(IS_PAUSED)) | Exists(steps.filter(IS_PAUSED))
    wanted = Exists(lines.exclude(IS_PAUSED)) | Exists(steps.exclude(IS_PAUSED))
    is_lone = ~Exists(lines) & ~Exists(steps) & Q(product__paused_since__isnull=False)
    is_paused = (paused & ~wanted) | is_lone
    for some in batches(sorted(ids)):
        jobs = Job.objects.live().filter(pk__in=some)
        jobs.filter(is_paused, held=False).update(held=True)
        freed = list(jobs.filter(~is_paused, held=True).values_list("lane", flat=True))
        if freed and jobs.filter(~is_paused, held=True).update(held=False):
            for lane in sorted(set(freed)):
                dispatch.wake_workers(lane, jobs=freed.count(lane))


def is_held(claim: Claim) -> bool:
    """Whether a job that runs would not be claimed now: one that can go on later stops.

    Only paused orders or products wait for it, or its worker's queue is paused.
    """
    queue = QueuePause.objects.filter(queue=claim.attempt.queue)
    return claim.mine.filter(Q(held=True) | Exists(queue)).exists()


def hold_new(ids: Collection[int]) -> None:
    """Hold or free jobs that lines were just given; while nothing is paused and nothing is held, nothing is done."""
    if _is_anything_paused() or Job.objects.filter(held=True).exists():
        hold_or_free(ids)


def must_wait(pk: int) -> bool:
    """Hold a waiting job that was made in the instant of a pause, which saw it not; return whether it is held."""
    if not _is_anything_paused():
        return False
    hold_or_free([pk])
    return Job.objects.filter(pk=pk, held=True).exists()


def _is_anything_paused() -> bool:
    """Whether any order or product is paused: two partial indexes, hardly ever anything in them."""
    return (
        Order.objects.filter(paused=True).exists()
        or Product.objects.filter(paused_since__isnull=False).exists()
    )
