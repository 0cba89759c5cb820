"""Stored files in a bucket of a real server: whole or not at all, checked both ways, held when it is away."""

from __future__ import annotations

import errno
import hashlib
import os
import subprocess
import sys
import time
import urllib.error
import urllib.request
import uuid
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.files.storage import default_storage

from media_assets import storage
from media_assets.storage import SharedFolder, StorageAway, StorageReadOnly
from tests.bucket import KEY, LINE, SECRET, Line, Server, move_to, use
from tests.paths import PROJECT

botocore = pytest.importorskip("botocore.exceptions", reason=LINE)
PIXELS = b"pixels" * 1000
SHA = hashlib.sha256(PIXELS).hexdigest()
NAME = f"still/{SHA[:2]}/{SHA}.png"
WRITER = """
import io, os, sys
os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings"
from config.bucket import read_bucket
from media_assets.storage import bucket
bucket.PART, content = 1 << 20, bytes(1 << 21)
found = bucket.Bucket(read_bucket(sys.argv[1]))
client = found._client()
client.complete_multipart_upload = lambda **_: (print("sent", flush=True), sys.stdin.read())
found.put("still/large.png", io.BytesIO(content), len(content), bucket.hashlib.sha256(content).hexdigest())
"""


@pytest.fixture
def objects(object_server: Server, settings: Any) -> Any:
    use(object_server, settings)
    return default_storage


def in_the_bucket(objects: Any, folder: str = "still") -> list[str]:
    return [one.name for one in objects.bucket.listed(folder)]


def test_a_file_is_named_by_its_bytes_and_known_by_its_sum(objects: Any) -> None:
    assert storage.store_bytes(PIXELS, "still", ".png") == storage.StoredFile(NAME, SHA, 6000)
    assert storage.store_bytes(PIXELS, "still", ".png").name == NAME
    assert in_the_bucket(objects) == [NAME]
    said = objects.bucket.about(NAME)
    assert (said.sha256, said.bytes, storage.size(NAME)) == (SHA, 6000, 6000)
    with storage.open_stored(NAME) as stream:
        assert stream.read() == PIXELS
    with storage.local_copy(NAME) as path:
        assert path.read_bytes() == PIXELS and str(path) == storage.shown_path(NAME)
        assert storage.local_folder() in path.resolve().parents
    assert [one.name for some in storage.listed("still") for one in some] == [NAME]
    storage.delete(NAME)
    assert (
        not storage.exists(NAME) and storage.is_lost(NAME) is False
    )  # no CAD files: for all we know it is away
    storage.store_bytes(b"cad", "cad", ".step")
    assert storage.is_lost(NAME)
    with pytest.raises(FileNotFoundError), storage.local_copy(NAME):
        pytest.fail("it is gone")


def test_of_sixteen_writers_of_one_key_one_wins(objects: Any) -> None:
    from io import BytesIO

    with ThreadPoolExecutor(16) as pool:
        won = list(pool.map(lambda _: objects.bucket.put(NAME, BytesIO(PIXELS), 6000, SHA), range(16)))
    assert sum(won) == 1 and objects.bucket.read(NAME) == PIXELS


def test_wrong_bytes_are_refused_on_the_way_in(objects: Any, tmp_path: Path) -> None:
    (tmp_path / "other").write_bytes(b"other")
    with pytest.raises(OSError, match="not those that its name says"):
        storage.store_as(tmp_path / "other", NAME)
    with pytest.raises(botocore.ClientError, match="did not match"):  # and by the server itself
        objects.bucket._client().put_object(
            **objects.bucket._target(NAME), Body=b"other", ChecksumSHA256="AAAA" * 10 + "AAA="
        )
    assert in_the_bucket(objects) == []


def test_wrong_bytes_are_refused_on_the_way_out_and_kept_for_a_look(objects: Any) -> None:
    objects.bucket.write(NAME, b"rotten")
    with pytest.raises(FileNotFoundError, match="not those that were stored"), storage.local_copy(NAME):
        pytest.fail("they are not its bytes")
    assert in_the_bucket(objects) == [f"{NAME}.damaged"] and not objects.cache.has(NAME)


def test_a_copy_that_rots_on_this_host_is_dropped_and_the_object_stays(objects: Any) -> None:
    storage.store_bytes(PIXELS, "still", ".png")
    with storage.local_copy(NAME) as path:
        path.write_bytes(b"rotten")
    storage.set_aside(NAME)
    with storage.local_copy(NAME) as path:
        assert path.read_bytes() == PIXELS


