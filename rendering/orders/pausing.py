"""Pausing a product: nothing of it is started, whoever ordered it, until somebody resumes it."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone

from media_assets.models import Product, sight
from rendering.models import Job, OrderLine
from rendering.queue import claims


@sight.of_everybody()
def pause_product(product: Product, by: str) -> bool:
    """Let what only this product needs wait; what runs goes on. Return whether it was not paused before."""
    return _set_paused(product, timezone.now(), by[:200])


@sight.of_everybody()
def resume_product(product: Product) -> bool:
    """Let the jobs of a paused product be claimed again; return whether it was paused."""
    return _set_paused(product, None, "")


def _set_paused(product: Product, since: datetime | None, by: str) -> bool:
    with transaction.atomic():
        rows = Product.objects.filter(pk=product.pk, paused_since__isnull=since is not None)
        changed = rows.update(paused_since=since, paused_by=by)
        if changed:
            product.paused_since, product.paused_by = since, by
            lines = OrderLine.objects.live().filter(jobs=OuterRef("pk"), product=product)
            jobs = Job.objects.live().filter(Q(Exists(lines)) | Q(product=product))
            claims.hold_or_free(set(jobs.values_list("pk", flat=True)))
    return bool(changed)
