"""What may have changed since a job was planned: its file was made, or this worker is another renderer."""

from __future__ import annotations

from functools import partial
from typing import Any

from django.db.models import Max
from django.utils.translation import gettext as _

from media_assets import storage
from media_assets.models import MediaAsset
from media_assets.recipes import Lookup, recipe_key
from rendering.catalog import plan
from rendering.catalog.recipes import Renderer
from rendering.farm import ending
from rendering.farm.driving import NO_DEVICE
from rendering.models import Job, OrderLine
from rendering.queue.lease import Lease


def ends_by_reuse(lease: Lease) -> bool:
    """End the job well if what it would make is there; return whether it was. One query by keys where it is not.

    A conversion looks by itself: it has more to say. Raises what `ending.succeed` raises.
    """
    job = lease.claim.job
    if job.kind == Job.Kind.TESSELLATE or not _is_made(job):
        return False
    ending.succeed(lease, partial(_reuse, job))
    return True


def is_for_another_renderer(job: Job) -> bool:
    """Whether a still was planned for another Blender or scene than this worker has; films go on as they began.

    Raises launch.BlenderMissing or launch.BlenderTooOld.
    """
    if job.kind != Job.Kind.RENDER or job.spec.get("film"):
        return False
    return Renderer.of(job.spec["recipe"]) not in (None, plan.renderer())


def _is_made(job: Job) -> bool:
    """Whether all that a job would make is there and new enough for each line that waits; it counts as used then."""
    kind, keys = _makes(job)
    found = list(MediaAsset.objects.kept().filter(kind=kind, recipe_key__in=keys).defer("recipe", "receipt"))
    if len(found) < len(keys) or not all(storage.exists(one.file) for one in found):
        return False
    since = job.lines.live().aggregate(since=Max("not_before"))["since"]
    if since and any(one.produced < since for one in found):
        return False
    return not MediaAsset.objects.use(found)


def _makes(job: Job) -> tuple[str, set[str]]:
    """Return the kind and the recipe keys of the assets to which a job leads."""
    if job.spec.get("film"):
        return MediaAsset.Kind.RENDER_MASTER, {job.spec["film"]}
    if job.kind == Job.Kind.ENCODE:
        return job.spec["recipe"]["kind"], {job.recipe_key}
    displayed = {recipe_key(job.spec["recipe"])} if job.spec.get("linear") else set()
    return MediaAsset.Kind.RENDER_MASTER, {job.recipe_key, *displayed}


def _reuse(job: Job) -> dict[str, Any]:
    """Return what a job says of itself that made nothing, so it has no asset; no line was rendered by it."""
    if job.kind == Job.Kind.RENDER:
        rendered = job.lines.live().filter(source=OrderLine.Source.RENDERED)
        rendered.update(source=OrderLine.Source.DERIVED)
    reuse = {**job.reuse, "picture": Lookup(True).to_json()}
    log = _("Nothing was made: the same file was there already when this job began.")
    return {"reuse": reuse, "seconds": {}, "gpu_fallback": False, "log": log, **NO_DEVICE}
