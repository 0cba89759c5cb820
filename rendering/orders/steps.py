"""The steps of workflows in orders: each is ordered, skipped with its reason, or waits for what it depends on.

Their state is in rows. Whenever a job of a CAD file ends, the steps that wait for that file are evaluated again, in the
transaction that ended it; `look_at_stranded` finds those that were missed.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial

from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet
from django.utils.translation import gettext_noop

from blender_scripts.launch import BlenderMissing, BlenderTooOld
from media_assets.ingest.problems import failure_of
from media_assets.models import CadFile, Product
from media_assets.models.batches import BATCH, batches
from rendering.models import Job, Order, OrderLine, OrderStep, OutputType, WorkflowVersion, steps
from rendering.models.order import THUMBNAIL_LEAD, DeliverableKey
from rendering.models.order_step import NO_REASON
from rendering.models.sentence import Sentence
from rendering.models.steps import Facts, Step, StepKind, StepOutcome, Verdict
from rendering.orders import finishing, parts
from rendering.orders.drafting import Wish, each_once, make_lines
from rendering.orders.jobs import convert_all
from rendering.queue.retry import HOPELESS_CAD

log = logging.getLogger("renderdesk.orders")

State, Cause = OrderStep.State, OrderStep.Cause
EXISTED = Sentence.of(gettext_noop("It existed already."))
DECIDED = ("state", "cause", *NO_REASON, "line", "job")
ENDED_BADLY = (Job.State.FAILED, Job.State.CANCELED)


@dataclass(frozen=True)
class Run:
    """A version of a workflow for these products; *force* makes again what exists."""

    version: WorkflowVersion
    products: Sequence[Product]
    force: bool = False


@dataclass(frozen=True)
class Making:
    """What a version's steps make today: its steps, their output types, and their jobs' leads."""

    steps: list[Step]
    types: dict[int, OutputType]
    leads: list[int]

    @classmethod
    def of(cls, version: WorkflowVersion) -> Making:
        made = version.steps
        types = OutputType.objects.in_bulk([one.output_type for one in made if one.output_type])
        thumbnails = {pk for pk, one in types.items() if one.kind == OutputType.Kind.THUMBNAIL}
        natural = [THUMBNAIL_LEAD if one.output_type in thumbnails else 0 for one in made]
        return cls(made, types, steps.leads(made, natural))

    def output_type(self, step: Step) -> OutputType | None:
        """Return the output type of a step, unless it is gone or switched off."""
        found = self.types.get(step.output_type or 0)
        return found if found and found.can_be_ordered else None

    @property
    def first_quality(self) -> str:
        """The tessellation in which a CAD file is read for its parts and size: one that is needed anyway."""
        for one in self.steps:
            made = self.types.get(one.output_type or 0)
            if one.kind != StepKind.OUTPUT or made:
                return made.tessellation if made else one.tessellation
        return OutputType.Tessellation.STANDARD.value


def rows_of(order: Order, run: Run) -> list[OrderStep]:
    """Return the steps of *run* for each of its products, all waiting: no rows yet. Products have a CAD file."""
    count = len(run.version.steps)
    return [
        OrderStep(
            order=order,
            product=product,
            cad_file=product.cad_file,
            number=number,
            is_first=product.revisions <= 1,
            force=run.force,
        )
        for product in dict.fromkeys(run.products)
        for number in range(1, count + 1)
    ]


def begin(order: Order, run: Run, wishes: Sequence[Wish]) -> None:
    """Make the steps of a new order and do what can be done, with its other *wishes*."""
    rows = rows_of(order, run)
    OrderStep.objects.bulk_create(rows, batch_size=BATCH)
    decide(order, run.version, rows, wishes)
    _look_after_commit(order.steps.all())


def judge(
    making: Making, rows: Sequence[OrderStep]
) -> Iterator[tuple[OrderStep, Step, Verdict, Sentence | None]]:
    """Yield the decision for each waiting row, in the order of the steps, and set skips and their reasons on it."""
    awaited = {step.after for step in making.steps}
    outcomes = {(row.product_id, row.number): outcome(row) for row in rows if row.number in awaited}
    for row in sorted(rows, key=lambda one: one.number):
        if row.state != State.WAITING:
            continue
        step = making.steps[row.number - 1]
        earlier = outcomes.get((row.product_id, step.after or 0))
        known, made = facts(row), making.output_type(step)
        verdict, reason = steps.judge(step, known, earlier)
        cause = Cause.EARLIER if earlier in (StepOutcome.FAILED, StepOutcome.SKIPPED) else Cause.CONDITION
        if row.job and row.job.state in ENDED_BADLY and step.needs_geometry and verdict == Verdict.LATER:
            verdict, cause, reason = Verdict.SKIP, Cause.CAD, _unread(row)
        elif verdict == Verdict.SKIP and reason and reason.english == steps.UNKNOWN:
            cause = Cause.CAD
        elif verdict == Verdict.RUN and step.kind == StepKind.OUTPUT and made is None:
            verdict, cause = Verdict.SKIP, Cause.SWITCHED_OFF
            words = gettext_noop("Output type {makes} is switched off, archived or deleted.")
            reason = Sentence.of(words, makes=step.makes)
        elif verdict == Verdict.RUN and step.kind != StepKind.OUTPUT and known.unreadable:
            verdict, cause, reason = Verdict.SKIP, Cause.CAD, _unread(row)
        elif verdict == Verdict.RUN and made and parts.must_be_read(made) and known.instances is None:
            verdict, reason = Verdict.LATER, steps.READ_FIRST
            if known.unreadable or (row.job and row.job.state in ENDED_BADLY):
                verdict, cause, reason = Verdict.SKIP, Cause.CAD, _unread(row)
        elif verdict == Verdict.RUN and made and (reason := parts.refusal(Wish(row.product, made))):
            verdict = Verdict.SKIP
        row.note_reason(reason)
        if verdict == Verdict.SKIP:
            row.state, row.cause = State.SKIPPED, cause
            outcomes[row.product_id, row.number] = StepOutcome.SKIPPED
        yield row, step, verdict, reason


def decide(
    order: Order, version: WorkflowVersion, rows: Sequence[OrderStep], also: Sequence[Wish] = ()
) -> None:
    """Order what can be ordered of these stored rows, skip what is to be skipped, until nothing changes any more."""
    making = Making.of(version)
    waiting = [row for row in rows if row.state == State.WAITING]
    wishes = list(also)
    while True:
        ordered, converted = [], []
        for row, step, verdict, _ in list(judge(making, rows)):
            lead = making.leads[row.number - 1]
            made = making.output_type(step)
            if verdict == Verdict.RUN and made:
                wishes_of = parts.each_part([Wish(row.product, made, row.force, lead)])
                ordered.append((row, wishes_of))
            elif verdict == Verdict.RUN:
                converted.append((row, step.tessellation, lead))
        unread = [(row, making.first_quality, 0) for row in rows if _must_be_read(row, making)]
        _order(order, ordered, wishes)
        _convert(order, converted, State.ORDERED)
        _convert(order, unread, State.WAITING)
        wishes = []
        if not ordered and not converted:
            break
    OrderStep.objects.bulk_update(waiting, DECIDED, batch_size=100)


def outcome(row: OrderStep) -> StepOutcome:
    """Return the result of a step, as far as another one waits for it."""
    if row.state == State.WAITING:
        return StepOutcome.OPEN
    if row.state != State.ORDERED:
        return StepOutcome.SKIPPED
    if row.line:
        states = parts.states(row.line)
        if not states.isdisjoint(OrderLine.LIVE):
            return StepOutcome.OPEN
        return StepOutcome.DONE if states == {OrderLine.State.DONE} else StepOutcome.FAILED
    if row.job and row.job.is_live:
        return StepOutcome.OPEN
    return StepOutcome.FAILED if row.job and row.job.state in ENDED_BADLY else StepOutcome.DONE


def facts(row: OrderStep) -> Facts:
    """Return what conditions look at."""
    cad = row.cad_file
    unreadable = None
    if cad.state == CadFile.State.FAILED and (
        cad.error_code in HOPELESS_CAD or (row.job and not row.job.is_live)
    ):
        unreadable = Sentence.of("{error}", error=failure_of(cad))
    return Facts.of(cad, row.product.number, is_first=row.is_first, unreadable=unreadable)


def on_job_ended(job: Job) -> None:
    """Look again at the steps that wait for the CAD file of *job*. Call it in the transaction that ended it."""
    if job.is_live:
        return
    look_again(OrderStep.objects.waiting().filter(cad_file=job.cad_file_id))
    _look_after_commit(OrderStep.objects.filter(cad_file=job.cad_file_id))
    if job.kind == Job.Kind.TESSELLATE:
        finishing.note_endings(set(OrderStep.objects.filter(job=job).values_list("order", flat=True)))


def look_again(waiting: QuerySet[OrderStep]) -> int:
    """Decide these waiting steps, as far as they can be by now; return how many orders have some."""
    orders = sorted(set(waiting.order_by().values_list("order", flat=True)))
    for pk in orders:
        try:
            with transaction.atomic():
                _look_again(pk, waiting)
        except (BlenderMissing, BlenderTooOld) as error:
            log.warning("The steps of order %s wait: %s", pk, error)
    return len(orders)


def look_at_stranded(rows: QuerySet[OrderStep]) -> int:
    """Look again at those of these steps that wait for nothing that lives; return how many orders have some."""
    lines = OrderLine.objects.live().filter(order=OuterRef("order"), product=OuterRef("product"))
    jobs = Job.objects.live().filter(cad_file=OuterRef("cad_file"), kind=Job.Kind.TESSELLATE)
    return look_again(rows.filter(~Exists(lines), ~Exists(jobs), state=State.WAITING))


def _look_after_commit(rows: QuerySet[OrderStep]) -> None:
    """Do so once this transaction is committed: what the steps wait for may end in this instant (`lines`)."""
    transaction.on_commit(partial(look_at_stranded, rows), robust=True)


def cancel(order: Order) -> int:
    """Cancel the steps of *order* that wait; return how many. A conversion that runs for them goes on."""
    count = OrderStep.objects.waiting().filter(order=order).update(state=State.CANCELED, **NO_REASON)
    finishing.note_endings([order.pk])
    return count


def try_again(lines: Sequence[OrderLine]) -> None:
    """Let the steps wait again that were skipped because these lines failed, now that they are started again."""
    for some in batches(sorted({line.pk for line in lines})):
        skipped = OrderStep.objects.filter(state=State.SKIPPED, cause=Cause.EARLIER)
        # Of a step that ordered parts one by one, the line is the first of theirs.
        same = OrderLine.objects.filter(pk__in=some, order=OuterRef("order"), product=OuterRef("product"))
        failed = OrderStep.objects.filter(order=OuterRef("order"), product=OuterRef("product"))
        own = failed.filter(Exists(same.filter(output_type=OuterRef("line__output_type"))))
        skipped.filter(Exists(own)).update(state=State.WAITING, cause="", **NO_REASON)


def read_again(job: Job) -> None:
    """Let the steps wait again that were skipped because the CAD file of *job*, a conversion, could not be read."""
    skipped = OrderStep.objects.filter(state=State.SKIPPED, cause__in=[Cause.CAD, Cause.EARLIER])
    rows = skipped.filter(cad_file=job.cad_file_id)
    finishing.reopen(set(rows.values_list("order", flat=True)))
    rows.update(state=State.WAITING, cause="", **NO_REASON, job=job)


def _look_again(order_id: int, waiting: QuerySet[OrderStep]) -> None:
    locked = list(waiting.filter(order=order_id).select_for_update().values_list("product", flat=True))
    order = Order.objects.select_related("workflow_version").get(pk=order_id)
    if not locked or order.workflow_version is None:
        return
    for some in batches(sorted(set(locked))):
        rows = list(OrderStep.objects.filter(order=order, product__in=some).select_related("line", "job"))
        _fill(rows)
        decide(order, order.workflow_version, rows)
    finishing.note_endings([order.pk])


def _fill(rows: Sequence[OrderStep]) -> None:
    """Give rows their products and CAD files: one row of each, without the long texts."""
    cads = CadFile.objects.defer("tree", "report").in_bulk({row.cad_file_id for row in rows})
    products = Product.objects.in_bulk({row.product_id for row in rows})
    for row in rows:
        row.product, row.cad_file = products[row.product_id], cads[row.cad_file_id]
        row.product.cad_file = (
            row.cad_file
        )  # what was ordered, though the product may have got another one since


def _must_be_read(row: OrderStep, making: Making) -> bool:
    """Whether a row waits for parts and size, and no conversion is under way for it."""
    step = making.steps[row.number - 1]
    made = making.output_type(step)
    if row.state != State.WAITING or not (step.needs_geometry or (made and parts.must_be_read(made))):
        return False
    return row.cad_file.state != CadFile.State.READY and not (row.job and row.job.is_live)


def _unread(row: OrderStep) -> Sentence:
    failed = row.cad_file if row.cad_file.error_code or not row.job else row.job
    words = gettext_noop("Its CAD file could not be converted. {error}")
    return Sentence.of(words, error=failure_of(failed))


def _order(order: Order, rows: Sequence[tuple[OrderStep, Sequence[Wish]]], also: Sequence[Wish]) -> None:
    """Make the lines of these rows and of *also*; what the order has already is not made twice."""
    wishes = [*also, *(wish for _, some in rows for wish in some)]
    if not wishes:
        return
    parts.keep(wishes)
    products = {wish.product.pk for wish in wishes}
    there: dict[DeliverableKey, OrderLine] = {}
    for some in batches(sorted(products)):
        for line in order.lines.filter(product__in=some):
            there[line.key] = line
    new = each_once(wish for wish in wishes if wish.key not in there)
    if new:
        there |= {line.key: line for line in make_lines(order, new)}
    for row, ordered in rows:
        row.state, row.line = State.ORDERED, there[ordered[0].key]
        row.note_reason(None)


def _convert(order: Order, rows: Sequence[tuple[OrderStep, str, int]], state: str) -> None:
    """Make sure that the CAD files of these rows are converted; those that wait for facts are read in any case."""
    is_reading = state == State.WAITING
    wanted = [(row.cad_file, quality, order.priority + lead, row.product) for row, quality, lead in rows]
    for (row, _, _), job in zip(rows, convert_all(order, wanted, even_if_there=is_reading), strict=True):
        row.state, row.job = State(state), job
        if not is_reading:
            row.note_reason(None if job else EXISTED)
