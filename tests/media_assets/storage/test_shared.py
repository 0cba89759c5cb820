"""Shared folders: what hosts see of each other's work in progress."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import pytest

from media_assets import storage
from media_assets.storage import SharedFolder, StorageAway
from tests.bucket import use
from tests.media import mount, place_of

FILMS = SharedFolder("frames")


@pytest.fixture(autouse=True)
def media() -> None:
    mount()


@pytest.fixture(params=["file system", "bucket"])
def anywhere(request: pytest.FixtureRequest, settings: Any) -> None:
    if request.param == "bucket":
        use(request.getfixturevalue("object_server"), settings)


def test_nothing_is_made_in_the_place_of_media_that_are_away() -> None:
    place_of(SharedFolder("cad")).rmdir()
    with pytest.raises(StorageAway):
        FILMS.folder("film").make()
    assert not list(place_of(FILMS).parent.iterdir())


def test_a_folder_that_is_not_there_is_empty_and_can_be_removed(anywhere: None) -> None:
    folder = FILMS.folder("film")
    assert (folder.names(), folder.entries()) == (set(), [])
    folder.remove()


def test_what_is_written_is_whole_and_listed_by_its_ending(anywhere: None) -> None:
    folder = FILMS.folder("film")
    folder.make()
    seal, frame = folder.file("frame_1.json"), folder.file("frame_1.png")
    seal.write(b"old")
    seal.write(b"{}")
    frame.write(b"pixels")
    assert folder.names() == {"frame_1.json", "frame_1.png"}
    assert [one.name for one in folder.entries(".json")] == ["frame_1.json"]
    assert (seal.read(), frame.sha256()) == (b"{}", hashlib.sha256(b"pixels").hexdigest())
    with frame.open() as stream:
        assert stream.read() == b"pixels"
    if not storage.is_bucket():
        assert folder.entries(".png")[0].modified_ns == frame.modified_ns()
    assert (
        abs(folder.entries(".png")[0].modified_ns - frame.modified_ns()) < 2e9
    )  # a bucket lists whole seconds
    assert [(one.name, one.is_folder) for one in FILMS.entries()] == [("film", True)]


def test_a_write_that_fails_leaves_what_was_there(monkeypatch: pytest.MonkeyPatch) -> None:
    folder = FILMS.folder("film")
    folder.make()
    seal = folder.file("frame_1.json")
    seal.write(b"whole")

    def refuse(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "replace", refuse)
    with pytest.raises(OSError, match="No space left"):
        seal.write(b"ha")
    assert seal.read() == b"whole"


def test_a_child_process_writes_where_the_others_look() -> None:
    folder = FILMS.folder("film")
    folder.make()
    with folder.local() as place:
        (place / "frame_2.png").write_bytes(b"more")
    assert folder.file("frame_2.png").read() == b"more"
    folder.file("frame_2.png").delete()
    folder.file("frame_2.png").delete()
    assert folder.names() == set()
    folder.remove()
    assert not place_of(folder).exists() and place_of(FILMS).is_dir()
