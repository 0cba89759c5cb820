"""How long a render takes, and how much of that follows its last sample, from the last ones of its output type."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from statistics import median

from django.utils.translation import gettext_noop as _

from blender_scripts.contract import Progress
from rendering.models import Job
from rendering.models.sentence import Sentence
from rendering.orders.forecast import SPEAKS_AT

LATEST = 20  # renders that count
LONG_SECONDS = 20.0  # from here on a render shows a coarse picture first, which takes about 0.3 s
LONG_WORK = 100_000_000  # pixels times samples, where no render of the output type has ended yet
ALMOST = 0.99  # nothing that is not there is shown as done


@dataclass(frozen=True)
class Expectation:
    """Seconds from the moment that Blender is ready: of the whole render, and of what follows its last sample."""

    total: float | None = None
    tail: float = 0.0

    @classmethod
    def of(cls, job: Job) -> Expectation:
        """Return what the last renders of the job's output type and lane took: one query; nothing if none has ended."""
        past = Job.objects.filter(
            state=Job.State.SUCCEEDED, kind=job.kind, output_type=job.output_type_id, lane=job.lane
        )
        rows = [
            (device, seconds)
            for device, seconds in past.order_by("-id").values_list("device_name", "seconds")[:LATEST]
            if "render" in seconds
        ]
        same = [seconds for device, seconds in rows if device == rows[0][0]]
        if not same:
            return cls()
        return cls(median(one["render"] for one in same), median(map(_tail, same)))

    def left(self, progress: Progress, elapsed: float) -> float | None:
        """Return the seconds that the render still takes, *elapsed* having passed; None if unknown.

        Cycles' own word counts once it has seen enough of this scene.
        """
        has_seen = progress.sample >= SPEAKS_AT * progress.samples
        if progress.stage == "sample" and progress.remaining_seconds is not None and has_seen:
            return progress.remaining_seconds + self.tail
        if progress.stage == "save":
            return self.tail or None
        if self.total is None or elapsed >= self.total:
            return None
        return self.total - elapsed


def _tail(seconds: Mapping[str, float]) -> float:
    """Save and check: what the render took beyond Blender's stages until the picture was sampled."""
    before = sum(seconds.get(stage, 0.0) for stage in ("geometry", "scene", "sync", "preview", "sample"))
    return max(0.0, seconds["render"] - before)


def in_words(seconds: float) -> Sentence:
    """Return a guess as one says it: "about 40 s left"."""
    if seconds < 1.5:
        return Sentence.of(_("about 1 s left"))
    if seconds < 20:
        return Sentence.of(_("about {seconds:.0f} s left"), seconds=round(seconds))
    if seconds < 90:
        return Sentence.of(_("about {seconds} s left"), seconds=round(seconds / 5) * 5)
    if seconds < 5400:
        return Sentence.of(_("about {minutes} min left"), minutes=round(seconds / 60))
    return Sentence.of(_("about {hours:.1f} h left"), hours=round(seconds / 3600, 1))
