"""Places an order: its wishes, refusals, and lines."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from uuid import UUID

from django.contrib.auth.models import User
from django.db import IntegrityError, transaction
from django.db.models import prefetch_related_objects
from django.utils.translation import gettext as _

from blender_scripts.launch import BlenderMissing, BlenderTooOld
from media_assets.models import Product, sight
from media_assets.models.batches import batches
from rendering.models import Order, OutputType, Variant
from rendering.models.order import DEFAULT_PRIORITY, PRIORITIES
from rendering.orders import finishing, parts, steps
from rendering.orders.drafting import Wish, each_once, make_lines
from rendering.orders.refused import OrderRefused
from rendering.orders.steps import Run
from rendering.signals import order_placed


class AlreadyOrdered(OrderRefused):
    """The form was sent before, and this is the *order* that came of it."""

    def __init__(self, order: Order) -> None:
        super().__init__(_("Already ordered as {order}.").format(order=order))
        self.order = order


def place(
    wishes: Sequence[Wish],
    *,
    trigger: str,
    priority: int = DEFAULT_PRIORITY,
    user: User | None = None,
    run: Run | None = None,
    due: date | None = None,
    note: str = "",
    wants_email: bool = False,
    form_token: UUID | None = None,
) -> Order:
    """Place one order and start what is missing; return it. Raises OrderRefused, and then nothing was ordered.

    *run*: a workflow as well. What of it is skipped is a row of the order, even where nothing else is.
    *form_token*: of the form that ordered; of two orders with the same one the second raises AlreadyOrdered.
    """
    if not wishes and not (run and run.products and run.version.steps):
        raise OrderRefused(_("Nothing was ordered: name at least one product and one output type."))
    check_priority(priority)
    products = [*(wish.product for wish in wishes), *(run.products if run else ())]
    prefetch_related_objects(products, "cad_file")
    for wish in wishes:
        if wrong := wrong_with_type(wish.output_type):
            raise OrderRefused(wrong)
    for product in products:
        if wrong := wrong_with(product):
            raise OrderRefused(wrong)
    wishes = parts.each_part(wishes)
    if trigger != Order.Trigger.RERENDER:  # one picture that can't be made any more holds up no others
        parts.refuse_missing(wishes)
    if form_token and (before := Order.objects.filter(form_token=form_token).first()):
        raise AlreadyOrdered(before)
    try:
        with sight.of_everybody(), transaction.atomic():
            _hold(products, wishes, run)
            parts.keep(wishes)
            order = Order.objects.create(
                trigger=trigger,
                priority=priority,
                ordered_by=user,
                workflow=run.version.workflow if run else None,
                workflow_version=run.version if run else None,
                due=due,
                note=note,
                wants_email=wants_email,
                form_token=form_token,
            )
            if run:
                steps.begin(order, run, wishes)
            else:
                make_lines(order, each_once(wishes))
            order_placed.send(Order, order=order)
            finishing.note_endings([order.pk])  # all of it may exist already
    except (BlenderMissing, BlenderTooOld) as error:
        raise OrderRefused(str(error)) from error
    except IntegrityError:  # the same form was sent twice at once, and the other was first
        before = Order.objects.filter(form_token=form_token).first() if form_token else None
        if before is None:
            raise
        raise AlreadyOrdered(before) from None
    return order


def wrong_with(product: Product) -> str:
    """Return why *product* can't be ordered and what to do; "" where it can."""
    if not sight.sees(product):
        return _("There is no product {number!r}.").format(number=product.number)
    if product.is_archived:
        return _("Product {number!r} is archived. Bring it back first.").format(number=product.number)
    if product.cad_file is None:
        return _("Product {number!r} has no CAD file yet. Import one first.").format(number=product.number)
    return ""


def wrong_with_type(output_type: OutputType) -> str:
    """Return why *output_type* can't be ordered and what to do; "" where it can."""
    if output_type.is_archived:
        return _("Output type {slug!r} is archived. Bring it back, or order another.").format(
            slug=output_type.slug
        )
    if not output_type.is_active:
        return _(
            "Output type {output_type!r} is switched off. Switch it on in the admin, or order another."
        ).format(output_type=output_type.slug)
    return ""


def _hold(products: Sequence[Product], wishes: Sequence[Wish], run: Run | None) -> None:
    """Keep what is ordered from being deleted until the order is there. Raises OrderRefused where it just was."""
    numbers = {product.pk: product.number for product in products}
    slugs = {wish.output_type.pk: wish.output_type.slug for wish in wishes}
    also = {step.output_type for step in run.version.steps if step.output_type} if run else set()
    gone = set(numbers)
    for some in batches(sorted(numbers)):
        gone -= Product.objects.unarchived().filter(pk__in=some).held()
    for pk in sorted(gone):
        raise OrderRefused(
            _("Product {number!r} was archived or deleted just now.").format(number=numbers[pk])
        )
    gone = set(slugs) - OutputType.objects.filter(pk__in={*slugs, *also}).held()
    for pk in sorted(gone):
        raise OrderRefused(_("Output type {slug!r} was deleted just now.").format(slug=slugs[pk]))
    variants = {wish.variant.pk: wish.variant for wish in wishes if wish.variant}
    for some in batches(sorted(variants)):
        for pk in set(some).difference(Variant.objects.filter(pk__in=some).values_list("pk", flat=True)):
            raise OrderRefused(_("Variant {name!r} was deleted just now.").format(name=variants[pk].name))


def check_priority(priority: int) -> None:
    """Raise OrderRefused for a priority that no order may have."""
    if priority not in PRIORITIES:
        raise OrderRefused(
            _("The priority {priority} is not one of {least} to {most} (usual: {usual}).").format(
                priority=priority, least=PRIORITIES[0], most=PRIORITIES[-1], usual=DEFAULT_PRIORITY
            )
        )
