"""What the top does with news from below: a new CAD file is converted, and its upload workflow ordered."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.models import User
from django.db import connections
from django_q.models import Schedule

from media_assets.models import CadFile, Product
from rendering import defaults, orders
from rendering.models import Order, OutputType, Workflow
from rendering.models.order import DEFAULT_PRIORITY


def on_product_revised(*, product: Product, cad_file: CadFile, user: User | None = None, **_: Any) -> None:
    """Order the upload workflow for a product whose CAD file is new; without one, convert the file all the same."""
    if cad_file.state == CadFile.State.FAILED:
        return
    workflow = Workflow.objects.filter(runs_on_upload=True).first()
    steps = (
        workflow.steps.filter(output_type__is_active=True).select_related("output_type") if workflow else []
    )
    wishes = [orders.Wish(product, step.output_type) for step in steps]
    if workflow and wishes:
        orders.place(
            wishes, trigger=Order.Trigger.UPLOAD, priority=workflow.priority, user=user, workflow=workflow
        )
    else:
        orders.tessellate_job(cad_file, OutputType.Tessellation.STANDARD, DEFAULT_PRIORITY, product)


def on_migrated(*, using: str, **_: Any) -> None:
    """After a migration: the schedules that keep the house are there, unless their table is still to come."""
    if Schedule._meta.db_table in connections[using].introspection.table_names():
        defaults.make_schedules()
