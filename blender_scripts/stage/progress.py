"""The progress of a render as token lines on stdout, and the seconds of its stages."""

# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager

import bpy

from blender_scripts.containment import say
from blender_scripts.contract import Progress
from blender_scripts.tokens import parse_samples, progress_line

_INTERVAL = 0.1


class Reporter:
    """Follows one job: its stages and frames from us, its samples from Cycles' status."""

    def __init__(self, samples: int, frames: int) -> None:
        self.first_sample = 0.0
        self._samples = samples
        self._frames = frames
        self._frame = 1
        self._last = 0.0
        self._stage = ""

    def stage(self, name: str, frame: int = 1) -> None:
        """Enter a stage of the work on the `frame`th frame (counted in the order of rendering)."""
        self._frame = frame
        self._stage = name
        self.first_sample = 0.0
        self._last = 0.0
        say(progress_line(Progress(stage=name, frame=frame, frames=self._frames, samples=self._samples)))

    def sampled(self, done: int, wanted: int, remaining: float | None) -> None:
        """Report samples, at most ten times a second; called from Cycles' own thread. A preview's are not the job's."""
        now = time.monotonic()
        self.first_sample = self.first_sample or now
        if self._stage == "preview":
            return
        if now - self._last < _INTERVAL and done < wanted:
            return
        self._last = now
        say(
            progress_line(
                Progress(
                    stage="sample",
                    frame=self._frame,
                    frames=self._frames,
                    sample=done,
                    samples=wanted,
                    remaining_seconds=remaining,
                )
            )
        )

    def __enter__(self) -> Reporter:
        bpy.app.handlers.render_stats.append(self._status)
        return self

    def __exit__(self, *_: object) -> None:
        bpy.app.handlers.render_stats.remove(self._status)

    def _status(self, status: str, *_: object) -> None:
        if samples := parse_samples(status):
            self.sampled(*samples)


class Clock:
    """Seconds per stage of one job."""

    def __init__(self) -> None:
        self._begun = time.monotonic()
        self._spent: dict[str, float] = {}

    @contextmanager
    def time(self, stage: str) -> Iterator[None]:
        begun = time.monotonic()
        try:
            yield
        finally:
            self.add(stage, time.monotonic() - begun)

    def add(self, stage: str, seconds: float) -> None:
        self._spent[stage] = self._spent.get(stage, 0.0) + seconds

    def seconds(self) -> dict[str, float]:
        total = time.monotonic() - self._begun
        return {stage: round(spent, 4) for stage, spent in (*self._spent.items(), ("total", total))}
