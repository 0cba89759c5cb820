"""Tasks of the queue: each takes ids or names and calls one function."""

from __future__ import annotations

import time

from rendering import orders
from rendering.delivery import alerts, notifications
from rendering.farm import execute, pruning
from rendering.orders import finishing
from rendering.queue import leftovers


def work(queue: str) -> int:
    """Run what waits for *queue* until nothing does; return how many jobs were run."""
    return execute.work(queue)


def reap() -> int:
    """Each minute: return the jobs of dead workers to the queue, see that a prune goes on; return how many jobs."""
    pruning.look_for_overdue()
    return len(orders.reap())


def tell() -> int:
    """Deliver due notifications; return how many were accepted."""
    return notifications.deliver_due()


def look_for_news() -> int:
    """Each minute: find what nobody has been notified of yet, deliver what is due; return how many were accepted.

    Orders that finished unseen or are held up, alerts, and pictures that became stale by themselves.
    """
    finishing.overlooked()
    notifications.look_for_held()
    alerts.look()
    notifications.look_for_stale(int(time.time() // 60))
    return notifications.deliver_due()


def tidy() -> int:
    """Each day: delete rows that are older than they are kept; return how many."""
    return sum(leftovers.drop().values())


def prune_daily() -> bool:
    """Each day: ask for a prune if the system settings say so; return whether they did."""
    return pruning.request_daily()


def prune() -> int:
    """Do a slice of the prune that was asked for; return how many files went."""
    return pruning.go_on()
