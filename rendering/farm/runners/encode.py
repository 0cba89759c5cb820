"""Run an encoding: a render master in, the ordered file out, on the CPU."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.db import transaction

from media_assets.formats import files
from media_assets.ingest.publish import publish
from media_assets.models import MediaAsset
from media_assets.recipes import recipe_key
from media_assets.storage import digest
from rendering import orders
from rendering.farm.workspace import workspace
from rendering.models import Job
from rendering.models.errors import JobError
from rendering.pictures import encode, gate
from rendering.pictures.gate import Concern
from rendering.queue import claims
from rendering.queue.claims import Claim
from rendering.queue.lease import Lease

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


@dataclass(frozen=True)
class Encoded:
    """A file that was made: where it is, what looks wrong in it, and what it takes as PNG (bytes; None: no use)."""

    path: Path
    concerns: Sequence[Concern] = ()
    png_bytes: int | None = None


def run(claim: Claim, lease: Lease) -> None:
    """Derive the job's file from its master and publish it. Raises JobError."""
    job = claim.job
    recipe = job.spec["recipe"]
    master = MediaAsset.objects.filter(pk=job.spec["master"]).first()
    if master is None or not master.path.exists():
        raise JobError("source_missing", "master")
    with workspace(job) as folder:
        target = folder / f"picture{files.suffix(recipe['format'])}"
        started = time.monotonic()
        lease.note(stage=f"encoding {recipe['format']}", progress=0.3)
        lease.tick()
        try:
            encode.encode(master.path, target, recipe, about(job.recipe_key, master))
        except (OSError, RuntimeError, ValueError) as error:
            if isinstance(error, OSError) and error.errno:
                raise
            set_aside_if_damaged(master)
            raise JobError("encode_failed", "written", format=recipe["format"], error=error) from error
        encoded = time.monotonic()
        lease.note(stage="checking", progress=0.8)
        lease.tick()
        try:
            concerns = gate.check(target, recipe)
        except gate.GateError as error:
            raise JobError("quality_gate", said=error) from error
        seconds = {"encode": round(encoded - started, 3), "gate": round(time.monotonic() - encoded, 3)}
        made = Encoded(target, concerns, png_bytes(job, master, target))
        lease.tick()
        lease.persist(lambda: finish(claim, master, made, seconds))


def set_aside_if_damaged(master: MediaAsset) -> None:
    """Take a master whose bytes are no longer the stored ones out of the way. Raises JobError master_damaged for it."""
    with master.path.open("rb") as stream:
        sha256, _ = digest(stream)
    if sha256 != master.sha256:
        master.path.rename(master.path.with_name(f"{master.path.name}.damaged"))
        raise JobError("master_damaged", "bytes")


def png_bytes(job: Job, master: MediaAsset, target: Path) -> int | None:
    """Return what this picture takes as an 8-bit PNG, measured once for each size and background; None if no use."""
    recipe = job.spec["recipe"]
    if recipe["format"] == "exr" or recipe.get("bit_depth") == 16:
        return None
    if recipe["format"] == "png":
        return target.stat().st_size
    siblings = MediaAsset.objects.filter(
        cad_file=master.cad_file_id, width=recipe["width"], height=recipe["height"], receipt__master=master.pk
    ).exclude(kind=MediaAsset.Kind.RENDER_MASTER)
    for other, receipt in siblings.values_list("recipe", "receipt"):
        same = all(other.get(name) == recipe.get(name) for name in ("background", "encoder"))
        if same and receipt.get("master_bytes") == master.bytes and receipt.get("png_bytes"):
            return int(receipt["png_bytes"])
    return encode.png_bytes(master.path, recipe)


def about(key: str, master: MediaAsset) -> dict[str, Any]:
    """Return what is embedded in the file: its recipe key and how its picture was made."""
    return {"recipe_key": key, **{name: master.receipt.get(name) for name in COPIED}}


def finish(claim: Claim, master: MediaAsset, made: Encoded, seconds: Mapping[str, Any]) -> None:
    """In one transaction: the asset, the job's success, and the lines that waited."""
    job = claim.job
    recipe = job.spec["recipe"]
    warnings = [*master.receipt.get("warnings", []), *(concern.to_json() for concern in made.concerns)]
    receipt = {
        **{name: master.receipt[name] for name in COPIED if name in master.receipt},
        "master": master.pk,
        "master_key": recipe_key(master.recipe),
        "master_bytes": master.bytes,
        **({"png_bytes": made.png_bytes} if made.png_bytes else {}),
        **({"warnings": warnings} if warnings else {}),
        "seconds": {**master.receipt.get("seconds", {}), **seconds},
    }
    with transaction.atomic():
        asset = publish(
            made.path,
            kind=recipe["kind"],
            format_name=recipe["format"],
            recipe=recipe,
            receipt=receipt,
            cad_file=job.cad_file,
            product=job.product,
            width=recipe["width"],
            height=recipe["height"],
        )
        claims.succeed(claim, asset=asset, seconds=dict(seconds), device_used="CPU", compute_type="NONE")
        orders.on_job_ended(claim.job)
