"""Orders: placing them, and moving each line on whenever a job of it ends. Everything is found by recipe."""

from rendering.orders.jobs import tessellate_job
from rendering.orders.lines import advance, fail_line, on_job_ended
from rendering.orders.placing import OrderRefused, Wish, place
from rendering.orders.reaping import reap
from rendering.orders.steering import cancel_job, cancel_line, cancel_order, retry_job, retry_line

__all__ = [
    "OrderRefused",
    "Wish",
    "advance",
    "cancel_job",
    "cancel_line",
    "cancel_order",
    "fail_line",
    "on_job_ended",
    "place",
    "reap",
    "retry_job",
    "retry_line",
    "tessellate_job",
]
