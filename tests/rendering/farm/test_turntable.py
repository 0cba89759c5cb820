"""Turntables from order to film: rendered frame by frame by a real Blender, resumed, shared, interrupted."""

from __future__ import annotations

import os
import signal
import time
import zipfile
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from statistics import median
from typing import Any

import pytest
from django.utils import timezone
from PIL import Image, ImageChops, ImageStat

from gpu.models import GpuDevice
from gpu.queues.topology import CPU_QUEUE, PRIMARY_QUEUE
from gpu.workers import heartbeat
from media_assets.models import MediaAsset, Product
from rendering import orders
from rendering.catalog.plan import recipes_for
from rendering.farm import execute, warm
from rendering.farm.runners import turntable
from rendering.models import Attempt, Job, OrderLine
from rendering.pictures.frames import Frames
from rendering.queue import claims
from tests import factories
from tests.media import path_of, place_of
from tests.rendering import films
from tests.rendering.films import film_of, film_type, in_this_process, no_blender_left, work
from tests.rendering.steps import order

__all__ = ["in_this_process", "no_blender_left"]

pytestmark = [pytest.mark.django_db, pytest.mark.blender]

Shoot = Callable[..., Any]


@pytest.fixture
def product(tmp_path: Path) -> Product:
    return films.product(tmp_path)


@pytest.fixture
def shot(monkeypatch: pytest.MonkeyPatch) -> dict[int, Callable[[], None]]:
    """What is to happen before a frame is rendered, by its number; and under 0 the numbers of those that were."""
    numbers: list[int] = []
    events: dict[int, Any] = {0: numbers}
    real = turntable.shoot

    def shoot(spec: Any, number: int, *rest: Any) -> Any:
        if number in events:
            events.pop(number)()
        outcome = real(spec, number, *rest)
        numbers.append(number)
        return outcome

    monkeypatch.setattr(turntable, "shoot", shoot)
    return events


def test_an_order_of_a_spin_and_three_films_is_one_render(
    product: Product, shot: dict[int, Any], django_capture_on_commit_callbacks: Callable[..., Any]
) -> None:
    kinds = [
        film_type("tiny-spin", kind="spin", format="jpg360", fps=None),
        film_type("tiny-mp4"),
        film_type("tiny-webm", format="webm", background="transparent"),
        film_type("tiny-webp", format="awebp", background="transparent", width=32, height=32),
    ]
    placed = order(product, *(kind.slug for kind in kinds))
    lines = {line.output_type.slug: line for line in placed.lines.all()}
    assert [lines[kind.slug].source for kind in kinds] == ["rendered", "derived", "derived", "derived"]
    with django_capture_on_commit_callbacks(execute=True):
        work()
    assert shot[0] == [1, 4, 6, 2, 3, 5], "first, middle and last go first"
    found = {line.output_type.slug: line.asset for line in placed.lines.filter(state="done")}
    assert {slug: asset.mime_type for slug, asset in found.items()} == {
        "tiny-spin": "application/zip",
        "tiny-mp4": "video/mp4",
        "tiny-webm": "video/webm",
        "tiny-webp": "image/webp",
    }
    for slug, asset in found.items():
        assert asset.duration == (None if slug == "tiny-spin" else 0.25) and asset.poster
        assert asset.receipt["frames"] == 6 and asset.receipt["device_used"] == "CPU"
    master = MediaAsset.objects.get(kind="render_master")
    assert master.mime_type == "application/zip"
    with zipfile.ZipFile(path_of(master)) as archive:
        assert [entry.filename for entry in archive.infolist()] == [f"frame_{n:04}.png" for n in range(1, 7)]
        with Image.open(archive.open("frame_0001.png")) as frame:
            assert (frame.mode, frame.size) == ("RGBA", (48, 48))
    assert master.receipt["seconds"]["sample"] > 0
    assert not place_of(film_of(product, kinds[0]).folder).exists(), "the master has them"

    film_type("later", format="webm", background="gradient", width=32, height=32, fps=12)
    later = order(product, "later").lines.get()
    assert later.source == OrderLine.Source.DERIVED
    work()
    later.refresh_from_db()
    assert later.asset is not None and later.asset.duration == 0.5
    assert Job.objects.filter(kind="render").count() == 2, (
        "a new format, size, background and rate cost no render"
    )


