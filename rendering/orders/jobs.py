"""The jobs that lines need next: the live ones that exist, or new ones. Nothing is looked up one by one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.contrib.auth.models import User

from media_assets.cad.explode.wanted import Explosion
from media_assets.ingest import conversions
from media_assets.models import CadFile, MediaAsset, Product, sight
from media_assets.models.batches import batches
from media_assets.recipes import Lookup, Recipe, recipe_key
from rendering.catalog import plan
from rendering.catalog.recipes import Recipes
from rendering.models import Job, Order, OrderLine, OutputType
from rendering.models.order import THUMBNAIL_LEAD
from rendering.queue import claims
from rendering.queue.dispatch import Routes


@dataclass(frozen=True)
class Need:
    """What a live line lacks: its picture, its file, or its geometry (then neither master nor geometry is there)."""

    line: OrderLine
    wanted: Recipes
    master: MediaAsset | None
    geometry: MediaAsset | None
    reason: Lookup
    passed_over: str = ""  # why the render master that exists is of no use
    passes: MediaAsset | None = None

    @property
    def source(self) -> dict[str, Any]:
        """Return what the file is made of, as the spec of its job names it; nothing while any of it is missing."""
        wanted = self.wanted
        if not wanted.is_rendered:
            return {"geometry": self.geometry.pk, "rules": wanted.rules_json} if self.geometry else {}
        if not self.master or (wanted.passes and not self.passes):
            return {}
        passes = {"passes": self.passes.pk} if self.passes else {}
        return {"master": self.master.pk, **passes, **wanted.for_writer}


def requests(needs: Sequence[Need]) -> list[Job]:
    """Return for each need the job that it takes, as `claims.create_all` takes it: no row yet."""
    routes = Routes.now()
    unread = [
        (need.line.cad_file, _geometry_recipe(need))
        for need in needs
        if not (need.source or need.geometry) and need.wanted.contents is None
    ]
    looked = iter(plan.look_for_geometries(unread))
    unrendered = [need for need in needs if need.geometry and not need.master and need.wanted.is_rendered]
    converted = _conversions(unrendered)
    linear = _linear_views(unrendered)
    jobs = []
    for need in needs:
        if need.wanted.contents is not None:
            jobs.append(_encoding(need, {"files": list(need.wanted.contents)}, routes))
        elif source := need.source:
            jobs.append(_encoding(need, source, routes))
        elif need.geometry and need.master and need.wanted.passes:
            jobs.append(_passes(need, need.geometry, need.wanted.passes, routes))
        elif need.geometry:
            said = converted.get((need.line.pk, need.wanted.geometry_key), Lookup(True).to_json())
            is_linear = need.wanted.view_key in linear
            jobs.append(_render(need, need.geometry, said, routes, is_linear=is_linear))
        else:
            recipe, cad_file, order = _geometry_recipe(need), need.line.cad_file, need.line.order
            job = _conversion(cad_file, recipe, order.priority, need.line.product, next(looked)[1], routes)
            job.share = routes.share(order.ordered_by_id, order.pk)
            jobs.append(job)
    return jobs


@sight.of_everybody()
def tessellate_job(
    cad_file: CadFile,
    preset: str,
    priority: int,
    product: Product | None,
    user: User | None = None,
    explosion: Explosion | None = None,
) -> Job:
    """Return the live job that converts *cad_file* with this preset for *user*, made if there is none.

    With an *explosion* the job takes the product apart.
    """
    recipe = conversions.geometry_recipe(cad_file, preset, explosion=explosion)
    found = plan.look_for_geometry(cad_file, recipe)[1]
    routes = Routes.now()
    wanted = _conversion(cad_file, recipe, priority, product, found, routes)
    wanted.share = routes.share(user.pk if user else None)
    (job,) = claims.create_all([wanted])
    return job


def convert_all(
    order: Order, wanted: Sequence[tuple[CadFile, str, int, Product]], *, even_if_there: bool = False
) -> list[Job | None]:
    """Return for each (CAD file, preset, priority, product) the live job that converts it, made if there is none.

    They are jobs of *order*. None where the geometry is there already, unless *even_if_there*: a job then describes the
    file anew.
    """
    if not wanted:
        return []
    routes = Routes.now()
    recipes = [conversions.geometry_recipe(cad_file, preset) for cad_file, preset, _, _ in wanted]
    sources = [cad_file for cad_file, _, _, _ in wanted]
    looked = plan.look_for_geometries(list(zip(sources, recipes, strict=True)))
    missing = [
        _conversion(cad_file, recipe, priority, product, found, routes)
        if even_if_there or geometry is None
        else None
        for (cad_file, _, priority, product), recipe, (geometry, found) in zip(
            wanted, recipes, looked, strict=True
        )
    ]
    for job in filter(None, missing):
        job.share = routes.share(order.ordered_by_id, order.pk)
    made = iter(claims.create_all([job for job in missing if job]))
    return [next(made) if job else None for job in missing]


def lead(line: OrderLine) -> int:
    """Return what the jobs of *line* are ahead of its order's priority by."""
    if line.lead is not None:
        return line.lead
    return THUMBNAIL_LEAD if line.output_type.kind == OutputType.Kind.THUMBNAIL else 0


