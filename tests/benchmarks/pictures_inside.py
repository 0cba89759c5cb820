"""Pictures made inside an installation: `python -m tests.benchmarks.pictures_inside SECTION N` prints JSON.

A worker's loop runs in this process and starts a Blender of its own, whose start counts: a worker that runs already is
faster.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import django

django.setup()

from blender_scripts.contract import RenderSpec
from gpu.models import SystemSettings
from gpu.queues.topology import CPU_QUEUE, PRIMARY_QUEUE
from media_assets.models import CadFile, MediaAsset, Product
from media_assets.recipes.receipt import Receipt, summed
from rendering import orders
from rendering.catalog import plan
from rendering.catalog.recipes import look
from rendering.farm import execute, warm
from rendering.models import Job, Order, OrderLine, OutputType
from tests.benchmarks.inside import again, take_in
from tests.media import path_of
from tests.media_assets.cad.assemblies import write_assembly
from tests.paths import CORPUS, SAMPLE

SAMPLES, THRESHOLD = 16, 0.05
"""Few, so that a run takes minutes: with more of them sampling hides what each process costs."""
ALSO = ("hinge_creo_ap203.stp", "nist_ctc_01_ap242.stp")
CATALOG = (
    ("png", 1024),
    ("jpg", 1024),
    ("webp", 1024),
    ("avif", 1024),
    ("webp", 512),
    ("webp", 256),
    ("webp", 128),
)
SMALL_VIEWS = ("three_quarter", "front", "top", "iso")
FRAMES = 24
ERROR_SIDE = 128


def output_type(slug: str, **fields: Any) -> OutputType:
    fields = {"name": slug, "samples": SAMPLES, "noise_threshold": THRESHOLD, **fields}
    return OutputType.objects.update_or_create(slug=slug, defaults=fields)[0]


def products() -> list[Product]:
    """The sample and two parts of the corpus, converted; without the corpus the sample under three names."""
    sources = [SAMPLE, *(CORPUS / name for name in ALSO)]
    output_type(
        "thumbnail", kind="thumbnail", format="webp", width=16, height=16, samples=1
    )  # what an upload orders
    with TemporaryDirectory() as folder:
        for index, source in enumerate(sources):
            if not source.exists():
                copy = Path(folder) / f"another-{index}.step"
                copy.write_bytes(SAMPLE.read_bytes().replace(b"HEADER;", b"HEADER; /* %d */" % index, 1))
                sources[index] = copy
        found = [take_in(source) for source in sources]
    work()
    warm.drop()
    return found


def work() -> None:
    """Do all that waits, as the workers of both queues would."""
    while execute.work(CPU_QUEUE) + execute.work(PRIMARY_QUEUE):
        pass


def made(wishes: Sequence[orders.Wish], *, describes: bool = True) -> dict[str, Any]:
    """Order, work until all is there; wall and processor seconds, and what Blender alone would be told."""
    began, used = time.monotonic(), time.process_time()
    order = orders.place(wishes, trigger=Order.Trigger.COMMAND)
    work()
    taken = time.monotonic() - began
    session = warm._session
    processor = time.process_time() - used + (session.cpu_seconds() if session else 0.0)
    lines = list(order.lines.select_related("product", "output_type", "asset"))
    if failed := [line for line in lines if line.state != OrderLine.State.DONE]:
        raise SystemExit(f"{failed[0]}: {failed[0].state} {failed[0].error}")
    files = [described(line) for line in lines] if describes else []
    return {"seconds": taken, "processor": processor, "files": files}


def described(line: OrderLine) -> dict[str, Any]:
    kind = line.output_type
    recipes = plan.recipes_for(line.cad_file, kind)
    geometry = MediaAsset.objects.get(kind=MediaAsset.Kind.GLTF_GEOMETRY, recipe_key=recipes.geometry_key)
    spec = RenderSpec(
        kind=kind.kind,
        glb_path=str(path_of(geometry)),
        geometry_key=geometry.recipe_key,
        output_path="-",
        look=look(kind),
        width=kind.width,
        height=kind.height,
        samples=kind.samples,
        noise_threshold=kind.noise_threshold,
        denoise=kind.denoise,
        frames=kind.frames or 1,
        device_policy=SystemSettings.load().device_policy.value,
    )
    return {
        "name": line.product.name or line.product.number,
        "slug": kind.slug,
        "format": kind.format,
        "quality": kind.quality,
        "bytes": line.asset.bytes if line.asset else 0,
        "spec": spec.to_json(),
    }


def wishes(chosen: Sequence[Product], types: Sequence[OutputType]) -> list[orders.Wish]:
    return [orders.Wish(product, kind, force=True) for product in chosen for kind in types]


def catalog(_: int) -> dict[str, Any]:
    """One view of one product in four formats and four sizes."""
    types = [
        output_type(f"bench-{name}-{side}", kind="still", format=name, width=side, height=side)
        for name, side in CATALOG
    ]
    return made(wishes(products()[:1], types))


def small(_: int) -> dict[str, Any]:
    """Four small views of each of three products."""
    types = [
        output_type(f"bench-{view}", kind="thumbnail", format="webp", width=128, height=128, camera=view)
        for view in SMALL_VIEWS
    ]
    return made(wishes(products(), types))


def parts(_: int) -> dict[str, Any]:
    """A picture of each part of an assembly of 40 distinct ones, after its conversion: the stages of all their jobs."""
    each = output_type(
        "bench-parts", kind="still", format="webp", width=256, height=256, parts="each", samples=64
    )
    with TemporaryDirectory() as folder:
        source = Path(folder) / "forty.step"
        write_assembly(forty(), source)
        output_type("thumbnail", kind="thumbnail", format="webp", width=16, height=16, samples=1)
        product = take_in(source)
    work()
    done = made([orders.Wish(product, each, force=True)], describes=False)
    rendered = Job.objects.filter(kind=Job.Kind.RENDER, output_type=each)
    receipts = [job.asset.how_made for job in rendered.select_related("asset") if job.asset]
    stages = summed([receipt.seconds for receipt in receipts])
    return {**done, "stages": stages, "parts": len(receipts), "loads": _loads(receipts)}


def _loads(receipts: Sequence[Receipt]) -> int:
    return sum(not receipt.geometry_hit for receipt in receipts)


def forty() -> dict[str, Any]:
    """A machine of 40 distinct parts, each placed once to four times."""
    kinds = ("box", "cylinder", "cone", "sphere", "bored")
    sizes = [(10.0 + 3 * number, 12.0 + 2 * number, 8.0 + 4 * number) for number in range(40)]
    parts = [
        {"name": f"Part {n}", "kind": kinds[n % 5], "size": size, "color": [0.5, 0.5, 0.55, 1.0], "faces": {}}
        for n, size in enumerate(sizes)
    ]
    children = [
        {
            "part": n,
            "name": f"Part {n}.{copy}",
            "color": None,
            "move": [150.0 * (n % 8), 180.0 * copy, 170.0 * (n // 8)],
            "axis": [1.0, 0.0, 0.0],
            "angle": 0.3 * copy,
        }
        for n in range(40)
        for copy in range(1 + n % 4)
    ]
    machine = {"name": "Machine", "children": children}
    return {"schema": "AP214IS", "unit": "MM", "parts": parts, "assemblies": [machine]}


def turntable(_: int) -> dict[str, Any]:
    """One small turntable, encoded."""
    fields = {"kind": "turntable", "format": "awebp", "frames": FRAMES, "fps": 12, "samples": 8}
    return made(wishes(products()[:1], [output_type("bench-turntable", width=128, height=128, **fields)]))


def wall(repeats: int) -> list[dict[str, Any]]:
    """Stages of renders that sample for some 10 s on two cores, in a Blender that has rendered before."""
    fields = {"samples": 64, "noise_threshold": 0.02, "width": 256, "height": 256}
    output_type("bench-wall", kind="still", format="png", **fields)
    product = products()[0]
    return [again(product, "bench-wall") for _ in range(repeats + 1)][1:]


def webp(_: int) -> dict[str, Any]:
    """Three products as PNG and as WebP of quality 90."""
    types = [
        output_type(f"bench-{name}-512", kind="still", format=name, width=512, height=512)
        for name in ("png", "webp")
    ]
    return made(wishes(products(), types))


def error(_: int) -> dict[str, Any]:
    """What the pictures of the equal-error rows show: a small still of three products, sampled as output types are."""
    field = OutputType._meta.get_field
    usual = {name: field(name).default for name in ("samples", "noise_threshold")}
    kind = output_type(
        "bench-error", kind="still", format="png", width=ERROR_SIDE, height=ERROR_SIDE, **usual
    )
    return {"files": [described(line_of(product, kind)) for product in products()]}


def line_of(product: Product, kind: OutputType) -> OrderLine:
    """A line that is not ordered."""
    assert product.cad_file is not None
    return OrderLine(product=product, output_type=kind, cad_file=product.cad_file)


def ordering(repeats: int) -> list[float]:
    """Seconds to order 1,000 lines whose files exist: 100 products in 10 output types."""
    CadFile.objects.bulk_create(
        CadFile(
            sha256=f"{number:064x}",
            file=f"cad/{number}.step",
            original_name=f"{number}.step",
            bytes=1,
            format="step",
            state=CadFile.State.READY,
        )
        for number in range(100)
    )
    Product.objects.bulk_create(
        Product(number=f"B-{cad_file.pk}", cad_file=cad_file) for cad_file in CadFile.objects.all()
    )
    types = [
        output_type(f"bench-{side}", kind="still", format="webp", width=side, height=side)
        for side in range(100, 1100, 100)
    ]
    ordered = [
        orders.Wish(product, kind) for product in Product.objects.select_related("cad_file") for kind in types
    ]
    MediaAsset.objects.bulk_create(existing(wish) for wish in ordered)
    taken = []
    for _ in range(repeats):
        began = time.monotonic()
        order = orders.place(ordered, trigger=Order.Trigger.COMMAND)
        taken.append(time.monotonic() - began)
        done = order.lines.filter(state=OrderLine.State.DONE).count()
        if done != len(ordered) or Job.objects.exists():
            raise SystemExit(f"Only {done} of {len(ordered)} lines were found to exist.")
    return taken


def existing(wish: orders.Wish) -> MediaAsset:
    """An asset that is there: a row, and a file of one byte."""
    assert wish.product.cad_file is not None
    recipes = plan.recipes_for(wish.product.cad_file, wish.output_type)
    asset = MediaAsset(
        kind=wish.output_type.kind,
        file=f"{wish.product.pk}-{wish.output_type.pk}.webp",
        mime_type="image/webp",
        bytes=1,
        sha256="0" * 64,
        recipe_key=recipes.file_key,
        recipe=recipes.file,
        cad_file=wish.product.cad_file,
        product=wish.product,
    )
    path_of(asset).parent.mkdir(parents=True, exist_ok=True)
    path_of(asset).write_bytes(b"0")
    return asset


SECTIONS: dict[str, Callable[[int], Any]] = {
    "catalog": catalog,
    "small": small,
    "turntable": turntable,
    "parts": parts,
    "wall": wall,
    "webp": webp,
    "error": error,
    "ordering": ordering,
}

if __name__ == "__main__":
    measured = SECTIONS[sys.argv[1]](int(sys.argv[2]))
    warm.drop()
    json.dump(measured, sys.stdout)
