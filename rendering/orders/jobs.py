"""The job that a line needs next: the live one that exists, or a new one."""

from __future__ import annotations

from typing import Any

from media_assets import conversions
from media_assets.models import CadFile, MediaAsset, Product
from media_assets.recipes import Lookup, recipe_key
from rendering import claims, dispatch, plan
from rendering.models import Job, OrderLine, OutputType
from rendering.models.order import THUMBNAIL_LEAD
from rendering.recipes import Recipes


def render_job(line: OrderLine, wanted: Recipes, geometry: MediaAsset) -> Job:
    master = wanted.master(line.master_width, line.master_height)
    return job_for(
        line,
        Job.Kind.RENDER,
        recipe_key(master),
        {"recipe": master, "geometry": geometry.pk, "kind": line.output_type.kind},
        reuse=_geometry_reused(line, wanted),
        geometry_key=wanted.geometry_key,
        width=line.master_width,
        height=line.master_height,
        frames=line.output_type.frames,
    )


def _geometry_reused(line: OrderLine, wanted: Recipes) -> dict[str, Any]:
    """Return what to say about the geometry of a picture: it was there, or why this line had to convert first."""
    conversions = line.jobs.filter(kind=Job.Kind.TESSELLATE, recipe_key=wanted.geometry_key)
    converted = conversions.exclude(reuse={}).first()
    found = converted.reuse["geometry"] if converted else Lookup(True).to_json()
    return {"geometry": found}


def job_for(
    line: OrderLine,
    kind: str,
    key: str,
    spec: dict[str, Any],
    *,
    reuse: dict[str, Any] | None = None,
    geometry_key: str = "",
    width: int = 0,
    height: int = 0,
    frames: int | None = None,
) -> Job:
    lane, queue = dispatch.route(kind, frames=frames, width=width, height=height)
    lead = THUMBNAIL_LEAD if line.output_type.kind == OutputType.Kind.THUMBNAIL else 0
    return claims.create(
        kind=kind,
        recipe_key=key,
        priority=line.order.priority + lead,
        lane=lane,
        queue=queue,
        spec=spec,
        reuse=reuse or {},
        geometry_key=geometry_key,
        cad_file=line.cad_file,
        product=line.product,
        output_type=line.output_type,
    )


def tessellate_job(cad_file: CadFile, preset: str, priority: int, product: Product | None) -> Job:
    """Return the live job that converts *cad_file* with this preset, made if there is none."""
    recipe = conversions.geometry_recipe(cad_file, preset)
    lane, queue = dispatch.route(Job.Kind.TESSELLATE)
    return claims.create(
        kind=Job.Kind.TESSELLATE,
        recipe_key=recipe_key(recipe),
        priority=priority,
        lane=lane,
        queue=queue,
        spec={"recipe": dict(recipe)},
        reuse={"geometry": plan.look_for_geometry(cad_file, recipe)[1].to_json()},
        cad_file=cad_file,
        product=product,
    )
