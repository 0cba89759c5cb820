"""Run a render: geometry in, render master out, sampled by the warm Blender of this worker."""

from __future__ import annotations

import errno
import os
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

from django.utils import timezone

from blender_scripts import room
from blender_scripts.children import process
from blender_scripts.contract import (
    Arrangement,
    Look,
    RenderOutcome,
    RenderSpec,
    Unfolding,
)
from blender_scripts.finish_rules import Rule
from blender_scripts.labels import LabelSpec
from gpu.models import GpuDevice, SystemSettings
from gpu.models.system_settings import DevicePolicy
from media_assets import storage
from media_assets.formats import files
from media_assets.ingest.publish import publish
from media_assets.models import MediaAsset
from media_assets.recipes import recipe_key
from media_assets.recipes.receipt import Receipt
from rendering.catalog.images.kind import ImageKind
from rendering.catalog.images.panoramas import PANORAMA
from rendering.catalog.images.studios import STUDIO
from rendering.catalog.images.textures import TEXTURE
from rendering.farm import encoding, ending, previews, warm
from rendering.farm.driving import DEVICE, NO_DEVICE, LiveProgress, drive, failed, log_of
from rendering.farm.expectation import Expectation
from rendering.farm.workspace import workspace
from rendering.models import Job
from rendering.models.errors import JobError
from rendering.pictures.formats import PASSES, REFERENCE
from rendering.pictures.gate import Concern
from rendering.queue.claims import Claim
from rendering.queue.lease import Lease

LIGHT: Mapping[str, ImageKind[Any]] = {"hdri": PANORAMA, "studio": STUDIO}
"""What a look names by its SHA-256."""


@dataclass(frozen=True)
class Rendered:
    """What Blender made: the picture as displayed, its scene-linear light if ordered, and how it was made."""

    master: Path
    light: Path | None
    receipt: Receipt


def run(claim: Claim, lease: Lease) -> None:
    """Render the job's master and publish it. Raises JobError; whatever ends it early also ends Blender."""
    job = claim.job
    geometry = geometry_of(job, for_film=False)
    waited = (timezone.now() - job.queued).total_seconds()
    expectation = Expectation.of(job)
    with (
        workspace() as folder,
        previews.kept(claim, shows_first(job, expectation)) as preview,
        inputs(job, geometry) as given,
    ):
        started = time.monotonic()
        row = SystemSettings.load()
        spec = replace(spec_for(claim, given, folder, row), preview_path=preview)
        blender = warm.session(row)
        ready = time.monotonic()
        try:
            shown = partial(previews.share, claim) if preview else None
            outcome = drive(blender, spec, lease, LiveProgress(expectation, shown), row)
        except BaseException:
            warm.drop()
            raise
        if not outcome.ok:
            if outcome.error_code in ("gpu_required", "gpu_failed", "out_of_memory"):
                warm.drop()
            if outcome.error_code == "gpu_required":
                lease.note(**NO_DEVICE)
            raise refused(outcome, spec)
        master = Path(outcome.files[0])
        light = Path(spec.linear_path) if spec.linear_path else None
        concerns = judge(lease, master, light, job.spec["recipe"])
        seconds = {
            "wait": round(waited, 3),
            "start": round(ready - started, 3),
            **outcome.seconds,
            "render": round(time.monotonic() - ready, 3),
        }
        lease.note(log=log_of(blender))
        made = receipt_of(lease, outcome, spec.device_policy, seconds, concerns)
        finish(lease, Rendered(master, light, made))


def geometry_of(job: Job, *, for_film: bool) -> MediaAsset:
    """Return the geometry that a job renders. Raises JobError source_missing."""
    geometry = MediaAsset.objects.filter(pk=job.spec["geometry"]).first()
    if geometry is None or not storage.exists(geometry.file):
        file = geometry.file.name if geometry else ""
        if for_film:
            raise JobError("source_missing", "film", file=file)
        raise JobError("source_missing", "geometry", file=file)
    MediaAsset.objects.use([geometry])
    return geometry


def refused(outcome: RenderOutcome, spec: RenderSpec) -> Exception:
    """Return what a render that failed raises: a disk that takes no pictures is the storage's own error."""
    folder = Path(spec.output_path).parent
    if outcome.error_code == "disk_full":
        needed = room.most_bytes(spec)
        return storage.StorageFull(needed, storage.space_of(folder).free, folder)
    if outcome.error_code == "folder_gone":
        return storage.StorageAway(folder, os.strerror(errno.ENOENT))
    if outcome.error_code == "write_failed" and (reason := storage.write_trouble(folder)):
        return storage.StorageReadOnly(folder, reason)
    return failed(outcome)


def judge(lease: Lease, master: Path, light: Path | None, recipe: Mapping[str, Any]) -> list[Concern]:
    """Return what looks wrong in the pictures that Blender wrote. Raises JobError quality_gate for what is broken."""
    if light:
        encoding.check(lease, light, {**recipe, "linear": True})
    return encoding.check(lease, master, recipe)


@dataclass(frozen=True)
class Inputs:
    """What Blender reads: the geometry and its key, panorama and studio ("" without one), textures by their SHA-256."""

    geometry: str
    geometry_key: str
    panorama: str
    studio: str
    textures: Mapping[str, str]


