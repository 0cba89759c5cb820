"""Handles signals of media_assets: converts a new CAD file and orders its upload workflows."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.models import Group, User
from django.db import connections
from django.utils.translation import gettext
from django_q.models import Schedule

from media_assets.models import CadFile, Product, sight
from media_assets.signals import Notice
from rendering import orders
from rendering.models import Job, Order, OutputType, RoleGrant, roles
from rendering.models.order import DEFAULT_PRIORITY
from rendering.orders import workflows
from rendering.queue import schedules


def on_product_revised(
    *, product: Product, cad_file: CadFile, user: User | None = None, **_: Any
) -> Notice | None:
    """Order the upload workflows for a product whose CAD file is new.

    One that waits for a look is only converted. Without a workflow, when all its steps are skipped, or when the order
    is refused (no Blender), the file is converted all the same; a refusal is returned as a Notice.
    """
    if cad_file.state == CadFile.State.FAILED:
        return None
    notice, is_converted = None, False
    for workflow in [] if cad_file.waits_for_look else workflows.for_upload(product):
        run = orders.Run(workflows.current(workflow), [product])
        try:
            order = orders.place(
                [], trigger=Order.Trigger.UPLOAD, priority=workflow.priority, user=user, run=run
            )
        except orders.OrderRefused as error:
            notice = Notice(
                "blender_missing",
                gettext("The file is stored and converted, but not rendered: {error}").format(error=error),
            )
            continue
        is_converted = is_converted or order.is_live
    if not is_converted:
        orders.tessellate_job(cad_file, OutputType.Tessellation.STANDARD, DEFAULT_PRIORITY, product, user)
    return notice


@sight.of_everybody()
def on_reading_stated(*, cad_file: CadFile, user: User | None = None, **_: Any) -> None:
    """Convert the file as the operator says it is to be read, and make the first pictures of its products anew.

    A file that waits though its geometry is there, so that no order converts it, is converted for its report.
    """
    for product in cad_file.products.unarchived():
        on_product_revised(product=product, cad_file=cad_file, user=user)
    is_waiting = cad_file.state == CadFile.State.UPLOADED
    if is_waiting and not cad_file.jobs.live().filter(kind=Job.Kind.TESSELLATE).exists():
        orders.tessellate_job(cad_file, OutputType.Tessellation.STANDARD, DEFAULT_PRIORITY, None, user)


def on_migrated(*, using: str, **_: Any) -> None:
    """After a migration: create the schedules and groups, once their tables exist."""
    if Schedule._meta.db_table in connections[using].introspection.table_names():
        schedules.make_schedules()
    tables = connections[using].introspection.table_names()
    if RoleGrant._meta.db_table in tables and Group._meta.db_table in tables:
        roles.make_groups()
