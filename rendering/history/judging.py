"""Records who approved or rejected which picture."""

from __future__ import annotations

from typing import Any

from rendering.history.entries import Verb, record
from rendering.models import Approval, Review

VERBS = {Approval.APPROVED.value: Verb.APPROVE, Approval.REJECTED.value: Verb.REJECT}


def on_picture_judged(*, review: Review, **_: Any) -> None:
    asset = review.asset
    about = [asset, *([asset.product] if asset.product else [])]
    name = f"{asset} · {asset.product.number}" if asset.product else str(asset)
    record(VERBS[review.verdict], about, words=review.note, name=name, count=1)
