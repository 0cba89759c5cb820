"""Run a conversion: CAD bytes in, GLB and USD master out, through the contained reader."""

from __future__ import annotations

import time
from functools import partial
from typing import Any

from django.utils.translation import gettext as _

from gpu.models import SystemSettings
from media_assets import storage
from media_assets.cad import spoken
from media_assets.cad.client import Conversion
from media_assets.cad.contract import ConversionProgress, ConversionResult, Limits
from media_assets.cad.errors import CadError
from media_assets.cad.explode.plan import ExplodePlan
from media_assets.cad.problem import CASE
from media_assets.cad.settings import Tessellation
from media_assets.formats import cad
from media_assets.ingest import conversions, documents, masters
from media_assets.models import MediaAsset
from media_assets.recipes import Lookup
from media_assets.recipes.receipt import Receipt
from rendering.catalog import explosions, plan
from rendering.farm import ending
from rendering.farm.workspace import workspace
from rendering.models import Job
from rendering.models.errors import JobError
from rendering.models.sentence import Sentence
from rendering.queue.claims import Claim
from rendering.queue.lease import Lease

POLL_SECONDS = 0.1


def run(claim: Claim, lease: Lease) -> None:
    """Publish the geometry of the job's CAD file, converted unless it is there. Raises JobError (the reader's code)."""
    job = claim.job
    geometry, found = plan.look_for_geometry(job.cad_file, job.spec["recipe"])
    job.reuse["geometry"] = found.to_json()
    if geometry:
        ending.succeed(lease, partial(reuse, job, geometry))
        return
    recipe = job.spec["recipe"]
    is_derived = conversions.is_derived(recipe)
    if not is_derived:
        lease.persist(lambda: conversions.mark_tessellating(job.cad_file))
    if not storage.exists(job.cad_file.file):
        raise JobError("source_missing", "cad", name=job.cad_file, file=job.cad_file.file.name)
    document = look_for_document(job)
    # The kernel draws what it has meshed itself.
    master = None if "drawing" in recipe else masters.find(job.cad_file, recipe, job.product)
    if master:
        MediaAsset.objects.use([master])
    lease.note(reuse=job.reuse)
    with (
        workspace() as folder,
        storage.local_copy(job.cad_file.file) as source,
        documents.opened(document) as kept,
        masters.opened(master) as earlier,
    ):
        started = time.monotonic()
        conversion = Conversion(
            source,
            folder,
            Tessellation.from_json(recipe["tessellation"]),
            limits=limits(),
            reading=conversions.reading_of(recipe),
            want_usd=not is_derived,
            name=job.cad_file.original_name,
            kept=kept,
            keep_document=True,
            earlier=earlier,
            section=conversions.section_of(recipe),
            explosion=conversions.explosion_of(recipe),
            drawing=conversions.drawing_of(recipe),
        )
        try:
            result = drive(conversion, lease)
        except CadError as error:
            lease.note(log="\n".join(filter(None, [error.message, error.words, conversion.log])))
            if error.code == "disk_full" and error.failure.details.get(CASE) == "results":
                raise storage.StorageFull(0, storage.space_of(folder).free, folder) from error
            raise JobError.from_failure(error.failure) from error
        finally:
            conversion.kill()
        converted = time.monotonic() - started
        ending.succeed(lease, partial(publish, job, result, converted))


def reuse(job: Job, geometry: MediaAsset) -> dict[str, Any]:
    """Describe the CAD file as its geometry, which exists already, was read; return what the job says of itself."""
    if conversions.is_derived(job.spec["recipe"]):
        return {"asset": geometry, "reuse": job.reuse, **ending.ON_CPU}
    conversions.mark_not_tessellating(job.cad_file)
    if conversions.has_report(geometry):
        conversions.recall(job.cad_file, geometry)
    return {"asset": geometry, "reuse": job.reuse, **ending.ON_CPU}


def look_for_document(job: Job) -> MediaAsset | None:
    """Return what an earlier conversion read of the job's CAD file, if anything, and note on the job what was found."""
    if not cad.of(job.cad_file.format).is_kept:
        return None
    document, found = documents.find(job.cad_file, job.spec["recipe"])
    job.reuse["document"] = found.to_json()
    if document:
        MediaAsset.objects.use([document])
    return document


def limits() -> Limits:
    """Return what one conversion may cost, from the system settings."""
    row = SystemSettings.load()
    return Limits(
        wall_s=row.tessellation_wall_seconds,
        memory_mb=row.tessellation_memory_mb,
        source_mb=row.upload_max_mb,
    )


def drive(conversion: Conversion, lease: Lease) -> ConversionResult:
    """Poll the child until it is done, with the lease renewed meanwhile."""
    conversion.start()
    while not conversion.done:
        for progress in conversion.poll(POLL_SECONDS):
            lease.note(progress=min(1.0, progress.fraction), stage=stage_of(progress))
        lease.tick()
    result: ConversionResult = conversion.result()
    return result


def stage_of(progress: ConversionProgress) -> Sentence:
    """Return what the child said, in the reader's words where it is known."""
    found = spoken.known(progress.message)
    return Sentence.of(found[0], **found[1]) if found else Sentence.plain(progress.message[:60])


def publish(job: Job, result: ConversionResult, converted: float) -> dict[str, Any]:
    """Publish the assets and the CAD file's report; return what the job says of itself."""
    seconds: dict[str, Any] = {**result.report.get("seconds", {}), "convert": round(converted, 3)}
    recipe = job.spec["recipe"]
    receipt = Receipt(device_used="CPU", seconds=seconds, tools=recipe["tools"])
    asset = conversions.accept(job.cad_file, recipe, result, receipt, job.product)
    log = "\n".join(filter(None, [note_document(job, result), words_of_reuse(result), *unlike(result)]))
    return {"asset": asset, "seconds": seconds, "reuse": job.reuse, "log": log, **ending.ON_CPU}


def unlike(result: ConversionResult) -> list[str]:
    """Return in what a product did not come apart as one would wish, for the job's log."""
    said = result.report.get("explosion")
    return explosions.shortcomings(ExplodePlan.from_json(said)) if said else []


def note_document(job: Job, result: ConversionResult) -> str:
    """Keep the document that was read, correct what the job says of one that was no use; return words for its log."""
    document = result.report.get("document", {})
    why = document.get("why", "")
    if why and job.reuse.get("document", {}).get("hit"):
        job.reuse["document"] = Lookup(False, why=why).to_json()
    if result.kept:
        why = documents.keep(result.kept, job.cad_file, job.spec["recipe"], job.product) or why
    return _("About the document kept for other qualities: {why}.").format(why=why) if why else ""


def words_of_reuse(result: ConversionResult) -> str:
    """Return how many parts an earlier revision had already, for the job's log; "" for none."""
    reused, parts = result.report.get("meshes_reused", 0), result.report["parts"]
    if not reused:
        return ""
    return _(
        "{reused} of {parts} parts are meshed as in an earlier revision, and were not meshed again."
    ).format(reused=reused, parts=parts)
