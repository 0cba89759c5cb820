"""The form of a product's exploded view: how deep, how far, and a row of numbers for each move."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from gpu.admin.versions import VersionedForm
from media_assets.cad.explode.plan import ExplodePlan
from media_assets.cad.explode.wanted import Vector
from media_assets.models import ExplodedView

AXES = ("x", "y", "z")
FARTHEST = 1e6  # mm
MOST_ROWS = 200


@dataclass(frozen=True)
class MoveRow:
    """One move: its parts, where they go in mm, and whether people said so."""

    parts: tuple[str, ...]
    move: Vector
    is_changed: bool

    @property
    def id(self) -> str:
        """Return what the row's fields are named by."""
        return hashlib.sha256(json.dumps(self.parts).encode()).hexdigest()[:12]

    @property
    def name(self) -> str:
        first, others = self.parts[0].rpartition("/")[2], len(self.parts) - 1
        if not others:
            return first
        words = ngettext("%(name)s and %(count)s more", "%(name)s and %(count)s more", others)
        return words % {"name": first, "count": others}


def rows_of(plan: ExplodePlan | None, view: ExplodedView) -> list[MoveRow]:
    """Return the moves of a plan in their order, and after them what people said of parts that it does not move."""
    changes = {tuple(one["parts"]): tuple(one["move"]) for one in view.changes}
    found = [
        MoveRow(step.parts, changes.get(step.parts, step.move), step.parts in changes)
        for step in (plan.steps if plan else ())
    ]
    known = {row.parts for row in found}
    return found + [MoveRow(parts, move, True) for parts, move in changes.items() if parts not in known]


class ExplodedViewForm(VersionedForm):
    """Depth and distances, and the moves of ``rows``; what is left as computed is not kept."""

    class Meta:
        model = ExplodedView
        fields = ("depth", "spread")

    def __init__(self, *args: Any, rows: Sequence[MoveRow], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.rows = rows[:MOST_ROWS]
        shown = {row.parts for row in self.rows}
        self._rest = [one for one in self.instance.changes if tuple(one["parts"]) not in shown]
        for row in self.rows:
            for axis, number in zip(AXES, row.move, strict=True):
                field = forms.FloatField(
                    label=axis.upper(),
                    required=False,
                    min_value=-FARTHEST,
                    max_value=FARTHEST,
                    initial=round(number, 2),
                )
                field.widget.attrs.update({"aria-label": f"{row.name}: {axis.upper()}", "step": "any"})
                self.fields[f"{row.id}-{axis}"] = field
            self.fields[f"{row.id}-computed"] = forms.BooleanField(
                required=False, label=gettext_lazy("as computed"), initial=not row.is_changed
            )

    @classmethod
    def beside(cls, row: Any) -> dict[str, Any]:
        return {_("moves"): row.changes}

    def table(self) -> list[dict[str, Any]]:
        """Return the rows with their fields, for the template."""
        return [
            {
                "row": row,
                "parts": json.dumps(row.parts),
                "numbers": [self[f"{row.id}-{axis}"] for axis in AXES],
                "computed": self[f"{row.id}-computed"],
            }
            for row in self.rows
        ]

    def save(self, commit: bool = True) -> ExplodedView:
        """Keep the moves that differ from what was computed; one that was typed over is a change."""
        self.instance.changes = [
            {"parts": list(row.parts), "move": move}
            for row in self.rows
            if (move := self._move(row)) is not None
        ] + self._rest
        view: ExplodedView = super().save(commit)
        return view

    def _move(self, row: MoveRow) -> list[float] | None:
        shown = [round(number, 2) for number in row.move]
        sent = [self.cleaned_data.get(f"{row.id}-{axis}") or 0.0 for axis in AXES]
        if sent != shown:
            return sent
        return list(row.move) if row.is_changed and not self.cleaned_data[f"{row.id}-computed"] else None
