"""The worker's part in tests of orders: jobs are claimed and ended for real, only their files are made up."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

from django.db import transaction

from blender_scripts.contract import RenderOutcome
from gpu.queues.topology import CPU_QUEUE, PRIMARY_QUEUE
from gpu.workers import heartbeat
from media_assets.cad.contract import ConversionResult
from media_assets.cad.problem import Failure
from media_assets.models import MediaAsset, Product
from rendering import orders
from rendering.farm import ending
from rendering.farm.runners import deliverable, encode, render, tessellate
from rendering.models import Job, Order, OutputType
from rendering.orders import Wish
from rendering.pictures.encoder import Written
from rendering.queue import claims
from rendering.queue.claims import Claim
from rendering.queue.lease import Lease
from tests import factories

T = TypeVar("T")
REPORT: dict[str, Any] = {
    "parts": 2,
    "instances": 3,
    "triangles": 12,
    "size_mm": [1, 2, 3],
    "tree": {"name": "x"},
}


class OneConnection(Lease):
    """A test is one transaction: a new connection would not see it."""

    def persist(self, action: Callable[[], T]) -> T:
        return action()


def type_of(slug: str) -> OutputType:
    return OutputType.objects.get(slug=slug)


def order(product: Product, *slugs: str, force: bool = False, priority: int = 50) -> Order:
    wishes = [Wish(product, type_of(slug), force) for slug in slugs]
    return orders.place(wishes, trigger=Order.Trigger.COMMAND, priority=priority)


def taken() -> Claim | None:
    """Claim the next job as one of the workers would; waiting times are over."""
    Job.objects.update(not_before=None)
    return claims.claim(CPU_QUEUE, "w:b:1:1") or claims.claim(PRIMARY_QUEUE, "w:b:1:1")


def succeed(claim: Claim, tmp_path: Path) -> None:
    """End a claimed job with a file that was made up."""
    job, recipe = claim.job, claim.job.spec["recipe"]
    lease = OneConnection(claim, heartbeat.current())
    source = tmp_path / f"made-{job.pk}"
    if job.kind == Job.Kind.TESSELLATE:
        source.write_bytes(b"glTF" + job.cad_file.sha256.encode())
        result = ConversionResult(source, None, REPORT)
        ending.succeed(lease, lambda: tessellate.publish(job, result, 0.1))
    elif job.kind == Job.Kind.RENDER:
        factories.picture(source.with_suffix(".png"), (recipe["width"], recipe["height"]))
        outcome = RenderOutcome(ok=True, device="CPU", compute_type="NONE", samples=8)
        light = None
        if job.spec.get("linear"):
            light = factories.light(source.with_suffix(".exr"), (recipe["width"], recipe["height"]))
        receipt = render.receipt_of(lease, outcome, "cpu", {"sample": 1.0})
        render.finish(lease, render.Rendered(source.with_suffix(".png"), light, receipt))
    elif "files" in job.spec:
        deliverable.run(claim, lease)
    else:
        factories.picture(source.with_suffix(".png"), (recipe["width"], recipe["height"]))
        master = MediaAsset.objects.get(pk=job.spec["master"])
        encode.finish(lease, master, source.with_suffix(".png"), Written({"encode": 0.1}, [], None))


def runs(tmp_path: Path) -> Job:
    """Claim one job and end it well."""
    claim = taken()
    assert claim is not None
    succeed(claim, tmp_path)
    return claim.job


def ends(tmp_path: Path, at_most: int = 20) -> None:
    """Run what waits until nothing does."""
    for _ in range(at_most):
        claim = taken()
        if claim is None:
            return
        succeed(claim, tmp_path)
    raise AssertionError(f"After {at_most} jobs there is still work: something is done over and over.")


def fails(code: str, message: str) -> Job:
    """Claim one job and end it badly."""
    claim = taken()
    assert claim is not None
    with transaction.atomic():
        claims.fail(claim, Failure.of(code, said=message))
        orders.on_job_ended(claim.job)
    return claim.job
