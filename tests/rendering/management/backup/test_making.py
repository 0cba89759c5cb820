"""manage.py backup, and what it does about files that are gone, damaged or too many. On SQLite, in this process."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.db import connection
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import FileField
from pytest_django.plugin import blocking_manager_key

from media_assets import storage
from media_assets.models import CadFile, MediaAsset
from rendering.management import backup, doctor
from rendering.management.backup import BackupError, BackupFolder, contents, database, making, restoring
from rendering.models import HistoryEntry
from tests.media import path_of
from tests.rendering.management.backup import filling
from tests.rendering.shell import Shell

pytestmark = [
    pytest.mark.django_db(transaction=True, serialized_rollback=True),  # no copy shows what is not committed
    pytest.mark.skipif(connection.vendor != "sqlite", reason="test_rehearsal.py has PostgreSQL"),
]


@pytest.fixture(autouse=True)
def copies_can_be_read(
    transactional_db: None, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A test knows its databases beforehand; the copy is one more."""
    real = request.config.stash[blocking_manager_key]._real_ensure_connection
    monkeypatch.setattr(BaseDatabaseWrapper, "ensure_connection", real)
    monkeypatch.setattr(database, "LOCK_SECONDS", 5.0)


@pytest.fixture
def folder(tmp_path: Path) -> BackupFolder:
    return BackupFolder(tmp_path / "backups")


@pytest.fixture
def asset() -> MediaAsset:
    return filling.asset(filling.cad_file())


def test_every_field_that_names_a_file_is_known() -> None:
    fields = {
        f"{model._meta.label}.{field.name}"
        for model in apps.get_models()
        for field in model._meta.get_fields()
        if isinstance(field, FileField)
    }
    assert fields == set(contents.FIELDS)


def test_a_backup_says_what_it_holds_and_what_must_be_kept_by_hand(
    manage: Shell, folder: BackupFolder, asset: MediaAsset, settings: Any
) -> None:
    said = manage("backup", folder.path)
    assert said.code == 0
    assert (
        "copied  4 files" in said.out and "keep it yourself: SECRET_KEY, DATABASE_URL, EMAIL_URL" in said.out
    )
    (made,) = folder.path.glob("*/manifest.json")
    text = made.read_text()
    document = json.loads(text)
    assert document["version"] == settings.VERSION and document["vendor"] == "sqlite"
    assert document["rows"]["media_assets.MediaAsset"] == 1
    assert "0001_squashed" in document["migrations"]["media_assets"]
    assert document["files"][str(asset.file.name)] == [asset.sha256, asset.bytes]
    assert settings.SECRET_KEY not in text and "SECRET_KEY" in document["keep_by_hand"]
    for path in folder.path.rglob("*"):
        assert path.stat().st_mode & 0o077 == 0, path
        assert path.is_dir() or path.stat().st_nlink == 1


def test_a_second_one_copies_only_what_is_new_and_old_ones_go(
    manage: Shell, folder: BackupFolder, asset: MediaAsset
) -> None:
    first = manage("backup", folder.path, "--json").document
    gone = str(asset.file.name)
    asset.delete()
    new = filling.asset(CadFile.objects.get())
    second = manage("backup", folder.path, "--keep", "2", "--json").document
    assert (second["copied"], second["files"], second["deleted"]) == (3, 4, [])
    assert (folder.media / gone).exists()
    third = manage("backup", folder.path, "--keep", "2", "--json").document
    assert (third["copied"], third["deleted"]) == (0, [first["backup"]])
    assert folder.names() == [second["backup"], third["backup"]]
    assert not (folder.media / gone).exists() and (folder.media / str(new.file.name)).exists()
    assert manage("backup", folder.path, "--verify").code == 0


@pytest.mark.parametrize("damage", ["gone", "changed", "database"])
def test_verifying_finds_what_is_wrong(
    damage: str, manage: Shell, folder: BackupFolder, asset: MediaAsset
) -> None:
    made = manage("backup", folder.path, "--json").document
    victim = folder.media / str(asset.file.name)
    if damage == "database":
        victim = folder.path / made["backup"] / "database.sqlite3"
    if damage == "gone":
        victim.unlink()
    else:
        victim.write_bytes(b"x" + victim.read_bytes()[1:])
    said = manage("backup", folder.path, "--verify", "--json")
    name = "database.sqlite3" if damage == "database" else str(asset.file.name)
    assert (said.code, said.document["wrong"]) == (1, {name: "missing" if damage == "gone" else "damaged"})


