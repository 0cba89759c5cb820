"""What the top does with news from below: a new CAD file is converted, and its upload workflow ordered."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.models import AbstractBaseUser

from media_assets.models import CadFile, Product
from rendering import defaults, orders
from rendering.models import Order, OutputType, Workflow



def on_product_revised(
    *, product: Product, cad_file: CadFile, user: AbstractBaseUser | None = None, **_: Any
) -> None:
    """Order the upload workflow for a product whose CAD file is new; without one, convert the file all the same."""
    if cad_file.state == CadFile.State.FAILED:
        return
    workflow = Workflow.objects.filter(runs_on_upload=True).first()
    types = workflow.output_types.filter(is_active=True).order_by("workflowstep__position") if workflow else []
    wishes = [orders.Wish(product, output_type) for output_type in types]
    if workflow and wishes:
        orders.place(
            wishes, trigger=Order.Trigger.UPLOAD, priority=workflow.priority, user=user, workflow=workflow
        )
    else:
        orders.tessellate_job(cad_file, OutputType.Tessellation.STANDARD, orders.DEFAULT_PRIORITY, product)


def on_migrated(**_: Any) -> None:
    """After a migration: the schedules that keep the house are there."""
    defaults.make_schedules()
