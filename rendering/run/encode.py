"""Run an encoding: a render master in, the ordered file out, on the CPU."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

from django.db import transaction

from media_assets import formats
from media_assets.models import MediaAsset
from media_assets.publish import publish
from media_assets.recipes import recipe_key
from rendering import claims, encode, gate, orders
from rendering.claims import Claim
from rendering.errors import JobError
from rendering.lease import Lease
from rendering.workspace import workspace

COPIED = (
    "device_used",
    "compute_type",
    "device_name",
    "device_id",
    "device_proof",
    "gpu_fallback",
    "blender_version",
    "samples",
)


def run(claim: Claim, lease: Lease) -> None:
    """Derive the job's file from its master and publish it. Raises JobError."""
    job = claim.job
    recipe = job.spec["recipe"]
    master = MediaAsset.objects.filter(pk=job.spec["master"]).first()
    if master is None or not master.path.exists():
        raise JobError("source_missing", "The render master of this picture is gone. Re-render with --force.")
    with workspace(job) as folder:
        target = folder / f"picture{formats.suffix(recipe['format'])}"
        started = time.monotonic()
        lease.note(stage=f"encoding {recipe['format']}", progress=0.3)
        lease.tick()
        try:
            encode.encode(master.path, target, recipe, about(job.recipe_key, master))
        except (OSError, RuntimeError, ValueError) as error:
            if isinstance(error, OSError) and error.errno:
                raise
            raise JobError("encode_failed", f"{recipe['format']} could not be written: {error}.") from error
        encoded = time.monotonic() - started
        try:
            gate.check(target, recipe)
        except gate.GateError as error:
            raise JobError("quality_gate", str(error)) from error
        seconds = {"encode": round(encoded, 3), "gate": round(time.monotonic() - started - encoded, 3)}
        lease.tick()
        lease.persist(lambda: finish(claim, master, target, seconds))


def about(key: str, master: MediaAsset) -> dict[str, Any]:
    """Return what is embedded in the file: its recipe key and how its picture was made."""
    return {"recipe_key": key, **{name: master.receipt.get(name) for name in COPIED}}


def finish(claim: Claim, master: MediaAsset, target: Path, seconds: dict[str, Any]) -> None:
    """In one transaction: the asset, the job's success, and the lines that waited."""
    job = claim.job
    recipe = job.spec["recipe"]
    receipt = {
        **{name: master.receipt[name] for name in COPIED if name in master.receipt},
        "master": master.pk,
        "master_key": recipe_key(master.recipe),
        "master_bytes": master.bytes,
        "seconds": {**master.receipt.get("seconds", {}), **seconds},
    }
    with transaction.atomic():
        asset = publish(
            target,
            kind=recipe["kind"],
            format_name=recipe["format"],
            recipe=recipe,
            receipt=receipt,
            cad_file=job.cad_file,
            product=job.product,
            width=recipe["width"],
            height=recipe["height"],
        )
        claims.succeed(claim, asset=asset, seconds=seconds, device_used="CPU", compute_type="NONE")
        orders.on_job_ended(claim.job)