def test_a_file_that_is_deleted_meanwhile_is_in_no_backup(
    folder: BackupFolder, asset: MediaAsset, monkeypatch: pytest.MonkeyPatch
) -> None:
    real, words = contents.count_rows, list[str]()

    def and_then_deleted(using: str) -> dict[str, int]:
        found = real(using)
        if MediaAsset.objects.exists():
            asset.delete()
            storage.delete(asset.file)
        return found

    monkeypatch.setattr(contents, "count_rows", and_then_deleted)
    made = backup.back_up(folder, say=words.append)
    assert "Files were deleted meanwhile: the database is taken again." in words
    assert made.manifest.missing == {} and made.manifest.rows["media_assets.MediaAsset"] == 0
    assert str(asset.file.name) not in made.manifest.files


def test_a_file_that_was_pruned_is_not_missed(manage: Shell, folder: BackupFolder, asset: MediaAsset) -> None:
    MediaAsset.objects.update(pruned=asset.produced, poster="")
    storage.delete(asset.file)
    said = manage("backup", folder.path, "--json")
    assert (said.code, said.document["missing"], said.document["files"]) == (0, {}, 2)  # CAD file and report


@pytest.mark.parametrize("why", ["missing", "damaged"])
def test_a_file_that_was_lost_before_is_named_and_the_rest_is_kept(
    why: str, manage: Shell, folder: BackupFolder, asset: MediaAsset
) -> None:
    if why == "missing":
        path_of(asset).unlink()
    else:
        path_of(asset).write_bytes(b"other bytes")
    said = manage("backup", folder.path)
    assert said.code == 1
    assert "1 files that the database names can't be backed up:" in said.out
    assert f"{asset.file.name}  {why}" in said.out
    assert manage("backup", folder.path, "--verify", "--json").document["missing"] == {asset.file.name: why}


def test_media_that_are_away_are_not_backed_up_as_lost(
    manage: Shell, folder: BackupFolder, asset: MediaAsset, settings: Any, tmp_path: Path
) -> None:
    settings.MEDIA_ROOT = tmp_path / "not mounted"
    settings.MEDIA_ROOT.mkdir()
    said = manage("backup", folder.path, "--keep", "1", "--json")
    assert (said.code, said.document["error_code"]) == (1, "storage_away")
    assert folder.names() == []


def test_a_backup_that_lacks_a_file_takes_no_other_ones_place(
    manage: Shell, folder: BackupFolder, asset: MediaAsset
) -> None:
    manage("backup", folder.path)
    path_of(filling.asset(CadFile.objects.get())).unlink()
    said = manage("backup", folder.path, "--keep", "1")
    assert said.code == 1 and "No backup was deleted." in said.out
    assert len(folder.names()) == 2


def test_a_lost_file_that_an_earlier_backup_has_stays_in_the_next(
    manage: Shell, folder: BackupFolder, asset: MediaAsset
) -> None:
    manage("backup", folder.path)
    path_of(asset).write_bytes(b"other bytes")
    assert manage("backup", folder.path, "--json").document["missing"] == {}
    assert manage("backup", folder.path, "--verify").code == 0


def test_a_disk_that_is_too_small_is_said_before_anything_is_copied(
    manage: Shell, folder: BackupFolder, asset: MediaAsset, monkeypatch: pytest.MonkeyPatch
) -> None:
    needed = database.size() + making.SPARE
    space = storage.DiskSpace(folder.path, needed - 1, needed)
    monkeypatch.setattr(storage, "space_of", lambda _: space)
    said = manage("backup", folder.path, "--json")
    assert (said.code, said.document["error_code"]) == (1, "disk_full")
    assert f"{needed - 1} bytes free, and {needed} bytes are needed" in said.err
    assert not folder.media.exists() and folder.names() == []


def test_one_at_a_time_writes_and_what_was_not_finished_is_cleared(
    manage: Shell, folder: BackupFolder, tmp_path: Path
) -> None:
    left = folder.path / "2026-01-01T000000Z.part"
    left.mkdir(parents=True)
    (left / "manifest.json").write_text("{}")
    assert folder.names() == []
    with folder.alone():
        assert not left.exists()
        assert manage("backup", folder.path, "--json").document["error_code"] == "busy"
    assert manage("backup", folder.path).code == 0


