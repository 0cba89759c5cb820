"""Reports over what was ordered, made, reused and lost. docs/reports.md explains how to write your own."""

from __future__ import annotations

from collections.abc import Callable

from rendering.reports.channels import readiness
from rendering.reports.costs import by_customer, by_output_type, by_product
from rendering.reports.durations import stages, waits
from rendering.reports.gpus import utilization
from rendering.reports.pictures import pictures_per_day, renders_per_day
from rendering.reports.reuse import cache, formats
from rendering.reports.scope import Scope, ScopeError
from rendering.reports.table import Column, ColumnUnit, Table
from rendering.reports.trouble import failures

__all__ = ["REPORTS", "Column", "ColumnUnit", "Scope", "ScopeError", "Table"]

REPORTS: dict[str, Callable[[Scope], Table]] = {
    "pictures": pictures_per_day,
    "devices": renders_per_day,
    "output-types": by_output_type,
    "products": by_product,
    "customers": by_customer,
    "cache": cache,
    "formats": formats,
    "stages": stages,
    "waits": waits,
    "failures": failures,
    "gpus": utilization,
    "channels": readiness,
}
