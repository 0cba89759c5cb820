"""Measurements that run inside an installation: `python -m tests.benchmarks.inside SECTION N` prints JSON."""

from __future__ import annotations

import json
import random
import re
import sys
import time
import uuid
from collections.abc import Callable
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import django

django.setup()

from blender_scripts.children import process
from gpu.models import SystemSettings, Worker
from gpu.queues.topology import CPU_QUEUE, PRIMARY_QUEUE, Lane
from gpu.workers import heartbeat
from gpu.workers.inbox import LINGER_SECONDS
from media_assets import storage
from media_assets.ingest import receive
from media_assets.models import CadFile, MediaAsset, Product
from rendering import orders
from rendering.farm import driving, execute, previews, warm
from rendering.farm.runners import render as render_run
from rendering.models import Job, Order, OutputType
from rendering.queue import claims
from rendering.queue.lease import Lease
from tests.benchmarks import routing_table
from tests.paths import SAMPLE

SAMPLES_DONE = re.compile(r"sample (\d+) of")
PATIENCE = 300.0  # seconds for anything that is waited for


def wait_for(condition: Callable[[], Any], what: str, pause: float) -> Any:
    deadline = time.monotonic() + PATIENCE
    while not (value := condition()):
        if time.monotonic() > deadline:
            raise SystemExit(f"It never happened: {what}.")
        time.sleep(pause)
    return value


def empty_cad_file() -> CadFile:
    fields = {"file": "cad/none.step", "original_name": "none.step", "bytes": 1, "format": "step"}
    return CadFile.objects.get_or_create(sha256="0" * 64, defaults=fields)[0]


def kicks_asleep(count: int) -> list[float]:
    """As `kicks`, of a worker that has been idle for so long that it has no connection to the database any more."""
    return kicks(count, pause=LINGER_SECONDS + 1.0)


def kicks(count: int, pause: float = 0.3) -> list[float]:
    """Seconds from a job's row to its claim by an idle worker, which puts them back at once: their geometry is gone."""
    cad_file = empty_cad_file()
    storage.media_trouble()  # makes the folder, without which jobs are held
    queues = Worker.objects.alive().filter(queue=PRIMARY_QUEUE, kicked__isnull=False)
    wait_for(queues.exists, "a worker serves the queue", 0.2)
    taken = []
    for _ in range(count):
        time.sleep(
            pause + random.random() * 0.3
        )  # the worker is asleep again, at a random point of its pause
        job = claims.create(
            kind=Job.Kind.RENDER,
            recipe_key=uuid.uuid4().hex,
            priority=50,
            lane=Lane.HEAVY,
            queue=PRIMARY_QUEUE,
            spec={"geometry": 0},
            cad_file=cad_file,
        )
        ended = job.attempts.filter(finished__isnull=False)
        wait_for(ended.exists, "the attempt ended", 0.02)
        taken.append((ended[0].started - job.queued).total_seconds())
        job.delete()
    return taken


def throughput(depth: int) -> list[float]:
    """Seconds of each of 200 claims with *depth* jobs waiting, by one worker, with every end written as well."""
    cad_file = empty_cad_file()
    Job.objects.bulk_create(
        Job(
            kind=Job.Kind.RENDER,
            recipe_key=f"waiting-{number}",
            priority=random.choice((50, 60)),
            lane=Lane.HEAVY,
            queue=PRIMARY_QUEUE,
            geometry_key=f"geometry-{number % 20}",
            cad_file=cad_file,
        )
        for number in range(depth)
    )
    taken = []
    for _ in range(200):
        began = time.perf_counter()
        claim = claims.claim(PRIMARY_QUEUE, process.identity(), "geometry-7")
        if claim is None:
            raise SystemExit("There were fewer jobs than claims.")
        claims.succeed(claim)
        taken.append(time.perf_counter() - began)
    return taken


class TimedLease(Lease):
    """A lease that remembers when Blender had the geometry, when Cycles sampled, and when a sample was done."""

    ready = sampling = sampled = 0.0

    def note(self, **fields: Any) -> None:
        stage = str(fields.get("stage", ""))
        if stage.startswith(str(driving.STAGES["scene"])):
            self.ready = self.ready or time.monotonic()
        if match := SAMPLES_DONE.match(stage):
            now = time.monotonic()
            self.sampling = self.sampling or now
            if int(match[1]) and not self.sampled:
                self.sampled = now
        super().note(**fields)


def one_render() -> dict[str, Any]:
    """Claim the render that waits and run it; its seconds by stage, and from claim to sampling."""
    began = time.monotonic()
    claim = claims.claim(PRIMARY_QUEUE, process.identity(), warm.geometry_key())
    if claim is None:
        raise SystemExit("No render waits.")
    claimed = time.monotonic()
    lease = TimedLease(claim, heartbeat.current(PRIMARY_QUEUE))
    render_run.run(claim, lease)
    ended = time.monotonic()
    seconds = {name: value for name, value in claim.job.seconds.items() if name != "wait"}
    execute.work(CPU_QUEUE)
    return {
        "claim": claimed - began,
        "ready": lease.ready - claimed,
        "reused": claim.job.reused["geometry"],
        "sampling": lease.sampling - claimed,
        "sampled": lease.sampled - claimed,
        "stages": {
            **seconds,
            "claim to published": ended - claimed,
            "encode": encoding(claim.job)["encode"],
        },
    }


