"""The cost of an order, what reuse saved, and when it was or will be done."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Exists, Max, OuterRef
from django.utils import timezone

from rendering.models import Job, Order, OrderLine
from rendering.orders.forecast import Forecast, forecast

REUSED = (OrderLine.Source.CACHED, OrderLine.Source.DERIVED)


@dataclass(frozen=True)
class Figures:
    """Seconds are those of Cycles' sampling; *saved* is what the pictures that were reused had taken."""

    gpu_seconds: float
    cpu_seconds: float
    saved_seconds: float
    reused: int
    finished: datetime | None  # None while something is still to come
    forecast: Forecast
    is_late: bool | None  # None without a due date, and while unknown

    @classmethod
    def of(cls, order: Order) -> Figures:
        """Return the figures of *order*: a fixed number of queries."""
        spent = {"GPU": 0.0, "CPU": 0.0}
        renders = Job.objects.filter(kind=Job.Kind.RENDER, state=Job.State.SUCCEEDED)
        renders = renders.filter(Exists(order.lines.filter(jobs=OuterRef("pk")))).order_by()
        for device, seconds in renders.values_list("device_used", "seconds"):
            spent["GPU" if device == "GPU" else "CPU"] += sampling(seconds)
        reused = order.lines.filter(state=OrderLine.State.DONE, source__in=REUSED, asset__isnull=False)
        saved = [sampling(seconds) for seconds in reused.values_list("asset__receipt__seconds", flat=True)]
        is_live = order.is_live
        finished = None if is_live else order.lines.aggregate(last=Max("finished"))["last"] or order.finished
        ahead = forecast(order) if is_live else Forecast()
        return cls(
            gpu_seconds=spent["GPU"],
            cpu_seconds=spent["CPU"],
            saved_seconds=sum(saved),
            reused=len(saved),
            finished=finished,
            forecast=ahead,
            is_late=is_late(order, finished, ahead),
        )


def is_late(order: Order, finished: datetime | None, ahead: Forecast) -> bool | None:
    """Whether the order was, or will be, done after its due date; None without one, and while unknown."""
    today = timezone.localdate()
    if order.due is None:
        return None
    if finished:
        return timezone.localdate(finished) > order.due
    if today > order.due:
        return True
    if ahead.seconds is None:
        return None
    return timezone.localdate(timezone.now() + timedelta(seconds=ahead.seconds)) > order.due


def sampling(seconds: Mapping[str, Any] | None) -> float:
    """Return the seconds that Cycles sampled, from the seconds per stage of a job or a receipt."""
    value = (seconds or {}).get("sample", 0.0)
    return float(value) if isinstance(value, (int, float)) else 0.0
