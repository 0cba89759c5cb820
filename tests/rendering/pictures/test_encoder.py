"""The encoder as a child: the same bytes as ever, and it ends with its job, its time, its memory and its worker."""

from __future__ import annotations

import errno
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from blender_scripts.children import process
from blender_scripts.children.confine import offered
from rendering.models.errors import Canceled, JobError
from rendering.pictures import encode, encoder
from rendering.pictures.encoder import CHECKING, Encoder, Unwritten, Written
from rendering.pictures.kinds import IMAGES
from rendering.pictures.limits import EncodingLimits
from tests import factories
from tests.paths import PROJECT

ABOUT = {"recipe_key": "ab" * 32, "device_name": "Kühlturm™ 9000"}
LIMITS = EncodingLimits(60, 30, 0)
SLOW = {"format": "webp", "lossless": True, "effort": 6, "width": 1024, "height": 1024}
"""Some seconds of work."""

Write = Callable[..., Written]


@pytest.fixture
def one(tmp_path: Path) -> Iterator[Encoder]:
    (tmp_path / "out").mkdir()
    started = Encoder(tmp_path, tmp_path / "out")
    yield started
    started.kill()


@pytest.fixture
def write(one: Encoder, tmp_path: Path) -> Write:
    """Write a master, by default a small good one as PNG, and return what came out."""

    def written(source: Path | None = None, recipe: Any = None, **given: Any) -> Written:
        source = source or factories.picture(tmp_path / "master.png")
        recipe = recipe or {"format": "png", "width": 64, "height": 64}
        target = given.pop("target", tmp_path / "out" / f"picture.{recipe['format']}")
        given = {"measures_png": False, "limits": LIMITS, "tick": lambda _: None, **given}
        return one.write(source, target, recipe, ABOUT, **given)

    return written


@pytest.fixture
def slow(tmp_path: Path) -> Path:
    return factories.detailed(tmp_path / "slow.png")


def is_gone(one: Encoder) -> bool:
    return not one.alive and process.start_ticks(one.pid) == ""


def test_the_child_measures_what_it_wrote(write: Write) -> None:
    facts = write(recipe={"format": "jpg", "width": 64, "height": 64, "max_bytes": 10**6}).facts
    assert facts is not None and (facts["width"], facts["format"], facts["fill"]) == (64, "jpg", 1.0)


def test_each_format_has_the_bytes_that_the_worker_itself_would_write(
    one: Encoder, write: Write, tmp_path: Path
) -> None:
    picture = factories.picture(tmp_path / "m.png", (96, 64))
    light = factories.light(tmp_path / "m.exr", (96, 64))
    for name in IMAGES:
        source = light if name == "exr" else picture
        for depth in {8, 16 if name in ("png", "tiff") else 8}:
            recipe = {"format": name, "width": 48, "height": 32, "quality": 80, "bit_depth": depth}
            write(source, recipe)
            encode.encode(source, tmp_path / "here", recipe, ABOUT)
            made = tmp_path / "out" / f"picture.{name}"
            assert made.read_bytes() == (tmp_path / "here").read_bytes(), (name, depth)
    assert one.alive


def test_it_says_what_the_file_is_like_and_what_it_took(write: Write, tmp_path: Path) -> None:
    stages: list[str] = []
    recipe = {"format": "webp", "width": 64, "height": 64, "background": []}
    made = write(recipe=recipe, measures_png=True, tick=stages.append)
    assert made.seconds.keys() == {"encode", "gate"} and all(each >= 0 for each in made.seconds.values())
    assert [concern.code for concern in made.concerns] == ["not_transparent"]
    assert made.png_bytes == encode.png_bytes(tmp_path / "master.png", recipe)
    assert write(recipe={"format": "png", "width": 64, "height": 64}, measures_png=True).png_bytes == (
        (tmp_path / "out" / "picture.png").stat().st_size
    )
    assert write(recipe=recipe).png_bytes is None
    assert set(stages) <= {encoder.WRITING, CHECKING}


def test_what_lies_in_the_picture_is_told_and_the_next_one_is_written(
    one: Encoder, write: Write, tmp_path: Path
) -> None:
    bad = tmp_path / "bad.png"
    bad.write_bytes(factories.picture(bad).read_bytes()[:-40])
    with pytest.raises(Unwritten):
        write(bad)
    Image.new("RGB", (64, 64), "white").save(bad)
    with pytest.raises(JobError, match="blank") as caught:
        write(bad)
    assert (caught.value.code, caught.value.failure.details["case"]) == ("quality_gate", "one_color")
    with pytest.raises(JobError, match="32 x 16 px instead of 64 x 64"):
        one.check(
            factories.picture(tmp_path / "small.png", (32, 16)),
            {"width": 64, "height": 64},
            limits=LIMITS,
            tick=lambda _: None,
        )
    with pytest.raises(FileNotFoundError):
        write(tmp_path / "gone.png")
    with pytest.raises(JobError, match="KeyError") as caught:
        write(recipe={"format": "png"})
    assert caught.value.code == "internal" and any("Traceback" in line for line in one.tail)
    assert write().seconds and one.alive


