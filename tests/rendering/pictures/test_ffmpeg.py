"""ffmpeg as a child: it ends with its job, its worker and its time."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from rendering.models.errors import Canceled, JobError
from rendering.pictures import ffmpeg
from rendering.pictures.limits import EncodingLimits
from tests.paths import PROJECT

LIMITS = EncodingLimits(60, 30, 0)
SLOW = [
    "-v",
    "error",
    "-progress",
    "pipe:1",
    "-re",
    "-f",
    "lavfi",
    "-i",
    "testsrc=size=64x64:rate=5:duration=60",
]
FED = [
    *("-v", "error", "-progress", "pipe:1", "-f", "rawvideo", "-pix_fmt", "rgb24", "-s", "64x64"),
    "-i",
    "pipe:0",
]


def test_what_a_tick_raises_ends_it_within_two_seconds(tmp_path: Path) -> None:
    ticks: list[float] = []

    def tick(_: int) -> None:
        ticks.append(time.monotonic())
        if len(ticks) == 3:
            raise Canceled

    with pytest.raises(Canceled):
        ffmpeg.run([*SLOW, "film.mp4"], tmp_path, LIMITS, tick)
    assert time.monotonic() - ticks[-1] < 2.0


def test_it_has_its_time_and_no_more(tmp_path: Path) -> None:
    with pytest.raises(JobError, match=r"longer than 0\.5 s") as raised:
        ffmpeg.run([*SLOW, "film.mp4"], tmp_path, EncodingLimits(0.5, 30, 0), lambda _: None)
    assert raised.value.code == "timed_out"


def test_it_is_ended_when_it_gets_no_further(tmp_path: Path) -> None:
    def pictures() -> Iterator[bytes]:
        yield b"\0" * 64 * 64 * 3
        while _ffmpegs(tmp_path):
            time.sleep(0.05)

    with pytest.raises(JobError, match="no progress") as raised:
        ffmpeg.run([*FED, "film.mp4"], tmp_path, EncodingLimits(60, 0.5, 0), lambda _: None, pictures())
    assert raised.value.code == "hung"


def test_its_own_words_are_in_the_error(tmp_path: Path) -> None:
    with pytest.raises(JobError, match="no-such-file") as raised:
        ffmpeg.run(["-v", "error", "-i", "no-such-file.mp4", "film.mp4"], tmp_path, LIMITS, lambda _: None)
    assert raised.value.code == "encode_failed"


def test_one_that_is_killed_is_a_crash_that_is_tried_again(tmp_path: Path) -> None:
    def tick(_: int) -> None:
        for pid in _ffmpegs(tmp_path):
            os.kill(pid, signal.SIGKILL)

    with pytest.raises(JobError, match="signal SIGKILL") as raised:
        ffmpeg.run([*SLOW, "film.mp4"], tmp_path, LIMITS, tick)
    assert raised.value.code == "encoder_crashed"


def test_a_picture_that_can_not_be_read_ends_it(tmp_path: Path) -> None:
    def pictures() -> Iterator[bytes]:
        yield b"\0" * 64 * 64 * 3
        raise OSError("The master is gone.")

    with pytest.raises(OSError, match="master is gone"):
        ffmpeg.run([*FED, "film.mp4"], tmp_path, LIMITS, lambda _: None, pictures())


@pytest.mark.slow
def test_it_ends_with_a_worker_that_is_killed(tmp_path: Path) -> None:
    code = (
        "import django; django.setup(); from pathlib import Path; from rendering.pictures import ffmpeg;"
        "from rendering.pictures.limits import EncodingLimits;"
        f"ffmpeg.run({[*SLOW, 'film.mp4']!r}, Path({str(tmp_path)!r}), EncodingLimits(60, 30, 0), lambda _: None)"
    )
    worker = subprocess.Popen([sys.executable, "-c", code], cwd=PROJECT)
    try:
        deadline = time.monotonic() + 20
        while not (children := _ffmpegs(tmp_path)) and time.monotonic() < deadline:
            time.sleep(0.05)
        assert children
        os.kill(worker.pid, signal.SIGKILL)
        worker.wait()
        while _ffmpegs(tmp_path) and time.monotonic() < deadline:
            time.sleep(0.05)
        assert not _ffmpegs(tmp_path)
    finally:
        worker.kill()
        worker.wait()


def _ffmpegs(folder: Path) -> list[int]:
    """The ffmpeg processes that work in *folder*."""
    found = []
    for entry in Path("/proc").iterdir():
        try:
            if entry.name.isdigit() and (entry / "cwd").readlink() == folder:
                found.append(int(entry.name))
        except OSError:
            continue
    return found
