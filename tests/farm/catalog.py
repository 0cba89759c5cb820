"""What is done inside an installation of made-up renders: its GPUs, its orders, and what became of them."""

from __future__ import annotations

import tempfile
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from django.db.models import Count, Q
from django.utils import timezone

from gpu.models import GpuDevice, GpuProbe, SystemSettings
from media_assets.models import MediaAsset, Product
from rendering import orders
from rendering.models import Attempt, Job, Order, OrderLine, OutputType
from rendering.orders.drafting import Wish
from tests import factories

VIEWS = 20  # output types, and so lines of each product


def gpus(hosts: Mapping[str, Sequence[float]]) -> int:
    """Let each host have GPUs of these speeds; return how many there are. All of them take all work."""
    SystemSettings.load()
    SystemSettings.objects.update(keeps_light_gpu=False, probe_interval_minutes=100_000)
    # A probe would find them lost: let the last one be that of now.
    GpuProbe.objects.bulk_create(GpuProbe(host=host, trigger=GpuProbe.Trigger.SCHEDULE) for host in hosts)
    GpuProbe.objects.update(state=GpuProbe.State.FAILED, error="made up", finished=timezone.now())
    rows = [
        GpuDevice(host=host, backend="OPTIX", vendor_id=f"GPU-{host}-{number}", name=f"made up x{speed:g}")
        for host, speeds in hosts.items()
        for number, speed in enumerate(speeds)
    ]
    GpuDevice.objects.bulk_create(rows)
    return len(rows)


def lose(host: str) -> int:
    """As a probe does that finds the GPUs of a host no more."""
    return GpuDevice.objects.filter(host=host).update(lost_at=timezone.now())


def order(products: int) -> int:
    """Order VIEWS pictures of each of so many new products, whose geometry is there; return how many lines that is."""
    kinds = _views()
    made = []
    with tempfile.TemporaryDirectory() as folder:
        for _ in range(products):
            number = Product.objects.count() + 1
            cad = factories.cad_file(sha256=f"{number:064x}")
            factories.geometry(cad, Path(folder))
            made.append(Product.objects.create(number=f"M-{number}", cad_file=cad))
    wishes = [Wish(product, kind) for product in made for kind in kinds]
    orders.place(wishes, trigger=Order.Trigger.COMMAND)
    return len(wishes)


def _views() -> list[OutputType]:
    fields = {"width": 16, "height": 16, "samples": 1, "denoise": False}  # each threshold is another view
    return [
        OutputType.objects.get_or_create(
            slug=f"view-{number}",
            defaults={**fields, "name": f"view {number}", "noise_threshold": number / 1e6},
        )[0]
        for number in range(VIEWS)
    ]


def live() -> int:
    """Return how many lines and jobs are not over yet."""
    return OrderLine.objects.live().count() + Job.objects.live().count()


def done() -> int:
    """Return how many jobs have succeeded."""
    return Job.objects.filter(state=Job.State.SUCCEEDED).count()


def outcome() -> dict[str, Any]:
    """Return what became of all of it, and what must not be: `wrong` names it."""
    wrong = []
    lines = Counter(OrderLine.objects.values_list("state", flat=True))
    if unfinished := {state: count for state, count in lines.items() if state != OrderLine.State.DONE}:
        wrong.append(f"lines that are not done: {unfinished}")
    again = Job.objects.filter(error_details__case="renderer")  # planned again for the renderer that took it
    planned = Job.objects.exclude(pk__in=again.values("pk"))
    jobs = Counter(planned.values_list("state", flat=True))
    if unended := {state: count for state, count in jobs.items() if state != Job.State.SUCCEEDED}:
        wrong.append(f"jobs that did not succeed: {unended}")
    well = Count("attempts", filter=Q(attempts__outcome=Attempt.Outcome.SUCCEEDED))
    if odd := planned.annotate(well=well).exclude(well=1).count():
        wrong.append(f"jobs without exactly one attempt that succeeded: {odd}")
    twice = planned.values("kind", "recipe_key").annotate(count=Count("pk")).filter(count__gt=1).count()
    if twice:
        wrong.append(f"recipes that were made twice: {twice}")
    assets = (
        MediaAsset.objects.values("kind", "recipe_key")
        .annotate(count=Count("pk"))
        .filter(count__gt=1)
        .count()
    )
    if assets:
        wrong.append(f"assets that are there twice: {assets}")
    return {
        "lines": sum(lines.values()),
        "jobs": sum(jobs.values()),
        "attempts": dict(Counter(Attempt.objects.values_list("outcome", flat=True))),
        "renders": dict(_renders()),
        "wrong": wrong,
    }


def _renders() -> Counter[str]:
    """How many renders each host has made."""
    workers = Attempt.objects.filter(job__kind=Job.Kind.RENDER, outcome=Attempt.Outcome.SUCCEEDED)
    return Counter(worker.partition(":")[0] for worker in workers.values_list("worker", flat=True))
