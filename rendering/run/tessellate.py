"""Run a conversion: CAD bytes in, GLB and USD master out, through the contained reader."""

from __future__ import annotations

import time
from typing import Any

from django.db import transaction

from gpu.models import SystemSettings
from media_assets import ingest
from media_assets.cad.client import Conversion
from media_assets.cad.contract import ConversionResult, Limits
from media_assets.cad.errors import CadError
from media_assets.cad.settings import Tessellation
from rendering import claims, orders
from rendering.claims import Claim
from rendering.errors import JobError
from rendering.lease import Lease
from rendering.models import Job
from rendering.workspace import workspace

POLL_SECONDS = 0.1


def run(claim: Claim, lease: Lease) -> None:
    """Convert the job's CAD file and publish its geometry. Raises JobError with the reader's code."""
    job = claim.job
    lease.persist(lambda: ingest.mark_tessellating(job.cad_file))
    if not job.cad_file.path.exists():
        raise JobError(
            "source_missing", f"The stored file of {job.cad_file} is gone ({job.cad_file.file.name})."
        )
    with workspace(job) as folder:
        started = time.monotonic()
        conversion = Conversion(
            job.cad_file.path,
            folder,
            Tessellation.from_json(job.spec["recipe"]["tessellation"]),
            limits=limits(),
            reading=ingest.reading_of(job.spec["recipe"]),
            name=job.cad_file.original_name,
        )
        try:
            result = drive(conversion, lease)
        except CadError as error:
            lease.note(log="\n".join(filter(None, [error.message, error.details])))
            raise JobError(error.code, str(error)) from error
        finally:
            conversion.kill()
        converted = time.monotonic() - started
        lease.persist(lambda: publish(claim, result, converted))


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
        asset = ingest.accept(job.cad_file, recipe, result, receipt, job.product)
        claims.succeed(claim, asset=asset, seconds=seconds, device_used="CPU", compute_type="NONE")
        orders.on_job_ended(claim.job)
