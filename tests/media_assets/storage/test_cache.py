"""Copies on this host: whole, within their limit, and never taken away from whoever uses them."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from pathlib import Path
from typing import IO

import pytest

from media_assets.storage.cache import MediaCache
from tests.paths import PROJECT

HOLDER = """
import sys
from pathlib import Path
import os; os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings"
from media_assets.storage.cache import MediaCache
def fetch(out):
    out.write(b"x" * 10); out.flush()
    if sys.argv[3] == "half": print("half", flush=True); sys.stdin.read()
with MediaCache(Path(sys.argv[1]), 100).lent(sys.argv[2], fetch):
    print("held", flush=True); sys.stdin.read()
"""


@pytest.fixture
def cache(tmp_path: Path) -> MediaCache:
    return MediaCache(tmp_path / "copies", 100)


class Source:
    """Gives so many bytes, and counts how often it is asked."""

    def __init__(self, size: int = 10) -> None:
        self.size, self.asked = size, 0

    def __call__(self, out: IO[bytes]) -> None:
        self.asked += 1
        out.write(b"x" * self.size)


def have(cache: MediaCache, name: str, size: int = 10, used: float = 0.0) -> None:
    with cache.lent(name, Source(size)) as path:
        assert path.stat().st_size == size
    os.utime(path, (used, used))


def names(cache: MediaCache) -> set[str]:
    return {path.name for path in cache.root.rglob("*") if path.is_file()}


def test_what_is_there_is_not_fetched_again(cache: MediaCache) -> None:
    source = Source()
    for _ in range(2):
        with cache.lent("still/ab/one", source) as path:
            assert path.read_bytes() == b"x" * 10
    assert source.asked == 1 and cache.has("still/ab/one")
    cache.forget("still/ab/one")
    assert not cache.has("still/ab/one")


def test_the_least_recently_used_go_first(cache: MediaCache) -> None:
    for number in range(5):
        have(cache, f"a/{number}", used=number)
    with cache.lent("a/0", Source()):
        pass  # used now
    have(cache, "a/big", 70)
    assert names(cache) == {"0", "3", "4", "big"}


def test_what_is_lent_stays_whatever_that_takes(cache: MediaCache) -> None:
    with cache.lent("a/1", Source(90)) as path:
        have(cache, "a/2", 90)
        assert path.exists() and names(cache) == {"1", "2"}
    cache.tidy()
    assert len(names(cache)) == 1


def test_a_disk_that_is_short_of_room_gets_it_back(
    cache: MediaCache, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(3):
        have(cache, f"a/{number}", used=number)
    monkeypatch.setattr("media_assets.storage.cache.free_bytes", lambda _: 1_000)
    cache.make_room(1_015)
    assert names(cache) == {"2"}
    cache.make_room(900)
    assert names(cache) == {"2"}


def test_a_full_disk_is_tried_once_more_without_the_copies_nobody_uses(cache: MediaCache) -> None:
    have(cache, "a/old")

    def full(out: IO[bytes]) -> None:
        if cache.has("a/old"):
            raise OSError(28, "No space left on device")
        out.write(b"new")

    with cache.lent("a/new", full) as path:
        assert path.read_bytes() == b"new"
    assert names(cache) == {"new"}


def test_a_fetch_that_fails_leaves_nothing(cache: MediaCache) -> None:
    def fail(out: IO[bytes]) -> None:
        out.write(b"ha")
        raise ConnectionResetError

    with pytest.raises(ConnectionResetError), cache.lent("a/1", fail):
        pytest.fail("it was not fetched")
    assert names(cache) == set()


def test_of_many_at_once_one_fetches_and_nobody_sees_half(cache: MediaCache) -> None:
    source, seen, gate = Source(60), [], threading.Barrier(8)

    def read(turn: int) -> None:
        gate.wait()
        for name in ("a/1", "a/2", f"b/{turn}"):  # more than its limit: they chase each other out
            with cache.lent(name, source) as path:
                seen.append(path.stat().st_size)

    threads = [threading.Thread(target=read, args=(turn,)) for turn in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert seen == [60] * 24
    cache.tidy()
    assert len(names(cache)) == 1


@pytest.mark.parametrize("kind", ["held", "half"])
def test_another_process_keeps_what_it_uses_until_it_is_killed(cache: MediaCache, kind: str) -> None:
    argv = [sys.executable, "-c", HOLDER, str(cache.root), "a/1", kind]
    with subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=PROJECT) as other:
        assert other.stdout and other.stdout.readline().strip().decode() == kind
        have(cache, "a/2", 95, used=2**31)
        left = {"held": "1", "half": ".1.part"}[kind]
        assert left in names(cache)
        other.kill()
        other.wait()
        if kind == "half":
            os.utime(cache.root / "a" / left, (0, 0))
        cache.tidy()
        assert left not in names(cache)
        source = Source()
        with cache.lent("a/1", source) as path:
            assert path.read_bytes() == b"x" * 10 and source.asked == 1