def test_a_full_disk_is_told_as_such(tmp_path: Path) -> None:
    there = Encoder(tmp_path, Path("/dev"))
    source = factories.picture(tmp_path / "master.png")
    try:
        with pytest.raises(OSError) as caught:
            there.write(
                *(source, Path("/dev/full"), {"format": "png", "width": 64, "height": 64}, ABOUT),
                measures_png=False,
                limits=LIMITS,
                tick=lambda _: None,
            )
    finally:
        there.kill()
    assert caught.value.errno == errno.ENOSPC


def test_more_pixels_than_a_decoder_takes_from_strangers_can_be_ordered(
    one: Encoder, write: Write, tmp_path: Path
) -> None:
    wide = Image.new("1", (16_383, 11_000))
    wide.paste(1, (5, 5, 9_000, 9_000))
    wide.save(tmp_path / "wide.png", compress_level=1)
    recipe = {"width": 16_383, "height": 11_000}
    assert one.check(tmp_path / "wide.png", recipe, limits=LIMITS, tick=lambda _: None) == []


def test_what_a_tick_raises_ends_it_within_two_seconds(one: Encoder, write: Write, slow: Path) -> None:
    ticks: list[float] = []

    def tick(stage: str) -> None:
        assert stage == encoder.WRITING
        ticks.append(time.monotonic())
        if len(ticks) == 5:
            raise Canceled

    with pytest.raises(Canceled):
        write(slow, SLOW, tick=tick)
    assert time.monotonic() - ticks[-1] < 2.0
    assert is_gone(one)


def test_one_that_is_killed_is_told_by_its_signal(one: Encoder, write: Write, slow: Path) -> None:
    """It is killed at the first tick; another may come before its end is noticed."""
    killed: list[None] = []

    def tick(_: str) -> None:
        if not killed:
            killed.append(os.kill(one.pid, signal.SIGKILL))

    with pytest.raises(JobError, match="SIGKILL") as caught:
        write(slow, SLOW, tick=tick)
    assert caught.value.code == "encoder_crashed"
    assert is_gone(one)


@pytest.mark.parametrize(
    ("limits", "code"),
    [
        (replace(LIMITS, wall_seconds=0.4), "timed_out"),
        (replace(LIMITS, memory_mb=1), "out_of_memory"),
    ],
)
def test_it_has_its_time_and_its_memory_and_no_more(
    limits: EncodingLimits, code: str, one: Encoder, write: Write, slow: Path
) -> None:
    with pytest.raises(JobError) as caught:
        write(slow, SLOW, limits=limits)
    assert caught.value.code == code
    assert is_gone(one)


def test_it_may_work_longer_than_it_may_do_nothing(write: Write, slow: Path) -> None:
    recipe = {**SLOW, "width": 1536, "height": 1536}
    assert write(slow, recipe, limits=replace(LIMITS, hang_seconds=1.5)).seconds["encode"] > 1.5


def test_one_that_does_nothing_has_hung(one: Encoder, write: Write, slow: Path) -> None:
    with pytest.raises(JobError, match="did nothing") as caught:
        write(
            slow,
            SLOW,
            limits=replace(LIMITS, hang_seconds=0.5),
            tick=lambda _: os.kill(one.pid, signal.SIGSTOP),
        )
    assert caught.value.code == "hung"
    assert is_gone(one)


@pytest.mark.parametrize(
    "said", ["[1]", "nonsense", '{"error": "gate", "case": "none"}', '{"stage": []}\n{}']
)
def test_an_answer_without_sense_is_its_crash(
    said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(encoder, "PROGRAM", ("-c", f"input(); print({said!r}, flush=True); input()"))
    one = Encoder(tmp_path, tmp_path)
    with pytest.raises(JobError, match="makes no sense") as caught:
        one.check(tmp_path / "a.png", {}, limits=LIMITS, tick=str.upper)
    assert caught.value.code == "encoder_crashed"
    assert is_gone(one)


@pytest.mark.skipif(not offered().files, reason="this kernel has no Landlock")
def test_it_reads_and_writes_in_its_two_folders_alone(
    one: Encoder, write: Write, tmp_path_factory: pytest.TempPathFactory
) -> None:
    elsewhere = tmp_path_factory.mktemp("elsewhere")
    with pytest.raises(PermissionError):
        write(factories.picture(elsewhere / "a.png"))
    with pytest.raises(PermissionError):
        write(target=elsewhere / "b.png")
    assert not (elsewhere / "b.png").exists()


@pytest.mark.slow
def test_it_ends_with_a_worker_that_is_killed(tmp_path: Path) -> None:
    code = (
        "import django; django.setup(); from pathlib import Path; from rendering.pictures.encoder import Encoder;"
        f"print(Encoder(Path({str(tmp_path)!r}), Path({str(tmp_path)!r})).pid, flush=True); input()"
    )
    worker = subprocess.Popen(
        [sys.executable, "-c", code], cwd=PROJECT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert worker.stdout
    pid = int(worker.stdout.readline())
    worker.kill()
    worker.wait()
    deadline = time.monotonic() + 20
    while process.start_ticks(pid) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not process.start_ticks(pid)
