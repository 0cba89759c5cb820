"""Which part of the deliverables a page shows: as its address says it, and as a view keeps it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlencode

from django.http import QueryDict
from django.urls import reverse

from gpu.admin.bounded import bounded
from rendering.models import Approval, DeliverablesView, OutputType
from rendering.orders.matrix import Cell, CellState

LONGEST_NUMBER = 120  # characters of a product's number
STATES: tuple[str, ...] = (*CellState.values, *Approval.values)


@dataclass(frozen=True)
class MatrixChoice:
    """A search, the columns (ids of output types) and states to show (none: all), and the place in the list."""

    query: str = ""
    columns: tuple[int, ...] = ()
    states: tuple[str, ...] = ()
    page: int = 1
    after: str = ""  # number of a product: where the list by states goes on
    view: int = 0  # the id of the saved view that it came from

    @classmethod
    def of(cls, said: QueryDict, output_types: Sequence[OutputType]) -> MatrixChoice:
        """Return what an address or a form says; what can't be shown is left out."""
        known = {str(one.pk): one.pk for one in output_types}
        columns = tuple(dict.fromkeys(known[text] for text in said.getlist("column") if text in known))
        asked = set(said.getlist("state"))
        return cls(
            query=bounded(said.get("q", ""))[0],
            columns=() if len(columns) == len(known) else columns,
            states=tuple(state for state in STATES if state in asked),
            page=_number(said.get("p", "")) or 1,
            after=said.get("after", "").replace("\x00", "")[:LONGEST_NUMBER],
            view=_number(said.get("view", "")),
        )

    @classmethod
    def kept_as(cls, view: DeliverablesView) -> MatrixChoice:
        """Return what a view keeps."""
        return cls(view.query, tuple(view.columns), tuple(view.states), view=view.pk)

    @property
    def address(self) -> str:
        words: list[tuple[str, object]] = [
            ("q", self.query),
            *(("column", one) for one in self.columns),
            *(("state", one) for one in self.states),
            ("after", self.after),
            ("p", self.page if self.page > 1 else ""),
            ("view", self.view or ""),
        ]
        told = urlencode([(name, value) for name, value in words if value != ""])
        return reverse("admin:rendering_matrix") + (f"?{told}" if told else "")

    def at(self, *, page: int = 1, after: str = "") -> MatrixChoice:
        """Return the same choice at another place of its list."""
        return replace(self, page=page, after=after)

    def with_column(self, column: int) -> MatrixChoice:
        """Return the choice with a column (id of an output type) added, or taken out."""
        has = column in self.columns
        return replace(
            self, columns=tuple(one for one in (*self.columns, column) if not (has and one == column))
        )

    def toggled(self, state: str) -> MatrixChoice:
        """Return the choice with *state* added, or taken out, from the beginning of its list."""
        asked = set(self.states) ^ {state}
        return replace(self.at(), states=tuple(one for one in STATES if one in asked))

    def shown(self, output_types: Sequence[OutputType]) -> list[OutputType]:
        """Return the columns."""
        return [one for one in output_types if not self.columns or one.pk in self.columns]

    def has(self, cell: Cell) -> bool:
        """Whether the chosen states include that of *cell*."""
        return not self.states or not cell.states.isdisjoint(self.states)

    def has_one_of(self, cells: Iterable[Cell]) -> bool:
        return any(self.has(cell) for cell in cells)

    def as_fields(self) -> dict[str, Any]:
        """Return what a view keeps of it."""
        return {"query": self.query, "columns": list(self.columns), "states": list(self.states)}


def _number(text: str) -> int:
    return int(text) if text.isdecimal() and len(text) < 19 else 0
