"""What a render shows of itself while it runs, and how long it says that it still takes."""

from __future__ import annotations

import os
from datetime import timedelta
from pathlib import Path

import pytest
from django.utils import timezone

from blender_scripts.contract import Progress
from media_assets.recipes.receipt import Receipt
from rendering import orders
from rendering.farm import previews
from rendering.farm.driving import LiveProgress
from rendering.farm.expectation import LONG_WORK, Expectation, in_words
from rendering.models import Job
from rendering.pictures.frames import Frames
from rendering.queue import claims
from tests import factories
from tests.media import place_of
from tests.rendering.films import drawn

pytestmark = [pytest.mark.django_db, pytest.mark.database]


def seen(job: Job) -> previews.LivePreview | None:
    return previews.shown(previews.with_film(Job.objects.all()).get(pk=job.pk))


def ended(seconds: dict[str, float], **fields: str) -> Job:
    """A render of the draft that succeeded."""
    kind = factories.output_type()
    job = factories.job(output_type=kind)
    claims.succeed(factories.claim(), seconds=seconds, **fields)
    return job


def test_a_coarse_picture_is_shown_while_the_render_runs_and_gone_afterwards() -> None:
    job = factories.job()
    assert seen(job) is None
    claim = factories.claim()
    with previews.kept(claim, wanted=True) as path:
        assert seen(job) is None
        factories.picture(Path(path))
        shown = seen(job)
        assert shown is not None and place_of(shown.file) == Path(path)
        claims.succeed(claim)
        assert seen(job) is None
    assert not Path(path).exists()


def test_what_a_worker_that_lost_its_job_writes_is_not_shown() -> None:
    job = factories.job()
    first = factories.claim()
    with previews.kept(first, wanted=True) as path:
        factories.picture(Path(path))
        claims.release(first)
        factories.claim()
        assert seen(job) is None


def test_a_film_shows_the_frame_that_was_checked_last() -> None:
    film = Frames("c" * 64, 4, 48, 48)
    job = factories.job(spec={"film": film.key})
    film.make_folder()
    factories.claim()
    assert seen(job) is None
    for number, moment in ((3, 2e9), (1, 1e9)):
        drawn(number, 8).save(place_of(film.frame(number)))
        film.accept(number, Receipt(device_used="CPU"), {"width": 48, "height": 48})
        os.utime(place_of(film.seal(number)), (moment, moment))
    shown = seen(job)
    assert shown is not None and shown.file == film.frame(3)


def test_a_disk_that_takes_no_preview_stops_no_render(settings: object, tmp_path: Path) -> None:
    factories.job()
    claim = factories.claim()
    (tmp_path / "file").write_text("a file where a folder should be")
    settings.MEDIA_ROOT = tmp_path / "file"  # type: ignore[attr-defined]
    with previews.kept(claim, wanted=True) as path:
        assert path == ""


def test_previews_of_killed_workers_are_swept_and_those_of_living_ones_kept() -> None:
    dead, alive = factories.job(priority=90), factories.job(priority=10)
    left = place_of(previews.file_of(dead.pk, factories.claim().token))
    kept = place_of(previews.file_of(alive.pk, factories.claim().token))
    kept.parent.mkdir(parents=True, exist_ok=True)
    for path in (left, kept, left.with_name(".old.png.1.part"), left.with_name(".new.png.1.part")):
        factories.picture(path.with_suffix(".png")).rename(path)
    os.utime(left.with_name(".old.png.1.part"), (0, 0))
    Job.objects.filter(pk=dead.pk).update(lease_until=timezone.now() - timedelta(minutes=1))
    orders.reap()
    assert previews.sweep() == 2
    assert {path.name for path in place_of(previews.ROOT).iterdir()} == {kept.name, ".new.png.1.part"}


def test_only_what_takes_long_is_shown_first() -> None:
    job = factories.job(output_type=factories.output_type())
    assert Expectation.of(job) == Expectation(), "none has ended"
    assert previews.is_worth_it(LONG_WORK, 1, Expectation())
    assert not previews.is_worth_it(LONG_WORK - 1, 1, Expectation())
    assert previews.is_worth_it(1, 1, Expectation(60.0)), "the last ones say more than the size"
    assert not previews.is_worth_it(LONG_WORK, 9, Expectation(3.0))
    assert previews.is_worth_it(1, 1, Expectation(3.0), is_first=True), "somebody waits for the first picture"


def test_what_to_expect_is_what_the_last_ones_on_the_newest_device_took() -> None:
    ended({"render": 900.0, "sample": 900.0}, device_name="Slow")
    for seconds in (50.0, 70.0, 60.0):
        ended({"render": seconds, "sample": seconds - 4, "sync": 1.0}, device_name="Quick")
    found = Expectation.of(factories.job(output_type=factories.output_type()))
    assert (found.total, found.tail) == (60.0, 3.0)


def test_the_seconds_left_are_cycles_own_and_what_comes_after_or_the_history() -> None:
    expected = Expectation(60.0, 3.0)
    assert expected.left(Progress("sample", sample=1, samples=8, remaining_seconds=40.0), 10.0) == 43.0
    early = Progress("sample", sample=1, samples=100, remaining_seconds=4000.0)
    assert (expected.left(early, 10.0), Expectation().left(early, 10.0)) == (50.0, None)
    assert expected.left(Progress("sync"), 10.0) == 50.0
    assert expected.left(Progress("sync"), 70.0) is None, "it takes longer than usual: nobody knows"
    assert expected.left(Progress("save"), 58.0) == 3.0
    assert Expectation().left(Progress("sync"), 0.0) is None


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0.2, "about 1 s left"),
        (7.4, "about 7 s left"),
        (41.0, "about 40 s left"),
        (200.0, "about 3 min left"),
        (9000.0, "about 2.5 h left"),
    ],
)
def test_a_guess_is_said_as_one(seconds: float, words: str) -> None:
    assert str(in_words(seconds)) == words


def test_the_share_done_never_falls_and_is_whole_at_the_end_alone() -> None:
    told = LiveProgress(Expectation())
    steps = [
        Progress("preview"),
        Progress("sample", sample=64, samples=128, remaining_seconds=41.0),
        Progress("sync"),
        Progress("sample", sample=128, samples=128),
        Progress("save"),
    ]
    said = [told(step) for step in steps]
    assert [one["progress"] for one in said] == [0.0, 0.5, 0.5, 0.99, 0.99]
    assert str(said[1]["stage"]) == "sample 64 of 128, about 40 s left"
    assert [str(one["stage"]) for one in said[3:]] == ["denoising", "saving and checking"]
