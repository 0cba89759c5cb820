"""`manage.py prune`: what it would delete, what it deleted, and its JSON."""

from __future__ import annotations

from pathlib import Path

import pytest

from media_assets import storage
from media_assets.models import MediaAsset
from rendering.models import HistoryEntry
from tests import factories
from tests.rendering.farm.pruning.test_deleting import aged
from tests.rendering.farm.pruning.world import made, rules, unused
from tests.rendering.shell import Shell

pytestmark = pytest.mark.django_db

KEYS = {"dry_run", "rules", "files", "bytes", "seconds", "rows"}
FILE_KEYS = {
    *("rule", "asset", "kind", "product", "name", "bytes", "last_used", "reason", "words", "seconds"),
}


@pytest.fixture
def master(tmp_path: Path) -> MediaAsset:
    rules(master_days=30)
    product = factories.product(number="P-100")
    one = made("render_master", tmp_path, product.cad_file, 1, seconds={"render": 90.0})
    MediaAsset.objects.update(product=product)
    return unused(one, 99)


def test_a_dry_run_shows_what_would_go_and_deletes_nothing(manage: Shell, master: MediaAsset) -> None:
    said = manage("prune", "--dry-run")
    assert said.code == 0 and storage.exists(master.file)
    assert "1 min 30 s" in said.out and "render_master P-100" in said.out
    assert "not used for 99 days; kept for 30" in said.out
    assert "1 file would be deleted" in said.out and "To make all again: 1 min 30 s." in said.out
    assert MediaAsset.objects.kept().count() == 1 and not HistoryEntry.objects.exists()


def test_its_json_is_the_same_before_and_after(manage: Shell, master: MediaAsset) -> None:
    before = manage("prune", "--dry-run", "--json").document
    assert before.keys() == KEYS | {"has_more"} and before["dry_run"] is True
    assert before["rules"].keys() == {"superseded", "master", "geometry", "usd", "document", "frames"}
    assert before["rules"]["master"] == {"files": 1, "bytes": master.bytes, "days": 30, "limit_bytes": None}
    (one,) = before["files"]
    assert one.keys() == FILE_KEYS
    assert (one["asset"], one["reason"], one["seconds"], one["product"]) == (master.pk, "age", 90.0, "P-100")
    after = manage("prune", "--json").document
    assert after.keys() == KEYS | {"trouble"} and (after["dry_run"], after["trouble"]) == (False, None)
    assert [file["asset"] for file in after["files"]] == [master.pk] and after["bytes"] == master.bytes
    assert not storage.exists(master.file)
    assert manage("prune", "--json").document["files"] == []


def test_files_without_a_row_are_listed_too(manage: Shell, master: MediaAsset, tmp_path: Path) -> None:
    rules()
    source = tmp_path / "lost"
    source.write_bytes(b"lost")
    lost = storage.store(source, "still", ".png")
    aged(Path(storage.shown_path(lost.name)))
    (one,) = manage("prune", "--dry-run", "--json").document["files"]
    assert (one["name"], one["reason"], one["seconds"]) == (lost.name, "unreferenced", 0.0)
    assert "1 file deleted" in manage("prune").out and not storage.exists(lost.name)


def test_who_pruned_is_in_the_activity(manage: Shell, master: MediaAsset) -> None:
    manage("prune")
    entry = HistoryEntry.objects.get()
    assert (entry.via, entry.name, entry.count) == (
        "manage.py prune",
        "Storage",
        1,
    ) and "1 file deleted" in entry.words
    manage("prune")
    assert HistoryEntry.objects.count() == 1, "nothing was done"


def test_a_storage_that_takes_nothing_is_a_failure(
    manage: Shell, master: MediaAsset, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(storage, "media_trouble", lambda: "Read-only file system")
    said = manage("prune", "--json")
    assert said.code == 1 and said.document["trouble"] == "Read-only file system"
    assert "stopped early" in said.err and storage.exists(master.file)
