"""Run the writer of a kind that is no picture and no film: geometry or frames in, the ordered file out, on the CPU."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.utils.translation import gettext

from media_assets import storage
from media_assets.formats import files
from media_assets.ingest.publish import publish
from media_assets.models import MediaAsset
from media_assets.recipes.receipt import Receipt
from rendering.farm import encoding, ending
from rendering.farm.runners.encode import about, master_of, of_master, set_aside_if_damaged
from rendering.farm.runners.render import geometry_of
from rendering.farm.workspace import workspace
from rendering.models import Job
from rendering.models.errors import JobError
from rendering.pictures.encoder import Unwritten, Written
from rendering.queue.claims import Claim
from rendering.queue.lease import Lease


def run(claim: Claim, lease: Lease) -> None:
    """Write the job's file and publish it. Raises JobError."""
    job = claim.job
    recipe = job.spec["recipe"]
    source, embedded = _source_of(job)
    with workspace() as folder, storage.local_copy(source.file) as path:
        target, poster = folder / f"file{files.suffix(recipe['format'])}", folder / "poster.webp"
        embedded["poster"] = str(poster)
        lease.note(stage=gettext("encoding {format}").format(format=recipe["format"]), progress=0.3)
        lease.tick()
        try:
            written = encoding.write(lease, path, target, recipe, embedded, measures_png=False)
        except Unwritten as error:
            if "master" in job.spec:
                set_aside_if_damaged(source)
            raise JobError("encode_failed", "written", format=recipe["format"], error=error) from error
        lease.tick()
        finish(lease, source, target, poster, written)


def _source_of(job: Job) -> tuple[MediaAsset, dict[str, Any]]:
    """Return what the file is made of, and what its writer is told beside the recipe. Raises JobError."""
    if "master" in job.spec:
        master = master_of(job)
        return master, about(job, master) | {name: job.spec[name] for name in ("legend",) if name in job.spec}
    return geometry_of(job, for_film=False), {"recipe_key": job.recipe_key, "rules": job.spec["rules"]}


def finish(lease: Lease, source: MediaAsset, target: Path, poster: Path, written: Written) -> None:
    """End the job well, with the ordered file, and its small picture where its writer made one."""
    job = lease.claim.job
    recipe = job.spec["recipe"]
    own: dict[str, Any] = {
        "warnings": tuple(concern.to_json() for concern in written.concerns),
        "measured": written.measured,
        "seconds": written.seconds,
    }
    is_rendered = "master" in job.spec
    receipt = source.how_made.derived(**of_master(source), **own) if is_rendered else Receipt(**own)

    def publish_file() -> dict[str, Any]:
        asset = publish(
            target,
            kind=recipe["kind"],
            format_name=recipe["format"],
            recipe=recipe,
            receipt=receipt,
            cad_file=job.cad_file,
            product=job.product,
            width=recipe.get("width"),
            height=recipe.get("height"),
            poster=storage.store(poster, "poster", ".webp").name if poster.is_file() else "",
        )
        return {"asset": asset, "seconds": dict(written.seconds), **ending.ON_CPU}

    ending.succeed(lease, publish_file)
