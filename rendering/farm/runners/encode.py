"""Run an encoding: a render master in, the ordered file out, on the CPU."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.utils.translation import gettext

from media_assets import storage
from media_assets.formats import files
from media_assets.ingest.publish import publish
from media_assets.models import MediaAsset
from media_assets.recipes import recipe_key
from rendering.farm import ending
from rendering.farm.workspace import workspace
from rendering.models import Job
from rendering.models.errors import JobError
from rendering.pictures import encode, gate
from rendering.pictures.formats import REFERENCE, is_linear
from rendering.pictures.gate import Concern
from rendering.queue.claims import Claim
from rendering.queue.lease import Lease


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
    if master is None or not storage.exists(master.file):
        raise JobError("source_missing", "master")
    with workspace(job) as folder, storage.local_copy(master.file) as source:
        target = folder / f"picture{files.suffix(recipe['format'])}"
        started = time.monotonic()
        lease.note(stage=gettext("encoding {format}").format(format=recipe["format"]), progress=0.3)
        lease.tick()
        try:
            encode.encode(source, target, recipe, about(job.recipe_key, master))
        except (OSError, RuntimeError, ValueError) as error:
            if isinstance(error, OSError) and error.errno:
                raise
            set_aside_if_damaged(master)
            raise JobError("encode_failed", "written", format=recipe["format"], error=error) from error
        encoded = time.monotonic()
        lease.note(stage=gettext("checking"), progress=0.8)
        lease.tick()
        concerns = gate.check(target, recipe)
        seconds = {"encode": round(encoded - started, 3), "gate": round(time.monotonic() - encoded, 3)}
        made = Encoded(target, concerns, png_bytes(job, master, source, target))
        lease.tick()
        finish(lease, master, made, seconds)


def set_aside_if_damaged(master: MediaAsset) -> None:
    """Take a master whose bytes are no longer the stored ones out of the way. Raises JobError master_damaged for it."""
    with storage.open_stored(master.file) as stream:
        sha256, _ = storage.digest(stream)
    if sha256 != master.sha256:
        storage.set_aside(master.file)
        raise JobError("master_damaged", "bytes")


def png_bytes(job: Job, master: MediaAsset, source: Path, target: Path) -> int | None:
    """Return what this picture takes as an 8-bit PNG, measured once for each size and background; None if no use."""
    recipe = job.spec["recipe"]
    if is_linear(recipe["format"]) or recipe.get("bit_depth") == 16:
        return None
    if recipe["format"] == REFERENCE:
        return target.stat().st_size
    siblings = MediaAsset.objects.filter(
        cad_file=master.cad_file_id, width=recipe["width"], height=recipe["height"], receipt__master=master.pk
    ).exclude(kind=MediaAsset.Kind.RENDER_MASTER)
    for other, receipt in siblings.values_list("recipe", "receipt"):
        same = all(other.get(name) == recipe.get(name) for name in ("background", "encoder"))
        if same and receipt.get("master_bytes") == master.bytes and receipt.get("png_bytes"):
            return int(receipt["png_bytes"])
    return encode.png_bytes(source, recipe)


def about(key: str, master: MediaAsset) -> dict[str, Any]:
    """Return what is embedded in the file: its recipe key and how its picture was made."""
    return {"recipe_key": key, **master.how_made.embedded()}


def finish(lease: Lease, master: MediaAsset, made: Encoded, seconds: Mapping[str, float]) -> None:
    """End the job well, with the ordered file."""
    job = lease.claim.job
    recipe = job.spec["recipe"]
    receipt = master.how_made.derived(
        **of_master(master),
        png_bytes=made.png_bytes or None,
        warnings=tuple(concern.to_json() for concern in made.concerns),
        seconds=seconds,
    )

    def publish_file() -> dict[str, Any]:
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
        return {"asset": asset, "seconds": dict(seconds), **ending.ON_CPU}

    ending.succeed(lease, publish_file)


def of_master(master: MediaAsset) -> dict[str, Any]:
    """Return what a receipt says of the master that a file was made of."""
    return {
        "master": master.pk,
        "master_key": recipe_key(master.recipe),
        "master_bytes": master.bytes,
    }
