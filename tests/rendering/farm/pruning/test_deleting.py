"""Deleting: files go after their rows, nobody loses what he works with, and whoever is killed leaves no harm."""

from __future__ import annotations

import os
import tempfile
import threading
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import connection, transaction
from django.utils import timezone

from gpu.models import SystemSettings
from media_assets import storage
from media_assets.models import MediaAsset, Product
from rendering import tasks
from rendering.catalog import freshness, plan
from rendering.catalog.freshness import Freshness
from rendering.farm import pruning
from rendering.farm.pruning import deleting, orphans, running
from rendering.models import Job, OrderLine
from rendering.orders.deliverables import deliverables
from tests import factories
from tests.media import path_of
from tests.rendering.farm.pruning.test_planning import film
from tests.rendering.farm.pruning.world import deliver, made, paint, rules, unused
from tests.rendering.steps import ends, order

pytestmark = [pytest.mark.django_db, pytest.mark.database]


@pytest.fixture
def product() -> Product:
    return factories.product()


@pytest.fixture
def masters(product: Product, tmp_path: Path) -> list[MediaAsset]:
    """Three render masters that nobody has used for 99 days, each cheaper than the next."""
    rules(master_days=30)
    return [
        unused(
            made("render_master", tmp_path, product.cad_file, number, seconds={"render": 1.0 * number}), 99
        )
        for number in (1, 2, 3)
    ]


def aged(path: Path, days: float = 2) -> Path:
    then = time.time() - days * 86_400
    os.utime(path, (then, then))
    return path


def test_the_file_goes_and_the_row_stays_with_recipe_and_receipt(masters: list[MediaAsset]) -> None:
    paths = [path_of(one) for one in masters]
    outcome, gone = pruning.run("olga")
    assert [one.asset for one in gone] == [one.pk for one in masters]
    assert not any(path.exists() for path in paths)
    assert outcome.all_bytes == sum(one.bytes for one in masters) and outcome.seconds == 6.0
    for one in masters:
        before = one.receipt
        one.refresh_from_db()
        assert one.pruned and one.receipt == before and one.recipe and one.sha256
    assert pruning.run("olga")[1] == []
    row = SystemSettings.load()
    assert row.prune_last_result["by"] == "olga" and row.prune_last_result["finished"]


def test_bytes_that_another_row_has_too_stay(product: Product, tmp_path: Path) -> None:
    rules(superseded_days=30)
    twins = [made("still", tmp_path, product.cad_file, 1)]
    MediaAsset.objects.update(recipe_key="another")
    twins.append(made("still", tmp_path, product.cad_file, 1))
    assert twins[0].file == twins[1].file and twins[0].pk != twins[1].pk
    unused(twins[0], 99)
    outcome, gone = pruning.run("test")
    assert len(gone) == 1 and outcome.all_bytes == 0 and path_of(twins[1]).exists()
    unused(twins[1], 99)
    pruning.run("test")
    assert not path_of(twins[1]).exists()


def test_the_poster_goes_with_its_picture(product: Product, tmp_path: Path) -> None:
    rules(superseded_days=30)
    one = made("still", tmp_path, product.cad_file, 1)
    poster = storage.store(paint(tmp_path, 77), "poster", ".webp")
    MediaAsset.objects.update(poster=poster.name)
    unused(one, 99)
    pruning.run("test")
    one.refresh_from_db()
    assert not one.poster and not storage.exists(poster.name)


def test_a_deliverable_whose_master_went_is_current_and_is_rendered_again_for_a_new_size(
    tmp_path: Path,
) -> None:
    product = factories.product()
    factories.output_type("small", width=96, height=96, samples=8, noise_threshold=0.1)
    factories.output_type("smaller", width=48, height=48, samples=8, noise_threshold=0.1)
    placed = order(product, "small")
    ends(tmp_path)
    asset = placed.lines.get().asset
    assert asset is not None
    master = MediaAsset.objects.get(kind="render_master")
    unused(master, 99)
    rules(master_days=30)
    pruning.run("test")
    master.refresh_from_db()
    assert master.pruned and freshness.of_assets([asset.pk]) == {asset.pk: Freshness.CURRENT}
    assert [item.changed for item in deliverables()] == [[]], "it is not stale"
    again = order(product, "small").lines.get()
    assert (again.state, again.source) == (OrderLine.State.DONE, OrderLine.Source.CACHED)
    line = order(product, "smaller").lines.get()
    assert line.source == OrderLine.Source.RENDERED
    ends(tmp_path)
    line.refresh_from_db()
    assert line.state == OrderLine.State.DONE


def test_a_superseded_picture_that_is_ordered_again_is_made_again_in_its_row(tmp_path: Path) -> None:
    product = factories.product()
    first = order(product, "draft").lines.get()
    ends(tmp_path)
    first.refresh_from_db()
    old = first.asset
    assert old is not None
    MediaAsset.objects.filter(pk=old.pk).update(pruned=timezone.now())
    storage.delete(old.file)
    line = order(product, "draft").lines.get()
    assert line.source == OrderLine.Source.DERIVED, "its render master is there"
    ends(tmp_path)
    line.refresh_from_db()
    old.refresh_from_db()
    assert line.asset == old and old.pruned is None and storage.exists(old.file)


