"""Server-sent events: following an order until it has finished, without asking again and again."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Generator, Iterator
from typing import Any

from django.db import close_old_connections
from django.http import HttpRequest, HttpResponseBase, StreamingHttpResponse
from django.utils.translation import gettext as _
from ninja import Router

from rendering.api.access import needs
from rendering.api.lists import RowId, found
from rendering.api.problems import ApiRefused, answers
from rendering.delivery.notifications.files import about_line
from rendering.models import Event, Job, Order, OrderLine
from rendering.models.api_token import TokenScope
from rendering.models.review import withheld

router = Router(tags=["Orders"])
STREAMS = 4  # of one web process at a time: each holds a thread
SECONDS = 55.0  # of one stream; whoever listens connects again by itself
PAUSE = 1.0
ENDS: dict[str, Event] = {
    OrderLine.State.DONE: Event.PICTURE_DELIVERED,
    OrderLine.State.FAILED: Event.PICTURE_FAILED,
}
_open = threading.BoundedSemaphore(STREAMS)


@router.get(
    "/orders/{id}/events",
    response=answers(None, 404),
    **needs(TokenScope.READ, "rendering.view_order"),
    summary="Follow an order by server-sent events",
)
def follow_order(request: HttpRequest, id: RowId) -> HttpResponseBase:
    """`line` whenever a line changes its state, `progress` while jobs run, `finished` at the end. A line that was
    delivered or failed has the `event` and `picture` of webhooks. A stream ends after 55 s; connect again with
    Last-Event-ID and nothing is told twice."""
    order = found(Order.objects.all(), "order", pk=id)
    if not _open.acquire(blocking=False):
        words = _("Too many programs listen already.")
        raise ApiRefused(503, "too_many_streams", words, _("Ask for the order instead."), Retry_After="5")
    told = request.headers.get("Last-Event-ID", "")
    stream = Stream(order.pk, told if told.count(":") == 1 else "")
    answer = StreamingHttpResponse(stream, content_type="text/event-stream")
    answer["Cache-Control"] = "no-store"
    answer["X-Accel-Buffering"] = "no"
    return answer


class Stream:
    """The events of one order; closing it makes room for another one."""

    def __init__(self, order: int, told: str) -> None:
        self.order = order
        self.events = self._events(told)

    def __iter__(self) -> Iterator[str]:
        return self.events

    def close(self) -> None:
        self.events.close()
        _open.release()

    def _events(self, told: str) -> Generator[str, None, None]:
        known: dict[int, str] = {}
        last = int(told.partition(":")[2]) if told.partition(":")[2].isdecimal() else 0
        seen_progress: dict[int, float] = {}
        until = time.monotonic() + SECONDS
        yield "retry: 2000\n\n"
        while True:
            rows = OrderLine.objects.filter(order=self.order).select_related(
                "product", "output_type", "variant", "asset__product"
            )
            for line in rows.order_by("finished", "id"):
                if known.get(line.pk) == line.state:
                    continue
                known[line.pk] = line.state
                moment = int(line.finished.timestamp() * 1000) if line.finished else 0
                if moment and moment <= last:
                    continue
                said = {
                    "line": line.pk,
                    "product": line.number,
                    "variant": line.variant_code or None,
                    "part": line.part or None,
                    "output_type": line.slug,
                    "state": line.state,
                    "asset": line.asset_id,
                    "error_code": line.error_code or None,
                }
                is_kept_back = line.asset_id is not None and bool(withheld([line.asset_id]))
                event = ENDS.get(OrderLine.State(line.state))
                if event and not is_kept_back:
                    said |= {"event": event.value, "picture": about_line(line)}
                yield _event("line", said, f"{self.order}:{moment}" if moment else "")
            running = Job.objects.running().filter(lines__order=self.order).distinct()
            for pk, progress, stage in running.values_list("pk", "progress", "stage"):
                if seen_progress.get(pk) != progress:
                    seen_progress[pk] = progress
                    yield _event("progress", {"job": pk, "progress": progress, "stage": stage.for_programs})
            finished = Order.objects.filter(pk=self.order).values_list("finished", flat=True).first()
            if finished:
                yield _event("finished", {"order": self.order, "finished": finished.isoformat()})
                return
            if time.monotonic() > until:
                return
            close_old_connections()
            yield ": \n\n"  # so that a listener who has gone is noticed
            time.sleep(PAUSE)


def _event(name: str, said: dict[str, Any], number: str = "") -> str:
    head = f"id: {number}\n" if number else ""
    return f"{head}event: {name}\ndata: {json.dumps(said)}\n\n"
