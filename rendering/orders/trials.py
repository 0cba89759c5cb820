"""Test renders: what an output type would look like, before it is saved. Small, through the queue, no order's line."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from blender_scripts.children.folders import temporary_folder
from blender_scripts.contract import CAMERA_VIEWS
from media_assets import storage
from media_assets.formats import files
from media_assets.ingest import conversions, stored
from media_assets.models import CadFile, MediaAsset, Product
from media_assets.recipes import Lookup, recipe_key
from rendering.catalog import plan
from rendering.models import Job, OrderLine, OutputType
from rendering.pictures import encode
from rendering.pictures.formats import OUTPUT_FORMATS, REFERENCE
from rendering.pictures.kinds import Source
from rendering.queue import claims
from rendering.queue.dispatch import Routes

LONGEST = 384  # px
MOST_SAMPLES = 32
PRIORITY = 200  # somebody sits before the screen
KEPT = timedelta(days=1)
WHY = gettext_noop("test render of an output type that is being edited")


class TrialRefused(Exception):
    """There is nothing to render it with; the message says what to do."""


@dataclass(frozen=True)
class Trial:
    """One test render: the key of its master, the job that makes it (None: it was there), how it is to be shown."""

    master_key: str
    job: int | None
    file: Mapping[str, Any]


@dataclass(frozen=True)
class TrialPicture:
    """The file that a trial gives: its bytes and MIME type, and what it would take as PNG (bytes)."""

    content: bytes
    mime_type: str
    png_bytes: int


def small(output_type: OutputType) -> OutputType:
    """Return an unsaved copy that renders fast: at most 384 px and 32 samples, of a turntable one frame.

    That of a spin is from its middle row.
    """
    one = copy.copy(output_type)
    one.pk = None
    share = min(1.0, LONGEST / max(one.width, one.height))
    one.width, one.height = (max(16, round(side * share)) for side in (one.width, one.height))
    one.samples = min(one.samples, MOST_SAMPLES)
    one.bit_depth = 8
    if rows := output_type.elevations:
        if one.camera != OutputType.Camera.CUSTOM:
            one.camera, one.azimuth, one.roll = OutputType.Camera.CUSTOM, CAMERA_VIEWS[one.camera][0], 0.0
        one.elevation = rows[len(rows) // 2]
    if one.frames:
        one.kind, one.frames, one.fps = OutputType.Kind.STILL, None, None
    if not OUTPUT_FORMATS[one.format].is_shown:  # as a picture of the page
        one.format = REFERENCE
    return one


def start(output_type: OutputType, product: Product) -> Trial:
    """Make sure that a picture of *product* in this output type, which need not be saved, is or gets rendered.

    Raises TrialRefused.
    """
    cad_file = product.cad_file
    if cad_file is None:
        raise TrialRefused(
            _("Product {number} has no CAD file. Choose another one.").format(number=product.number)
        )
    if not output_type.kind_row.is_rendered:
        raise TrialRefused(_("Files of this kind are made of the geometry: there is nothing to render."))
    if output_type.kind_row.source == Source.PASSES:
        raise TrialRefused(_("Render passes have no preview: order one of a product and look at it."))
    one = small(output_type)
    one.tessellation = converted(cad_file, one.tessellation)
    wanted = plan.recipes_for(cad_file, one, product.pk)
    found = plan.find(wanted, one.kind, one.width, one.height)
    if plan.use([found]):  # pruned in this instant
        found = plan.find(wanted, one.kind, one.width, one.height)
    master = wanted.master(one.width, one.height)
    file = {name: value for name, value in wanted.file.items() if name != "view"}
    if found.master:
        return Trial(found.master.recipe_key, None, file)
    if found.geometry is None and conversions.is_derived(wanted.geometry):
        raise TrialRefused(
            _(
                "The product has not been cut or taken apart in this way yet. Order one picture of it, or try the "
                "settings without that."
            )
        )
    if found.geometry is None:
        raise TrialRefused(
            _("The geometry of this product is gone. Order any picture of it, then try again.")
        )
    lane, queue = Routes.now().route(Job.Kind.RENDER, width=one.width, height=one.height)
    job = claims.create(
        kind=Job.Kind.RENDER,
        recipe_key=recipe_key(master),
        priority=PRIORITY,
        lane=lane,
        queue=queue,
        spec={
            "recipe": master,
            "geometry": found.geometry.pk,
            "kind": one.kind_row.scene,
            **wanted.for_blender,
            "trial": True,
        },
        reuse={"geometry": Lookup(True).to_json(), "picture": Lookup(False, why=WHY).to_json()},
        geometry_key=wanted.geometry_key,
        cad_file=cad_file,
        product=product,
    )
    return Trial(recipe_key(master), job.pk, file)


def converted(cad_file: CadFile, preset: str) -> str:
    """Return *preset* if the file's geometry is there in it, else another one that is. Raises TrialRefused."""
    geometries = MediaAsset.objects.filter(kind=MediaAsset.Kind.GLTF_GEOMETRY, cad_file=cad_file)
    keys = set(geometries.values_list("recipe_key", flat=True))
    presets = sorted(OutputType.Tessellation.values, key=lambda name: name != preset)
    for name in presets:
        if recipe_key(conversions.geometry_recipe(cad_file, name)) in keys:
            return name
    raise TrialRefused(
        _("{cad_file} is not converted yet. Wait for its conversion, or choose another product.").format(
            cad_file=cad_file
        )
    )


def master_of(trial: Trial) -> MediaAsset | None:
    """Return the render master of *trial* once it is there."""
    found = MediaAsset.objects.made_from(MediaAsset.Kind.RENDER_MASTER, trial.master_key).first()
    return found if found is not None and storage.exists(found.file) else None


def shown(trial: Trial, master: MediaAsset) -> TrialPicture:
    """Return the picture as its form says: background, format and quality."""
    with temporary_folder() as folder, storage.local_copy(master.file) as source:
        target = folder / f"picture{files.suffix(trial.file['format'])}"
        encode.encode(source, target, trial.file, {})
        content = target.read_bytes()
        png = len(content) if trial.file["format"] == REFERENCE else encode.png_bytes(source, trial.file)
    return TrialPicture(content, files.mime_type(trial.file["format"]), png)


def sweep() -> int:
    """Delete the masters of test renders that are a day old and that nothing else was made from; return how many."""
    swept = 0
    old = Job.objects.filter(
        kind=Job.Kind.RENDER, state=Job.State.SUCCEEDED, spec__trial=True, finished__lt=timezone.now() - KEPT
    )
    for job in old.exclude(asset=None).select_related("asset"):
        asset = job.asset
        if asset is None or _is_used(asset):
            continue
        asset.delete()
        stored.delete_unused([str(asset.file.name)])
        swept += 1
    return swept


def _is_used(master: MediaAsset) -> bool:
    """Whether something was derived from a master, or an order waits for it."""
    derived = MediaAsset.objects.filter(cad_file=master.cad_file_id, receipt__master=master.pk)
    return derived.exists() or OrderLine.objects.live().filter(jobs__asset=master).exists()
