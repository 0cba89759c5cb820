"""Placing an order: what is wished for, what of it is refused, and its lines."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.contrib.auth.models import User
from django.db import transaction

from blender_scripts.launch import BlenderMissing, BlenderTooOld
from media_assets import clock
from media_assets.models import CadFile, Product
from media_assets.recipes import recipe_key
from rendering import plan
from rendering.models import Job, Order, OrderLine, OutputType, Workflow
from rendering.models.order import DEFAULT_PRIORITY, PRIORITIES
from rendering.orders.lines import advance
from rendering.recipes import Recipes


class OrderRefused(Exception):
    """The order can't be taken as it is; the message says why and what to do."""


@dataclass(frozen=True)
class Wish:
    """One product in one output type; *force* renders it again though it exists."""

    product: Product
    output_type: OutputType
    force: bool = False


def place(
    wishes: Sequence[Wish],
    *,
    trigger: str,
    priority: int = DEFAULT_PRIORITY,
    user: User | None = None,
    workflow: Workflow | None = None,
) -> Order:
    """Place one order and start what is missing; return it. Raises OrderRefused, and then nothing was ordered."""
    if not wishes:
        raise OrderRefused("Nothing was ordered: name at least one product and one output type.")
    if priority not in PRIORITIES:
        raise OrderRefused(
            f"The priority {priority} is not one of {PRIORITIES[0]} to {PRIORITIES[-1]} (usual: {DEFAULT_PRIORITY})."
        )
    for wish in wishes:
        if not wish.output_type.is_active:
            raise OrderRefused(
                f"Output type {wish.output_type.slug!r} is switched off. Switch it on in the admin, or order another."
            )
        if wish.product.cad_file is None:
            raise OrderRefused(f"Product {wish.product.number!r} has no CAD file yet. Import one first.")
    try:
        with transaction.atomic():
            order = Order.objects.create(
                trigger=trigger, priority=priority, ordered_by=user, workflow=workflow
            )
            for line in _make_lines(order, wishes):
                advance(line)
    except (BlenderMissing, BlenderTooOld) as error:
        raise OrderRefused(str(error)) from error
    return order


def _make_lines(order: Order, wishes: Sequence[Wish]) -> list[OrderLine]:
    """Create the order's lines. The first line of each view that must be rendered is its largest; the others derive."""
    unique = list(dict.fromkeys(wishes))
    entries = [(wish, _cad(wish), plan.recipes_for(_cad(wish), wish.output_type)) for wish in unique]
    sizes = plan.master_sizes([(wish.output_type, wanted) for wish, _, wanted in entries])
    entries.sort(key=lambda entry: -entry[0].output_type.width)
    rendering: set[str] = set()
    lines = []
    for wish, cad_file, wanted in entries:
        kind = wish.output_type
        not_before = clock.now() if wish.force else None
        found = plan.find(wanted, kind.kind, kind.width, kind.height, not_before)
        width, height = sizes[wanted.view_key]
        if found.file:
            source = OrderLine.Source.CACHED
        elif found.master or wanted.view_key in rendering or _is_rendering(wanted, width, height):
            source = OrderLine.Source.DERIVED
        else:
            source = OrderLine.Source.RENDERED
            rendering.add(wanted.view_key)
        lines.append(
            OrderLine(
                order=order,
                product=wish.product,
                output_type=kind,
                cad_file=cad_file,
                source=source,
                recipe_key=wanted.file_key,
                master_width=width,
                master_height=height,
                not_before=not_before,
            )
        )
    position = {(wish.product.pk, wish.output_type.pk): index for index, wish in enumerate(unique)}
    lines.sort(key=lambda line: position[line.product_id, line.output_type_id])
    for line in lines:
        line.save()
    return lines


def _cad(wish: Wish) -> CadFile:
    assert wish.product.cad_file is not None
    return wish.product.cad_file


def _is_rendering(wanted: Recipes, width: int, height: int) -> bool:
    key = recipe_key(wanted.master(width, height))
    return Job.objects.live().filter(kind=Job.Kind.RENDER, recipe_key=key).exists()
