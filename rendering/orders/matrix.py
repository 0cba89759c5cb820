"""The deliverables of many products at a glance: one cell for each product and output type."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Max, TextChoices
from django.utils.translation import gettext, gettext_lazy

from media_assets.models import CadFile, MediaAsset, Product
from rendering.catalog.plan import batches
from rendering.models import Job, OrderLine, OutputType
from rendering.models.errors import ERRORS, problem_of
from rendering.models.review import approvals_of
from rendering.orders.deliverables import Deliverable, deliverables

Key = tuple[int, int]  # ids of a product and of an output type


class CellState(TextChoices):
    """The status of a cell. Work in progress comes before earlier deliveries."""

    DONE = "done", gettext_lazy("Current")
    STALE = "stale", gettext_lazy("Stale")
    RUNNING = "running", gettext_lazy("Running")
    WAITING = "pending", gettext_lazy("Waiting")
    PAUSED = "paused", gettext_lazy("Paused")
    HELD = "held", gettext_lazy("Held")
    FAILED = "failed", gettext_lazy("Failed")
    MISSING = "missing", gettext_lazy("Missing")
    NO_CAD = "no_cad", gettext_lazy("No CAD file")
    CAD_FAILED = "cad_failed", gettext_lazy("CAD file failed")


@dataclass(frozen=True)
class Cell:
    """One product in one output type: its status, the reason, and what was delivered last."""

    product: Product
    output_type: OutputType
    state: CellState
    why: str = ""
    progress: float = 0.0  # 0 to 1, of the job that runs
    order: int | None = None  # of the newest line
    job: int | None = None
    asset: MediaAsset | None = None
    approval: str = ""  # of the asset: a value of Approval

    @property
    def key(self) -> str:
        return f"{self.product.pk}:{self.output_type.pk}"

    @property
    def states(self) -> frozenset[str]:
        """By which states it is found."""
        return frozenset(filter(None, (self.state.value, self.approval)))


@dataclass(frozen=True)
class _Work:
    """The live job of a line that says most: one that runs, else the newest."""

    job: int
    state: str
    stage: str
    progress: float
    is_paused: bool
    held_since: datetime | None
    error_code: str

    @property
    def shown(self) -> tuple[CellState, str]:
        """The state of the cell, and its words."""
        if self.state == Job.State.RUNNING:
            return CellState.RUNNING, self.stage
        if self.held_since:
            return CellState.HELD, gettext(ERRORS[self.error_code].title)
        return CellState.PAUSED if self.is_paused else CellState.WAITING, self.stage


def matrix(products: Sequence[Product], output_types: Sequence[OutputType]) -> list[list[Cell]]:
    """Return a row of cells for each product, in the order of *output_types*: no query for each row or cell."""
    if not products or not output_types:
        return [[] for _ in products]
    lines = newest_lines(products, output_types)
    work = _work([line.pk for line in lines.values() if line.state in OrderLine.LIVE])
    delivered = {
        (item.product.pk, item.output_type.pk): item
        for item in deliverables(products=products, output_types=output_types)
    }
    approvals = approvals_of(item.asset.pk for item in delivered.values())
    return [
        [
            _cell(product, output_type, lines.get(key), work, delivered.get(key), approvals)
            for output_type in output_types
            for key in [(product.pk, output_type.pk)]
        ]
        for product in products
    ]


def newest_lines(products: Collection[Product], output_types: Collection[OutputType]) -> dict[Key, OrderLine]:
    """Return the newest order line of each of these products in each of these output types, where there is one."""
    found: dict[Key, OrderLine] = {}
    types = [output_type.pk for output_type in output_types]
    for some in batches(sorted(product.pk for product in products)):
        newest = (
            OrderLine.objects.filter(product__in=some, output_type__in=types)
            .order_by()
            .values("product", "output_type")
            .annotate(newest=Max("id"))
            .values("newest")
        )
        for line in OrderLine.objects.filter(pk__in=newest):
            found[line.key] = line
    return found


def _work(lines: Sequence[int]) -> dict[int, _Work]:
    """Return the live job of each of these lines that says most."""
    found: dict[int, _Work] = {}
    through = OrderLine.jobs.through._default_manager
    for some in batches(lines):
        rows = through.filter(orderline__in=some, job__state__in=Job.LIVE).order_by("job")
        for line, *job in rows.values_list(
            *("orderline", "job", "job__state", "job__stage", "job__progress"),
            *("job__held", "job__held_since", "job__error_code"),
        ):
            one = _Work(*job)
            if line not in found or one.state == Job.State.RUNNING or found[line].state != Job.State.RUNNING:
                found[line] = one
    return found


def _cell(
    product: Product,
    output_type: OutputType,
    line: OrderLine | None,
    work: dict[int, _Work],
    delivered: Deliverable | None,
    approvals: Mapping[int, str],
) -> Cell:
    asset = delivered.asset if delivered else None
    order = line.order_id if line else None
    approval = approvals.get(asset.pk, "") if asset else ""
    if line and line.state in OrderLine.LIVE:
        one = work.get(line.pk)
        if one is None:
            return Cell(product, output_type, CellState.WAITING, order=order, asset=asset, approval=approval)
        state, words = one.shown
        return Cell(product, output_type, state, words, one.progress, order, one.job, asset, approval)
    if line and line.state == OrderLine.State.FAILED:
        problem = problem_of(line)
        words = f"{problem.message} {problem.next_step}".strip()
        return Cell(
            product, output_type, CellState.FAILED, words, order=order, asset=asset, approval=approval
        )
    if delivered:
        state = CellState.STALE if delivered.changed else CellState.DONE
        return Cell(
            product, output_type, state, ", ".join(delivered.why), order=order, asset=asset, approval=approval
        )
    if product.cad_file is None:
        return Cell(product, output_type, CellState.NO_CAD, order=order)
    if product.cad_file.state == CadFile.State.FAILED:
        why = problem_of(product.cad_file).title
        return Cell(product, output_type, CellState.CAD_FAILED, why, order=order)
    why = gettext("The last order was canceled.") if line and line.state == OrderLine.State.CANCELED else ""
    return Cell(product, output_type, CellState.MISSING, why, order=order)


def chosen(
    rows: Iterable[Sequence[Cell]], cells: Collection[str], products: Collection[str], types: Collection[str]
) -> list[Cell]:
    """Return the cells that are ticked: by themselves, by their row or by their column."""
    return [
        cell
        for row in rows
        for cell in row
        if cell.key in cells or str(cell.product.pk) in products or str(cell.output_type.pk) in types
    ]
