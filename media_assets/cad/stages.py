"""The stages of one conversion, reported while it runs, with the seconds and the peak memory of each."""

from __future__ import annotations

import resource
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from media_assets.cad.contract import ConversionProgress

Tell = Callable[[ConversionProgress], None]

RESET_PEAK = "5"
"""Written to /proc/self/clear_refs, it makes the kernel measure the peak of the resident memory anew (proc(5))."""


class Stages:
    """The stages done so far: ``seconds`` and ``peak_mb`` by stage. The idle reader is part of the memory."""

    def __init__(self, tell: Tell) -> None:
        self.tell = tell
        self.seconds: dict[str, float] = {}
        self.peak_mb: dict[str, int] = {}
        self._stage = ""
        self._since = time.monotonic()

    def enter(self, stage: str, fraction: float, message: str) -> None:
        """End the stage before and begin the next one; "" when nothing comes after it."""
        now = time.monotonic()
        if self._stage:
            self.seconds[self._stage] = self.seconds.get(self._stage, 0.0) + now - self._since
            self.peak_mb[self._stage] = max(self.peak_mb.get(self._stage, 0), _peak_mb())
        self._stage, self._since = stage, now
        with suppress(OSError):
            Path("/proc/self/clear_refs").write_text(RESET_PEAK, encoding="ascii")
        self.tell(ConversionProgress(fraction, stage or "done", message))

    @property
    def highest_mb(self) -> int:
        return max(self.peak_mb.values(), default=0)


def _peak_mb() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
