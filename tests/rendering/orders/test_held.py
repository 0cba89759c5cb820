"""Jobs that wait for disk space, the storage or a file: held with the reason, and gone on with by themselves."""

from __future__ import annotations

import errno
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any
from unittest.mock import Mock

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from gpu.models import SystemSettings
from gpu.queues.topology import CPU_QUEUE
from media_assets import storage
from media_assets.cad.problem import Failure
from media_assets.models import CadFile, MediaAsset
from media_assets.storage import disk
from rendering import orders
from rendering.farm import encoding, execute
from rendering.models import Attempt, Job, OrderLine
from rendering.models.errors import columns, problem_of
from rendering.orders import held
from rendering.pictures import signing
from rendering.queue import claims, waiting
from rendering.queue.claims import Claim
from rendering.queue.lease import Lease
from tests import factories
from tests.media import path_of
from tests.rendering.steps import ends, order, succeed, taken

pytestmark = [pytest.mark.django_db, pytest.mark.database, pytest.mark.usefixtures("one_connection")]

State = OrderLine.State
FULL = {"folder": "/media", "needed": 5_000_000, "free": 10}


@pytest.fixture
def free(monkeypatch: pytest.MonkeyPatch) -> Callable[[int], None]:
    """Set how many bytes are free on every disk."""
    return lambda size: monkeypatch.setattr(disk, "free_bytes", lambda folder: size)


def hold(code: str = "disk_full", case: str = "folder", **details: Any) -> Job:
    """Claim the next job, and have it held."""
    claim = taken()
    assert claim is not None
    with transaction.atomic():
        assert not claims.fail(claim, Failure.of(code, case, **(details or FULL)))
        orders.on_job_ended(claim.job)
    return claim.job


def look_now() -> int:
    """Look as the reaper does, once the pause is over."""
    Job.objects.held().update(not_before=timezone.now() - timedelta(seconds=1))
    return held.look()


def test_a_held_job_keeps_its_place_its_attempts_and_its_reason() -> None:
    line = order(factories.product(), "draft").lines.get()
    queued = Job.objects.get().queued
    job = hold()
    assert (job.state, job.attempt, job.queued) == (Job.State.QUEUED, 0, queued)
    assert job.held_since and job.not_before and job.not_before > job.held_since
    assert (job.error_code, job.error_details["needed"]) == ("disk_full", 5_000_000)
    assert "5,000,000 bytes needed, 10 bytes free" in problem_of(job).message
    assert "goes on by itself" in waiting.why(job)
    attempt = Attempt.objects.get()
    assert (attempt.outcome, attempt.error_code) == (Attempt.Outcome.RELEASED, "disk_full")
    line.refresh_from_db()
    assert (line.state, line.error_code) == (State.WORKING, "")
    assert CadFile.objects.get().state == CadFile.State.UPLOADED
    assert taken() is None and claims.pump() == 0


def test_what_is_held_says_why_and_waits() -> None:
    factories.job()
    with pytest.raises(IntegrityError), transaction.atomic():
        Job.objects.update(held_since=timezone.now())


def test_it_goes_on_when_there_is_room_and_not_before(tmp_path: Path, free: Callable[[int], None]) -> None:
    line = order(factories.product(), "draft").lines.get()
    hold()
    free(511_000_000)  # the floor is 512 MB
    assert look_now() == 0
    free(512_000_000)
    assert held.look() == 1
    job = Job.objects.get()
    assert (job.held_since, job.not_before, job.error_code, job.error_details) == (None, None, "", {})
    ends(tmp_path)
    line.refresh_from_db()
    assert line.state == State.DONE


def test_it_is_not_looked_at_before_its_pause_is_over_and_ever_less_often(
    free: Callable[[int], None],
) -> None:
    order(factories.product(), "draft")
    free(10**12)
    pauses = []
    for _ in range(3):
        job = hold()
        assert held.look() == 0
        assert job.not_before and job.held_since
        pauses.append((job.not_before - job.held_since).total_seconds())
        assert look_now() == 1
    assert pauses == [5, 10, 20]
    assert Attempt.objects.count() == 3 and Job.objects.get().attempt == 0


