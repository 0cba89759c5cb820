"""The jobs of a turntable: a preview and parts that render its frames, then one that gathers them into the master."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from itertools import pairwise
from typing import Any

from django.db.models import Exists, OuterRef

from gpu.models import SystemSettings
from gpu.queues.topology import Lane
from media_assets.models import MediaAsset
from media_assets.models.batches import batches
from media_assets.recipes import Lookup, recipe_key
from rendering.models import Job, OrderLine
from rendering.orders.jobs import Need, lead, picture
from rendering.pictures import frames
from rendering.pictures.frames import Frames
from rendering.queue import claims
from rendering.queue.dispatch import Routes

PREVIEW_LEAD = 1  # before the parts of its film and of others; thumbnails go first


def is_film(need: Need) -> bool:
    """Whether a need is that of a turntable whose frames are to be rendered."""
    return need.master is None and need.geometry is not None and bool(need.line.output_type.frames)


def requests(needs: Sequence[Need]) -> list[tuple[Need, Job]]:
    """Return for each need the jobs that it takes, as `claims.create_all` takes them: no rows yet.

    Frames are looked for on the disk first: each job's are there before it ends, so of two that end in the same instant
    at least one sees all of them, and whoever does asks for the one job that gathers them.
    """
    if not needs:
        return []
    routes = Routes.now()
    films = [Frames.of(_master(need)) for need in needs]
    live = _live({film.key for film in films}, {need.line.cad_file_id for need in needs})
    forced = {need.line.pk for need in needs if need.line.not_before}
    begun = _begun(forced) if forced else set()
    found = []
    for need, film in zip(needs, films, strict=True):
        if need.line.not_before and not live[film.key] and (need.line.pk, film.key) not in begun:
            film.forget(before=need.line.not_before)
        missing = film.missing()
        if not missing:
            jobs = [_gathering(need, film, routes)]
        elif live[film.key]:
            jobs = [_again(job, need, routes) for job in live[film.key]]
        else:
            jobs = [_part(need, film, numbers, routes) for numbers in parts(film.total, missing, routes)]
        found += [(need, job) for job in jobs]
    return found


def parts(total: int, missing: Sequence[int], routes: Routes) -> list[list[int]]:
    """Return which frames each job renders: the preview first, then a run of frames for each GPU that may take one."""
    first = [number for number in preview(total) if number in missing]
    rest = [number for number in missing if number not in first]
    count = max(1, min(len(rest), len(routes.topology.takers(Lane.HEAVY))))
    edges = [round(len(rest) * part / count) for part in range(count + 1)]
    runs = [rest[start:end] for start, end in pairwise(edges)]
    return [run for run in (first, *runs) if run]


def preview(total: int) -> list[int]:
    """Return the numbers of the frames that show first what a film will be: first, middle, last."""
    return sorted({1, total // 2 + 1, total})


def leave(job: Job) -> list[int]:
    """Cancel the other jobs of the film of *job*, which ended badly, unless a line waits for them; return their ids."""
    key = job.spec.get("film")
    if not key:
        return []
    waiting = OrderLine.objects.live().filter(jobs=OuterRef("pk"))
    others = (
        Job.objects.live()
        .filter(cad_file=job.cad_file_id, spec__film=key)
        .exclude(Exists(waiting))
        .exclude(pk=job.pk)
    )
    return [other.pk for other in others if claims.cancel(other)]


def let_go(needs: Sequence[Need]) -> list[int]:
    """Free lines whose output type was edited from the film that they waited for.

    Nobody else may want it: return the ids of the jobs that are canceled then.
    """
    left = []
    for need in needs:
        of_another = need.line.jobs.live().filter(spec__film__isnull=False)
        for job in of_another.exclude(spec__film=Frames.of(_master(need)).key):
            need.line.jobs.remove(job)
            if not job.lines.live().exists() and claims.cancel(job):
                left.append(job.pk)
    return left


def keys_in_work() -> set[str]:
    """Return the keys of the films that a live job works on."""
    return set(Job.objects.live().filter(spec__film__isnull=False).values_list("spec__film", flat=True))


def rendering(keys: Sequence[str]) -> set[str]:
    """Return which of these films are being rendered."""
    return {key for key, jobs in _live(set(keys)).items() if jobs}


def sweep() -> int:
    """Delete frames that nobody has rendered on for as long as they are kept, and those that a render master has.

    The latter are left where the media went away as the film was done. Return of how many films.
    """
    return frames.sweep(keys_in_work, _gathered, SystemSettings.load().frames_days)


def _gathered(keys: set[str]) -> set[str]:
    """Return which of these films are gathered in a render master."""
    masters = MediaAsset.objects.kept().filter(kind=MediaAsset.Kind.RENDER_MASTER)
    return {
        key
        for some in batches(sorted(keys))
        for key in masters.filter(recipe_key__in=some).values_list("recipe_key", flat=True)
    }


def _live(keys: set[str], cad_files: set[int | None] | None = None) -> dict[str, list[Job]]:
    """Return the live jobs of these films by their keys; looked up by their CAD files, where those are known."""
    found: dict[str, list[Job]] = defaultdict(list)
    if keys:
        rows = Job.objects.live()
        if cad_files is not None:
            rows = rows.filter(cad_file__in=cad_files)
        for job in rows.filter(spec__film__in=sorted(keys)).order_by("id").defer("log"):
            found[job.spec["film"]].append(job)
    return found


def _begun(lines: set[int]) -> set[tuple[int, str]]:
    """Return which of these lines have had jobs of which films: their frames are new enough."""
    rows = Job.objects.filter(lines__in=lines, spec__film__isnull=False)
    return set(rows.values_list("lines", "spec__film"))


def _master(need: Need) -> dict[str, Any]:
    return need.wanted.master(need.line.master_width, need.line.master_height)


def _part(need: Need, film: Frames, numbers: list[int], routes: Routes) -> Job:
    assert need.geometry is not None
    spec = {**picture(need, need.geometry), "film": film.key, "frames": numbers}
    key = recipe_key({"film": film.key, "frames": numbers})
    job = _job(need, Job.Kind.RENDER, key, spec, routes, frames=film.total)
    job.geometry_key = need.wanted.geometry_key
    job.priority += _lead(job)
    return job


def _gathering(need: Need, film: Frames, routes: Routes) -> Job:
    return _job(
        need, Job.Kind.ENCODE, film.key, {"recipe": _master(need), "film": film.key}, routes, frames=None
    )


def _again(job: Job, need: Need, routes: Routes) -> Job:
    """Return a live job as it would be made for *need*, so that its priority is passed on."""
    return Job(
        kind=job.kind,
        recipe_key=job.recipe_key,
        priority=need.line.order.priority + lead(need.line) + _lead(job),
        share=routes.share(need.line.order.ordered_by_id, need.line.order_id),
        lane=job.lane,
        queue=job.queue,
        spec=job.spec,
        reuse=job.reuse,
        geometry_key=job.geometry_key,
        cad_file=need.line.cad_file,
        product=need.line.product,
        output_type=need.line.output_type,
    )


def _lead(job: Job) -> int:
    numbers = job.spec.get("frames", [])
    total = job.spec["recipe"]["view"]["frames"]
    return PREVIEW_LEAD if numbers and set(numbers) <= set(preview(total)) else 0


def _job(need: Need, kind: str, key: str, spec: dict[str, Any], routes: Routes, *, frames: int | None) -> Job:
    line = need.line
    lane, queue = routes.route(kind, frames=frames)
    return Job(
        kind=kind,
        recipe_key=key,
        priority=line.order.priority + lead(line),
        share=routes.share(line.order.ordered_by_id, line.order_id),
        lane=lane,
        queue=queue,
        spec=spec,
        reuse={"geometry": Lookup(True).to_json(), "picture": need.reason.to_json()},
        cad_file=line.cad_file,
        product=line.product,
        output_type=line.output_type,
    )
