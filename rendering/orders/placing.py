"""Placing an order: what is wished for, what of it is refused, and its lines."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import prefetch_related_objects

from blender_scripts.launch import BlenderMissing, BlenderTooOld
from media_assets import clock
from media_assets.models import CadFile, Product
from media_assets.recipes import recipe_key
from rendering import notify, plan
from rendering.models import Job, Order, OrderLine, OutputType, Workflow
from rendering.models.order import DEFAULT_PRIORITY, PRIORITIES
from rendering.orders import films
from rendering.orders.lines import attach, look, settle
from rendering.plan import Ask, Found
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
    due: date | None = None,
    note: str = "",
    tells: bool = False,
) -> Order:
    """Place one order and start what is missing; return it. Raises OrderRefused, and then nothing was ordered."""
    if not wishes:
        raise OrderRefused("Nothing was ordered: name at least one product and one output type.")
    check_priority(priority)
    prefetch_related_objects([wish.product for wish in wishes], "cad_file")
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
                trigger=trigger,
                priority=priority,
                ordered_by=user,
                workflow=workflow,
                due=due,
                note=note,
                tells=tells,
            )
            _make_lines(order, list(dict.fromkeys(wishes)))
            notify.note_endings([order.pk])  # all of it may exist already
    except (BlenderMissing, BlenderTooOld) as error:
        raise OrderRefused(str(error)) from error
    return order


def check_priority(priority: int) -> None:
    """Raise OrderRefused for a priority that no order may have."""
    if priority not in PRIORITIES:
        raise OrderRefused(
            f"The priority {priority} is not one of {PRIORITIES[0]} to {PRIORITIES[-1]} (usual: {DEFAULT_PRIORITY})."
        )


def _make_lines(order: Order, wishes: Sequence[Wish]) -> None:
    """Make the order's lines and the jobs they need: as many queries for 500 lines as for one."""
    lines, wanted, found = draft(order, wishes)
    needs = settle(lines, wanted, found)
    OrderLine.objects.bulk_create(lines, batch_size=plan.BATCH)
    attach(needs)


def draft(order: Order, wishes: Sequence[Wish]) -> tuple[list[OrderLine], list[Recipes], list[Found]]:
    """Return the lines that *order* would have, what they want and what exists of it; nothing is written."""
    since = clock.now() if any(wish.force for wish in wishes) else None
    wanted = plan.recipes_for_all([Ask(_cad(wish), wish.output_type, wish.product.pk) for wish in wishes])
    sizes = plan.master_sizes([(wish.output_type, one) for wish, one in zip(wishes, wanted, strict=True)])
    lines = [
        OrderLine(
            order=order,
            product=wish.product,
            output_type=wish.output_type,
            cad_file=_cad(wish),
            recipe_key=one.file_key,
            master_width=sizes[one.view_key][0],
            master_height=sizes[one.view_key][1],
            not_before=since if wish.force else None,
        )
        for wish, one in zip(wishes, wanted, strict=True)
    ]
    found = look(lines, wanted)
    _name_sources(lines, wanted, found)
    return lines, wanted, found


def _name_sources(lines: Sequence[OrderLine], wanted: Sequence[Recipes], found: Sequence[Found]) -> None:
    """Say of each line where its file comes from.

    The first line of each view that must be rendered is its largest; the others derive.
    """
    masters = {
        recipe_key(one.master(line.master_width, line.master_height, is_linear=one.is_linear)): one.view_key
        for line, one, ready in zip(lines, wanted, found, strict=True)
        if not (ready.file or ready.master)
    }
    rendering = {masters[key] for key in _rendering(list(masters))}
    entries = sorted(zip(lines, wanted, found, strict=True), key=lambda entry: -entry[0].output_type.width)
    for line, one, ready in entries:
        if ready.file:
            line.source = OrderLine.Source.CACHED
        elif ready.master or one.view_key in rendering:
            line.source = OrderLine.Source.DERIVED
        else:
            line.source = OrderLine.Source.RENDERED
            rendering.add(one.view_key)


def _rendering(keys: Sequence[str]) -> set[str]:
    """Return which of these masters are being rendered already."""
    live = Job.objects.live().filter(kind=Job.Kind.RENDER)
    return films.rendering(keys) | {
        key
        for some in plan.batches(keys)
        for key in live.filter(recipe_key__in=some).values_list("recipe_key", flat=True)
    }


def _cad(wish: Wish) -> CadFile:
    assert wish.product.cad_file is not None
    return wish.product.cad_file
