"""From claim to the end: whatever happens in between, the job ends in the right state."""

from __future__ import annotations

import errno
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.db import InterfaceError, OperationalError
from django.utils import timezone

from blender_scripts.children import process
from blender_scripts.launch import BlenderInterrupted, BlenderMissing
from gpu.models import SystemSettings
from gpu.queues.topology import CPU_QUEUE
from gpu.workers import heartbeat
from media_assets.ingest.publish import publish
from media_assets.models import CadFile, MediaAsset, Product
from media_assets.recipes.receipt import Receipt
from media_assets.storage import StorageFull, StorageReadOnly
from rendering import orders, tasks
from rendering.catalog import plan
from rendering.catalog.recipes import Renderer
from rendering.farm import execute, warm
from rendering.farm.runners import encode
from rendering.models import Attempt, Job, OrderLine
from rendering.models.errors import Canceled, JobError, Released
from rendering.queue import claims
from rendering.queue.claims import Claim
from rendering.queue.lease import Lease
from tests import factories
from tests.media import path_of
from tests.rendering.steps import order

pytestmark = [pytest.mark.django_db, pytest.mark.database, pytest.mark.usefixtures("one_connection")]

Runner = Callable[[Claim, Lease], None]


def running(monkeypatch: pytest.MonkeyPatch, runner: Runner) -> Job:
    """One conversion, run once by *runner* in place of the real one."""

    def once(claim: Claim, lease: Lease) -> None:
        lease.beat.drain_until = later()
        runner(claim, lease)

    job = factories.job(kind=Job.Kind.TESSELLATE, spec={"recipe": {}})
    monkeypatch.setitem(execute.RUNNERS, Job.Kind.TESSELLATE, once)
    execute.work(CPU_QUEUE)
    job.refresh_from_db()
    return job


def raising(error: BaseException) -> Runner:
    def run(claim: Claim, lease: Lease) -> None:
        raise error

    return run