def test_a_spin_of_rows_is_rendered_row_by_row_and_is_no_film(product: Product, shot: dict[int, Any]) -> None:
    rows = {"rows": 2, "lowest_row": 0, "highest_row": 70, "frames": 3}
    kind = film_type("rows", kind="spin", format="jpg360", fps=None, quality=100, **rows)
    placed = order(product, kind.slug)
    shot[3] = lambda: os.kill(warm.session().pid or 0, signal.SIGKILL)
    execute.work(PRIMARY_QUEUE)
    Job.objects.update(not_before=None)
    work()
    assert shot[0] == [1, 4, 6, 2, 3, 5], "no frame twice"
    asset = placed.lines.get().asset
    assert asset is not None and asset.receipt["frames"] == 6
    assert asset.recipe["view"]["elevations"] == [0.0, 70.0]
    with zipfile.ZipFile(path_of(asset)) as archive:
        names = [name for name in archive.namelist() if name.startswith("large/")]
        pictures = {name: Image.open(archive.open(name)).copy() for name in names}
    assert names == [f"large/spin-{row:02}-{column:02}.jpg" for row in (1, 2) for column in (1, 2, 3)]
    assert all(
        difference(pictures[f"large/spin-01-{at}.jpg"], pictures[f"large/spin-02-{at}.jpg"]) > 1
        for at in ("01", "02", "03")
    ), "seen from above it looks different"

    assert order(product, film_type(frames=6).slug).lines.get().source == OrderLine.Source.RENDERED
    kind.rows = 3
    kind.save()
    stale = MediaAsset.objects.get(pk=asset.pk)
    assert recipes_for(product.cad_file, kind).file_key != stale.recipe_key
    order(product, kind.slug)
    assert "rows, frames 6 → 9 changed" in Job.objects.live().latest("id").reused["picture"]


def test_a_film_goes_on_where_a_killed_blender_stood(product: Product, shot: dict[int, Any]) -> None:
    kind = film_type()
    placed = order(product, kind.slug)
    film = film_of(product, kind)
    kept: dict[int, int] = {}

    def kill() -> None:
        kept.update({number: place_of(film.frame(number)).stat().st_mtime_ns for number in (1, 4, 6, 2)})
        session = warm.session()
        assert session.pid is not None
        os.kill(session.pid, signal.SIGKILL)

    shot[3] = kill
    execute.work(PRIMARY_QUEUE)
    job = Job.objects.get(error_code="blender_crashed")
    assert (job.state, job.spec["frames"]) == (Job.State.QUEUED, [2, 3, 5])
    assert {number: place_of(film.frame(number)).stat().st_mtime_ns for number in kept} == kept
    Job.objects.update(not_before=None)
    work()
    assert shot[0] == [1, 4, 6, 2, 3, 5], "no frame twice"
    assert placed.lines.get().state == OrderLine.State.DONE


def test_a_film_waits_for_media_that_are_away_and_writes_nothing_in_their_place(
    product: Product, shot: dict[int, Any], tmp_path: Path, settings: Any
) -> None:
    kind = film_type()
    placed = order(product, kind.slug)
    media, away = Path(settings.MEDIA_ROOT), tmp_path / "away"
    seal = place_of(film_of(product, kind).seal(2))

    def leave() -> None:
        while not seal.exists():  # it is checked while the next frame renders
            time.sleep(0.01)
        media.rename(away)

    shot[3] = leave
    execute.work(PRIMARY_QUEUE)
    job = Job.objects.get(spec__frames=[2, 3, 5])
    assert job.held_since and (job.error_code, job.attempt) == ("storage_away", 0)
    assert not media.exists()
    away.rename(media)
    Job.objects.update(not_before=timezone.now() - timedelta(minutes=1))
    orders.reap()
    work()
    assert shot[0] == [1, 4, 6, 2, 3, 5], "no frame twice"
    assert placed.lines.get().state == OrderLine.State.DONE


def test_damaged_frames_are_rendered_again(product: Product, shot: dict[int, Any]) -> None:
    kind = film_type()
    placed = order(product, kind.slug)
    film = film_of(product, kind)
    execute.work(PRIMARY_QUEUE)
    whole = place_of(film.frame(2)).read_bytes()
    place_of(film.frame(2)).write_bytes(whole[:-20])
    place_of(film.frame(5)).unlink()
    work()
    assert shot[0] == [1, 4, 6, 2, 3, 5, 2, 5]
    assert placed.lines.get().state == OrderLine.State.DONE
    with zipfile.ZipFile(path_of(MediaAsset.objects.get(kind="render_master"))) as archive:
        assert archive.read("frame_0002.png") == whole, "the same frame gives the same bytes"


