"""The result of each step of an order's workflow, for the order's page."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Min
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from rendering.desk.shared.labels import within
from rendering.models import Job, Order, OrderStep
from rendering.models.order_step import NO_REASON, reason_of
from rendering.models.steps import Step, StepKind

REASONS_SHOWN = 4
State = OrderStep.State
BADGES = {
    State.WAITING: "pending",
    State.ORDERED: "done",
    State.SKIPPED: "canceled",
    State.CANCELED: "canceled",
}


@dataclass(frozen=True)
class StepResult:
    """One thing that a step did: in how many products, and why."""

    badge: str
    label: str
    words: str


def shown(order: Order) -> dict[str, Any] | None:
    """Return what the template shows of an order's workflow: two queries in all. None without a workflow."""
    version = order.workflow_version
    if version is None:
        return None
    rows = order.steps.order_by("number", "state").values("number", "state", *NO_REASON, "job__state")
    found: dict[int, list[Mapping[str, Any]]] = defaultdict(list)
    for row in rows.annotate(count=Count("id"), example=Min("product__number")):
        found[row["number"]].append(row)
    of_parts = order.lines.filter(variant=None).exclude(part="").order_by()
    lines = dict(of_parts.values_list("output_type").annotate(count=Count("id")))
    return {
        "version": version,
        "steps": [
            {
                "number": number,
                "step": step,
                "results": _results(step, found[number], lines.get(step.output_type, 0)),
            }
            for number, step in enumerate(version.steps, 1)
        ],
    }


def _results(step: Step, rows: list[Mapping[str, Any]], lines: int) -> list[StepResult]:
    """Return what a step did; *lines*: how many it ordered of parts one by one."""
    results = []
    for row in rows[:REASONS_SHOWN]:
        state = State(row["state"])
        whose = row["example"] if row["count"] == 1 else _products(row["count"])
        if state == State.ORDERED and step.kind == StepKind.OUTPUT:
            count = lines or row["count"]
            words = ngettext("%(count)d line ordered", "%(count)d lines ordered", count) % {"count": count}
        elif state == State.ORDERED:
            words = f"{whose}: {_conversion(row)}"
        else:
            why = reason_of(*(row[name] for name in NO_REASON))
            words = f"{whose}: {why}" if why else whose
        failed = row["job__state"] == Job.State.FAILED
        results.append(StepResult("failed" if failed else BADGES[state], str(state.label), words))
    if rest := sum(row["count"] for row in rows[REASONS_SHOWN:]):
        words = ngettext("%(count)d more product", "%(count)d more products", rest) % {"count": rest}
        results.append(StepResult("canceled", _("Other reasons"), words))
    return results


def _products(count: int) -> str:
    return ngettext("%(count)d product", "%(count)d products", count) % {"count": count}


def _conversion(row: Mapping[str, Any]) -> str:
    if row["job__state"] is None:
        return _("existed already")
    return within(Job.State(row["job__state"]).label)