def test_a_backup_does_not_lie_among_the_media(manage: Shell, settings: Any) -> None:
    said = manage("backup", settings.MEDIA_ROOT / "backups")
    assert said.code == 2 and "Choose another folder." in said.err


@pytest.mark.parametrize("words", [["--keep", "0"], ["--keep", "x"]])
def test_wrong_numbers_are_refused(words: list[str], manage: Shell, folder: BackupFolder) -> None:
    assert manage("backup", folder.path, *words).code == 2


def test_unknown_and_damaged_backups_are_refused(
    manage: Shell, folder: BackupFolder, asset: MediaAsset
) -> None:
    assert "'manage.py backup' makes one" in manage("restore", folder.path).err
    made = manage("backup", folder.path, "--json").document["backup"]
    assert f"There are: {made}" in manage("backup", folder.path, "--verify", "--backup", "yesterday").err
    manifest = folder.path / made / "manifest.json"
    right = json.loads(manifest.read_text())
    for wrong in (
        "{",
        "[]",
        json.dumps({}),
        json.dumps(right | {"files": {"../../etc/passwd": ["0" * 64, 1]}}),
        json.dumps(right | {"database": {**right["database"], "name": "/etc/passwd"}}),
    ):
        manifest.write_text(wrong)
        said = manage("restore", folder.path, "--json")
        assert (said.code, said.document["error_code"]) == (1, "damaged"), wrong


def test_a_damaged_backup_is_not_restored_unless_that_is_said(
    folder: BackupFolder, asset: MediaAsset, monkeypatch: pytest.MonkeyPatch
) -> None:
    loaded: list[Path] = []
    monkeypatch.setattr(database, "load", loaded.append)
    made = backup.back_up(folder).manifest
    path_of(asset).unlink()
    copy = folder.media / str(asset.file.name)
    copy.write_bytes(b"x" * asset.bytes)
    with pytest.raises(BackupError, match=r"1 of 4 files .* are missing or damaged: .*--despite-damage"):
        backup.restore(folder, made)
    assert loaded == []
    HistoryEntry.objects.all().delete()  # the rows are those of the backup
    done = backup.restore(folder, made, despite_damage=True)
    assert dict(done.damaged) == {asset.file.name: "damaged"} and len(loaded) == 1
    (folder.path / made.name / "database.sqlite3").write_bytes(b"x")
    with pytest.raises(BackupError, match=r"The database of backup .* is damaged"):
        backup.restore(folder, made, despite_damage=True)


def test_a_file_that_is_stored_but_damaged_is_mended_by_a_restore(
    folder: BackupFolder, asset: MediaAsset, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(database, "load", lambda _: None)
    made = backup.back_up(folder).manifest
    path_of(asset).write_bytes(b"x")
    assert backup.restore(folder, made).copied == 1
    assert storage.is_stored(made.files[str(asset.file.name)])


def test_what_people_made_is_not_empty() -> None:
    assert restoring.content() == {}
    filling.cad_file()
    assert restoring.content() == {"CAD files": 1}


def test_the_programs_of_postgresql_are_asked_for_by_the_servers_version(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    class Server:
        vendor = "postgresql"

        def get_database_version(self) -> tuple[int, int]:
            return 17, 2

    monkeypatch.setattr(database, "connection", Server())
    monkeypatch.setattr(database.pooler, "stands_before", lambda connection: False)
    monkeypatch.setattr(shutil, "which", lambda name: None if name == "pg_dump" else f"/usr/bin/{name}")
    with pytest.raises(BackupError, match=r"pg_dump is missing.*sudo apt-get install postgresql-client-17"):
        database.prepare()


def _megabytes(folder: BackupFolder) -> float:
    return folder.read().bytes / 1e6


def test_the_doctor_says_when_the_last_backup_was_made(folder: BackupFolder, manage: Shell) -> None:
    assert doctor.last_backup().state == "ok"  # nothing to lose
    filling.cad_file()
    assert (doctor.last_backup().state, doctor.last_backup().detail) == (
        "warn",
        "none was made with 'manage.py backup'",
    )
    made = manage("backup", folder.path, "--json").document["backup"]
    assert (doctor.last_backup().state, doctor.last_backup().detail) == (
        "ok",
        f"Backup {made}, 1 files, {_megabytes(folder):.1f} MB",
    )
    HistoryEntry.objects.update(when="2026-01-01T00:00Z")
    assert doctor.last_backup().state == "warn" and "every night" in doctor.last_backup().hint
