"""Orders: placing them, and advancing each line whenever a job of it ends. Everything is found by recipe."""

from rendering.orders.after_job import on_job_ended
from rendering.orders.archiving import Archived, archive, restore
from rendering.orders.deleting import DeletionPlan, DeletionRefused, delete, plan_deletion
from rendering.orders.drafting import Wish
from rendering.orders.films import sweep
from rendering.orders.held import try_now
from rendering.orders.jobs import tessellate_job
from rendering.orders.lines import advance, advance_all
from rendering.orders.pausing import pause_product, resume_product
from rendering.orders.placing import AlreadyOrdered, place
from rendering.orders.reaping import give_back_all, reap
from rendering.orders.refused import OrderRefused
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
from rendering.orders.steps import Run

__all__ = [
    "AlreadyOrdered",
    "Archived",
    "DeletionPlan",
    "DeletionRefused",
    "OrderRefused",
    "Run",
    "Wish",
    "advance",
    "advance_all",
    "archive",
    "cancel_job",
    "cancel_line",
    "cancel_lines",
    "cancel_order",
    "delete",
    "give_back_all",
    "on_job_ended",
    "pause_order",
    "pause_product",
    "place",
    "plan_deletion",
    "reap",
    "restore",
    "resume_order",
    "resume_product",
    "retry_job",
    "retry_line",
    "retry_lines",
    "set_priority",
    "sweep",
    "tessellate_job",
    "try_now",
]
