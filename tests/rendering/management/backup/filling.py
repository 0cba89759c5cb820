"""What an installation holds for a backup, made inside it: rows as the application writes them, with true files.

A test of an installation calls it through its console; one in the test's own process calls it at once.
"""

from __future__ import annotations

import io
import itertools
import random
import tempfile
import threading
from collections import deque
from datetime import timedelta
from pathlib import Path

from django.contrib.auth.models import User
from django.contrib.sessions.backends.db import SessionStore
from django.db import connection, transaction
from django.utils import timezone
from PIL import Image

from gpu.models import GpuDevice, Worker
from gpu.queues.topology import CPU_QUEUE
from media_assets import storage
from media_assets.ingest.publish import publish
from media_assets.models import CadFile, MediaAsset, Product
from media_assets.recipes.receipt import Receipt
from rendering import orders
from rendering.catalog.images.panoramas import PANORAMA
from rendering.catalog.images.receiving import preview_name
from rendering.models import Environment, Job, Order, OrderLine, OutputType
from rendering.orders import Wish
from rendering.queue import claims

_numbers = itertools.count(1)


def cad_file() -> CadFile:
    """A CAD file with bytes of its own, stored under their hash."""
    stored = storage.store_bytes(f"ISO-10303-21; {next(_numbers)} {random.random()}".encode(), "cad", ".step")
    return CadFile.objects.create(
        sha256=stored.sha256, file=stored.name, original_name="part.step", bytes=stored.bytes, format="step"
    )


def asset(cad: CadFile, product: Product | None = None) -> MediaAsset:
    """A picture with a poster and a report, published as a worker does."""
    number = next(_numbers)
    picture = io.BytesIO()
    Image.effect_noise((64, 64), random.uniform(10, 90)).save(picture, "PNG")
    report = storage.store_bytes(f'{{"number": {number}, "of": "{cad.sha256}"}}'.encode(), "report", ".json")
    poster = storage.store_bytes(picture.getvalue()[::-1], "poster", ".webp")
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder) / "made.png"
        source.write_bytes(picture.getvalue())
        with transaction.atomic():
            return publish(
                source,
                kind=MediaAsset.Kind.STILL,
                format_name="png",
                recipe={"number": number, "cad": cad.sha256},
                receipt=Receipt(device_used="CPU", report=report.name),
                cad_file=cad,
                product=product,
                width=64,
                height=64,
                poster=poster.name,
            )


def panorama() -> Environment:
    stored = storage.store_bytes(b"#?RADIANCE" + random.randbytes(30), "panoramas", ".hdr")
    with tempfile.NamedTemporaryFile() as preview:
        preview.write(b"a small picture")
        preview.flush()
        storage.store_as(Path(preview.name), preview_name(PANORAMA, stored.sha256))
    return Environment.objects.create(
        name="Hall", file=stored.name, sha256=stored.sha256, original_name="hall.hdr", width=2, height=1
    )


def fill(products: int = 5) -> None:
    """Products with pictures, an order, and what is alive at that moment: a running job, its worker, a session."""
    user = User.objects.create_superuser("anna", password="long enough to remember")
    panorama()
    rows = [Product.objects.create(number=f"P-{n}", cad_file=cad_file()) for n in range(products)]
    for product in rows:
        assert product.cad_file is not None
        asset(product.cad_file, product)
    GpuDevice.objects.create(
        host="gpu-1", backend="OPTIX", vendor_id="GPU-1", name="A GPU", queue="asset_pipeline"
    )
    draft = OutputType.objects.get(slug="draft")
    orders.place([Wish(one, draft) for one in rows], trigger=Order.Trigger.COMMAND)
    long_ago = timezone.now() - timedelta(hours=1)
    Worker.objects.create(identity="gone:boot:1:1", host="gone", pid=1, queue=CPU_QUEUE, heartbeat=long_ago)
    assert claims.claim(CPU_QUEUE, "gone:boot:1:1") and claims.claim(CPU_QUEUE, "gone:boot:1:1")
    Job.objects.filter(pk=Job.objects.running().values("pk")[:1]).update(cancel_requested=True)
    session = SessionStore()
    session["_auth_user_id"] = str(user.pk)
    session.save()


def busy(stop: threading.Event, places: int = 3) -> list[threading.Thread]:
    """Threads that receive, publish and order as fast as they can until *stop*, and delete what is a while old."""

    def work() -> None:
        draft = OutputType.objects.get(slug="draft")
        old: deque[MediaAsset] = deque()
        while not stop.is_set():
            cad = cad_file()
            with transaction.atomic():
                product = Product.objects.create(number=f"B-{cad.sha256[:20]}", cad_file=cad)
            made = [asset(cad, product) for _ in range(3)]
            orders.place([Wish(product, draft)], trigger=Order.Trigger.COMMAND)
            old.append(made[0])
            if len(old) > 30:  # as `prune` does: first the row, then the file
                one = old.popleft()
                one.delete()
                storage.delete(one.file)
            stop.wait(0.01)
        connection.close()

    threads = [threading.Thread(target=work) for _ in range(places)]
    for thread in threads:
        thread.start()
    return threads


def state() -> dict[str, object]:
    """What a restored installation shows: its pictures by hash, and nothing that is alive."""
    wrong = []
    for asset in MediaAsset.objects.all():
        with storage.open_stored(asset.file) as stream:
            if storage.digest(stream) != (asset.sha256, asset.bytes):
                wrong.append(str(asset.file.name))
        if not storage.exists(asset.poster) or not storage.exists(str(asset.how_made.report)):
            wrong.append(f"what belongs to {asset.file.name}")
    for cad in CadFile.objects.all():
        with storage.open_stored(cad.file) as stream:
            if storage.digest(stream) != (cad.sha256, cad.bytes):
                wrong.append(str(cad.file.name))
    return {
        "wrong": wrong,
        "assets": sorted(MediaAsset.objects.values_list("sha256", flat=True)),
        "cad": sorted(CadFile.objects.values_list("sha256", flat=True)),
        "panoramas": [
            storage.exists(preview_name(PANORAMA, one.sha256)) for one in Environment.objects.all()
        ],
        "users": list(User.objects.values_list("username", flat=True)),
        "lines": OrderLine.objects.count(),
        "jobs": sorted(Job.objects.values_list("state", flat=True)),
        "running": Job.objects.exclude(lease_token=None).count(),
        "workers": Worker.objects.count(),
        "lost": [gpu.lost_at is not None for gpu in GpuDevice.objects.all()],
    }
