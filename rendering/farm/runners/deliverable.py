"""Run the writer of a kind that is no picture and no film: geometry or frames in, the ordered file out, on the CPU."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

from django.utils.translation import get_language, gettext

from media_assets import storage
from media_assets.formats import files
from media_assets.ingest.publish import publish
from media_assets.models import MediaAsset
from media_assets.recipes.receipt import Receipt
from rendering.catalog.images.textures import TEXTURE
from rendering.farm import encoding, ending
from rendering.farm.runners.encode import about, master_of, of_master, set_aside_if_damaged
from rendering.farm.runners.render import geometry_of, uploaded
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
    with ExitStack() as held:
        folder = held.enter_context(workspace())
        source, path, embedded = held.enter_context(_source_of(job, folder))
        passes = passes_of(job)
        if passes:
            embedded |= {"picture": str(path), "words": words_of(job)}
            path = held.enter_context(storage.local_copy(passes.file))
        target, poster = folder / f"file{files.suffix(recipe['format'])}", folder / "poster.webp"
        embedded["poster"] = str(poster)
        lease.note(stage=encoding.encoding_of(recipe), progress=0.3)
        lease.tick()
        try:
            written = encoding.write(lease, path, target, recipe, embedded, measures_png=False)
        except Unwritten as error:
            for master in (source if "master" in job.spec else None, passes):
                if master:
                    set_aside_if_damaged(master)
            raise JobError("encode_failed", "written", format=recipe["format"], error=error) from error
        lease.tick()
        finish(lease, source, target, poster, written)


@contextmanager
def _source_of(job: Job, folder: Path) -> Iterator[tuple[MediaAsset | None, Path, dict[str, Any]]]:
    """Yield what the file is made of, where that lies, and what its writer is told beside the recipe. Raises JobError.

    What binds other files is made of none of them: they lie in a ZIP, each under its recipe key.
    """
    if "files" in job.spec:
        yield None, _gathered(job, folder / "files.zip"), {"recipe_key": job.recipe_key}
        return
    if "master" in job.spec:
        source = master_of(job)
        legend = {name: job.spec[name] for name in ("legend",) if name in job.spec}
        embedded = about(job, source) | legend
    else:
        source = geometry_of(job, for_film=False)
        embedded = {"recipe_key": job.recipe_key, "rules": job.spec["rules"]}
    with storage.local_copy(source.file) as path, ExitStack() as held:
        labels = job.spec["recipe"].get("finishes", {}).get("labels", ())
        if labels:
            covers = sorted({one["sha256"] for one in labels})
            embedded["textures"] = {sha256: uploaded(TEXTURE, sha256, held) for sha256 in covers}
        yield source, path, embedded


def passes_of(job: Job) -> MediaAsset | None:
    """Return the passes that a job's file is made of besides its master. Raises JobError source_missing."""
    return master_of(job, "passes") if "passes" in job.spec else None


def words_of(job: Job) -> dict[str, str]:
    """Return what the page in a file says."""
    return {
        "language": get_language() or "en",
        "title": (job.product.name or job.product.number) if job.product else job.cad_file.original_name,
        "number": gettext("No."),
        "part": gettext("Part"),
        "count": gettext("Count"),
        "hidden": gettext("not visible here"),
    }


def _gathered(job: Job, target: Path) -> Path:
    """Pack the files that a job binds. Raises JobError source_missing."""
    wanted = set(job.spec["files"])
    assets = MediaAsset.objects.kept().filter(recipe_key__in=wanted, kind__in=MediaAsset.PICTURES)
    found = {asset.recipe_key: asset for asset in assets if storage.exists(asset.file)}
    if missing := wanted - found.keys():
        raise JobError("source_missing", "contents", count=len(missing))
    MediaAsset.objects.use(list(found.values()))
    with zipfile.ZipFile(target, "w", zipfile.ZIP_STORED) as archive:
        for key, asset in found.items():
            with storage.local_copy(asset.file) as path:
                archive.write(path, f"{key}{files.suffix(asset.recipe['format'])}")
    return target


def finish(lease: Lease, source: MediaAsset | None, target: Path, poster: Path, written: Written) -> None:
    """End the job well, with the ordered file, and its small picture where its writer made one."""
    job = lease.claim.job
    recipe = job.spec["recipe"]
    own: dict[str, Any] = {
        "warnings": tuple(concern.to_json() for concern in written.concerns),
        "measured": written.measured,
        "seconds": written.seconds,
    }
    receipt = Receipt(**own)
    if source and "master" in job.spec:
        receipt = source.how_made.derived(**of_master(source), **own)

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
