"""Why a job waits, in sentences: it lacks something, is paused and by whom, is tried again when, nobody may take it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from gpu.models import QueuePause, Worker
from gpu.queues import pausing, topology
from gpu.queues.topology import Lane
from media_assets.models import Product
from rendering.models import Job, OrderLine

NAMED = 3  # orders and products that a sentence names


def why(job: Job) -> str:
    """Return why a queued job is not claimed yet; "" for one that is not queued."""
    if job.state != Job.State.QUEUED:
        return ""
    return _lacking(job) or _held(job) or _queue(job.lane) or _later(job) or _turn(job)


def in_queues(lane: str, paused: Mapping[str, QueuePause]) -> str:
    """Return why no worker takes jobs of *lane* now, as far as queues say it; "" when one may."""
    takers = topology.current().takers(Lane(lane))
    if not takers:
        return _("No GPU serves the {lane} lane.").format(lane=lane)
    if any(name not in paused for name in takers):
        return ""
    return f"{'. '.join(str(paused[name]) for name in takers)}."


def words(product: Product) -> str:
    """Return that a product is paused, by whom and since when; "" when it is not."""
    if product.paused_since is None:
        return ""
    return _("Product {number} is paused by {by} since {since}").format(
        number=product.number, by=product.paused_by, since=_time(product.paused_since)
    )


def _lacking(job: Job) -> str:
    if job.held_since is None:
        return ""
    return _("held since {time}. It goes on by itself as soon as it can; no attempt is used up.").format(
        time=_time(job.held_since)
    )


def _held(job: Job) -> str:
    lines = OrderLine.objects.live().filter(jobs=job)
    if not job.held:
        return ""
    reasons = [
        *_named([_("Order {number} is paused").format(number=pk) for pk in _paused_orders(lines)]),
        *_named([words(product) for product in _paused_products(job, lines)]),
    ]
    return f"{'. '.join(reasons)}." if reasons else ""


def _paused_orders(lines: QuerySet[OrderLine]) -> list[int]:
    found = lines.filter(order__paused=True).order_by("order").values_list("order", flat=True)
    return list(found.distinct()[: NAMED + 1])


def _paused_products(job: Job, lines: QuerySet[OrderLine]) -> list[Product]:
    products = Product.objects.filter(paused_since__isnull=False)
    own = products.filter(order_lines__in=lines.values("pk")).distinct().order_by("number")
    return list(own[: NAMED + 1]) or list(products.filter(jobs=job))


def _named(reasons: list[str]) -> list[str]:
    return reasons if len(reasons) <= NAMED else [*reasons[:NAMED], _("Others are paused too")]


def _queue(lane: str) -> str:
    return in_queues(lane, pausing.paused())


def _later(job: Job) -> str:
    if job.not_before is None or job.not_before <= timezone.now():
        return ""
    return _("It will be retried at {time:%H:%M:%S}.").format(time=timezone.localtime(job.not_before))


def _turn(job: Job) -> str:
    """Say what it waits for where nothing holds it up: a worker, or the jobs before it."""
    takers = topology.current().takers(Lane(job.lane))
    if not Worker.objects.alive().filter(queue__in=takers).exists():
        words = _("no worker of {queues} is running. Start one with manage.py run_workers.")
        return words.format(queues=", ".join(takers))
    waiting = Job.objects.waiting().filter(lane=job.lane)
    earlier = Q(priority__gt=job.priority) | Q(priority=job.priority, queued__lt=job.queued)
    ahead = waiting.filter(earlier).count()
    if not ahead:
        return _("it is next. It starts as soon as a worker of {queues} is free.").format(
            queues=", ".join(takers)
        )
    words = ngettext(
        "{count} job is before it in the queue.", "{count} jobs are before it in the queue.", ahead
    )
    return words.format(count=ahead)


def _time(moment: datetime) -> str:
    return date_format(timezone.localtime(moment), "DATETIME_FORMAT")