@contextmanager
def inputs(job: Job, geometry: MediaAsset) -> Iterator[Inputs]:
    """Yield where Blender finds what it reads. Raises JobError source_missing."""
    with ExitStack() as held:
        look = job.spec["recipe"]["view"]["look"]
        lights = {
            key: uploaded(kind, look[key], held) if look.get(key) else "" for key, kind in LIGHT.items()
        }
        covers = {rule.finish.texture.sha256 for rule in rules_of(job) if rule.finish.texture}
        covers |= {one.sha256 for one in labels_of(job)}
        yield Inputs(
            str(held.enter_context(storage.local_copy(geometry.file))),
            geometry.recipe_key,
            lights["hdri"],
            lights["studio"],
            {sha256: uploaded(TEXTURE, sha256, held) for sha256 in sorted(covers)},
        )


def rules_of(job: Job) -> tuple[Rule, ...]:
    """Return the material rules that decide for the parts of a picture."""
    return tuple(Rule.from_json(rule) for rule in job.spec.get("rules", ()))


def labels_of(job: Job) -> tuple[LabelSpec, ...]:
    """Return the labels on the parts of a picture."""
    finishes = job.spec["recipe"]["view"].get("finishes", {})
    return tuple(LabelSpec.from_json(label) for label in finishes.get("labels", ()))


def spec_for(claim: Claim, given: Inputs, folder: Path, row: SystemSettings) -> RenderSpec:
    """Return the spec for Blender: the recipe of the master, where its inputs are, where the picture goes."""
    recipe = claim.job.spec["recipe"]
    view = recipe["view"]
    return RenderSpec(
        kind=claim.job.spec["kind"],
        glb_path=given.geometry,
        geometry_key=given.geometry_key,
        output_path=str(folder / f"master{files.suffix(_format_of(claim.job))}"),
        linear_path=str(folder / "master.exr") if claim.job.spec.get("linear") else "",
        look=Look.from_json(view["look"]),
        orientation=tuple(view.get("orientation", ())),
        subject=Arrangement.from_json(claim.job.spec.get("subject", {})),
        unfolding=Unfolding.from_json(view.get("explosion", {}).get("shown", {})),
        width=recipe["width"],
        height=recipe["height"],
        samples=view["samples"],
        noise_threshold=view["noise_threshold"],
        denoise=view["denoise"],
        hdri_path=given.panorama,
        studio_path=given.studio,
        textures=given.textures,
        rules=rules_of(claim.job),
        labels=labels_of(claim.job),
        device_policy=row.device_policy.value,
    )


def uploaded(kind: ImageKind[Any], sha256: str, held: ExitStack) -> str:
    """Return the file of the image with this SHA-256, there while *held* is open. Raises JobError."""
    found = kind.model._default_manager.filter(sha256=sha256).first()
    if found is None or not storage.exists(found.file):
        missing = found.file.name if found else ""
        raise JobError("source_missing", kind.name, file=missing)
    return str(held.enter_context(storage.local_copy(found.file)))


def _format_of(job: Job) -> str:
    """Return the format of the master that a job renders."""
    return PASSES.name if job.spec["kind"] == "passes" else REFERENCE


def shows_first(job: Job, expectation: Expectation) -> bool:
    """Whether a coarse picture is rendered first."""
    if _format_of(job) != REFERENCE:
        return False
    recipe = job.spec["recipe"]
    pixels, samples = recipe["width"] * recipe["height"], recipe["view"]["samples"]
    pictures = MediaAsset.objects.filter(cad_file=job.cad_file_id, kind__in=MediaAsset.PICTURES)
    return previews.is_worth_it(pixels, samples, expectation, is_first=not pictures.exists())


def receipt_of(
    lease: Lease,
    outcome: RenderOutcome,
    policy: str,
    seconds: Mapping[str, float],
    concerns: Sequence[Concern] = (),
) -> Receipt:
    """Return how the picture was really made."""
    return Receipt.of_outcome(
        outcome,
        gpu_fallback=outcome.device == "CPU" and lease.persist(partial(gpu_was_expected, policy)),
        seconds=seconds,
        warnings=tuple(concern.to_json() for concern in concerns),
    )


def gpu_was_expected(policy: str) -> bool:
    """Whether a render on the CPU is a fallback: a GPU was allowed, and there should have been one.

    That is so when this worker was started for a GPU, or this host has one that is enabled, be it lost now.
    """
    if policy == DevicePolicy.CPU:
        return False
    is_of_gpu = os.environ.get("RENDERDESK_DEVICE", "") not in ("", "CPU")
    return is_of_gpu or GpuDevice.objects.filter(host=process.HOST, enabled=True).exists()


def finish(lease: Lease, made: Rendered) -> None:
    """End the job well, with the master and its light."""
    job = lease.claim.job
    recipe = job.spec["recipe"]

    def publish_all() -> dict[str, Any]:
        asset = publish_master(job, made.master, _format_of(job), recipe, made.receipt)
        if made.light:
            publish_master(job, made.light, "exr", {**recipe, "linear": True}, made.receipt)
        device = {name: getattr(made.receipt, name) for name in (*DEVICE, "gpu_fallback")}
        log = lease.pending.get("log", "")
        return {"asset": asset, "seconds": made.receipt.seconds, "log": log, **device}

    ending.succeed(lease, publish_all)


def publish_master(
    job: Job, source: Path, format_name: str, recipe: Mapping[str, Any], receipt: Receipt
) -> MediaAsset:
    return publish(
        source,
        kind=MediaAsset.Kind.RENDER_MASTER,
        format_name=format_name,
        recipe=recipe,
        receipt=receipt,
        cad_file=job.cad_file,
        product=job.product,
        width=recipe["width"],
        height=recipe["height"],
        view_key=recipe_key(recipe["view"]),
    )
