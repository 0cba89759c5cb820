"""The preview of an order, as its form shows it before anything is placed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

from django.utils.translation import gettext as _

from media_assets.serving import html
from rendering.desk.orders.table import TONES
from rendering.models.steps import StepKind, Verdict
from rendering.orders import Run, Wish
from rendering.orders.foresight import Foreseen, foresee, foresee_run

ROWS_SHOWN = 200
Row = tuple[str, str, str, str, str]  # product, what, badge's style and words, why


def outlook(wishes: Sequence[Wish], run: Run | None) -> dict[str, Any]:
    """Return what the template shows. Raises OrderRefused."""
    named = foresee(wishes) if wishes else []
    rows: list[Row] = [
        (wish.name, str(wish.output_type), TONES[one], str(one.label), "")
        for wish, one in zip(wishes, named, strict=True)
    ]
    rows += [_row(one) for one in (foresee_run(run) if run else [])]
    counts = Counter((tone, label) for _, _, tone, label, _ in rows)
    return {
        "counts": [(html.badge(tone, label), count) for (tone, label), count in counts.items()],
        "rows": [
            {"product": number, "what": what, "badge": html.badge(tone, label), "why": why}
            for number, what, tone, label, why in rows[:ROWS_SHOWN]
        ],
        "count": len(rows),
    }


def _row(one: Foreseen) -> Row:
    what = _("Step %(number)d: %(what)s") % {"number": one.number, "what": one.step.makes}
    if one.verdict == Verdict.SKIP:
        return one.product.number, what, "canceled", _("Skipped"), str(one.reason)
    if one.verdict == Verdict.LATER:
        return one.product.number, what, "pending", _("Decided later"), str(one.reason)
    if one.step.kind != StepKind.OUTPUT or one.outlook is None:
        return one.product.number, what, "queued", _("Converted, unless it exists already"), ""
    return one.product.number, what, TONES[one.outlook], str(one.outlook.label), ""