@pytest.mark.database
def test_a_more_urgent_job_goes_between_two_frames(product: Product, shot: dict[int, Any]) -> None:
    film_type()
    factories.output_type("urgent", width=48, height=48, samples=1, denoise=False)
    first = order(product, "tiny-film")
    shot[3] = lambda: order(product, "urgent", priority=90)
    work()
    assert shot[0] == [1, 4, 6, 2, 3, 5], "and no frame twice"
    assert {line.state for line in OrderLine.objects.all()} == {"done"}
    part = Job.objects.get(kind="render", lines__order=first, spec__frames=[2, 3, 5])
    urgent = Job.objects.get(kind="render", output_type__slug="urgent")
    assert [
        (attempt.number, attempt.outcome, attempt.error_code, attempt.error)
        for attempt in part.attempts.all()
    ] == [
        (1, Attempt.Outcome.RELEASED, "", f"paused after frame 3 to let {urgent} run"),
        (1, Attempt.Outcome.SUCCEEDED, "", ""),
    ]
    assert urgent.finished is not None and part.finished is not None and urgent.finished < part.finished


def test_a_job_of_the_same_priority_does_not_interrupt_a_film(product: Product, shot: dict[int, Any]) -> None:
    film_type()
    factories.output_type("other", width=48, height=48, samples=1, denoise=False)
    order(product, "tiny-film")
    shot[3] = lambda: order(product, "other")
    work()
    assert not Attempt.objects.filter(outcome=Attempt.Outcome.RELEASED).exists()


def test_a_paused_film_stops_between_two_frames_and_goes_on(product: Product, shot: dict[int, Any]) -> None:
    film_type()
    placed = order(product, "tiny-film")
    shot[3] = lambda: orders.pause_order(placed)
    work()
    assert shot[0] == [1, 4, 6, 2, 3]
    assert str(Job.objects.get(spec__frames=[2, 3, 5]).stage) == "paused after frame 3"
    orders.resume_order(placed)
    work()
    assert shot[0] == [1, 4, 6, 2, 3, 5]
    assert placed.lines.get().state == OrderLine.State.DONE


def test_a_worker_that_stops_hands_the_film_back_after_the_frame(
    product: Product, shot: dict[int, Any]
) -> None:
    film_type()
    order(product, "tiny-film")
    beat = heartbeat.current(PRIMARY_QUEUE)
    shot[3] = lambda: setattr(beat, "drain_until", timezone.now() + timedelta(minutes=5))
    execute.work(PRIMARY_QUEUE)
    job = Job.objects.get(spec__frames=[2, 3, 5])
    assert (job.state, job.attempt) == (Job.State.QUEUED, 0)
    assert shot[0] == [1, 4, 6, 2, 3]


def test_two_gpus_share_a_film(product: Product, shot: dict[int, Any], settings: Any) -> None:
    settings.CYCLES_DEVICE = "cpu"
    gpus = ["GPU-a", "GPU-b"]
    for gpu in gpus:
        GpuDevice.objects.create(host="here", backend="OPTIX", vendor_id=gpu, name=gpu, serves_light=False)
    placed = order(product, film_type(frames=9).slug)
    parts = [job.spec["frames"] for job in Job.objects.filter(kind="render")]
    assert sorted(parts) == [[1, 5, 9], [2, 3, 4], [6, 7, 8]]
    beat = heartbeat.current(PRIMARY_QUEUE)
    for queue, gpu in ((PRIMARY_QUEUE, gpus[0]), ("asset_pipeline_2", gpus[1]), (PRIMARY_QUEUE, gpus[0])):
        claim = claims.claim(queue, f"w:{queue}:1:1", gpu=gpu)
        assert claim is not None
        execute.run(claim, beat)
    gathering = Job.objects.filter(kind="encode", state="queued")
    assert gathering.count() == 1, "exactly one job puts them together"
    work((CPU_QUEUE,))
    assert placed.lines.get().state == OrderLine.State.DONE
    assert sorted(shot[0]) == list(range(1, 10))


@pytest.mark.database
def test_two_orders_of_one_film_share_its_jobs(product: Product) -> None:
    kind = film_type()
    first, second = order(product, kind.slug), order(product, kind.slug, priority=70)
    jobs = Job.objects.filter(kind="render")
    assert set(first.lines.get().jobs.all()) == set(second.lines.get().jobs.all()) == set(jobs)
    assert second.lines.get().source == OrderLine.Source.DERIVED
    assert sorted(jobs.values_list("priority", flat=True)) == [70, 71]
    film = film_of(product, kind)
    film.make_folder()
    os.utime(place_of(film.folder), (0, 0))
    assert orders.sweep() == 0, "its frames are wanted, however old"
    orders.cancel_order(second)
    assert jobs.filter(state="queued").count() == 2, "the first order still waits"
    orders.cancel_order(first)
    assert jobs.filter(state="canceled").count() == 2
    assert orders.sweep() == 1


