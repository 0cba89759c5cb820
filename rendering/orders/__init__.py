"""Orders: placing them, and moving each line on whenever a job of it ends. Everything is found by recipe."""

from rendering.orders.jobs import tessellate_job
from rendering.orders.lines import advance, advance_all, on_job_ended
from rendering.orders.placing import OrderRefused, Wish, place
from rendering.orders.reaping import reap
from rendering.orders.steering import (
    cancel_job,
    cancel_line,
    cancel_lines,
    cancel_order,
    retry_job,
    retry_line,
    retry_lines,
)

__all__ = [
    "OrderRefused",
    "Wish",
    "advance",
    "advance_all",
    "cancel_job",
    "cancel_line",
    "cancel_lines",
    "cancel_order",
    "on_job_ended",
    "place",
    "reap",
    "retry_job",
    "retry_line",
    "retry_lines",
    "tessellate_job",
]
