"""Orders: placing them, and moving each line on whenever a job of it ends. Everything is found by recipe."""

from rendering.orders.films import sweep
from rendering.orders.jobs import tessellate_job
from rendering.orders.lines import advance, advance_all, on_job_ended
from rendering.orders.placing import OrderRefused, Wish, place
from rendering.orders.reaping import reap
from rendering.orders.steering import (
    cancel_job,
    cancel_line,
    cancel_lines,
    cancel_order,
    pause_order,
    resume_order,
    retry_job,
    retry_line,
    retry_lines,
    set_priority,
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
    "pause_order",
    "place",
    "reap",
    "resume_order",
    "retry_job",
    "retry_line",
    "retry_lines",
    "set_priority",
    "sweep",
    "tessellate_job",
]
