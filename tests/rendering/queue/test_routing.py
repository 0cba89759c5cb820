"""What the routing promises, on small simulated days: thumbnails never wait behind turntables, no GPU is wasted."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from django.db import transaction
from django.utils import timezone

from gpu.models import GpuDevice
from gpu.queues.topology import LIGHT_QUEUE, PRIMARY_QUEUE, Lane, current
from rendering.models import Job
from rendering.models.order import THUMBNAIL_LEAD
from rendering.queue import claims
from tests import factories
from tests.benchmarks.routing import FIXED, ONE, OURS, TWO, UNRESERVED, devices, simulate
from tests.benchmarks.routing_mixes import OTHER_GEOMETRY, THUMBNAIL, Mix, Render, Studio
from tests.rendering import steps

pytestmark = pytest.mark.django_db


def day(*, turntables: int, stills: int, speeds: tuple[float, ...] = (1.0,) * 4) -> Mix:
    """Turntables and stills in the morning, and thumbnails that arrive while they run."""
    studio = Studio(seed=3)
    renders = [studio.render("turntable", number, 0.0) for number in range(turntables)]
    renders += [studio.render("still", 20 + number, 0.0) for number in range(stills)]
    renders += studio.uploads(range(50, 56), 900.0, 300.0)
    return Mix("small", tuple(sorted(renders, key=lambda render: render.arrives)), speeds)


@pytest.mark.parametrize("gpus", [2, 4])
@pytest.mark.parametrize("speeds", [(1.0,) * 4, (0.5, 1.0, 0.25, 0.75)])
def test_no_thumbnail_waits_behind_a_turntable_where_there_is_a_second_gpu(
    gpus: int, speeds: tuple[float, ...]
) -> None:
    mix = day(turntables=9, stills=4, speeds=speeds)
    ours = simulate(mix, OURS, gpus)
    assert ours.behind == 0
    slowest = speeds.index(min(speeds[:gpus])) if len(set(speeds)) > 1 else None
    in_turntables = {gpu for render, gpu in ours.taken if render.kind == "turntable"}
    assert len(in_turntables) == gpus - 1, "one GPU is kept for light work, the others are used"
    assert slowest not in in_turntables
    assert simulate(mix, TWO, gpus).behind > 0, "this day would show it if they waited"


@pytest.mark.parametrize("gpus", [1, 2, 4])
def test_without_a_gpu_for_light_work_a_thumbnail_waits_for_one_frame_at_most(gpus: int) -> None:
    mix = day(turntables=9, stills=0)
    ours = simulate(mix, UNRESERVED, gpus)
    assert ours.behind == 0
    frame = max(render.frame_seconds for render in mix.renders if render.frames)
    assert 0 < max(ours.thumbnail_waits) <= frame + OTHER_GEOMETRY
    if gpus > 1:
        kept = simulate(mix, OURS, gpus)
        assert max(kept.thumbnail_waits) == 0, "what keeping one buys"
        assert ours.makespan < 0.8 * kept.makespan, "and what it costs"


def test_a_turntable_that_makes_room_is_rendered_to_its_end_and_loses_no_time() -> None:
    studio = Studio(seed=3)
    film = studio.render("turntable", 0, 0.0)
    thumbnails = tuple(studio.uploads(range(10, 14), 100.0, 200.0))
    ours = simulate(Mix("film", (film, *thumbnails)), OURS, 1)
    work = film.seconds + sum(one.seconds for one in thumbnails)
    reloads = ours.makespan - work
    assert 0 <= reloads <= (2 * len(thumbnails) + 2) * OTHER_GEOMETRY + THUMBNAIL
    taken = [one.kind for one, _ in ours.taken].count("turntable")
    assert taken == 1 + len(thumbnails), "one came as the preview ended, each other one between two frames"


@pytest.mark.parametrize("gpus", [2, 4])
def test_ours_ends_as_early_as_any_routing_that_keeps_a_gpu_free_of_turntables(gpus: int) -> None:
    mix = day(turntables=4, stills=30)
    ours, fixed = simulate(mix, OURS, gpus), simulate(mix, FIXED, gpus)
    assert ours.makespan <= fixed.makespan * 1.01
    assert ours.p95 <= fixed.p95 * 1.01


@pytest.mark.parametrize("gpus", [1, 2, 4])
def test_ours_ends_first_where_the_work_is_not_all_heavy(gpus: int) -> None:
    mix = day(turntables=0, stills=40)
    ours = simulate(mix, OURS, gpus)
    for name in (ONE, TWO, FIXED):
        assert ours.makespan <= simulate(mix, name, gpus).makespan * 1.01


def test_the_simulation_loses_no_job_and_gives_one_gpu_one_job_at_a_time() -> None:
    mix = day(turntables=2, stills=5)
    ours = simulate(mix, OURS, 1)
    assert {id(render) for render, _ in ours.taken} == {id(render) for render in mix.renders}
    once = [id(render) for render, _ in ours.taken if not render.frames]
    assert len(once) == len(set(once)), "only turntables are interrupted"
    assert ours.makespan >= sum(render.seconds for render in mix.renders)


def test_two_workers_on_one_gpu_take_36_seconds_for_two_renders_of_17() -> None:
    pair = tuple(Render("still", 0, 0.0, 17.0, 1024) for _ in range(2))
    both = simulate(Mix("pair", pair), TWO, 1)
    assert both.makespan == pytest.approx(36.0, abs=36 / 17)  # each loads its geometry as well


def claimed(queue: str) -> list[Job]:
    """Everything that the workers of *queue* would take, in order; it still waits afterwards."""
    found = []
    with transaction.atomic():
        while claim := claims.claim(queue, "h:b:1:1"):
            found.append(claim.job)
        transaction.set_rollback(True)
    return found


def test_a_gpu_that_serves_every_lane_does_first_what_the_light_one_can_not() -> None:
    for row in devices((1.0, 1.0, 1.0)):
        row.save()
    light = factories.job(lane=Lane.LIGHT, queue=LIGHT_QUEUE)
    heavy = factories.job(lane=Lane.HEAVY, queue=PRIMARY_QUEUE, geometry_key="another")
    urgent = factories.job(lane=Lane.LIGHT, queue=LIGHT_QUEUE, priority=60)
    for queue in current().takers(Lane.HEAVY):
        assert claimed(queue) == [urgent, heavy, light]
    assert claimed(LIGHT_QUEUE) == [urgent, light]


def test_where_every_gpu_serves_the_same_lanes_the_oldest_job_goes_first() -> None:
    GpuDevice.objects.all().delete()
    light = factories.job(lane=Lane.LIGHT, queue=PRIMARY_QUEUE)
    heavy = factories.job(lane=Lane.HEAVY, queue=PRIMARY_QUEUE)
    Job.objects.filter(pk=heavy.pk).update(queued=timezone.now() - timedelta(minutes=1))
    assert claimed(PRIMARY_QUEUE) == [heavy, light]


def test_a_thumbnail_goes_before_the_stills_of_its_order(tmp_path: Path) -> None:
    product = factories.product()
    assert product.cad_file is not None
    factories.geometry(product.cad_file, tmp_path)
    steps.order(product, "still-1024", "thumbnail", priority=70)
    first, second = claimed(PRIMARY_QUEUE)
    assert (first.output_type, first.priority) == (steps.type_of("thumbnail"), 70 + THUMBNAIL_LEAD)
    assert (second.output_type, second.priority) == (steps.type_of("still-1024"), 70)
