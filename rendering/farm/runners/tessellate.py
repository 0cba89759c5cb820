"""Run a conversion: CAD bytes in, GLB and USD master out, through the contained reader."""

from __future__ import annotations

import time
from typing import Any

from django.db import transaction

from gpu.models import SystemSettings
from media_assets.cad.client import Conversion
from media_assets.cad.contract import KEPT_FORMATS, ConversionResult, Kept, Limits
from media_assets.cad.errors import CadError
from media_assets.cad.settings import Tessellation
from media_assets.ingest import conversions, documents
from media_assets.models import MediaAsset
from media_assets.recipes import Lookup
from rendering import orders
from rendering.catalog import plan
from rendering.farm.workspace import workspace
from rendering.models import Job
from rendering.models.errors import JobError
from rendering.queue import claims
from rendering.queue.claims import Claim
from rendering.queue.lease import Lease

POLL_SECONDS = 0.1


def run(claim: Claim, lease: Lease) -> None:
    """Publish the geometry of the job's CAD file, converted unless it is there. Raises JobError (the reader's code)."""
    job = claim.job
    geometry, found = plan.look_for_geometry(job.cad_file, job.spec["recipe"])
    job.reuse["geometry"] = found.to_json()
    if geometry:
        lease.persist(lambda: reuse(claim, geometry))
        return
    lease.persist(lambda: conversions.mark_tessellating(job.cad_file))
    if not job.cad_file.path.exists():
        raise JobError("source_missing", "cad", name=job.cad_file, file=job.cad_file.file.name)
    recipe = job.spec["recipe"]
    kept = look_for_document(job)
    lease.note(reuse=job.reuse)
    with workspace(job) as folder:
        started = time.monotonic()
        conversion = Conversion(
            job.cad_file.path,
            folder,
            Tessellation.from_json(recipe["tessellation"]),
            limits=limits(),
            reading=conversions.reading_of(recipe),
            name=job.cad_file.original_name,
            kept=kept,
            keep_document=True,
        )
        try:
            result = drive(conversion, lease)
        except CadError as error:
            lease.note(log="\n".join(filter(None, [error.message, error.words, conversion.log])))
            raise JobError.from_failure(error.failure) from error
        finally:
            conversion.kill()
        converted = time.monotonic() - started
        lease.persist(lambda: publish(claim, result, converted))


def reuse(claim: Claim, geometry: MediaAsset) -> None:
    """In one transaction: the job's success with what exists already, and the lines that waited."""
    with transaction.atomic():
        conversions.mark_not_tessellating(claim.job.cad_file)
        if conversions.has_report(geometry):
            conversions.recall(claim.job.cad_file, geometry)
        claims.succeed(
            claim,
            asset=geometry,
            reuse=claim.job.reuse,
            device_used="CPU",
            compute_type="NONE",
        )
        orders.on_job_ended(claim.job)


def look_for_document(job: Job) -> Kept | None:
    """Return what an earlier conversion read of the job's CAD file, if anything, and note on the job what was found."""
    if job.cad_file.format not in KEPT_FORMATS:
        return None
    kept, found = documents.find(job.cad_file, job.spec["recipe"])
    job.reuse["document"] = found.to_json()
    return kept


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
            lease.note(progress=min(1.0, progress.fraction), stage=progress.message[:60])
        lease.tick()
    result: ConversionResult = conversion.result()
    return result


def publish(claim: Claim, result: ConversionResult, converted: float) -> None:
    """In one transaction: the assets, the CAD file's report, the job's success, and the lines that waited."""
    seconds: dict[str, Any] = {**result.report.get("seconds", {}), "convert": round(converted, 3)}
    with transaction.atomic():
        job: Job = claim.job
        recipe = job.spec["recipe"]
        receipt = {"device_used": "CPU", "seconds": seconds, "tools": recipe["tools"]}
        asset = conversions.accept(job.cad_file, recipe, result, receipt, job.product)
        log = note_document(job, result)
        claims.succeed(
            claim,
            asset=asset,
            seconds=seconds,
            reuse=job.reuse,
            log=log,
            device_used="CPU",
            compute_type="NONE",
        )
        orders.on_job_ended(claim.job)


def note_document(job: Job, result: ConversionResult) -> str:
    """Keep the document that was read, correct what the job says of one that was no use; return words for its log."""
    told = result.report.get("document", {})
    why = told.get("why", "")
    if why and job.reuse.get("document", {}).get("hit"):
        job.reuse["document"] = Lookup(False, why=why).to_json()
    if result.kept:
        why = documents.keep(result.kept, job.cad_file, job.spec["recipe"], job.product) or why
    return f"About the document that is kept for other qualities: {why}." if why else ""