def test_a_large_file_goes_in_parts_and_whole(
    objects: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for room in ("bucket", "objects"):
        monkeypatch.setattr(f"media_assets.storage.{room}.PART", 5 << 20)
    large = tmp_path / "large"
    large.write_bytes(os.urandom((5 << 20) + 5))
    stored = storage.store(large, "render_master", ".png")
    assert storage.store(large, "render_master", ".png") == stored
    with storage.local_copy(stored.name) as path, path.open("rb") as stream:
        assert storage.digest(stream) == (stored.sha256, stored.bytes)
    assert b"".join(objects.bucket.chunks(stored.name, 1 << 20, 9)) == large.read_bytes()[1 << 20 :][:9]
    with pytest.raises(OSError, match="not those that were to be stored"), large.open("rb") as stream:
        objects.bucket.put(NAME, stream, stored.bytes, SHA)
    assert in_the_bucket(objects) == []


def test_a_writer_that_is_killed_leaves_nothing(
    objects: Any, object_server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    argv = [sys.executable, "-c", WRITER, object_server.url(objects.bucket.config["prefix"])]
    with subprocess.Popen(argv, cwd=PROJECT, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as writer:
        assert writer.stdout and writer.stdout.readline() == b"sent\n"
        writer.kill()
    assert in_the_bucket(objects) == [] and objects.bucket.abort_unfinished() == 0  # it may still come
    monkeypatch.setattr("media_assets.storage.bucket.UNFINISHED", -timedelta(hours=1))
    assert objects.bucket.abort_unfinished() == 1
    storage.tidy()


def test_an_address_gives_the_file_by_its_name_until_it_ends(objects: Any, settings: Any) -> None:
    storage.store_bytes(PIXELS, "still", ".png")
    address = storage.link(NAME, "Größe 1.png", "image/png")
    with urllib.request.urlopen(address) as answer:
        assert answer.read() == PIXELS and answer.headers["Content-Type"] == "image/png"
        assert answer.headers["Content-Disposition"].startswith("attachment; filename*=utf-8''Gr%C3%B6")
        assert answer.headers["Cache-Control"] == "private, no-store"
    asked = urllib.request.Request(address, headers={"Range": "bytes=6-11"})
    with urllib.request.urlopen(asked) as answer:
        assert (answer.status, answer.read()) == (206, b"pixels")
    for wrong in (address[:-1] + ("0" if address[-1] != "0" else "1"), address.partition("?")[0]):
        with pytest.raises(urllib.error.HTTPError, match="403"):
            urllib.request.urlopen(wrong)
    settings.MEDIA_LINK_SECONDS = -5  # ended
    with pytest.raises(urllib.error.HTTPError, match=r"40[03]"):
        urllib.request.urlopen(storage.link(NAME, "a.png", "image/png"))


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ({"bucket": "nowhere"}, "there is no bucket nowhere"),
        ({"keys": "testkey:wrong"}, "the server refuses the keys"),
        ({"keys": "nobody:wrong"}, "the server refuses the keys"),
    ],
)
def test_a_wrong_bucket_and_wrong_keys_are_said_to_be_so(
    url: dict[str, str], words: str, object_server: Server, settings: Any
) -> None:
    move_to(object_server.url("x", **url), settings)
    assert words in storage.media_away() and words in storage.media_trouble()
    refused = "the server refuses the keys"  # who may not write learns no more
    with pytest.raises((StorageAway, StorageReadOnly), match=f"{words}|{refused}"):
        storage.store_bytes(PIXELS, "still", ".png")
    with pytest.raises(StorageAway, match="MEDIA_STORAGE_URL"):
        storage.require_media()
    assert not storage.is_lost(NAME)


def test_media_that_are_there_can_be_written(objects: Any) -> None:
    assert storage.media_trouble() == "" and "no CAD files" in storage.media_away()
    storage.store_bytes(b"cad", "cad", ".step")
    assert storage.media_away() == "" and storage.media_place() == objects.place
    storage.require_media()
    assert in_the_bucket(objects, "probe") == []


def test_many_are_looked_for_at_once(objects: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    storage.store_bytes(b"cad", "cad", ".step")
    names = [storage.store_bytes(b"%d" % n, "still", ".png").name for n in range(5)]
    objects._seen.clear()
    storage.look_for([*names, "still/ab/gone.png"])
    asked: list[str] = []
    monkeypatch.setattr(objects.bucket, "about", lambda name: asked.append(name) or _no(name))
    assert not any(storage.is_lost(name) for name in names) and asked == []
    assert storage.is_lost("still/ab/gone.png") and asked == ["still/ab/gone.png"]


def _no(name: str) -> None:
    raise FileNotFoundError(errno.ENOENT, "gone", name)


def test_a_file_that_grows_piece_by_piece_is_put_together_on_any_host(objects: Any) -> None:
    part = SharedFolder("uploads").file("one.part")
    part.write_at(0, b"first ")
    part.write_at(6, b"cut off by a crash")
    part.write_at(6, b"second")
    with part.local() as path:
        assert path.read_bytes() == b"first second"
    part.delete_pieces()
    assert in_the_bucket(objects, "uploads") == []


def test_what_a_child_writes_is_seen_when_it_is_shared(objects: Any) -> None:
    preview = SharedFolder("previews").file("1.png")
    with preview.local() as path:
        assert SharedFolder("previews").names() == set()
        path.write_bytes(b"coarse")
        preview.share()
        assert preview.read() == b"coarse"
    assert not path.exists() and preview.read() == b"coarse"


def test_a_server_that_goes_in_the_middle_is_away_and_then_all_goes_on(
    object_line: Line, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("botocore.endpoint.time.sleep", lambda _: None)  # between its own tries
    move_to(
        f"s3://{KEY}:{SECRET}@media/{uuid.uuid4().hex}?endpoint=http://127.0.0.1:{object_line.port}", settings
    )
    storage.store_bytes(b"cad", "cad", ".step")
    stored = storage.store_bytes(b"y" * (20 << 20), "still", ".png")
    objects: Any = default_storage
    chunks = objects.bucket.chunks(stored.name)
    next(chunks)
    object_line.cut()
    with pytest.raises(StorageAway, match=r"s3://media/.* Look at the server"), storage.media_errors():
        list(chunks)
    assert storage.media_away() and storage.media_trouble() and not storage.is_lost(stored.name)
    with pytest.raises(StorageAway):
        storage.store_bytes(PIXELS, "still", ".png")
    object_line.cut(False)
    assert storage.media_away() and objects.bucket._silent_until > time.monotonic()  # nobody asks in a row
    objects.bucket._silent_until = 0.0
    assert storage.media_away() == "" and in_the_bucket(objects) == [stored.name]
    with storage.local_copy(stored.name) as path:
        assert path.stat().st_size == 20 << 20
