"""Tasks of the queue: each takes ids or names and calls one function."""

from __future__ import annotations

from rendering import orders
from rendering.delivery import notifications
from rendering.farm import execute
from rendering.orders import finishing
from rendering.queue import leftovers


def work(queue: str) -> int:
    """Run what waits for *queue* until nothing does; return how many jobs were run."""
    return execute.work(queue)


def reap() -> int:
    """Return the jobs of dead workers to the queue; return how many."""
    return len(orders.reap())


def tell() -> int:
    """Deliver due notifications; return how many were accepted."""
    return notifications.deliver_due()


def look_for_news() -> int:
    """Each minute: find orders that finished unseen, deliver due notifications; return how many were accepted."""
    finishing.overlooked()
    return notifications.deliver_due()


def tidy() -> int:
    """Each day: drop what the queue and log-ins leave behind and nobody needs; return how many rows."""
    return leftovers.drop()
