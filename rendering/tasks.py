"""Addresses for the queue: each takes ids or names and calls one function."""

from __future__ import annotations

from rendering import execute, orders


def work(queue: str) -> int:
    """A kick: run what waits for *queue* until nothing does; return how many jobs were run."""
    return execute.work(queue)


def reap() -> int:
    """Give back the jobs of dead workers; return how many."""
    return len(orders.reap())
