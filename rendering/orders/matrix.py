"""The deliverables of many products at a glance: one cell for each product, variant or part, and output type."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import TextChoices
from django.utils.translation import gettext, gettext_lazy

from media_assets.models import CadFile, MediaAsset, Product, ProductPart
from media_assets.models.batches import batches
from rendering.catalog.counting import shows_each_part
from rendering.catalog.parts.pieces import pieces_of
from rendering.models import Job, OrderLine, OutputType, Variant
from rendering.models.errors import ERRORS, problem_of
from rendering.models.order import DeliverableKey
from rendering.models.review import approvals_of
from rendering.models.sentence import Sentence
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
    """One product, a variant or a part, in one output type: its status, the reason, and what was delivered last."""

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
    part: str = ""  # its key

    @property
    def key(self) -> str:
        return f"{_row_key(self)}:{self.output_type.pk}"

    @property
    def name(self) -> str:
        return name_of(self.product, self.variant, self.part)

    def wish(self, *, force: bool = False) -> Wish:
        """Return what orders it."""
        return Wish(self.product, self.output_type, force, variant=self.variant, part=self.part)

    @property
    def states(self) -> frozenset[str]:
        """By which states it is found."""
        return frozenset(filter(None, (self.state.value, self.approval)))


@dataclass(frozen=True)
class _Work:
    """The live job of a line that says most: one that runs, else the newest."""

    job: int
    state: str
    stage: Sentence
    progress: float
    is_paused: bool
    held_since: datetime | None
    error_code: str

    @property
    def shown(self) -> tuple[CellState, str]:
        """The state of the cell, and its words."""
        if self.state == Job.State.RUNNING:
            return CellState.RUNNING, str(self.stage)
        if self.held_since:
            return CellState.HELD, gettext(ERRORS[self.error_code].title)
        return CellState.PAUSED if self.is_paused else CellState.WAITING, str(self.stage)


@dataclass(frozen=True)
class MatrixRow:
    """One product, a variant or a part of it, in those output types that were asked for and show it.

    The product itself has a cell in a type that shows each part until parts of it are ordered: then they have rows.
    """

    product: Product
    variant: Variant | None
    cells: list[Cell]
    part: ProductPart | None = None

    @property
    def key(self) -> str:
        return _row_key(self)

    @property
    def name(self) -> str:
        return name_of(self.product, self.variant, str(self.part or ""))


def _row_key(row: MatrixRow | Cell) -> str:
    part = row.part.key if isinstance(row.part, ProductPart) else row.part
    variant = f".{row.variant.pk}" if row.variant else ""
    return f"{row.product.pk}{variant}" + (f"~{part}" if part else "")


def matrix(products: Sequence[Product], output_types: Sequence[OutputType]) -> list[MatrixRow]:
    """Return a row for each product, followed by its variants, each followed by its parts where any was ordered.

    Cells are in the order of *output_types*.
    No query for each row or cell.
    """
    variants = variants_of(products)
    if not products or not output_types:
        return [MatrixRow(product, None, []) for product in products]
    lines = newest_lines(products, output_types)
    work = _work([line.pk for line in lines.values() if line.state in OrderLine.LIVE])
    delivered = {item.line.key: item for item in deliverables(products=products, output_types=output_types)}
    approvals = approvals_of(item.asset.pk for item in delivered.values())
    each = {output_type.pk for output_type in output_types if shows_each_part(output_type)}
    of_parts = _parts_ordered(products, [line for line in lines.values() if line.output_type_id in each])

    def row(product: Product, variant: Variant | None, part: ProductPart | None, parted: bool) -> MatrixRow:
        cells = [
            _cell(wish, lines.get(wish.key), work, delivered.get(wish.key), approvals)
            for output_type in output_types
            if shows_each_part(output_type) == bool(part) or not (part or parted)
            for wish in [
                Wish(product, output_type, variant=variant, part=part.key if part else ""),
            ]
        ]
        return MatrixRow(product, variant, cells, part)

    rows = []
    for product in products:
        for variant in (None, *variants[product.pk]):
            parts = of_parts.get((product.pk, variant.pk if variant else 0), [])
            rows.append(row(product, variant, None, bool(parts)))
            rows += [row(product, variant, part, True) for part in parts]
    return rows


def _parts_ordered(
    products: Sequence[Product], lines: Iterable[OrderLine]
) -> dict[tuple[int, int], list[ProductPart]]:
    """Return by product and variant (0: itself) its parts by number, where any of them was ordered one by one.

    While its CAD file is converted nobody knows them: then those that were ordered.
    """
    ordered: dict[tuple[int, int], set[str]] = defaultdict(set)
    for line in lines:
        if line.part:
            ordered[line.key[0], line.key[2]].add(line.part)
    files = {product.pk: product.cad_file_id for product in products if product.cad_file_id}
    pieces = pieces_of({(files[pk], pk) for pk, _ in ordered if pk in files})
    found = {}
    for (pk, variant), some in ordered.items():
        now = [one.part for one in pieces.get((files.get(pk, 0), pk), ())]
        found[pk, variant] = now or [ProductPart(product_id=pk, key=key) for key in sorted(some)]
    return found


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
            *(wish.product, wish.output_type, state, why, progress, order, job, asset, approval),
            wish.variant,
            wish.part,
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
