"""Addresses for the queue: each takes ids or names and calls one function."""

from __future__ import annotations

from rendering import orders
from rendering.delivery import notifications
from rendering.farm import execute
from rendering.orders import endings


def work(queue: str) -> int:
    """A kick: run what waits for *queue* until nothing does; return how many jobs were run."""
    return execute.work(queue)


def reap() -> int:
    """Give back the jobs of dead workers; return how many."""
    return len(orders.reap())


def tell() -> int:
    """Deliver the news that is due; return how many messages were taken."""
    return notifications.deliver_due()


def look_for_news() -> int:
    """Each minute: find orders that ended unseen, deliver what is due again; return how many messages were taken."""
    endings.overlooked()
    return notifications.deliver_due()
