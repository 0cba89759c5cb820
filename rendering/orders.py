"""Orders: placing them, and moving each line on whenever a job of it ends. Everything is found by recipe."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.contrib.auth.models import User
from django.db import transaction
from django.utils import timezone

from blender_scripts.launch import BlenderMissing, BlenderTooOld
from media_assets import clock, conversions
from media_assets.models import CadFile, MediaAsset, Product
from media_assets.recipes import Lookup, recipe_key
from rendering import claims, dispatch, moves, plan
from rendering.errors import HOPELESS_CAD, LeaseLost, explain
from rendering.models import Job, Order, OrderLine, OutputType, Workflow
from rendering.models.order import DEFAULT_PRIORITY, PRIORITIES, THUMBNAIL_LEAD
from rendering.recipes import Recipes


class OrderRefused(Exception):
    """The order can't be taken as it is; the message says why and what to do."""


@dataclass(frozen=True)
class Wish:
    """One product in one output type; *force* renders it again though it exists."""

    product: Product
    output_type: OutputType
    force: bool = False


def place(
    wishes: Sequence[Wish],
    *,
    trigger: str,
    priority: int = DEFAULT_PRIORITY,
    user: User | None = None,
    workflow: Workflow | None = None,
) -> Order:
    """Place one order and start what is missing; return it. Raises OrderRefused, and then nothing was ordered."""
    if not wishes:
        raise OrderRefused("Nothing was ordered: name at least one product and one output type.")
    if priority not in PRIORITIES:
        raise OrderRefused(
            f"The priority {priority} is not one of {PRIORITIES[0]} to {PRIORITIES[-1]} (usual: {DEFAULT_PRIORITY})."
        )
    for wish in wishes:
        if not wish.output_type.is_active:
            raise OrderRefused(
                f"Output type {wish.output_type.slug!r} is switched off. Switch it on in the admin, or order another."
            )
        if wish.product.cad_file is None:
            raise OrderRefused(f"Product {wish.product.number!r} has no CAD file yet. Import one first.")
    try:
        with transaction.atomic():
            order = Order.objects.create(
                trigger=trigger, priority=priority, ordered_by=user, workflow=workflow
            )
            for line in _make_lines(order, wishes):
                advance(line)
    except (BlenderMissing, BlenderTooOld) as error:
        raise OrderRefused(str(error)) from error
    return order


def _make_lines(order: Order, wishes: Sequence[Wish]) -> list[OrderLine]:
    """Create the order's lines. The first line of each view that must be rendered is its largest; the others derive."""
    unique = list(dict.fromkeys(wishes))
    entries = [(wish, _cad(wish), plan.recipes_for(_cad(wish), wish.output_type)) for wish in unique]
    sizes = plan.master_sizes([(wish.output_type, wanted) for wish, _, wanted in entries])
    entries.sort(key=lambda entry: -entry[0].output_type.width)
    rendering: set[str] = set()
    lines = []
    for wish, cad_file, wanted in entries:
        kind = wish.output_type
        not_before = clock.now() if wish.force else None
        found = plan.find(wanted, kind.kind, kind.width, kind.height, not_before)
        width, height = sizes[wanted.view_key]
        if found.file:
            source = OrderLine.Source.CACHED
        elif found.master or wanted.view_key in rendering or _is_rendering(wanted, width, height):
            source = OrderLine.Source.DERIVED
        else:
            source = OrderLine.Source.RENDERED
            rendering.add(wanted.view_key)
        lines.append(
            OrderLine(
                order=order,
                product=wish.product,
                output_type=kind,
                cad_file=cad_file,
                source=source,
                recipe_key=wanted.file_key,
                master_width=width,
                master_height=height,
                not_before=not_before,
            )
        )
    position = {(wish.product.pk, wish.output_type.pk): index for index, wish in enumerate(unique)}
    lines.sort(key=lambda line: position[line.product_id, line.output_type_id])
    for line in lines:
        line.save()
    return lines


def _cad(wish: Wish) -> CadFile:
    assert wish.product.cad_file is not None
    return wish.product.cad_file


def _is_rendering(wanted: Recipes, width: int, height: int) -> bool:
    key = recipe_key(wanted.master(width, height))
    return Job.objects.live().filter(kind=Job.Kind.RENDER, recipe_key=key).exists()


