"""Orders: placing them, what they would do, steering them, and their lines."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Annotated, Any

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from ninja import Header, Query, Router, Schema
from pydantic import AwareDatetime, Field

from rendering import history
from rendering import orders as services
from rendering.api.access import needs
from rendering.api.assets import AssetOut
from rendering.api.lists import ListWanted, Page, RowId, Text, dump, found, one, page, values_of
from rendering.api.problems import ApiRefused, answers
from rendering.api.repeats import once
from rendering.models import HistoryEntry, Order, OrderLine
from rendering.models.api_token import TokenScope
from rendering.models.order import DEFAULT_PRIORITY, PRIORITIES
from rendering.orders import documents, naming, parts, variants
from rendering.orders.channels import profiles
from rendering.orders.deliverables import deliverables

router = Router(tags=["Orders"])
SEE = "rendering.view_order"
Key = Annotated[
    str,
    Header(
        alias="Idempotency-Key",
        pattern=r"^[\x21-\x7e]{0,200}$",
        description="Any text of yours: the same order twice is placed once",
    ),
]


class LineWish(Schema):
    product: Text
    variant: Text = Field("", description="Slug; empty: the product itself")
    part: Text = Field(
        "", description="Key of a part, for output types that show each; empty: one line for each part"
    )
    output_type: Text
    force: bool = False


class OrderWish(Schema):
    """Which products in which output types: all of the one in all of the other, and single lines."""

    products: list[Text] = Field([], description="Numbers", max_length=parts.MOST_LINES)
    output_types: list[Text] = Field([], description="Slugs", max_length=200)
    channels: list[Text] = Field(
        [], description="Slugs: the products in all outputs of these channels", max_length=50
    )
    variants: list[Text] = Field(
        [],
        description="Slugs of variants of these products, all (every variant), none (the product itself); "
        "empty: the products themselves",
        max_length=200,
    )
    lines: list[LineWish] = Field([], max_length=parts.MOST_LINES)
    workflow: Text = Field("", description="A workflow for the products as well, or alone")
    force: bool = Field(False, description="Render again what exists")
    priority: int = Field(
        DEFAULT_PRIORITY, ge=PRIORITIES[0], le=PRIORITIES[-1], description="Higher goes first"
    )
    due: date | None = None
    note: str = Field("", max_length=2000)
    dry_run: bool = Field(False, description="Order nothing: say what would be done")


class RerenderWish(Schema):
    """Which of the delivered pictures are ordered again."""

    products: list[Text] = Field([], max_length=parts.MOST_LINES)
    output_types: list[Text] = Field([], max_length=200)
    assets: list[RowId] = Field([], max_length=parts.MOST_LINES)
    stale: bool = Field(False, description="Only those that are no longer current")
    force: bool = Field(False, description="Even those that are current")


class LineOut(Schema):
    id: int
    order: int
    product: str
    variant: str | None = Field(description="Slug; null: the product itself")
    part: str | None = Field(description="Key in the parts list; null: not a part of it alone")
    output_type: str
    state: str = Field(description="pending, working, done, failed or canceled")
    source: str | None = Field(description="rendered, derived or cached")
    asset: AssetOut | None
    jobs: list[int]
    error_code: str | None
    error: str | None
    created: AwareDatetime
    finished: AwareDatetime | None


class StepOut(Schema):
    product: str
    step: int
    makes: str
    state: str
    reason: str | None
    job: int | None


class OrderOut(Schema):
    order: int
    trigger: str
    priority: int
    paused: bool
    ordered_by: str | None
    due: date | None
    note: str
    created: AwareDatetime
    finished: AwareDatetime | None
    counts: dict[str, int] = Field(description="Lines by state")


class OrderWholeOut(OrderOut):
    workflow: str | None = None
    steps: list[StepOut] = []
    lines: list[LineOut]


class WouldOut(Schema):
    """What an order would do."""

    would: list[dict[str, Any]]


class OrdersWanted(ListWanted):
    open: bool | None = Field(None, description="true: only unfinished ones; false: only finished ones")


class LinesWanted(ListWanted):
    state: Annotated[OrderLine.State, values_of(OrderLine.State)] | None = None


class OrderChange(Schema):
    priority: int | None = Field(None, ge=PRIORITIES[0], le=PRIORITIES[-1])


class DoneOut(Schema):
    """How many lines or jobs were changed."""

    changed: int


def _whole(order: Order) -> dict[str, Any]:
    return documents.order_document(order, documents.lines_of(order))


def _wishes(wish: OrderWish) -> tuple[list[services.Wish], services.Run | None]:
    """Return what is wished for. Raises OrderRefused for what is unknown."""
    numbers = [*wish.products, *(line.product for line in wish.lines)]
    slugs = [*wish.output_types, *(line.output_type for line in wish.lines)]
    products = {one.number: one for one in naming.products(numbers)}
    types = {one.slug: one for one in naming.output_types(slugs)}
    of_channels = profiles.outputs_of(profiles.profiles(wish.channels))
    types |= {one.slug: one for one in of_channels}
    wanted = dict.fromkeys([*wish.output_types, *(one.slug for one in of_channels)])
    chosen = [products[number] for number in dict.fromkeys(wish.products)]
    every = variants.wishes(chosen, [types[slug] for slug in wanted], wish.variants, force=wish.force)
    if len(every) > parts.MOST_LINES:
        raise ApiRefused(
            422, "too_many", _("An order may have {most} lines at most.").format(most=parts.MOST_LINES)
        )
    known = variants.variants_of({products[line.product] for line in wish.lines if line.variant})
    single = [
        services.Wish(
            product, types[line.output_type], wish.force or line.force, variant=variant, part=line.part
        )
        for line in wish.lines
        for product in [products[line.product]]
        for variant in variants.named(product, known[product.pk], [line.variant] if line.variant else [])
    ]
    run = services.Run(naming.workflow(wish.workflow), chosen) if wish.workflow else None
    return parts.each_part([*every, *single]), run


@router.post(
    "/orders",
    response={**answers(OrderWholeOut, status=201), 200: WouldOut},
    **needs(TokenScope.ORDER, "order"),
    summary="Place an order, or see what it would do",
)
def place_order(request: HttpRequest, wish: OrderWish, idempotency_key: Key = "") -> HttpResponse:
    """Pictures that exist are reused, those that can be derived are derived, the rest is rendered."""

    def act() -> tuple[int, dict[str, Any]]:
        wishes, run = _wishes(wish)
        if wish.dry_run:
            return 200, dump(WouldOut, {"would": documents.foreseen(wishes, run)})
        order = services.place(
            wishes,
            trigger=Order.Trigger.API,
            priority=wish.priority,
            user=request.user,  # type: ignore[arg-type]
            run=run,
            due=wish.due,
            note=wish.note,
        )
        return 201, dump(OrderWholeOut, _whole(order))

    return once(request, "" if wish.dry_run else idempotency_key, wish, act)


@router.post(
    "/rerenders",
    response={**answers(OrderWholeOut, status=201), 200: WouldOut},
    **needs(TokenScope.ORDER, "order"),
    summary="Bring delivered pictures up to date",
)
def rerender(request: HttpRequest, wish: RerenderWish, idempotency_key: Key = "") -> HttpResponse:
    """200: nothing is to be done, as everything is current."""

    def act() -> tuple[int, dict[str, Any]]:
        if not (wish.products or wish.output_types or wish.assets or wish.stale):
            words = _("Say what to render again: products, output_types, assets or stale.")
            raise ApiRefused(422, "invalid", words)
        chosen = deliverables(
            products=naming.products(wish.products),
            output_types=naming.output_types(wish.output_types),
            assets=wish.assets,
        )
        wishes = [item.wish(force=wish.force) for item in chosen if item.changed or not wish.stale]
        if not wishes:
            return 200, {"would": []}
        order = services.place(wishes, trigger=Order.Trigger.RERENDER, user=request.user)  # type: ignore[arg-type]
        return 201, dump(OrderWholeOut, _whole(order))

    return once(request, idempotency_key, wish, act)


@router.get("/orders", response=answers(Page[OrderOut]), **needs(TokenScope.READ, SEE), summary="List orders")
def list_orders(request: HttpRequest, wanted: Query[OrdersWanted]) -> HttpResponse:
    rows = Order.objects.select_related("ordered_by")
    if wanted.open is not None:
        rows = rows.filter(finished__isnull=wanted.open)
    changed = ("created", "finished")
    return page(wanted, rows, OrderOut, Order.as_dict, changed=changed, together=Order.count_lines)


@router.get(
    "/orders/{id}",
    response=answers(OrderWholeOut, 404),
    **needs(TokenScope.READ, SEE),
    summary="Show an order with its lines and steps",
)
def show_order(request: HttpRequest, id: RowId) -> HttpResponse:
    return one(OrderWholeOut, _whole(_order(id)))


@router.get(
    "/orders/{id}/lines",
    response=answers(Page[LineOut], 404),
    **needs(TokenScope.READ, SEE),
    summary="List the lines of an order",
)
def list_lines(request: HttpRequest, id: RowId, wanted: Query[LinesWanted]) -> HttpResponse:
    rows: QuerySet[OrderLine] = OrderLine.objects.filter(order=_order(id))
    if wanted.state:
        rows = rows.filter(state=wanted.state)
    return page(
        wanted,
        documents.with_documents(rows),
        LineOut,
        documents.line_document,
        changed=("created", "finished"),
        together=documents.note_approvals_of,
    )


@router.patch(
    "/orders/{id}",
    response=answers(OrderOut, 404),
    **needs(TokenScope.ORDER, "prioritize"),
    summary="Change the priority of an order",
)
def change_order(request: HttpRequest, id: RowId, change: OrderChange) -> HttpResponse:
    order = _order(id)
    if change.priority is not None and change.priority != order.priority:
        services.set_priority(order, change.priority)
        history.record(HistoryEntry.Verb.PRIORITY, order, words=str(change.priority))
    return one(OrderOut, order.as_dict())


def _steered(pk: int, verb: str, act: Callable[[Order], int | bool]) -> HttpResponse:
    """Do it to the order, and write it down where it changed anything."""
    order = _order(pk)
    changed = int(act(order))
    if changed:
        history.record(verb, order)
    return one(DoneOut, {"changed": changed})


@router.post(
    "/orders/{id}/cancel",
    response=answers(DoneOut, 404),
    **needs(TokenScope.ORDER, "cancel"),
    summary="Cancel what is not done of an order",
)
def cancel_order(request: HttpRequest, id: RowId) -> HttpResponse:
    return _steered(id, HistoryEntry.Verb.CANCEL, services.cancel_order)


@router.post(
    "/orders/{id}/retry",
    response=answers(DoneOut, 404),
    **needs(TokenScope.ORDER, "retry"),
    summary="Try again what failed of an order",
)
def retry_order(request: HttpRequest, id: RowId) -> HttpResponse:
    def retry(order: Order) -> int:
        return services.retry_lines(list(order.lines.filter(state=OrderLine.State.FAILED)))

    return _steered(id, HistoryEntry.Verb.RETRY, retry)


@router.post(
    "/orders/{id}/pause",
    response=answers(DoneOut, 404),
    **needs(TokenScope.ORDER, "pause"),
    summary="Let what only this order needs wait",
)
def pause_order(request: HttpRequest, id: RowId) -> HttpResponse:
    return _steered(id, HistoryEntry.Verb.PAUSE, services.pause_order)


@router.post(
    "/orders/{id}/resume",
    response=answers(DoneOut, 404),
    **needs(TokenScope.ORDER, "pause"),
    summary="Let a paused order go on",
)
def resume_order(request: HttpRequest, id: RowId) -> HttpResponse:
    return _steered(id, HistoryEntry.Verb.RESUME, services.resume_order)


@router.post(
    "/lines/{id}/cancel",
    response=answers(DoneOut, 404),
    **needs(TokenScope.ORDER, "cancel"),
    summary="Cancel a line",
)
def cancel_line(request: HttpRequest, id: RowId) -> HttpResponse:
    return _line(id, HistoryEntry.Verb.CANCEL, services.cancel_line)


@router.post(
    "/lines/{id}/retry",
    response=answers(DoneOut, 404),
    **needs(TokenScope.ORDER, "retry"),
    summary="Try a failed or canceled line again",
)
def retry_line(request: HttpRequest, id: RowId) -> HttpResponse:
    return _line(id, HistoryEntry.Verb.RETRY, services.retry_line)


def _line(pk: int, verb: str, act: Callable[[OrderLine], bool]) -> HttpResponse:
    line = found(OrderLine.objects.select_related("order"), "line", pk=pk)
    changed = act(line)
    if changed:
        history.record(verb, line.order, words=str(line))
    return one(DoneOut, {"changed": int(changed)})


def _order(pk: int) -> Order:
    rows = Order.objects.select_related("ordered_by", "workflow_version__workflow")
    order: Order = found(rows, "order", pk=pk)
    return order