@pytest.mark.parametrize("when", ["used", "shared", "ordered", "worked on"])
def test_what_is_needed_by_the_time_of_deleting_stays(
    when: str, masters: list[MediaAsset], product: Product
) -> None:
    one = masters[0]
    going = pruning.make_plan().going
    if when == "used":
        assert MediaAsset.objects.use([one]) == set()
    elif when == "shared":
        from rendering.models import ShareLink

        ShareLink.objects.create(asset=one, expires=timezone.now() + timedelta(days=1))
    elif when == "ordered":
        OrderLine.objects.create(
            order=deliver(product, masters[2]).order,
            product=product,
            output_type=factories.output_type("thumbnail"),
            cad_file=one.cad_file,
            recipe_key=one.recipe_key,
            master_width=1,
            master_height=1,
        )
    else:
        factories.job(kind=Job.Kind.ENCODE, cad_file=one.cad_file, spec={"master": one.pk})
    gone = deleting.delete(going)
    assert [item.asset for item, _ in gone] == [masters[1].pk, masters[2].pk]
    assert storage.exists(one.file)


def test_who_finds_something_that_is_pruned_in_this_instant_looks_again(
    masters: list[MediaAsset], product: Product, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kind = factories.output_type("draft")
    cad = product.cad_file
    assert cad is not None
    one = unused(factories.master(cad, kind, tmp_path), 99)
    looked = []
    look = plan.find_all

    def late(sought: Any) -> Any:
        """The prune comes between the look and the order."""
        found = look(sought)
        if not looked:
            pruning.run("test")
        looked.append([ready.master for ready in found])
        return found

    monkeypatch.setattr(plan, "find_all", late)
    line = order(product, "draft").lines.get()
    assert looked == [[one], [None]]
    assert [job.kind for job in line.jobs.all()] == [Job.Kind.TESSELLATE]
    assert line.source == OrderLine.Source.RENDERED


def test_a_use_is_written_down_once_a_day(masters: list[MediaAsset], django_assert_num_queries: Any) -> None:
    MediaAsset.objects.use(masters)
    used = [MediaAsset.objects.get(pk=one.pk) for one in masters]
    assert all(timezone.now() - one.last_used < timedelta(minutes=1) for one in used)
    with django_assert_num_queries(0):
        assert MediaAsset.objects.use(used) == set()


@pytest.mark.parametrize("at", ["between the row and the file", "between two files", "before the row"])
def test_whoever_is_killed_leaves_nothing_that_the_next_run_does_not_mend(
    at: str, masters: list[MediaAsset], monkeypatch: pytest.MonkeyPatch
) -> None:
    class Killed(BaseException):
        pass

    calls = []

    def die(*args: Any, **words: Any) -> int:
        calls.append(args)
        if at == "between two files" and len(calls) == 1:
            return real(*args, **words)
        raise Killed

    real: Callable[..., int] = storage.discard
    with monkeypatch.context() as patch, pytest.raises(Killed):
        if at == "before the row":
            patch.setattr(deleting, "needed", die)
        else:
            patch.setattr(storage, "discard", die)
        pruning.run("test")
    for one in MediaAsset.objects.kept():
        assert storage.exists(one.file), "no row says that it has a file that is gone"
    for one in masters:
        if path_of(one).exists():
            aged(path_of(one))
    pruning.run("test")
    assert not any(path_of(one).exists() for one in masters)
    assert MediaAsset.objects.kept().count() == 0


def test_files_without_a_row_go_after_a_day(product: Product, tmp_path: Path) -> None:
    rules()
    kept = made("still", tmp_path, product.cad_file, 1)
    aged(path_of(kept))
    report = storage.store_bytes(b"{}", "report", ".json")
    geometry = made("gltf_geometry", tmp_path, product.cad_file, 2, report=report.name)
    poster = storage.store(paint(tmp_path, 9), "poster", ".webp")
    MediaAsset.objects.filter(pk=kept.pk).update(poster=poster.name)
    lost = [
        storage.store(paint(tmp_path, 50 + at), folder, ".png") for at, folder in enumerate(orphans.FOLDERS)
    ]
    from django.core.files.storage import default_storage

    places = [Path(default_storage.path(one.name)) for one in lost]
    draft = places[0].with_name(".draft-abc")
    damaged = places[0].with_name("x.png.damaged")
    for path in (draft, damaged):
        path.write_bytes(b"x")
    for place in [*places, draft, damaged]:
        aged(place)
    young = storage.store(paint(tmp_path, 200), "still", ".png")
    for name in (report.name, poster.name, str(geometry.file.name), str(product.cad_file.file.name)):
        aged(Path(default_storage.path(name)))
    assert {one.name for one in pruning.lost()} >= {one.name for one in lost}
    outcome, gone = pruning.run("test")
    assert len(gone) == len(lost) + 1 and outcome.files == {"unreferenced": len(lost) + 1}
    assert not any(place.exists() for place in [*places, draft]) and damaged.exists()
    for name in (report.name, poster.name, young.name):
        assert storage.exists(name)
    assert all(storage.exists(one.file) for one in (kept, geometry)) and storage.exists(product.cad_file.file)
    aged(damaged, 31)
    assert [one.name.rpartition("/")[2] for one in pruning.run("test")[1]] == ["x.png.damaged"]


def test_frames_go_whole_unless_somebody_renders_them_by_now(product: Product) -> None:
    rules(frames_days=7)
    film("old", 9, 1.0)
    film("wanted", 9, 1.0)
    going = pruning.make_plan().going
    factories.job(cad_file=product.cad_file, spec={"film": "wanted"})
    assert [one.name for one, _ in deleting.delete(going)] == ["frames/old"]


def test_a_row_whose_file_was_lost_is_not_marked_as_pruned(masters: list[MediaAsset]) -> None:
    path_of(masters[0]).unlink()
    pruning.run("test")
    masters[0].refresh_from_db()
    assert masters[0].pruned is None


def test_a_storage_that_can_not_be_written_ends_the_run_with_the_reason(
    masters: list[MediaAsset], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(storage, "media_trouble", lambda: "Read-only file system")
    outcome, gone = pruning.run("test")
    assert outcome.trouble == "Read-only file system" and not gone and outcome.finished
    assert MediaAsset.objects.kept().count() == 3

    def refuse(*_: object) -> int:
        raise PermissionError(13, "Permission denied")

    monkeypatch.undo()
    monkeypatch.setattr(storage, "discard", refuse)
    assert pruning.run("test")[0].trouble == "Permission denied"


def test_what_the_page_asks_for_is_done_in_slices(
    masters: list[MediaAsset], monkeypatch: pytest.MonkeyPatch
) -> None:
    called: list[str] = []
    monkeypatch.setattr(running.wake, "call", called.append)
    monkeypatch.setattr(running, "BATCH", 1)
    assert tasks.prune() == 0, "nobody asked"
    assert pruning.request("olga") and not pruning.request("otto")
    assert called == ["rendering.tasks.prune"]
    assert pruning.go_on(seconds=-1) == 1 and len(called) == 2
    row = SystemSettings.load()
    assert row.prune_requested_at and row.prune_last_result["files"] == {"master": 1}
    assert not row.prune_last_result["finished"]
    while SystemSettings.load().prune_requested_at:
        pruning.go_on(seconds=60)
    row = SystemSettings.load()
    assert row.prune_last_result["by"] == "olga" and row.prune_last_result["files"] == {"master": 3}
    assert row.prune_last_result["finished"] and not MediaAsset.objects.kept().exists()


def test_a_lost_message_is_sent_again(monkeypatch: pytest.MonkeyPatch) -> None:
    called: list[str] = []
    monkeypatch.setattr(running.wake, "call", called.append)
    pruning.request("olga")
    tasks.reap()
    assert len(called) == 1, "its message may be on its way"
    SystemSettings.objects.update(prune_requested_at=timezone.now() - timedelta(minutes=4))
    tasks.reap()
    assert len(called) == 2


def test_it_runs_by_itself_only_where_that_is_switched_on(masters: list[MediaAsset]) -> None:
    assert not tasks.prune_daily() and tasks.prune() == 0
    SystemSettings.objects.update(prune_daily=True)
    assert tasks.prune_daily() and tasks.prune() == 3
    assert SystemSettings.load().prune_last_result["by"] == "schedule"


def test_saving_the_settings_leaves_the_run_alone(masters: list[MediaAsset]) -> None:
    stale = SystemSettings.load()
    pruning.request("olga")
    stale.hang_seconds = 77
    stale.save()
    row = SystemSettings.load()
    assert row.prune_requested_at and row.prune_last_result["by"] == "olga" and row.hang_seconds == 77


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_prunes_and_publishers_at_once_leave_each_kept_row_its_file(tmp_path: Path) -> None:
    """The same bytes are pruned and published again and again, by two prunes and two workers at a time."""
    cad = factories.cad_file()
    rules(master_days=30)
    pictures = [made("render_master", tmp_path, cad, number) for number in range(6)]
    until = time.monotonic() + 3
    trouble: list[BaseException] = []

    def prune() -> None:
        while time.monotonic() < until:
            MediaAsset.objects.kept().update(last_used=timezone.now() - timedelta(days=99))
            pruning.run("test")

    def work() -> None:
        folder = Path(tempfile.mkdtemp(dir=tmp_path))  # a worker shares its drafts with nobody
        while time.monotonic() < until:
            for number in range(len(pictures)):
                with transaction.atomic():
                    one = made("render_master", folder, cad, number)
                    assert storage.exists(one.file)

    def guarded(what: Callable[[], None]) -> None:
        try:
            what()
        except BaseException as error:
            trouble.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=guarded, args=(what,)) for what in (prune, prune, work, work)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert not trouble
    kept = list(MediaAsset.objects.kept())
    assert all(storage.exists(one.file) for one in kept)
