"""manage.py with renders that are made up: `python -m tests.farm.workers run_workers`. All else is the real thing.

A render lasts `MADE_UP_SECONDS`, divided by the speed that is in the name of its GPU; its picture has one color.
"""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
django.setup()

from django.core.management import execute_from_command_line
from PIL import Image

from blender_scripts.contract import RenderOutcome
from gpu.models import GpuDevice
from media_assets.recipes.receipt import Receipt
from rendering.farm import execute
from rendering.farm.runners import encode, render
from rendering.farm.workspace import workspace
from rendering.models import Job
from rendering.pictures.encoder import Written
from rendering.queue.claims import Claim
from rendering.queue.lease import Lease

SECONDS = float(os.environ.get("MADE_UP_SECONDS", "0"))
LOOK_SECONDS = 0.05


def render_made_up(claim: Claim, lease: Lease) -> None:
    """Pass the time that this GPU would take, with the lease renewed, and publish a picture."""
    render.geometry_of(claim.job, for_film=False)
    until = time.monotonic() + SECONDS / speed_of(claim.attempt.gpu)
    while (left := until - time.monotonic()) > 0:
        time.sleep(min(left, LOOK_SECONDS))
        lease.tick()
    with workspace() as folder:
        outcome = RenderOutcome(
            ok=True, device="CPU", compute_type="NONE", samples=1, seconds={"total": SECONDS}
        )
        receipt = Receipt.of_outcome(outcome, gpu_fallback=False, seconds={"render": SECONDS})
        render.finish(lease, render.Rendered(picture(folder, claim.job), None, receipt))


def encode_made_up(claim: Claim, lease: Lease) -> None:
    master = encode.master_of(claim.job)
    with workspace() as folder:
        encode.finish(lease, master, picture(folder, claim.job), Written({"encode": 0.0}, [], None))


def picture(folder: Path, job: Job) -> Path:
    recipe = job.spec["recipe"]
    path = folder / "picture.png"
    Image.new("RGB", (recipe["width"], recipe["height"]), f"#{job.recipe_key[:6]}").save(path)
    return path


def speed_of(gpu: str) -> float:
    """Return the speed of a GPU by its vendor id, as `tests.farm.catalog.gpus` wrote it; 1 for the CPU."""
    row = GpuDevice.objects.filter(vendor_id=gpu).first()
    return float(row.name.rpartition("x")[2]) if row else 1.0


execute.RUNNERS |= {Job.Kind.RENDER: render_made_up, Job.Kind.ENCODE: encode_made_up}

if __name__ == "__main__":
    execute_from_command_line(["manage.py", *sys.argv[1:]])
