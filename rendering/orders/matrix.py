"""The deliverables of many products at a glance: one cell for each product, variant and output type."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import TextChoices
from django.utils.translation import gettext, gettext_lazy

from media_assets.models import CadFile, MediaAsset, Product
from rendering.catalog.plan import batches
from rendering.models import Job, OrderLine, OutputType, Variant
from rendering.models.errors import ERRORS, problem_of
from rendering.models.order import DeliverableKey
from rendering.models.review import approvals_of
from rendering.models.variant import name_of
from rendering.orders.deliverables import Deliverable, deliverables
from rendering.orders.drafting import Wish
from rendering.orders.variants import variants_of


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
    """One product, or a variant, in one output type: its status, the reason, and what was delivered last."""

    product: Product
    output_type: OutputType
    state: CellState
    why: str = ""
    progress: float = 0.0  # 0 to 1, of the job that runs
    order: int | None = None  # of the newest line
    job: int | None = None
    asset: MediaAsset | None = None
    approval: str = ""  # of the asset: a value of Approval
    variant: Variant | None = None

    @property
    def key(self) -> str:
        return f"{_row_key(self)}:{self.output_type.pk}"

    @property
    def name(self) -> str:
        return name_of(self.product, self.variant)

    def wish(self, *, force: bool = False) -> Wish:
        """Return what orders it."""
        return Wish(self.product, self.output_type, force, variant=self.variant)

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


@dataclass(frozen=True)
class MatrixRow:
    """One product, or one variant of it, in all output types that were asked for."""

    product: Product
    variant: Variant | None
    cells: list[Cell]

    @property
    def key(self) -> str:
        return _row_key(self)

    @property
    def name(self) -> str:
        return name_of(self.product, self.variant)


def _row_key(row: MatrixRow | Cell) -> str:
    return f"{row.product.pk}.{row.variant.pk}" if row.variant else str(row.product.pk)


def matrix(products: Sequence[Product], output_types: Sequence[OutputType]) -> list[MatrixRow]:
    """Return a row for each product, followed by its variants; cells are in the order of *output_types*.

    No query for each row or cell.
    """
    variants = variants_of(products)
    if not products or not output_types:
        return [MatrixRow(product, None, []) for product in products]
    lines = newest_lines(products, output_types)
    work = _work([line.pk for line in lines.values() if line.state in OrderLine.LIVE])
    delivered = {item.line.key: item for item in deliverables(products=products, output_types=output_types)}
    approvals = approvals_of(item.asset.pk for item in delivered.values())
    return [
        MatrixRow(
            product,
            variant,
            [
                _cell(wish, lines.get(wish.key), work, delivered.get(wish.key), approvals)
                for output_type in output_types
                for wish in [Wish(product, output_type, variant=variant)]
            ],
        )
        for product in products
        for variant in (None, *variants[product.pk])
    ]


def newest_lines(
    products: Collection[Product], output_types: Collection[OutputType]
) -> dict[DeliverableKey, OrderLine]:
    """Return the newest order line of each of these products and variants in each of these output types."""
    found: dict[DeliverableKey, OrderLine] = {}
    types = [output_type.pk for output_type in output_types]
    for some in batches(sorted(product.pk for product in products)):
        newest = OrderLine.objects.filter(product__in=some, output_type__in=types).newest()
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
    wish: Wish,
    line: OrderLine | None,
    work: dict[int, _Work],
    delivered: Deliverable | None,
    approvals: Mapping[int, str],
) -> Cell:
    asset = delivered.asset if delivered else None

    def cell(state: CellState, why: str = "", progress: float = 0.0, job: int | None = None) -> Cell:
        order = line.order_id if line else None
        approval = approvals.get(asset.pk, "") if asset else ""
        return Cell(
            wish.product, wish.output_type, state, why, progress, order, job, asset, approval, wish.variant
        )

    if line and line.state in OrderLine.LIVE:
        one = work.get(line.pk)
        if one is None:
            return cell(CellState.WAITING)
        state, words = one.shown
        return cell(state, words, one.progress, one.job)
    if line and line.state == OrderLine.State.FAILED:
        problem = problem_of(line)
        return cell(CellState.FAILED, f"{problem.message} {problem.next_step}".strip())
    if delivered:
        return cell(CellState.STALE if delivered.changed else CellState.DONE, ", ".join(delivered.why))
    cad_file = wish.product.cad_file
    if cad_file is None:
        return cell(CellState.NO_CAD)
    if cad_file.state == CadFile.State.FAILED:
        return cell(CellState.CAD_FAILED, problem_of(cad_file).title)
    why = gettext("The last order was canceled.") if line and line.state == OrderLine.State.CANCELED else ""
    return cell(CellState.MISSING, why)


def chosen(
    rows: Iterable[MatrixRow], cells: Collection[str], ticked: Collection[str], types: Collection[str]
) -> list[Cell]:
    """Return the cells that are ticked: by themselves, by their row or by their column."""
    return [
        cell
        for row in rows
        for cell in row.cells
        if cell.key in cells or row.key in ticked or str(cell.output_type.pk) in types
    ]
