"""The products of a page of the deliverables: by pages, or by the states of their cells as far as it has looked."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from django.core.paginator import Page
from django.db.models import Exists, OuterRef, Q

from media_assets.models import CadFile, Product
from media_assets.serving import html
from rendering.desk.deliverables.choice import MatrixChoice
from rendering.desk.shared.large import LargePaginator
from rendering.models import Approval, OrderLine, OutputType
from rendering.orders.matrix import CellState, MatrixRow, matrix

PER_PAGE = 40
LOOKED_AT = 800  # products of one page by states: what is stale is only known by working it out
WORKING = (CellState.RUNNING, CellState.WAITING, CellState.PAUSED, CellState.HELD)


@dataclass(frozen=True)
class MatrixRows:
    """Products and variants with their cells, and the choices that lead to the neighboring pages."""

    rows: list[MatrixRow]
    page: Page[Any] | None = None  # None: by states, where nobody knows how many there are
    earlier: MatrixChoice | None = None
    later: MatrixChoice | None = None
    looked_at: int = 0  # products, where more of them are left


def products(query: str) -> Any:
    """Return the products that a search finds, by number."""
    found = Product.objects.unarchived().with_cad().defer("cad_file__tree", "cad_file__report")
    found = found.order_by("number")
    if query:
        found = found.filter(Q(number__icontains=query) | Q(name__icontains=query))
    return found


def rows_of(choice: MatrixChoice, output_types: Sequence[OutputType]) -> MatrixRows:
    """Return what a page shows; *output_types* are its columns."""
    found = products(choice.query).annotate(picture=html.newest_picture("cad_file"))
    if choice.states:
        return _by_states(choice, output_types, found)
    page = LargePaginator(found, PER_PAGE).get_page(choice.page)
    some = list(page)
    return MatrixRows(
        matrix(some, output_types),
        page,
        choice.at(page=page.previous_page_number()) if page.has_previous() else None,
        choice.at(page=page.next_page_number()) if page.has_next() else None,
    )


def _by_states(choice: MatrixChoice, output_types: Sequence[OutputType], found: Any) -> MatrixRows:
    """Look at products that may have such a cell until a page is full, or LOOKED_AT of them are seen."""
    found = found.filter(_may_have(choice.states, output_types))
    first = choice.at() if choice.after else None
    kept: list[MatrixRow] = []
    seen, after = 0, choice.after
    while seen < LOOKED_AT:
        some = list(found.filter(number__gt=after)[:PER_PAGE])
        kept += [row for row in matrix(some, output_types) if choice.has_one_of(row.cells)]
        seen += len(some)
        numbers = list(dict.fromkeys(row.product.number for row in kept))
        if len(numbers) > PER_PAGE:
            last = numbers[PER_PAGE - 1]
            kept = [row for row in kept if row.product.number in numbers[:PER_PAGE]]
            return MatrixRows(kept, earlier=first, later=choice.at(after=last))
        if len(some) < PER_PAGE:
            return MatrixRows(kept, earlier=first)
        after = some[-1].number
    return MatrixRows(kept, earlier=first, later=choice.at(after=after), looked_at=seen)


def _may_have(states: Sequence[str], output_types: Sequence[OutputType]) -> Q:
    """Return the condition without which a product has no cell in any of *states*."""
    lines = OrderLine.objects.filter(product=OuterRef("pk"), output_type__in=[one.pk for one in output_types])
    wanted = Q(pk__in=[])
    for state in states:
        wanted |= CONDITIONS[state](lines)
    return wanted


def _is_worked_on(lines: Any) -> Q:
    return Q(Exists(lines.live()))


def _is_delivered(lines: Any) -> Q:
    return Q(Exists(lines.filter(state=OrderLine.State.DONE, asset__isnull=False)))


CONDITIONS: dict[str, Callable[[Any], Q]] = {
    **dict.fromkeys(WORKING, _is_worked_on),
    **dict.fromkeys((CellState.DONE, CellState.STALE, *Approval), _is_delivered),
    CellState.FAILED: lambda lines: Q(Exists(lines.filter(state=OrderLine.State.FAILED))),
    CellState.MISSING: lambda lines: Q(cad_file__isnull=False),
    CellState.NO_CAD: lambda lines: Q(cad_file__isnull=True),
    CellState.CAD_FAILED: lambda lines: Q(cad_file__state=CadFile.State.FAILED),
}
