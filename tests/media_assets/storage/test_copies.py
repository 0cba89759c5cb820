"""Copies of stored files outside the media: whole, checked, of whatever storage there is."""

from __future__ import annotations

import hashlib
import shutil
from pathlib import Path
from typing import Any

import pytest
from django.core.files.storage import default_storage

from media_assets import storage
from media_assets.storage import DamagedFile, StoredFile
from media_assets.storage.where import in_bucket
from tests.bucket import use


@pytest.fixture(params=["file system", "another storage", "bucket"])
def anywhere(request: pytest.FixtureRequest, settings: Any) -> None:
    """The folder of media, a bucket, and any other storage."""
    if request.param == "bucket":
        use(request.getfixturevalue("object_server"), settings)
    elif request.param != "file system":
        memory = {"BACKEND": "django.core.files.storage.InMemoryStorage"}
        settings.STORAGES = settings.STORAGES | {"default": memory}


def damage(name: str) -> None:
    if objects := in_bucket():
        objects.bucket.write(name, b"other")
    else:
        with default_storage.open(name, "wb") as stream:
            stream.write(b"other")


@pytest.fixture
def picture(anywhere: None) -> StoredFile:
    return storage.store_bytes(b"pixels" * 100_000, "still", ".png")


@pytest.fixture
def backup(tmp_path: Path) -> Path:
    return tmp_path / "backup"


def test_a_copy_is_whole_and_for_its_owner_alone(picture: StoredFile, backup: Path) -> None:
    assert storage.copy_out(picture.name, backup, picture.sha256) == picture
    copy = backup / picture.name
    assert hashlib.sha256(copy.read_bytes()).hexdigest() == picture.sha256
    assert copy.stat().st_mode & 0o777 == 0o600 and copy.stat().st_nlink == 1
    assert copy.parent.stat().st_mode & 0o777 == 0o700
    assert [path for path in backup.rglob("*") if path.is_file()] == [copy]


def test_what_is_not_there_or_damaged_is_not_copied(picture: StoredFile, backup: Path) -> None:
    with pytest.raises(FileNotFoundError):
        storage.copy_out("still/ab/abc.png", backup)
    with pytest.raises(DamagedFile):
        storage.copy_out(picture.name, backup, "0" * 64)
    assert not [path for path in backup.rglob("*") if path.is_file()]


def test_a_copy_that_was_cut_off_is_made_again(
    picture: StoredFile, backup: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    part = (backup / picture.name).with_name(f"{Path(picture.name).name}.part")
    part.parent.mkdir(parents=True)
    part.write_bytes(b"pix")
    storage.copy_out(picture.name, backup, picture.sha256)
    storage.check_copy(backup, picture)
    assert not part.exists()


def test_a_copy_comes_back_and_only_once(picture: StoredFile, backup: Path, settings: Any) -> None:
    storage.copy_out(picture.name, backup, picture.sha256)
    assert not storage.copy_in(backup, picture)  # it is there
    storage.delete(picture.name)
    shutil.rmtree(settings.MEDIA_ROOT, ignore_errors=True)  # an empty installation has no such folder
    assert storage.copy_in(backup, picture)
    with storage.open_stored(picture.name) as stream:
        assert storage.digest(stream) == (picture.sha256, picture.bytes)


def test_damaged_bytes_in_the_storage_are_replaced(picture: StoredFile, backup: Path) -> None:
    storage.copy_out(picture.name, backup, picture.sha256)
    storage.delete(picture.name)
    damage(picture.name)
    assert storage.copy_in(backup, picture)
    assert storage.is_stored(picture)


@pytest.mark.parametrize("damage", ["cut", "changed", "gone"])
def test_a_damaged_copy_is_not_stored(damage: str, picture: StoredFile, backup: Path) -> None:
    storage.copy_out(picture.name, backup, picture.sha256)
    storage.delete(picture.name)
    copy = backup / picture.name
    if damage == "gone":
        copy.unlink()
    else:
        copy.write_bytes(b"x" * (picture.bytes - (damage == "cut")))
    with pytest.raises(FileNotFoundError if damage == "gone" else DamagedFile):
        storage.copy_in(backup, picture)
    assert not storage.exists(picture.name)
