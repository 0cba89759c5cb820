"""Run an encoding: a render master in, the ordered file out, on the CPU."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

from media_assets import storage
from media_assets.formats import files
from media_assets.ingest.publish import publish
from media_assets.models import MediaAsset
from media_assets.recipes import recipe_key
from rendering.farm import encoding, ending
from rendering.farm.workspace import workspace
from rendering.models import ColorProfile, Job
from rendering.models.errors import JobError
from rendering.pictures.encode import profile_name
from rendering.pictures.encoder import Unwritten, Written
from rendering.pictures.formats import REFERENCE, is_linear
from rendering.queue.claims import Claim
from rendering.queue.lease import Lease


def run(claim: Claim, lease: Lease) -> None:
    """Derive the job's file from its master and publish it. Raises JobError."""
    job = claim.job
    recipe = job.spec["recipe"]
    master = master_of(job)
    with workspace() as folder, storage.local_copy(master.file) as source:
        target = folder / f"picture{files.suffix(recipe['format'])}"
        lease.note(stage=encoding.encoding_of(recipe), progress=0.3)
        lease.tick()
        is_compared = not is_linear(recipe["format"]) and recipe.get("bit_depth") != 16
        known = measured(job, master) if is_compared else None
        put_profile(folder, recipe)
        try:
            written = encoding.write(
                lease,
                source,
                target,
                recipe,
                about(job, master),
                measures_png=is_compared and known is None,
            )
        except Unwritten as error:
            set_aside_if_damaged(master)
            raise JobError("encode_failed", "written", format=recipe["format"], error=error) from error
        lease.tick()
        finish(lease, master, target, replace(written, png_bytes=known or written.png_bytes))


def put_profile(folder: Path, recipe: dict[str, Any]) -> None:
    """Write the profile of the press beside the file to be, where its recipe has one. Raises JobError."""
    if cmyk := recipe.get("cmyk"):
        found = ColorProfile.objects.filter(sha256=cmyk["profile"]).first()
        if found is None:
            raise JobError("source_missing", "profile")
        (folder / profile_name(cmyk)).write_bytes(found.icc)


def master_of(job: Job, name: str = "master") -> MediaAsset:
    """Return the render master of this name that a job derives its file from. Raises JobError source_missing."""
    master = MediaAsset.objects.filter(pk=job.spec[name]).first()
    if master is None or not storage.exists(master.file):
        raise JobError("source_missing", "master", file=master.file.name if master else "")
    MediaAsset.objects.use([master])
    return master


def set_aside_if_damaged(master: MediaAsset) -> None:
    """Take a master whose bytes are no longer the stored ones out of the way. Raises JobError master_damaged for it."""
    with storage.open_stored(master.file) as stream:
        sha256, _ = storage.digest(stream)
    if sha256 != master.sha256:
        storage.set_aside(master.file)
        raise JobError("master_damaged", "bytes")


def measured(job: Job, master: MediaAsset) -> int | None:
    """Return what an earlier file of this size and background took as a PNG of 8 bits; None if nobody knows yet."""
    recipe = job.spec["recipe"]
    if recipe["format"] == REFERENCE:  # it is that PNG
        return None
    siblings = MediaAsset.objects.filter(
        cad_file=master.cad_file_id, width=recipe["width"], height=recipe["height"], receipt__master=master.pk
    ).exclude(kind=MediaAsset.Kind.RENDER_MASTER)
    for other, receipt in siblings.values_list("recipe", "receipt"):
        same = all(other.get(name) == recipe.get(name) for name in ("background", "encoder"))
        if same and receipt.get("master_bytes") == master.bytes and receipt.get("png_bytes"):
            return int(receipt["png_bytes"])
    return None


def about(job: Job, master: MediaAsset) -> dict[str, Any]:
    """Return what is embedded in the file: its recipe key, its CAD file, and how its picture was made."""
    return {
        "recipe_key": job.recipe_key,
        "cad_sha256": job.cad_file.sha256,
        **master.how_made.embedded(),
    }


def finish(lease: Lease, master: MediaAsset, target: Path, written: Written) -> None:
    """End the job well, with the ordered file."""
    job = lease.claim.job
    recipe = job.spec["recipe"]
    receipt = master.how_made.derived(
        **of_master(master),
        png_bytes=written.png_bytes or None,
        warnings=tuple(concern.to_json() for concern in written.concerns),
        quality=written.quality,
        facts=written.facts,
        seconds=written.seconds,
    )

    def publish_file() -> dict[str, Any]:
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
        return {"asset": asset, "seconds": dict(written.seconds), **ending.ON_CPU}

    ending.succeed(lease, publish_file)


def of_master(master: MediaAsset) -> dict[str, Any]:
    """Return what a receipt says of the master that a file was made of."""
    return {
        "master": master.pk,
        "master_key": recipe_key(master.recipe),
        "master_bytes": master.bytes,
    }