@pytest.mark.parametrize(
    ("error", "state", "code"),
    [
        (JobError("timed_out", said="Too long."), "failed", "timed_out"),
        (JobError("blender_crashed", said="Blender ended."), "queued", "blender_crashed"),
        (JobError("no such code", said="?"), "queued", "internal"),
        (Canceled(), "canceled", "canceled"),
        (Released(), "queued", ""),
        (StorageFull(5_000, 10), "held", "disk_full"),
        (StorageReadOnly(Path("/m"), "Permission denied"), "held", "media_read_only"),
        (OSError(errno.ENOSPC, "No space left on device"), "held", "disk_full"),
        (OSError(errno.EDQUOT, "Disk quota exceeded"), "held", "disk_full"),
        (PermissionError(errno.EACCES, "Permission denied"), "held", "media_read_only"),
        (OSError(errno.ESTALE, "Stale file handle"), "held", "storage_away"),
        (OSError(errno.EIO, "Input/output error"), "queued", "internal"),
        (KeyError("recipe"), "queued", "internal"),
        (OperationalError("server closed the connection"), "queued", ""),
        (InterfaceError("the connection is closed"), "queued", ""),
    ],
)
def test_each_end_of_a_run_has_its_state_and_its_code(
    error: Exception, state: str, code: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = running(monkeypatch, raising(error))
    assert ("held" if job.held_since else job.state, job.error_code) == (state, code)
    assert job.attempt == (0 if state == "held" or code == "" else 1)
    assert job.lease_token is None
    assert job.attempts.get().outcome != Attempt.Outcome.RUNNING


def test_a_database_that_goes_away_costs_no_attempt_and_a_moments_pause(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    job = running(monkeypatch, raising(OperationalError("server closed the connection unexpectedly")))
    assert (job.attempt, str(job.stage)) == (0, "waiting for the database")
    assert job.not_before is not None and job.not_before > timezone.now()


def test_a_full_disk_says_how_much_is_needed_and_free(monkeypatch: pytest.MonkeyPatch) -> None:
    job = running(monkeypatch, raising(StorageFull(5_000, 10)))
    assert "5,000 bytes needed, 10 bytes free" in job.error
    assert (job.error_details["needed"], job.error_details["free"]) == (5_000, 10)


def test_a_defect_of_ours_leaves_its_traceback_in_the_log(monkeypatch: pytest.MonkeyPatch) -> None:
    job = running(monkeypatch, raising(KeyError("recipe")))
    assert "KeyError: 'recipe'" in job.error
    assert "Traceback" in job.log and "test_execute" in job.log


def test_what_a_failed_run_had_noted_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    def run(claim: Claim, lease: Lease) -> None:
        lease.note(log="Blender said this.", device_used="GPU", progress=0.7, stage="sample")
        raise JobError("hung", said="Blender said nothing for 300 s.")

    job = running(monkeypatch, run)
    assert (job.log, job.device_used, job.progress) == ("Blender said this.", "GPU", 0.0)


def test_a_log_with_bytes_that_no_database_takes_still_ends_the_job(monkeypatch: pytest.MonkeyPatch) -> None:
    def run(claim: Claim, lease: Lease) -> None:
        lease.note(log="broken \x00 pipe \udcff", stage="a\x00b")
        raise JobError("timed_out", said="It said \x00.")

    job = running(monkeypatch, run)
    assert (job.state, job.error_code) == ("failed", "timed_out")
    assert job.log.startswith("broken ")


def test_a_worker_that_lost_its_lease_publishes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    def run(claim: Claim, lease: Lease) -> None:
        Job.objects.update(state=Job.State.QUEUED, lease_token=None, lease_until=None, not_before=later())
        lease.tick()
        pytest.fail("it went on")

    job = running(monkeypatch, run)
    assert (job.state, job.error_code, job.asset) == ("queued", "", None)


def test_a_failure_after_the_lease_was_lost_is_not_written(monkeypatch: pytest.MonkeyPatch) -> None:
    def run(claim: Claim, lease: Lease) -> None:
        Job.objects.update(state=Job.State.QUEUED, lease_token=None, lease_until=None, not_before=later())
        raise JobError("timed_out", said="Too long.")

    assert running(monkeypatch, run).state == Job.State.QUEUED


def later() -> Any:
    return timezone.now() + timedelta(hours=1)


def test_one_message_runs_everything_that_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    for _ in range(3):
        factories.job(kind=Job.Kind.TESSELLATE)

    def run(claim: Claim, lease: Lease) -> None:
        assert heartbeat.current().busy_with == f"Tessellate {claim.job.pk}"
        claims.succeed(claim)

    monkeypatch.setitem(execute.RUNNERS, Job.Kind.TESSELLATE, run)
    assert tasks.work(CPU_QUEUE) == 3
    assert heartbeat.current().busy_with == ""
    assert set(Job.objects.values_list("state", "worker")) == {("succeeded", process.identity())}
    assert tasks.work(CPU_QUEUE) == 0


def test_a_draining_worker_takes_nothing_new() -> None:
    factories.job(kind=Job.Kind.TESSELLATE)
    heartbeat.current(CPU_QUEUE).drain_until = timezone.now() + timedelta(seconds=60)
    assert tasks.work(CPU_QUEUE) == 0
    assert Job.objects.get().state == Job.State.QUEUED


def test_a_missing_blender_fails_the_render_with_how_to_get_one(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    product = factories.product()
    factories.geometry(product.cad_file, tmp_path)
    line = order(product, "draft").lines.get()

    def none(row: SystemSettings) -> None:
        raise BlenderMissing("There is no Blender at /opt/none.")

    monkeypatch.setattr(warm, "session", none)
    execute.work("asset_pipeline")
    line.refresh_from_db()
    assert (line.state, line.error_code) == (OrderLine.State.FAILED, "blender_missing")
    assert "/opt/none" in line.error and "manage.py doctor" in line.error


def test_a_blender_that_is_killed_while_it_starts_is_started_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def killed(row: SystemSettings) -> None:
        raise BlenderInterrupted("blender was ended while it started: signal SIGKILL.")

    monkeypatch.setattr(warm, "session", killed)
    product = factories.product()
    factories.geometry(product.cad_file, tmp_path)
    order(product, "draft")
    execute.work("asset_pipeline")
    job = Job.objects.get()
    assert (job.state, job.error_code) == (Job.State.QUEUED, "blender_crashed")


def test_an_encoding_survives_a_blender_that_is_killed_while_it_says_its_version(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    product, kind = factories.product(), factories.output_type("draft")
    factories.master(product.cad_file, kind, tmp_path)
    order(product, "draft")

    def killed(claim: Claim, lease: Lease) -> None:
        raise BlenderInterrupted("blender was ended while it started: signal SIGKILL.")

    monkeypatch.setitem(execute.RUNNERS, Job.Kind.ENCODE, killed)
    execute.work(CPU_QUEUE)
    job = Job.objects.get()
    assert (job.kind, job.state, job.error_code) == (Job.Kind.ENCODE, Job.State.QUEUED, "blender_crashed")


def test_cad_whose_stored_bytes_are_gone_is_waited_for() -> None:
    product = factories.product()
    line = order(product, "draft").lines.get()
    path_of(product.cad_file).unlink()
    execute.work(CPU_QUEUE)
    line.refresh_from_db()
    job = Job.objects.get()
    assert (line.state, job.error_code) == (OrderLine.State.WORKING, "source_missing")
    assert job.held_since and job.attempt == 0
    assert CadFile.objects.get().state == CadFile.State.UPLOADED


class TestTwins:
    """A job that was made in the instant in which another one ended that made the same."""

    @pytest.fixture
    def product(self, tmp_path: Path) -> Product:
        product = factories.product()
        factories.geometry(product.cad_file, tmp_path)
        return product

    def test_a_picture_that_was_made_meanwhile_is_not_rendered_again(
        self, product: Product, tmp_path: Path
    ) -> None:
        line = order(product, "draft").lines.get()
        factories.master(product.cad_file, factories.output_type("draft"), tmp_path)
        job = Job.objects.get()
        execute.work("asset_pipeline")
        job.refresh_from_db()
        assert (job.state, job.asset, job.device_used) == (Job.State.SUCCEEDED, None, "")
        assert job.reused["picture"] == "hit" and "Nothing was made" in job.log
        line.refresh_from_db()
        assert line.source == OrderLine.Source.DERIVED
        assert line.jobs.live().get().kind == Job.Kind.ENCODE

    def test_a_file_that_was_made_meanwhile_is_not_encoded_again(
        self, product: Product, tmp_path: Path
    ) -> None:
        factories.master(product.cad_file, factories.output_type("thumbnail"), tmp_path)
        line = order(product, "thumbnail").lines.get()
        recipe = Job.objects.get().spec["recipe"]
        made = publish(
            factories.picture(tmp_path / "twin.png"),
            kind=MediaAsset.Kind.THUMBNAIL,
            format_name="png",
            recipe=recipe,
            receipt=Receipt(),
            cad_file=product.cad_file,
        )
        execute.work(CPU_QUEUE)
        line.refresh_from_db()
        assert (line.state, line.asset) == (OrderLine.State.DONE, made)
        assert line.asset is not None and line.asset.mime_type == "image/png", "the twin's"

    @pytest.mark.parametrize("why", ["forced", "gone", "not the light"])
    def test_what_is_too_old_or_not_all_there_is_rendered(
        self, why: str, product: Product, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        made = factories.master(product.cad_file, factories.output_type("draft"), tmp_path)
        order(product, "draft", force=True)
        claim = claims.claim("asset_pipeline", "w:b:1:1")
        assert claim is not None
        if why != "forced":
            OrderLine.objects.update(not_before=None)
        if why == "gone":
            path_of(made).unlink()
        if why == "not the light":
            claim.job.spec["linear"], claim.job.recipe_key = True, "the key of the light"
        rendered: list[Job] = []
        monkeypatch.setitem(execute.RUNNERS, Job.Kind.RENDER, lambda claim, _: rendered.append(claim.job))
        execute.run(claim, heartbeat.current())
        assert rendered == [claim.job]


class TestAnotherRenderer:
    """A picture that was planned on a host with another Blender or another scene."""

    @pytest.fixture
    def line(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> OrderLine:
        product = factories.product()
        factories.geometry(product.cad_file, tmp_path)
        with self.elsewhere(monkeypatch):
            return order(product, "draft").lines.get()

    @staticmethod
    @contextmanager
    def elsewhere(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
        with monkeypatch.context() as there:
            there.setattr(plan, "renderer", lambda: Renderer("4.4.0", 1))
            yield

    def test_it_is_planned_again_before_it_is_rendered(
        self, line: OrderLine, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        rendered: list[Job] = []

        def run(claim: Claim, lease: Lease) -> None:
            rendered.append(claim.job)
            raise JobError("timed_out", said="Far enough.")

        monkeypatch.setitem(execute.RUNNERS, Job.Kind.RENDER, run)
        execute.work("asset_pipeline")
        first, second = Job.objects.order_by("pk")
        assert (first.state, rendered) == (Job.State.CANCELED, [second])
        assert "another version of Blender" in first.error
        assert Renderer.of(first.spec["recipe"]) == ("4.4.0", 1)
        assert Renderer.of(second.spec["recipe"]) == plan.renderer()
        line.refresh_from_db()
        assert line.error_code == "timed_out", "it waited for the second"

    def test_what_was_rendered_there_is_delivered_from_here(
        self, line: OrderLine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        with self.elsewhere(monkeypatch):
            master = factories.master(line.cad_file, line.output_type, tmp_path)
            claim = claims.claim("asset_pipeline", "there:b:1:1")
            assert claim is not None
            claims.succeed(claim, asset=master)
        orders.on_job_ended(claim.job)
        execute.work(CPU_QUEUE)
        line.refresh_from_db()
        assert (line.state, Job.objects.filter(kind=Job.Kind.RENDER).count()) == (OrderLine.State.DONE, 1)
        assert line.asset is not None and Renderer.of(line.asset.recipe) == ("4.4.0", 1)


class TestEncoding:
    """A whole job for real: from a master to the delivered file."""

    @pytest.fixture
    def line(self, tmp_path: Path) -> OrderLine:
        product = factories.product()
        factories.master(product.cad_file, factories.output_type("thumbnail"), tmp_path)
        return order(product, "thumbnail").lines.get()

    def test_publishes_the_file_with_recipe_and_receipt(self, line: OrderLine) -> None:
        assert execute.work(CPU_QUEUE) == 1
        line.refresh_from_db()
        asset = line.asset
        assert asset is not None and line.state == OrderLine.State.DONE
        assert (asset.kind, asset.mime_type, asset.width) == ("thumbnail", "image/webp", 256)
        assert asset.recipe_key == line.recipe_key
        assert asset.receipt["device_used"] == "CPU"
        assert asset.receipt["seconds"].keys() == {"sample", "encode", "gate"}
        assert Job.objects.get().asset == asset

    def test_a_crash_between_file_and_row_leaves_no_row_and_no_half_file(
        self, line: OrderLine, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def crash(*_: object, **__: object) -> None:
            raise KeyboardInterrupt

        with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
            patch.setattr(claims, "succeed", crash)
            execute.work(CPU_QUEUE)
        assert not MediaAsset.objects.filter(kind="thumbnail").exists()
        assert Job.objects.get().state == Job.State.RUNNING
        assert not list(Path(settings.MEDIA_ROOT).rglob(".draft-*"))
        assert not list((Path(settings.CACHE_DIR) / "work").iterdir())

    def test_a_lease_lost_while_publishing_undoes_the_row(
        self, line: OrderLine, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        real = encode.publish

        def publish(*arguments: Any, **fields: Any) -> MediaAsset:
            Job.objects.update(state=Job.State.QUEUED, lease_token=None, lease_until=None, not_before=later())
            return real(*arguments, **fields)

        monkeypatch.setattr(encode, "publish", publish)
        execute.work(CPU_QUEUE)
        assert not MediaAsset.objects.filter(kind="thumbnail").exists()
        line.refresh_from_db()
        assert (line.state, line.asset) == (OrderLine.State.WORKING, None)

    def test_a_master_that_is_gone_is_waited_for(self, line: OrderLine) -> None:
        master = MediaAsset.objects.get(kind="render_master")
        path_of(master).unlink()
        execute.work(CPU_QUEUE)
        job = Job.objects.get()
        assert job.held_since and job.error_details["file"] == master.file.name
        assert "rendered again" in job.error

    def test_a_damaged_master_is_named_and_set_aside_so_that_a_retry_renders_again(
        self, line: OrderLine
    ) -> None:
        master = MediaAsset.objects.get(kind="render_master")
        path_of(master).write_bytes(b"no picture")
        execute.work(CPU_QUEUE)
        line.refresh_from_db()
        assert line.error_code == "master_damaged"
        assert "Retry the order's line" in line.error
        assert path_of(master).with_name(f"{path_of(master).name}.damaged").read_bytes() == b"no picture"
        orders.retry_line(line)
        (job,) = line.jobs.live()
        assert job.kind in ("render", "tessellate")

    def test_a_blank_picture_is_not_published(self, line: OrderLine, tmp_path: Path) -> None:
        from PIL import Image

        Image.new("RGB", (256, 256), "white").save(path_of(MediaAsset.objects.get(kind="render_master")))
        execute.work(CPU_QUEUE)
        line.refresh_from_db()
        assert line.error_code == "quality_gate" and "blank" in line.error
        assert not MediaAsset.objects.filter(kind="thumbnail").exists()
