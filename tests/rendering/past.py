"""A small history of jobs, orders and pictures whose every number is known, as workers would have left it."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from itertools import count
from typing import Any

from gpu.models import GpuDevice
from media_assets.models import MediaAsset, Product
from rendering.models import Attempt, Job, Order, OrderLine, OutputType
from rendering.reports import Scope
from tests import factories

MONDAY = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
WEEK = Scope(date(2026, 3, 2), date(2026, 3, 8))
_keys = count(1)


def ended(product: Product, output: OutputType, when: datetime, **fields: Any) -> Job:
    """A job that ended, with its one attempt, as a worker would have left it."""
    spent = fields.pop("spent", 60)
    gpu = fields.pop("gpu", "")
    job = Job.objects.create(
        **{
            "kind": Job.Kind.RENDER,
            "state": Job.State.SUCCEEDED,
            "lane": "light",
            "queue": "asset_pipeline",
            "recipe_key": f"report{next(_keys)}",
            "cad_file": product.cad_file,
            "product": product,
            "output_type": output,
            "attempt": 1,
            "queued": when - timedelta(seconds=spent + 10),
            "started": when - timedelta(seconds=spent),
            "finished": when,
            **fields,
        }
    )
    outcome = Attempt.Outcome.FAILED if job.state == Job.State.FAILED else Attempt.Outcome.SUCCEEDED
    Attempt.objects.create(
        job=job,
        number=1,
        worker="w",
        queue=job.queue,
        gpu=gpu,
        outcome=outcome,
        device_used=job.device_used,
        device_name=job.device_name,
        error_code=job.error_code,
        started=job.started,
        finished=when,
    )
    return job


def rendered(product: Product, kind: OutputType, when: datetime, sample: float, **fields: Any) -> Job:
    seconds = {"wait": 10.0, "load": 1.0, "sample": sample}
    return ended(product, kind, when, **{"seconds": seconds, "device_used": "CPU", **fields})


def encoded(product: Product, kind: OutputType, when: datetime, **fields: Any) -> Job:
    spec = {"recipe": {"kind": kind.kind}}
    return ended(product, kind, when, kind=Job.Kind.ENCODE, lane="cpu", queue="asset_pipeline_cpu", spec=spec,
                 seconds={"encode": 0.2}, spent=1, **fields)  # fmt: skip


def asset(product: Product, kind: OutputType, when: datetime, **fields: Any) -> MediaAsset:
    assert product.cad_file is not None
    return MediaAsset.objects.create(
        **{
            "kind": kind.kind,
            "file": "x.webp",
            "mime_type": "image/webp",
            "bytes": 400,
            "sha256": "0" * 64,
            "recipe_key": f"report{next(_keys)}",
            "receipt": {"device_used": "CPU", "seconds": {"sample": 8.0}, "png_bytes": 1000},
            "cad_file": product.cad_file,
            "product": product,
            "produced": when,
            **fields,
        }
    )


def line(product: Product, kind: OutputType, when: datetime, source: str, made: MediaAsset) -> OrderLine:
    assert product.cad_file is not None
    return OrderLine.objects.create(
        order=Order.objects.create(), product=product, output_type=kind, cad_file=product.cad_file,
        state=OrderLine.State.DONE, source=source, recipe_key="k", master_width=64, master_height=64,
        asset=made, finished=when,
    )  # fmt: skip


def history() -> dict[str, Any]:
    """Two products, two output types, one week of work on the CPU and on a recorded GPU."""
    gear, bearing = factories.product(number="GEAR-1"), factories.product(number="BEARING-2")
    shop = factories.output_type("shop", format="webp", background="colour")
    thumb = factories.output_type("thumbnail")
    GpuDevice.objects.create(
        host="h1", backend="OPTIX", vendor_id="GPU-1", name="Card", queue="asset_pipeline"
    )
    on_gpu = {"device_used": "GPU", "device_name": "Card", "gpu": "GPU-1"}
    rendered(gear, shop, MONDAY, 8.0)
    rendered(gear, shop, MONDAY + timedelta(days=1), 30.0, **on_gpu)
    rendered(bearing, thumb, MONDAY + timedelta(days=1), 2.0, gpu_fallback=True)
    picture = encoded(gear, shop, MONDAY)
    encoded(bearing, thumb, MONDAY + timedelta(days=1))
    ended(bearing, thumb, MONDAY, state=Job.State.FAILED, error_code="hung", error="It hung.", **on_gpu)
    made = asset(gear, shop, MONDAY)
    Job.objects.filter(pk=picture.pk).update(asset=made)
    asset(gear, shop, MONDAY, mime_type="image/png", bytes=1000)
    line(gear, shop, MONDAY, OrderLine.Source.RENDERED, made)
    line(gear, shop, MONDAY, OrderLine.Source.CACHED, made)
    line(gear, shop, MONDAY, OrderLine.Source.CACHED, made)
    line(gear, thumb, MONDAY, OrderLine.Source.DERIVED, asset(gear, thumb, MONDAY, receipt={}))
    return {"gear": gear, "bearing": bearing, "shop": shop, "thumb": thumb}