@pytest.mark.database
def test_a_film_whose_last_parts_did_not_see_each_other_goes_on(
    product: Product, shot: dict[int, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """As on a network disk, which shows another host's files late."""
    placed = order(product, film_type().slug)
    with monkeypatch.context() as patch:
        patch.setattr(orders.lines, "advance_all", lambda lines, begun_by: None)
        execute.work(PRIMARY_QUEUE)
    assert not Job.objects.live().exists()
    orders.reap()
    work()
    assert placed.lines.get().state == OrderLine.State.DONE
    assert shot[0] == [1, 4, 6, 2, 3, 5]


@pytest.mark.database
def test_a_part_that_fails_ends_the_film_and_a_retry_goes_on(product: Product, shot: dict[int, Any]) -> None:
    placed = order(product, film_type().slug)

    def fail() -> None:
        raise turntable.JobError("timed_out", said="Too long.")

    shot[4] = fail
    execute.work(PRIMARY_QUEUE)
    line = placed.lines.get()
    assert (line.state, line.error_code) == ("failed", "timed_out")
    assert not Job.objects.live().exists(), "nobody waits for the other parts"
    orders.retry_line(line)
    work()
    line.refresh_from_db()
    assert line.state == OrderLine.State.DONE
    assert sorted(shot[0]) == [1, 2, 3, 4, 5, 6]


def test_a_forced_film_is_rendered_again_from_its_first_frame(
    product: Product, shot: dict[int, Any], settings: Any
) -> None:
    settings.TICK_SECONDS = 0.0  # each tick reads that it is canceled
    kind = film_type()
    order(product, kind.slug)
    shot[3] = lambda: orders.cancel_order(OrderLine.objects.get().order)
    execute.work(PRIMARY_QUEUE)
    assert film_of(product, kind).missing(), "canceled in the middle"
    again = order(product, kind.slug, force=True)
    work()
    assert again.lines.get().state == OrderLine.State.DONE
    assert sorted(shot[0][-6:]) == [1, 2, 3, 4, 5, 6]


@pytest.mark.database
def test_an_output_type_edited_meanwhile_leaves_the_old_film(product: Product, shot: dict[int, Any]) -> None:
    kind = film_type()
    placed = order(product, kind.slug)

    def edit() -> None:
        kind.exposure = 1.0
        kind.save()

    shot[6] = edit
    work()
    line = placed.lines.get()
    assert line.state == OrderLine.State.DONE
    assert shot[0] == [1, 4, 6, 1, 4, 6, 2, 3, 5], "the rest of the old film is not rendered"
    assert Job.objects.filter(state="canceled").count() == 1


def test_a_frame_that_shows_nothing_is_refused(product: Product, monkeypatch: pytest.MonkeyPatch) -> None:
    placed = order(product, film_type().slug)
    real = turntable.shoot

    def shoot(spec: Any, number: int, *rest: Any) -> Any:
        outcome = real(spec, number, *rest)
        if number == 4:
            Image.new("RGBA", (48, 48)).save(Path(spec.output_path) / "frame_0004.png")
        return outcome

    monkeypatch.setattr(turntable, "shoot", shoot)
    work()
    line = placed.lines.get()
    assert (line.state, line.error_code) == ("failed", "quality_gate")
    assert "blank" in line.error


def test_the_last_frame_leads_into_the_first(tmp_path: Path) -> None:
    film = rendered(film_type(frames=12, samples=4), films.product(tmp_path))
    steps = [difference(film[number - 1], film[number]) for number in range(len(film))]
    assert min(steps) > 0, "no frame twice"
    assert steps[0] < 2 * median(steps[1:]), "from the last to the first as between any two"
    assert max(steps) < 4 * median(steps), "no jump"


def test_the_light_stays_with_the_camera(tmp_path: Path) -> None:
    cube = films.product(tmp_path, size=(0.1, 0.1, 0.1))
    film = rendered(film_type(frames=8, samples=16), cube)
    assert difference(film[0], film[2]) < difference(film[0], film[1]) / 4, (
        "a quarter turn of a cube changes nothing"
    )


def rendered(kind: Any, made: Product) -> list[Image.Image]:
    order(made, kind.slug)
    execute.work(PRIMARY_QUEUE)
    film: Frames = film_of(made, kind)
    return [Image.open(place_of(film.frame(number))).copy() for number in range(1, film.total + 1)]


def difference(one: Image.Image, other: Image.Image) -> float:
    pair = [image.convert("RGBa").tobytes() for image in (one, other)]
    images = [Image.frombytes("RGBA", one.size, data) for data in pair]
    return float(sum(ImageStat.Stat(ImageChops.difference(*images)).mean))