def encoding(job: Job) -> dict[str, float]:
    """The seconds of the encoding that came of a render."""
    last = Job.objects.filter(kind=Job.Kind.ENCODE, state=Job.State.SUCCEEDED, product=job.product).first()
    if last is None:
        raise SystemExit("The picture was rendered, but not encoded.")
    return dict(last.seconds)


def renders(repeats: int) -> dict[str, Any]:
    """A cold render of the sample's thumbnail, and warm ones of the same geometry."""
    product = take_in(SAMPLE)
    began = time.monotonic()
    execute.work(CPU_QUEUE)
    tessellation = {**Job.objects.get(kind=Job.Kind.TESSELLATE).seconds, "all": time.monotonic() - began}
    cold = one_render()
    again(product, "thumbnail")  # the second render of a process still allocates what later ones find
    warm_ones = [again(product, "thumbnail") for _ in range(repeats)]
    switched = [again(one, "thumbnail") for one in [another(), product] * 2]
    return {"tessellation": tessellation, "cold": cold, "warm": warm_ones, "switched": switched[1:]}


def renders_and_still(repeats: int) -> dict[str, Any]:
    """The same, and one still of 1024 px in the warm session."""
    found = renders(repeats)
    return {**found, "still": again(Product.objects.get(), "still-1024")}


def another() -> Product:
    """The sample once more as another product: same shape, other bytes, converted and never rendered."""
    with TemporaryDirectory() as folder:
        source = Path(folder) / "another.step"
        source.write_bytes(SAMPLE.read_bytes().replace(b"HEADER;", b"HEADER; /* another */", 1))
        product = take_in(source)
    execute.work(CPU_QUEUE)
    return product


def again(product: Product, slug: str) -> dict[str, Any]:
    wish = orders.Wish(product, OutputType.objects.get(slug=slug), force=True)
    orders.place([wish], trigger=Order.Trigger.COMMAND)
    return one_render()


def take_in(source: Path) -> Product:
    limit = SystemSettings.load().upload_max_mb * 1_000_000
    arrival = receive.receive(source, source.name, max_bytes=limit)
    if arrival.product is None:
        raise SystemExit(arrival.error)
    return arrival.product


def uploads(repeats: int) -> list[dict[str, float]]:
    """Seconds from the arrival of a new CAD file to its published thumbnail; the first one finds cold workers.

    `rough`: from the end of its conversion to the coarse picture.
    """
    taken = []
    for queue in (PRIMARY_QUEUE, CPU_QUEUE):
        answered = Worker.objects.alive().filter(queue=queue, kicked__isnull=False)
        wait_for(answered.exists, f"a worker serves {queue}", 0.2)
    with TemporaryDirectory() as folder:
        for number in range(repeats + 1):
            source = Path(folder) / f"bearing-{number}.step"
            remark = f"HEADER; /* {number} */".encode()
            source.write_bytes(SAMPLE.read_bytes().replace(b"HEADER;", remark, 1))  # same shape, other bytes
            began = time.monotonic()
            product = take_in(source)
            ready = Job.objects.filter(kind=Job.Kind.TESSELLATE, product=product, finished__isnull=False)
            wait_for(ready.exists, "the file is converted", 0.02)
            converted = time.monotonic()
            wait_for(partial(_rough, product), "a coarse picture is there", 0.02)
            rough = time.monotonic() - converted
            thumbnails = MediaAsset.objects.filter(kind=MediaAsset.Kind.THUMBNAIL, product=product)
            wait_for(thumbnails.exists, "the thumbnail is there", 0.05)
            taken.append({"thumbnail": time.monotonic() - began, "rough": rough})
    return taken


def _rough(product: Product) -> previews.LivePreview | None:
    running = Job.objects.running().filter(kind=Job.Kind.RENDER, product=product)
    return next(filter(None, map(previews.shown, previews.with_film(running))), None)


def routings(seeds: int) -> str:
    """The table of the simulated routings, over so many seeds."""
    return routing_table.table(routing_table.compare(seeds))


SECTIONS: dict[str, Callable[[int], Any]] = {
    "kicks": kicks,
    "kicks_asleep": kicks_asleep,
    "throughput": throughput,
    "renders": renders,
    "renders_and_still": renders_and_still,
    "uploads": uploads,
    "routing": routings,
}

if __name__ == "__main__":
    measured = SECTIONS[sys.argv[1]](int(sys.argv[2]))
    warm.drop()
    json.dump(measured, sys.stdout)