def _geometry_recipe(need: Need) -> Recipe:
    """Return the recipe of the geometry that a need lacks: a file is converted as a whole before it is cut."""
    recipe, cad_file = need.wanted.geometry, need.line.cad_file
    return recipe if cad_file.state == CadFile.State.READY else conversions.whole(recipe)


def _conversions(needs: Sequence[Need]) -> dict[tuple[int, str], dict[str, Any]]:
    """Return what the jobs that converted for these lines said about the geometry, by line and geometry key."""
    lines = [need.line.pk for need in needs if need.line.pk]
    found: dict[tuple[int, str], dict[str, Any]] = {}
    for some in batches(lines):
        rows = OrderLine.jobs.through._default_manager.filter(
            orderline__in=some, job__kind=Job.Kind.TESSELLATE
        ).order_by("job")
        for line, key, reuse in rows.values_list("orderline", "job__recipe_key", "job__reuse"):
            if "geometry" in reuse:
                found[line, key] = reuse["geometry"]
    return found


def picture(need: Need, geometry: MediaAsset) -> dict[str, Any]:
    """Return the spec for the missing picture of *need*: the recipe of its master, and what it leads to."""
    line, wanted = need.line, need.wanted
    return {
        "recipe": wanted.master(line.master_width, line.master_height),
        "geometry": geometry.pk,
        "kind": line.output_type.kind_row.scene,
        **wanted.for_blender,
    }


def _linear_views(needs: Sequence[Need]) -> set[str]:
    """Return the keys of the views that are rendered with their scene-linear light: one render for all lines of a view.

    Those that a line wants as EXR, and those that are being rendered so already.
    """
    found = {need.wanted.view_key for need in needs if need.wanted.is_linear}
    keys = {
        _master_key(need, is_linear=True): need.wanted.view_key
        for need in needs
        if need.wanted.view_key not in found and not need.line.output_type.frames
    }
    live = Job.objects.live().filter(kind=Job.Kind.RENDER)
    for some in batches(list(keys)):
        found |= {keys[key] for key in live.filter(recipe_key__in=some).values_list("recipe_key", flat=True)}
    return found


def _master_key(need: Need, *, is_linear: bool) -> str:
    line = need.line
    return recipe_key(need.wanted.master(line.master_width, line.master_height, is_linear=is_linear))


def _render(
    need: Need, geometry: MediaAsset, said: Mapping[str, Any], routes: Routes, *, is_linear: bool
) -> Job:
    line, wanted = need.line, need.wanted
    spec = picture(need, geometry)
    if is_linear:
        spec["linear"] = True
    reuse = {"geometry": said, "picture": need.reason.to_json()}
    if need.passed_over:
        reuse["render master"] = Lookup(False, why=need.passed_over).to_json()
    return _job(
        need,
        Job.Kind.RENDER,
        _master_key(need, is_linear=is_linear),
        spec,
        routes,
        reuse=reuse,
        geometry_key=wanted.geometry_key,
        width=line.master_width,
        height=line.master_height,
        frames=line.output_type.frames,
    )


def _passes(need: Need, geometry: MediaAsset, wanted: Recipes, routes: Routes) -> Job:
    """Return the job that renders the passes of a picture that is there."""
    width, height = wanted.file["width"], wanted.file["height"]
    recipe = wanted.master(width, height)
    return _job(
        need,
        Job.Kind.RENDER,
        recipe_key(recipe),
        {"recipe": recipe, "geometry": geometry.pk, "kind": wanted.view["pass"], **wanted.for_blender},
        routes,
        reuse={"geometry": Lookup(True).to_json(), "picture": need.reason.to_json()},
        geometry_key=wanted.geometry_key,
        width=width,
        height=height,
    )


def _encoding(need: Need, source: Mapping[str, Any], routes: Routes) -> Job:
    """Return the job that derives the file of *need* from what its spec names as the source."""
    return _job(
        need,
        Job.Kind.ENCODE,
        need.wanted.file_key,
        {"recipe": need.wanted.file, **source},
        routes,
        reuse={"picture": need.reason.to_json()},
    )


def _job(
    need: Need,
    kind: str,
    key: str,
    spec: dict[str, Any],
    routes: Routes,
    *,
    reuse: dict[str, Any],
    geometry_key: str = "",
    width: int = 0,
    height: int = 0,
    frames: int | None = None,
) -> Job:
    line = need.line
    lane, queue = routes.route(kind, frames=frames, width=width, height=height)
    return Job(
        kind=kind,
        recipe_key=key,
        priority=line.order.priority + lead(line),
        share=routes.share(line.order.ordered_by_id, line.order_id),
        lane=lane,
        queue=queue,
        spec=spec,
        reuse=reuse,
        geometry_key=geometry_key,
        cad_file=line.cad_file,
        product=line.product,
        output_type=line.output_type,
    )


def _conversion(
    cad_file: CadFile, recipe: Recipe, priority: int, product: Product | None, found: Lookup, routes: Routes
) -> Job:
    lane, queue = routes.route(Job.Kind.TESSELLATE)
    return Job(
        kind=Job.Kind.TESSELLATE,
        recipe_key=recipe_key(recipe),
        priority=priority,
        lane=lane,
        queue=queue,
        spec={"recipe": dict(recipe)},
        reuse={"geometry": found.to_json()},
        cad_file=cad_file,
        product=product,
    )
