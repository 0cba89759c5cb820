"""Stored files: whole or not at all, under a name that is their content."""

from __future__ import annotations

import errno
import hashlib
import io
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage

from media_assets import storage
from media_assets.storage import StorageFull, StorageReadOnly


@pytest.fixture
def source(tmp_path: Path) -> Path:
    path = tmp_path / "picture.png"
    path.write_bytes(b"pixels" * 1000)
    return path


def files() -> list[str]:
    root = Path(settings.MEDIA_ROOT)
    return sorted(str(path.relative_to(root)) for path in root.rglob("*") if path.is_file())


def test_a_file_is_named_by_its_bytes(source: Path) -> None:
    stored = storage.store(source, "still", ".png")
    sha = hashlib.sha256(source.read_bytes()).hexdigest()
    assert stored == storage.StoredFile(f"still/{sha[:2]}/{sha}.png", sha, 6000)
    assert Path(default_storage.path(stored.name)).read_bytes() == source.read_bytes()
    assert source.exists()


def test_the_same_bytes_are_stored_once(source: Path) -> None:
    first = storage.store(source, "still", ".png")
    made = Path(default_storage.path(first.name)).stat()
    assert storage.store(source, "still", ".png") == first
    assert Path(default_storage.path(first.name)).stat() == made
    assert len(files()) == 1


def test_others_on_the_host_may_not_read_it(source: Path) -> None:
    stored = storage.store(source, "still", ".png")
    assert Path(default_storage.path(stored.name)).stat().st_mode & 0o777 == 0o640


def failing(code: int) -> Callable[..., Any]:
    def fail(*_: Any, **__: Any) -> None:
        raise OSError(code, os.strerror(code))

    return fail


@pytest.mark.parametrize("call", ["fsync", "mkdir", "replace"])
@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EDQUOT])
def test_a_full_disk_leaves_nothing_and_says_what_is_needed_and_free(
    call: str, code: int, source: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr({"fsync": os, "mkdir": Path, "replace": Path}[call], call, failing(code))
    with pytest.raises(StorageFull) as caught:
        storage.store(source, "still", ".png")
    assert caught.value.needed == 6000 and caught.value.free > 0
    assert "6000 bytes needed" in str(caught.value) and "Free some space" in str(caught.value)
    assert files() == []


def test_a_disk_that_fills_up_half_way_leaves_no_draft(source: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real = os.fdopen

    class Full(io.BytesIO):
        def __init__(self, handle: int) -> None:
            self.file = real(handle, "wb")

        def write(self, data: Any) -> int:
            self.file.write(data[:100])
            self.file.close()
            raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fdopen", lambda handle, mode: Full(handle))
    with pytest.raises(StorageFull):
        storage.store(source, "still", ".png")
    assert files() == []


@pytest.mark.parametrize("code", [errno.EROFS, errno.EACCES, errno.EPERM])
def test_a_folder_that_takes_nothing_is_named_with_the_next_step(
    code: int, source: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Path, "mkdir", failing(code))
    with pytest.raises(StorageReadOnly, match="Give the user that runs Renderdesk the right") as caught:
        storage.store(source, "still", ".png")
    assert str(settings.MEDIA_ROOT) in str(caught.value)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write into a read-only folder")
def test_a_folder_without_write_permission_is_refused(source: Path) -> None:
    Path(settings.MEDIA_ROOT).mkdir(mode=0o500)
    with pytest.raises(StorageReadOnly):
        storage.store(source, "still", ".png")


def test_another_error_of_the_system_stays_what_it_is(source: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "fsync", failing(errno.EIO))
    with pytest.raises(OSError, match="Input/output error"):
        storage.store(source, "still", ".png")
    assert files() == []


def test_the_bytes_are_durable_before_the_name_is(source: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    order: list[str] = []
    fsync, replace = os.fsync, Path.replace

    def note_fsync(handle: int) -> None:
        is_folder = Path(f"/proc/self/fd/{handle}").resolve().is_dir()
        order.append("sync folder" if is_folder else "sync file")
        fsync(handle)

    def note_replace(self: Path, target: Path) -> Path:
        order.append("rename")
        return replace(self, target)

    monkeypatch.setattr(os, "fsync", note_fsync)
    monkeypatch.setattr(Path, "replace", note_replace)
    storage.store(source, "still", ".png")
    assert order == ["sync file", "rename", "sync folder"]


def test_a_name_never_leads_out_of_the_media_folder() -> None:
    from django.core.exceptions import SuspiciousFileOperation

    with pytest.raises(SuspiciousFileOperation):
        default_storage.save("../../outside.txt", ContentFile(b"x"))


def test_free_space_is_that_of_the_disk_where_a_folder_will_be(tmp_path: Path) -> None:
    space = storage.space_of(tmp_path / "not" / "yet")
    assert space.total >= space.free > 0


def test_a_digest_leaves_a_stream_at_its_start() -> None:
    stream = io.BytesIO(b"abc")
    stream.seek(2)
    assert storage.digest(stream) == (hashlib.sha256(b"abc").hexdigest(), 3)
    assert stream.tell() == 0


def test_a_child_process_reads_the_stored_file_itself(source: Path) -> None:
    stored = storage.store(source, "still", ".png")
    with storage.local_copy(stored.name) as path:
        assert path.read_bytes() == source.read_bytes()
        assert str(path) == storage.shown_path(stored.name)
    assert storage.size(stored.name) == 6000
    storage.delete(stored.name)
    assert not storage.exists(stored.name)
    with pytest.raises(FileNotFoundError), storage.local_copy(stored.name):
        pytest.fail("it is gone")


def test_a_damaged_file_is_put_out_of_the_way(source: Path) -> None:
    stored = storage.store(source, "still", ".png")
    storage.set_aside(stored.name)
    assert not storage.exists(stored.name)
    assert files() == [f"{stored.name}.damaged"]


def test_only_what_comes_from_outside_makes_the_media_folder(source: Path, settings: Any) -> None:
    Path(settings.MEDIA_ROOT).rmdir()
    with pytest.raises(storage.StorageAway), storage.media_errors():
        storage.store(source, "still", ".png")
    assert not Path(settings.MEDIA_ROOT).exists()
    assert storage.exists(storage.store(source, storage.CAD_FOLDER, ".step").name)


def test_whether_media_can_be_written_is_tried(settings: Any, tmp_path: Path) -> None:
    assert storage.media_trouble() == ""
    assert storage.media_space().place == Path(settings.MEDIA_ROOT) and files() == []
    (tmp_path / "file").write_text("no folder")
    settings.MEDIA_ROOT = tmp_path / "file"
    assert storage.media_trouble() == "File exists"