def advance(line: OrderLine) -> None:
    """Do the next thing for a live line: hand out its file, or make sure that the job it waits for exists."""
    wanted = plan.recipes_for(line.cad_file, line.output_type)
    if wanted.file_key != line.recipe_key:
        _follow(line, wanted)
    kind = line.output_type
    found = plan.find(wanted, kind.kind, kind.width, kind.height, line.not_before)
    if found.file:
        _finish(line, OrderLine.State.DONE, asset=found.file)
        return
    if found.master:
        job = _job(line, Job.Kind.ENCODE, wanted.file_key, {"recipe": wanted.file, "master": found.master.pk})
    elif found.geometry:
        job = _render_job(line, wanted, found.geometry)
    elif line.cad_file.state == CadFile.State.FAILED and line.cad_file.error_code in HOPELESS_CAD:
        fail_line(line, line.cad_file.error_code, line.cad_file.error)
        return
    else:
        job = tessellate_job(line.cad_file, kind.tessellation, line.order.priority, line.product)
    line.jobs.add(job)
    if line.state != OrderLine.State.WORKING:
        line.state = OrderLine.State.WORKING
        line.save(update_fields=["state"])


def _follow(line: OrderLine, wanted: Recipes) -> None:
    """The output type or the tools changed while the line waited: it is about another file, maybe of another size."""
    kind = line.output_type
    has_same_aspect = kind.width * line.master_height == kind.height * line.master_width
    if not has_same_aspect or kind.width > line.master_width:
        line.master_width, line.master_height = kind.width, kind.height
    line.recipe_key = wanted.file_key
    line.save(update_fields=["recipe_key", "master_width", "master_height"])


def _render_job(line: OrderLine, wanted: Recipes, geometry: MediaAsset) -> Job:
    master = wanted.master(line.master_width, line.master_height)
    return _job(
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


def _job(
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


def on_job_ended(job: Job) -> None:
    """Move on every line that waited for *job*. Call it in the transaction that ended it."""
    if job.kind == Job.Kind.TESSELLATE and job.state == Job.State.FAILED:
        conversions.mark_not_converted(job.cad_file, job.error_code, job.error)
    if job.kind == Job.Kind.TESSELLATE and job.state == Job.State.CANCELED:
        conversions.mark_not_tessellating(job.cad_file)
    for line in job.lines.live().select_related("order", "product", "output_type", "cad_file"):
        if job.state == Job.State.SUCCEEDED:
            advance(line)
        elif job.state == Job.State.CANCELED:
            _finish(line, OrderLine.State.CANCELED, error_code="canceled", error=job.error)
        elif job.state == Job.State.FAILED:
            fail_line(line, job.error_code, job.error)


def fail_line(line: OrderLine, code: str, message: str) -> None:
    _finish(line, OrderLine.State.FAILED, error_code=code, error=explain(code, message))


def _finish(line: OrderLine, state: str, **fields: Any) -> None:
    line.state, line.finished = state, timezone.now()
    for name, value in fields.items():
        setattr(line, name, value)
    line.save(update_fields=["state", "finished", *fields])


def cancel_job(job: Job) -> bool:
    """Cancel a job; lines that waited for it are canceled with it. Return whether it was live."""
    with transaction.atomic():
        was_live = claims.cancel(job)
        job.refresh_from_db()
        if job.state == Job.State.CANCELED:
            on_job_ended(job)
    return was_live


def retry_job(job: Job) -> Job:
    """Queue an ended job again; lines that failed or were canceled with it wait again. Return the job that runs."""
    with transaction.atomic():
        revived = claims.retry(job)
        if revived.is_live:
            waiting = job.lines.filter(state__in=[OrderLine.State.FAILED, OrderLine.State.CANCELED])
            for line in waiting:
                line.jobs.add(revived)
            waiting.update(state=OrderLine.State.WORKING, error_code="", error="", finished=None)
            if revived.kind == Job.Kind.TESSELLATE:
                conversions.mark_waiting(revived.cad_file)
    return revived


def retry_line(line: OrderLine) -> bool:
    """Start a failed or canceled line again from what exists; return whether it was one."""
    if line.state not in (OrderLine.State.FAILED, OrderLine.State.CANCELED):
        return False
    with transaction.atomic():
        line.state, line.error_code, line.error, line.finished = OrderLine.State.PENDING, "", "", None
        line.save(update_fields=["state", "error_code", "error", "finished"])
        advance(line)
    return True


def cancel_line(line: OrderLine) -> bool:
    """Cancel a live line, and its jobs that nobody else waits for; return whether it was live."""
    with transaction.atomic():
        if line.state not in OrderLine.LIVE:
            return False
        _finish(line, OrderLine.State.CANCELED, error_code="canceled", error="Canceled by an operator.")
        for job in line.jobs.live():
            if not job.lines.live().exists():
                cancel_job(job)
    return True


def cancel_order(order: Order) -> int:
    """Cancel every live line of *order*; return how many."""
    return sum(cancel_line(line) for line in order.lines.live())


def reap() -> list[Job]:
    """Give back the jobs of dead workers and return them; move what waits in a queue that is gone, ring again."""
    taken = []
    for claim in claims.overdue():
        try:
            with transaction.atomic():
                if claims.lose(claim):
                    on_job_ended(claim.job)
            taken.append(claim.job)
        except LeaseLost:
            continue
    moves.move()
    claims.pump()
    return taken
