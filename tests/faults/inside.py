"""What clients do inside an installation, and what is read there at the end. Everything takes and returns JSON.

What is ordered follows from a number alone: the same number is the same order, whoever places it.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from random import Random
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.db import models

from gpu.models import SystemSettings
from media_assets.models import CadFile, MediaAsset, Product
from rendering import orders
from rendering.catalog.images.panoramas import PANORAMA
from rendering.catalog.images.receiving import preview_name
from rendering.farm.pruning import deleting, orphans
from rendering.models import Attempt, Environment, Job, Order, OrderLine, OutputType
from rendering.orders.drafting import Wish
from tests.end_to_end.uploads import TETRAHEDRON
from tests.paths import SAMPLE

TINY = {"samples": 4, "denoise": False}
# Share of orders, and what is ordered: sizes in px.
SHAPES: tuple[tuple[int, dict[str, Any]], ...] = (
    (3, {"kind": "thumbnail", "width": 48, "height": 48, "format": "webp"}),
    (3, {"kind": "still", "width": 64, "height": 64, "format": "png"}),
    (2, {"kind": "still", "width": 64, "height": 48, "format": "webp", "lossless": True}),
    (1, {"kind": "still", "width": 64, "height": 64, "format": "jpg"}),
    (1, {"kind": "still", "width": 64, "height": 64, "format": "exr", "background": "transparent"}),
    (3, {"kind": "turntable", "width": 48, "height": 48, "format": "awebp", "frames": 6, "fps": 4}),
    (1, {"kind": "turntable", "width": 64, "height": 64, "format": "mp4", "frames": 8, "fps": 4}),
)


def set_up(**limits: Any) -> None:
    """Set limits of the system settings, and make the thumbnail of the upload workflow tiny."""
    row = SystemSettings.load()
    for name, value in limits.items():
        setattr(row, name, value)
    row.save()
    OutputType.objects.update(width=48, height=48, **TINY)


def live() -> int:
    """Return how many lines, jobs and orders are not over yet."""
    return busy() + Order.objects.filter(finished=None).count()


def busy() -> int:
    """Return how many lines and jobs are not over yet."""
    return OrderLine.objects.live().count() + Job.objects.live().count()


def take_in(number: int, folder: str, most: int) -> bool:
    """Import a CAD file that nobody has seen yet, every third an assembly, the others one tetrahedron.

    Return whether it was taken; it is not while *most* is in work.
    """
    if busy() >= most:
        return False
    if number % 3 == 0:
        path = Path(folder) / f"bearing-{number}.step"
        path.write_bytes(SAMPLE.read_bytes().replace(b"HEADER;", f"HEADER; /* {number} */".encode(), 1))
        unit: list[str] = []
    else:
        path = Path(folder) / f"tetra-{number}.stl"
        path.write_text(TETRAHEDRON.replace("tetra", f"tetra{number}"))
        unit = ["--unit", "mm"]
    try:
        words = [str(path), "--product", f"F-{number}", *unit]
        call_command("import_cad", *words, stdout=io.StringIO(), stderr=io.StringIO())
    except SystemExit as refused:
        return not refused.code
    finally:
        path.unlink()
    return True


def place(number: int, most: int) -> dict[str, Any]:
    """Place the order with this number: one to three output types of one product; none while *most* is in work."""
    draw = Random(number)
    if busy() >= most:
        return {}
    products = list(Product.objects.exclude(cad_file=None).order_by("number"))
    if not products:
        return {}
    product = draw.choice(products[-4:])
    force = draw.random() < 0.1
    wishes = [Wish(product, one, force=force) for one in _output_types(draw)]
    order = orders.place(wishes, trigger=Order.Trigger.COMMAND, priority=draw.choice((50, 50, 60)))
    return {"order": order.pk}


def place_same(number: int, product: str) -> dict[str, Any]:
    """Place the order with this number for one product, as others do in this instant."""
    draw = Random(number)
    wishes = [Wish(Product.objects.get(number=product), one) for one in _output_types(draw, new=True)]
    order = orders.place(wishes, trigger=Order.Trigger.OPERATOR)
    return {"order": order.pk}


def some_product(number: int) -> str:
    """Return the number of a product with a CAD file; "" while there is none."""
    found = list(Product.objects.exclude(cad_file=None).order_by("number").values_list("number", flat=True))
    return Random(number).choice(found[-4:]) if found else ""


def _output_types(draw: Random, *, new: bool = False) -> list[OutputType]:
    """One to three output types: of a view that nobody ordered yet, unless the draw says an earlier one."""
    if not new and draw.random() < 0.2:
        known = list(OutputType.objects.filter(slug__startswith="f-").order_by("-pk")[:20])
        if known:
            return draw.sample(known, min(len(known), 2))
    shares = [share for share, _ in SHAPES]
    shapes = draw.choices([shape for _, shape in SHAPES], shares, k=draw.choice((1, 1, 2, 3)))
    # Nothing stops early in so few samples, so each threshold is another view at the same cost.
    threshold = draw.randrange(1, 10_000_000) / 10**10
    return [
        _output_type(f"f-{draw.getrandbits(40):x}", noise_threshold=threshold, **shape) for shape in shapes
    ]


def _output_type(slug: str, **fields: Any) -> OutputType:
    return OutputType.objects.get_or_create(slug=slug, defaults={**TINY, **fields, "name": slug})[0]


def cancel_some(number: int, note: str) -> bool:
    """Cancel a job, a line or an order; return whether there was one.

    The lines that may be canceled by that are written to the file *note*, those of before and those of after.
    """
    draw = Random(number)

    def noted(lines: Any) -> None:
        with Path(note).open("a") as out:
            out.writelines(f"{pk}\n" for pk in lines)

    match draw.choice(("job", "line", "order")):
        case "job" if jobs := list(Job.objects.live().order_by("pk")):
            job = draw.choice(jobs)
            noted(job.lines.values_list("pk", flat=True))
            orders.cancel_job(job)
            noted(job.lines.values_list("pk", flat=True))
        case "order" if found := list(Order.objects.filter(finished=None).order_by("pk")):
            order = draw.choice(found)
            noted(order.lines.values_list("pk", flat=True))
            orders.cancel_order(order)
        case _ if lines := list(OrderLine.objects.live().order_by("pk")):
            line = draw.choice(lines)
            noted([line.pk])
            orders.cancel_line(line)
        case _:
            return False
    return True


def retry_some(number: int) -> bool:
    """Retry a line or a job that failed or was canceled; return whether there was one."""
    draw = Random(number)
    if draw.random() < 0.5:
        jobs = list(Job.objects.filter(state__in=["failed", "canceled"]).order_by("-pk")[:20])
        if jobs:
            return orders.retry_job(draw.choice(jobs)).is_live
    lines = list(OrderLine.objects.filter(state__in=["failed", "canceled"]).order_by("-pk")[:20])
    return bool(orders.retry_lines(draw.sample(lines, min(3, len(lines)))))


def edit_some(number: int) -> bool:
    """Let an output type that a line waits for be another view; return whether there was one."""
    draw = Random(number)
    waiting = OrderLine.objects.live().filter(output_type__slug__startswith="f-")
    found = sorted(set(waiting.values_list("output_type", flat=True)))
    if not found:
        return False
    OutputType.objects.filter(pk=draw.choice(found)).update(exposure=draw.randrange(1, 300) / 100)
    return True


def pause_some(number: int) -> int:
    """Pause an order that is in work; return its number, 0 for none."""
    found = list(Order.objects.filter(finished=None, paused=False).order_by("pk"))
    if not found:
        return 0
    order = Random(number).choice(found)
    return order.pk if orders.pause_order(order) else 0


def resume(order: int) -> bool:
    return orders.resume_order(Order.objects.get(pk=order))


def prune() -> int:
    """Delete what a prune would delete in a month: the files that no row names. Return how many.

    So do the frames whose master is there, which run_workers deletes each five minutes.
    """
    orders.sweep()
    orphans.YOUNG = orphans.DAMAGED_KEPT = timedelta()
    return len(deleting.delete(orphans.lost()))


def evidence() -> dict[str, Any]:
    """Return everything that the checks look at and only the application can say."""
    return {
        "lines": _rows(
            OrderLine, "pk", "state", "error_code", "error", "order", "product", "output_type__slug"
        ),
        "line_jobs": list(OrderLine.jobs.through._default_manager.values_list("orderline", "job")),
        "forced_films": _forced("spec__film"),
        "forced": _forced("recipe_key"),
        "jobs": _rows(
            Job,
            "pk",
            "kind",
            "state",
            "recipe_key",
            "attempt",
            "error_code",
            "error",
            "held",
            "asset",
            "reuse",
        ),
        "attempts": _attempts(),
        "assets": _rows(MediaAsset, "pk", "kind", "recipe_key", "file", "sha256", "bytes", "poster"),
        "cad_files": _rows(CadFile, "pk", "file", "sha256", "bytes", "state", "error_code"),
        "orders": _rows(Order, "pk", "finished"),
        "files": sorted(set(_named_files())),
        "frames": _unfinished_films(),
        "media": str(settings.MEDIA_ROOT),
    }


def _forced(column: str) -> list[str]:
    """That of the jobs of what somebody wanted rendered again though it exists."""
    jobs = Job.objects.filter(lines__in=OrderLine.objects.exclude(not_before=None))
    return sorted({value for value in jobs.values_list(column, flat=True) if value})


def _unfinished_films() -> list[str]:
    """The films whose frames may be there: nobody has gathered them. They are kept for a week, for the next order."""
    films = Job.objects.filter(spec__film__isnull=False).values_list("spec__film", flat=True)
    gathered = MediaAsset.objects.filter(kind=MediaAsset.Kind.RENDER_MASTER).values_list(
        "recipe_key", flat=True
    )
    return sorted(set(films) - set(gathered))


def _rows(model: type[models.Model], *fields: str) -> list[dict[str, Any]]:
    return [
        {name: value.isoformat() if hasattr(value, "isoformat") else value for name, value in row.items()}
        for row in model._default_manager.order_by("pk").values(*fields)
    ]


def _attempts() -> list[dict[str, Any]]:
    fields = ("pk", "job", "number", "queue", "outcome", "error_code", "error", "started", "finished")
    rows = Attempt.objects.order_by("pk").values(*fields)
    return [
        {
            **row,
            "started": row["started"].timestamp(),
            "finished": row["finished"] and row["finished"].timestamp(),
        }
        for row in rows
    ]


def _named_files() -> Iterator[str]:
    """The storage names of all files that some row has, in whatever column."""
    from django.apps import apps

    for model in apps.get_models():
        for field in model._meta.concrete_fields:
            if isinstance(field, models.FileField):
                names = model._default_manager.exclude(**{field.name: ""}).values_list(field.name, flat=True)
                yield from (str(name) for name in names if name)
    for receipt in MediaAsset.objects.values_list("receipt", flat=True):
        if receipt.get("report"):
            yield str(receipt["report"])
    for sha256 in Environment.objects.values_list("sha256", flat=True):
        yield preview_name(PANORAMA, sha256)
