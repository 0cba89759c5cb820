from __future__ import annotations

from rendering.models.environment import Environment
from rendering.models.job import Attempt, Job
from rendering.models.order import Order, OrderLine
from rendering.models.output_type import OutputType
from rendering.models.workflow import Workflow, WorkflowStep

__all__ = ["Attempt", "Environment", "Job", "Order", "OrderLine", "OutputType", "Workflow", "WorkflowStep"]