def test_room_is_given_out_once(free: Callable[[int], None]) -> None:
    for _ in range(4):
        order(factories.product(), "draft")
    for _ in range(4):
        hold(folder="/media", needed=400_000_000, free=0)
    free(1_400_000_000)
    assert look_now() == 3  # 1,400, 1,000, 600; then 200 MB are less than one needs


def test_below_the_floor_all_go_on_once_there_is_more_or_the_floor_is_lower(
    free: Callable[[int], None],
) -> None:
    for _ in range(3):
        order(factories.product(), "draft")
    for _ in range(3):
        hold("disk_full", "floor", folder="/media", needed=512_000_000, free=0)
    free(500_000_000)
    assert look_now() == 0
    row = SystemSettings.load()
    row.disk_floor_mb = 400
    row.save()
    assert look_now() == 3


def test_a_folder_that_can_be_written_again_lets_them_go(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    order(factories.product(), "draft")
    hold("media_read_only", folder=tmp_path / "there", reason="Read-only file system")
    write_trouble = storage.write_trouble
    monkeypatch.setattr(storage, "write_trouble", lambda folder: "Read-only file system")
    assert look_now() == 0
    monkeypatch.setattr(storage, "write_trouble", write_trouble)
    assert look_now() == 1


def test_an_operator_lets_it_be_tried_at_once_and_can_cancel_it() -> None:
    line = order(factories.product(), "draft").lines.get()
    job = hold()
    assert orders.try_now(job) and not orders.try_now(job)
    assert hold().pk == job.pk
    assert orders.cancel_job(job)
    job.refresh_from_db()
    line.refresh_from_db()
    assert (job.state, job.held_since, line.state) == (Job.State.CANCELED, None, State.CANCELED)
    assert look_now() == 0


def test_one_that_was_to_be_canceled_meanwhile_is_canceled_and_not_held() -> None:
    line = order(factories.product(), "draft").lines.get()
    claim = taken()
    assert claim is not None
    orders.cancel_line(line)
    with transaction.atomic():
        assert claims.fail(claim, Failure.of("disk_full", "folder", **FULL))
        orders.on_job_ended(claim.job)
    assert Job.objects.get().state == Job.State.CANCELED


def test_ordering_the_same_again_waits_with_it() -> None:
    product = factories.product()
    first = order(product, "draft").lines.get()
    job = hold()
    second = order(product, "draft").lines.get()
    assert [line.jobs.get().pk for line in (first, second)] == [job.pk, job.pk]
    orders.reap()
    assert Job.objects.get().held_since


def test_media_that_are_not_mounted_hold_jobs_and_take_nothing(tmp_path: Path, settings: Any) -> None:
    line = order(factories.product(), "draft").lines.get()
    there = Path(settings.MEDIA_ROOT)
    away = there.rename(tmp_path / "away")
    there.mkdir()  # as an unmounted disk leaves it
    execute.work(CPU_QUEUE)
    job = Job.objects.get()
    assert job.error_code == "storage_away" and job.held_since and job.attempt == 0
    assert "not mounted" in problem_of(job).message and "Mount it" in problem_of(job).next_step
    assert list(there.iterdir()) == []
    assert look_now() == 0
    there.rmdir()
    assert look_now() == 0
    away.rename(there)
    assert look_now() == 1
    line.refresh_from_db()
    assert line.state == State.WORKING and taken() is not None


def test_nothing_counts_as_lost_while_the_media_are_away(tmp_path: Path, settings: Any) -> None:
    made, read = factories.product(), factories.product()
    factories.geometry(read.cad_file, tmp_path)
    order(made, "draft")
    claim = taken()
    assert claim is not None
    succeed(claim, tmp_path)
    ends(tmp_path)
    jobs = Job.objects.count()
    away = Path(settings.MEDIA_ROOT).rename(tmp_path / "away")
    assert order(made, "draft").lines.get().state == State.DONE
    assert order(read, "draft").lines.get().jobs.get().kind == Job.Kind.RENDER
    assert Job.objects.count() == jobs + 1
    away.rename(settings.MEDIA_ROOT)
    path_of(MediaAsset.objects.get(cad_file=read.cad_file)).unlink()
    assert order(read, "thumbnail").lines.get().jobs.get().kind == Job.Kind.TESSELLATE


def test_an_upload_into_the_empty_folder_of_an_unmounted_disk_is_refused(
    tmp_path: Path, settings: Any
) -> None:
    from media_assets.ingest import receive
    from tests.paths import SAMPLE

    factories.product()
    there = Path(settings.MEDIA_ROOT)
    there.rename(tmp_path / "away")
    there.mkdir()
    with pytest.raises(storage.StorageAway):
        receive.receive(SAMPLE, SAMPLE.name, max_bytes=10**9)
    assert list(there.iterdir()) == []


def test_nothing_is_published_into_a_folder_whose_disk_went_away_meanwhile(
    tmp_path: Path, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    product = factories.product()
    factories.master(product.cad_file, factories.output_type("thumbnail"), tmp_path)
    order(product, "thumbnail")
    write = encoding.write

    def unmount(*arguments: Any, **options: Any) -> Any:
        written = write(*arguments, **options)
        there = Path(settings.MEDIA_ROOT)
        there.rename(tmp_path / "away")
        there.mkdir()
        return written

    monkeypatch.setattr(encoding, "write", unmount)
    execute.work(CPU_QUEUE)
    assert Job.objects.get().error_code == "storage_away"
    assert not MediaAsset.objects.filter(kind="thumbnail").exists()
    assert list(Path(settings.MEDIA_ROOT).iterdir()) == []


class TestMissingFile:
    @pytest.fixture
    def line(self, tmp_path: Path) -> OrderLine:
        product = factories.product()
        factories.geometry(product.cad_file, tmp_path)
        return order(product, "draft").lines.get()

    def held_for(self, case: str, name: str) -> Job:
        return hold("source_missing", case, file=name)

    def test_it_goes_on_when_the_file_is_back(self, line: OrderLine, tmp_path: Path) -> None:
        geometry = MediaAsset.objects.get()
        path = path_of(geometry)
        path.rename(tmp_path / "away.glb")
        job = self.held_for("geometry", geometry.file.name)
        assert look_now() == 0 and Job.objects.get().held_since
        (tmp_path / "away.glb").rename(path)
        assert look_now() == 1
        claim = taken()
        assert claim is not None and claim.job.pk == job.pk

    def test_one_that_stays_away_is_made_again(self, line: OrderLine, tmp_path: Path, settings: Any) -> None:
        geometry = MediaAsset.objects.get()
        path_of(geometry).unlink()
        job = self.held_for("geometry", geometry.file.name)
        Job.objects.update(held_since=timezone.now() - timedelta(seconds=settings.MISSING_FILE_SECONDS + 1))
        look_now()
        job.refresh_from_db()
        line.refresh_from_db()
        assert (job.state, job.error_code) == (Job.State.CANCELED, "source_missing")
        assert "converted again" in job.error
        assert line.state == State.WORKING and line.jobs.live().get().kind == Job.Kind.TESSELLATE
        ends(tmp_path)
        line.refresh_from_db()
        assert line.state == State.DONE

    def test_while_all_media_are_away_no_file_is_given_up(
        self, line: OrderLine, tmp_path: Path, settings: Any
    ) -> None:
        geometry = MediaAsset.objects.get()
        self.held_for("geometry", geometry.file.name)
        Job.objects.update(held_since=timezone.now() - timedelta(days=3))
        Path(settings.MEDIA_ROOT).rename(tmp_path / "away")
        assert look_now() == 0
        assert Job.objects.get().held_since

    def test_one_whose_row_is_gone_as_well_is_made_again_at_once(
        self, line: OrderLine, tmp_path: Path
    ) -> None:
        path_of(MediaAsset.objects.get()).unlink()
        MediaAsset.objects.all().delete()
        self.held_for("geometry", "")
        look_now()
        assert line.jobs.live().get().kind == Job.Kind.TESSELLATE

    def test_what_nobody_can_make_again_fails_with_what_to_do(self, settings: Any) -> None:
        line = order(factories.product(), "draft").lines.get()
        cad = line.cad_file
        path_of(cad).unlink()
        hold("source_missing", "cad", name="a.step", file=cad.file.name)
        Job.objects.update(held_since=timezone.now() - timedelta(seconds=settings.MISSING_FILE_SECONDS + 1))
        (Path(settings.MEDIA_ROOT) / "cad").mkdir(exist_ok=True)
        look_now()
        line.refresh_from_db()
        assert (line.state, line.error_code) == (State.FAILED, "source_missing")
        assert "upload the CAD file again" in line.error
        assert CadFile.objects.get().state == CadFile.State.FAILED


def test_whatever_fails_while_the_media_are_read_only_is_held(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse() -> None:
        raise storage.StorageReadOnly(disk.media_root(), "Read-only file system")

    def run(claim: Claim, lease: Lease) -> None:
        lease.beat.drain_until = timezone.now() + timedelta(days=1)
        monkeypatch.setattr(execute, "require_media", refuse)
        raise ValueError("It could not be written.")

    factories.job(kind=Job.Kind.TESSELLATE, spec={"recipe": {}})
    monkeypatch.setitem(execute.RUNNERS, Job.Kind.TESSELLATE, run)
    execute.work(CPU_QUEUE)
    job = Job.objects.get()
    assert (job.error_code, job.held_since is None) == ("media_read_only", False)


def test_the_setting_of_the_floor_is_what_counts(free: Callable[[int], None]) -> None:
    order(factories.product(), "draft")
    hold(folder="/media", needed=100, free=0)
    row = SystemSettings.load()
    row.disk_floor_mb = 0
    row.save()
    free(99)
    assert look_now() == 0
    free(100)
    assert look_now() == 1


def test_one_look_takes_so_many(monkeypatch: pytest.MonkeyPatch, free: Callable[[int], None]) -> None:
    monkeypatch.setattr(held, "MOST", 2)
    for _ in range(3):
        factories.job()
    Job.objects.update(held_since=timezone.now(), **columns(Failure.of("disk_full", "folder", **FULL)))
    free(10**12)
    assert [look_now(), look_now(), look_now()] == [2, 1, 0]


@pytest.fixture
def signing_key(tmp_path: Path, settings: Any) -> None:
    settings.C2PA_CERTIFICATE, settings.C2PA_KEY = tmp_path / "certificate.pem", tmp_path / "key.pem"
    certificates, private, _roots = signing.create("Acme GmbH")
    settings.C2PA_CERTIFICATE.write_text(certificates)
    settings.C2PA_KEY.write_text(private)


@pytest.mark.parametrize("code", sorted(held.LOOKS))
def test_what_an_earlier_version_held_without_details_is_tried_again(
    code: str, free: Callable[[int], None], signing_key: None
) -> None:
    job = factories.job()
    Job.objects.update(held_since=timezone.now(), **columns(Failure.of(code, said="It failed.")))
    free(10**12)
    look_now()
    job.refresh_from_db()
    assert job.held_since is None


def test_a_storage_that_fails_while_it_is_looked_at_stops_nothing_else(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    factories.job()
    Job.objects.update(
        held_since=timezone.now(), **columns(Failure.of("storage_away", "folder", folder="/m", reason="x"))
    )
    monkeypatch.setitem(
        held.LOOKS, "storage_away", Mock(side_effect=OSError(errno.EIO, "Input/output error"))
    )
    assert look_now() == 0
    assert orders.reap() == []
