"""Uploads that are too large, or that the disk can't take: refused while they arrive, in words, leaving nothing."""

from __future__ import annotations

import errno
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile, TemporaryUploadedFile
from django.core.files.uploadhandler import TemporaryFileUploadHandler
from django.test import Client

from gpu.models import SystemSettings
from media_assets.models import CadFile
from media_assets.storage import disk
from tests.conftest import SAMPLE
from tests.media import path_of
from tests.rendering.desk.test_upload import ADD, said, upload

pytestmark = pytest.mark.django_db

MB = 1_000_000
BIG = b"ISO-10303-21;" + bytes(4 * MB)


@pytest.fixture
def folder(settings: Any, tmp_path: Path) -> Path:
    """Where uploads are written to first."""
    path = tmp_path / "uploads"
    path.mkdir()
    settings.FILE_UPLOAD_TEMP_DIR = str(path)
    return path


@pytest.fixture
def written(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The bytes that were really written, piece by piece."""
    pieces: list[int] = []
    write = TemporaryFileUploadHandler.receive_data_chunk

    def count(self: TemporaryFileUploadHandler, raw_data: bytes, start: int) -> bytes | None:
        pieces.append(len(raw_data))
        return write(self, raw_data, start)

    monkeypatch.setattr(TemporaryFileUploadHandler, "receive_data_chunk", count)
    return pieces


def allow(megabytes: int) -> None:
    SystemSettings.load()
    SystemSettings.objects.update(upload_max_mb=megabytes)


def test_what_is_above_the_limit_is_not_written_and_the_others_are_taken(
    admin_client: Client, folder: Path, written: list[int]
) -> None:
    allow(1)
    answers = said(
        upload(admin_client, ("a.step", SAMPLE.read_bytes()), ("big.step", BIG), ("b.step", b"no"))
    )
    assert "has been uploaded as product a" in answers[0]
    assert answers[1].startswith("“big.step” was refused: The file has 4.1 MB; the limit is 1 MB.")
    assert "not a CAD file" in answers[2]
    assert sum(written) < 2 * MB
    assert not list(folder.iterdir())
    assert path_of(CadFile.objects.get()).read_bytes() == SAMPLE.read_bytes()


def test_large_files_within_the_limit_arrive_whole(admin_client: Client, folder: Path) -> None:
    contents = [SAMPLE.read_bytes().replace(b"DATA;", b"DATA;" + sign * 3 * MB, 1) for sign in (b" ", b"\n")]
    upload(admin_client, ("a.step", contents[0]), ("b.step", contents[1]))
    assert [path_of(file).read_bytes() for file in CadFile.objects.order_by("pk")] == contents
    assert not list(folder.iterdir())


def test_a_disk_that_fills_up_while_a_file_arrives_is_an_answer(
    admin_client: Client, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write = TemporaryFileUploadHandler.receive_data_chunk

    def fill(self: TemporaryFileUploadHandler, raw_data: bytes, start: int) -> bytes | None:
        if start > MB:
            raise OSError(errno.ENOSPC, "No space left on device")
        return write(self, raw_data, start)

    monkeypatch.setattr(TemporaryFileUploadHandler, "receive_data_chunk", fill)
    answers = said(upload(admin_client, ("a.step", SAMPLE.read_bytes()), ("big.step", BIG)))
    assert "has been uploaded as product a" in answers[0]
    assert answers[1].startswith(f"“big.step” was refused: The disk of {folder}, where uploads")
    assert not list(folder.iterdir())


def test_a_disk_that_takes_no_file_at_all_is_an_answer(
    admin_client: Client, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    create = TemporaryUploadedFile.__init__

    def fail(self: TemporaryUploadedFile, name: str, *words: Any) -> None:
        if name == "big.step":
            raise OSError(errno.ENOSPC, "No space left on device")
        create(self, name, *words)

    monkeypatch.setattr(TemporaryUploadedFile, "__init__", fail)
    answers = said(upload(admin_client, ("a.step", SAMPLE.read_bytes()), ("big.step", BIG)))
    assert "has been uploaded as product a" in answers[0] and "is full: " in answers[1]


def test_more_than_the_disk_has_room_for_is_refused_before_the_first_byte(
    admin_client: Client, folder: Path, written: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(disk, "free_bytes", lambda _: 3 * MB)
    answer = said(upload(admin_client, ("big.step", BIG)))[0]
    assert "is full: " in answer and "3000000 bytes free" in answer
    assert not written and not list(folder.iterdir())


def test_what_would_leave_less_than_the_floor_is_refused_before_the_first_byte(
    admin_client: Client, folder: Path, written: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    allow(100)
    monkeypatch.setattr(disk, "free_bytes", lambda _: 520 * MB)
    answer = said(upload(admin_client, ("big.step", BIG)))[0]
    assert answer.startswith(
        "“big.step” was refused: The media disk has 520 MB free, and 512 MB are kept free."
    )
    assert "need about 36 MB" in answer and "under Storage" in answer
    assert not written and not list(folder.iterdir()) and not CadFile.objects.exists()
    SystemSettings.objects.update(disk_floor_mb=400)
    assert "uploaded as product" in said(upload(admin_client, ("a.step", SAMPLE.read_bytes())))[0]


@pytest.mark.parametrize("who", ["nobody", "somebody without the permission"])
def test_nothing_is_written_for_those_who_may_not_upload(
    who: str, client: Client, staff: Callable[..., Client], folder: Path, written: list[int]
) -> None:
    sender = client if who == "nobody" else staff("media_assets.view_cadfile")
    response = sender.post(ADD, {"cad_files": SimpleUploadedFile("big.step", BIG)})
    assert response.status_code == (302 if who == "nobody" else 403)
    assert not written and not list(folder.iterdir())
