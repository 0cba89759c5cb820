"""Runs ffmpeg as a contained child: pictures in through a pipe, progress out, ended with its worker or its job."""

from __future__ import annotations

import errno
import os
import time
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from functools import cache
from pathlib import Path
from threading import Thread

import imageio_ffmpeg

from blender_scripts.children.ending import in_words
from blender_scripts.children.program import Child, contained
from rendering.models.errors import JobError
from rendering.pictures.limits import EncodingLimits

POLL_SECONDS = 0.1
NO_SPACE = os.strerror(errno.ENOSPC)
WORDS = 4  # of ffmpeg's last lines, in an error


@cache
def program() -> str:
    """Return the path of ffmpeg. Raises JobError encode_failed where the package has none for this machine."""
    try:
        return str(imageio_ffmpeg.get_ffmpeg_exe())
    except RuntimeError as error:
        raise JobError("encode_failed", "no_ffmpeg", error=error) from error


def run(
    arguments: Sequence[str],
    folder: Path,
    limits: EncodingLimits,
    tick: Callable[[int], None],
    pictures: Iterable[bytes] = (),
) -> list[str]:
    """Run ffmpeg in *folder*, fed with *pictures*, and return the last lines that it wrote to stderr.

    *tick* is called often with the number of frames that are done; what it raises ends ffmpeg. So does an error of
    *pictures*. Raises JobError encode_failed, encoder_crashed, hung, timed_out or out_of_memory; OSError of a full
    disk.
    """
    argv = [program(), *("-hide_banner", "-y", "-nostats"), *arguments]
    child = Child(contained(argv), cwd=folder)
    feeder = _Feeder(child, pictures)
    try:
        _follow(child, limits, tick)
        feeder.join(5.0)
        if feeder.error:
            raise feeder.error
        if child.process.returncode < 0:
            raise JobError("encoder_crashed", "ended", how=in_words(child.process.returncode))
        if child.process.returncode:
            how = in_words(child.process.returncode)
            said = " / ".join(list(child.tail)[-WORDS:]) or "nothing"
            if NO_SPACE in said:
                raise OSError(errno.ENOSPC, NO_SPACE)
            raise JobError("encode_failed", "ffmpeg", how=how, last=said)
        return list(child.tail)
    finally:
        child.kill()
        feeder.join(5.0)


class _Feeder(Thread):
    """Writes the pictures into ffmpeg's stdin while the main thread follows it and keeps the lease."""

    def __init__(self, child: Child, pictures: Iterable[bytes]) -> None:
        super().__init__(name="feeder", daemon=True)
        self.error: Exception | None = None
        self._child, self._pictures = child, pictures
        self.start()

    def run(self) -> None:
        pipe = self._child.stdin
        try:
            for picture in self._pictures:
                pipe.write(picture)
        except (BrokenPipeError, ValueError) as error:
            if isinstance(error, ValueError) and not pipe.closed:
                self.error = error  # a picture that can't be read; else ffmpeg is gone, and says why itself
        except Exception as error:
            self.error = error
        with suppress(OSError, ValueError):
            pipe.close()


def _follow(child: Child, limits: EncodingLimits, tick: Callable[[int], None]) -> None:
    began = moved = time.monotonic()
    done = 0
    while not child.ended(wait=1.0):
        now = time.monotonic()
        for line in child.lines(POLL_SECONDS):
            name, _, value = line.text.partition("=")
            if not line.said:
                child.tail.append(line.text)
            elif name == "frame" and value.strip().isdecimal() and int(value) > done:
                done, moved = int(value), now
        tick(done)
        if now - moved > limits.hang_seconds:
            raise JobError("hung", "ffmpeg", seconds=now - moved)
        if now - began > limits.wall_seconds:
            raise JobError("timed_out", "encoding", seconds=limits.wall_seconds)
        if 0 < limits.memory_mb < child.rss_mb():
            raise JobError("out_of_memory", "ffmpeg", limit_mb=limits.memory_mb)
