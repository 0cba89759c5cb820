"""Drive the warm Blender of a worker: submit a render and follow it to its outcome, within limits."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext_noop as _

from blender_scripts.contract import DeviceUsed, Progress, RenderOutcome, RenderSpec
from blender_scripts.launch import LogLine, Session, SessionDied
from gpu.models import SystemSettings
from gpu.models.system_settings import DevicePolicy
from rendering.farm.expectation import ALMOST, Expectation, in_words
from rendering.models.errors import JobError
from rendering.models.sentence import Sentence
from rendering.queue import retry
from rendering.queue.claims import Claim
from rendering.queue.lease import Lease

POLL_SECONDS = 0.1
LOG_SECONDS, LOG_LINES = 2.0, 40  # how often the log is written while a picture renders, and how much of it
BUSY_SHARE = 0.2  # of one core: above this a silent Blender computes
BUSY_PATIENCE = 10
STAGES = {
    "geometry": _("loading the geometry"),
    "scene": _("setting up the scene"),
    "preview": _("rendering a coarse preview"),
    "sync": _("handing the scene to Cycles"),
    "save": _("saving and checking"),
}
DENOISING = Sentence.of(_("denoising"))

# Cycles names its device before its log reports a fallback: a refused render ran on no device.
DEVICE = ("device_used", "compute_type", "device_name", "device_id")
NO_DEVICE = dict.fromkeys(DEVICE, "")


@dataclass
class LiveProgress:
    """What a job says of itself while its only picture renders: how far it is, which never falls, and how long yet."""

    expectation: Expectation
    show: Callable[[], None] | None = None
    began: float = field(default_factory=time.monotonic)
    highest: float = 0.0

    def __call__(self, progress: Progress) -> dict[str, Any]:
        if self.show and progress.stage == "sample":  # the coarse picture is there
            show, self.show = self.show, None
            show()
        self.highest = max(self.highest, min(ALMOST, progress.fraction))
        left = self.expectation.left(progress, time.monotonic() - self.began)
        return {"progress": self.highest, "stage": stage_of(progress, left)}


def drive(
    blender: Session,
    spec: RenderSpec,
    lease: Lease,
    fields_of: Callable[[Progress], dict[str, Any]],
    row: SystemSettings | None = None,
) -> RenderOutcome:
    """Submit *spec* and follow it to its outcome, with the lease renewed and the limits of the settings kept."""
    row = row or SystemSettings.load()
    began = heard = logged = time.monotonic()
    worked = blender.cpu_seconds()
    has_lines = False
    blender.submit(spec)
    while True:
        try:
            events = blender.poll(POLL_SECONDS)
        except SessionDied as error:
            refused = NO_DEVICE if error.error_code == "gpu_required" else {}
            lease.note(log="\n".join(error.tail), **refused)
            raise died(error) from error
        now = time.monotonic()
        if events:
            heard, worked = now, blender.cpu_seconds()
        for event in events:
            match event:
                case RenderOutcome():
                    return event
                case DeviceUsed():
                    lease.note(
                        device_used=event.device,
                        compute_type=event.compute_type,
                        device_name=event.name,
                        device_id=event.id,
                    )
                    if event.device == "CPU":
                        prefer_another_gpu(lease.claim, spec.device_policy)
                case Progress():
                    lease.note(**fields_of(event))
                case LogLine():
                    has_lines = True
        if has_lines and now - logged >= LOG_SECONDS:
            logged, has_lines = now, False
            lease.note(log=log_of(blender, LOG_LINES))
        silent = now - heard
        if silent > row.hang_seconds and is_hung(silent, blender.cpu_seconds() - worked, row.hang_seconds):
            lease.note(log=log_of(blender))
            raise JobError("hung", "blender", seconds=silent)
        if now - began > row.render_wall_seconds:
            lease.note(log=log_of(blender))
            raise JobError("timed_out", "render", seconds=row.render_wall_seconds)
        if blender.over_memory():
            lease.note(log=log_of(blender))
            raise JobError("out_of_memory", "blender", limit_mb=row.render_memory_mb)
        lease.tick()


def prefer_another_gpu(claim: Claim, policy: str) -> None:
    """Refuse to render on the CPU, before the first sample, what another GPU may take: raises JobError gpu_failed."""
    gpu = claim.attempt.gpu
    if policy != DevicePolicy.CPU and retry.wants_another_gpu(claim.job, "gpu_failed", gpu):
        raise JobError("gpu_failed", "another", gpu=gpu)


def is_hung(silent: float, cpu: float, limit: float) -> bool:
    """Whether a Blender that said nothing for so many seconds is given up, by the processor seconds it used meanwhile.

    Cycles on the CPU reports samples in growing batches: a large picture is minutes of work without output. So
    one that computes has ten times as long; one that doesn't has hung.
    """
    return silent > limit * (BUSY_PATIENCE if cpu > silent * BUSY_SHARE else 1)


def died(error: SessionDied) -> JobError:
    """Name the death of Blender: strict GPU policy has an exit code of its own, all else is a crash."""
    if error.error_code == "gpu_required":
        return JobError("gpu_required", "refused")
    return JobError("blender_crashed", "render", how=error)


def failed(outcome: RenderOutcome) -> JobError:
    """Return the error of a render that Blender could not make."""
    return JobError(outcome.error_code, outcome.error_case, said=outcome.error, **outcome.error_details)


def log_of(blender: Session, lines: int = 0) -> str:
    """Return what Blender printed for this job, or the last *lines* of it."""
    return "\n".join(blender.tail()[-lines:])


def stage_of(progress: Progress, left: float | None) -> Sentence:
    """Return what goes on, with the seconds *left* (None: unknown); past the last sample the picture is denoised."""
    stage = Sentence.plain(progress.stage)
    if progress.stage == "sample" and progress.samples:
        stage = DENOISING
        if progress.sample < progress.samples:
            words = _("sample {done} of {total}")
            stage = Sentence.of(words, done=progress.sample, total=progress.samples)
    elif progress.stage in STAGES:
        stage = Sentence.of(STAGES[progress.stage])
    return stage if left is None else Sentence.of(_("{stage}, {left}"), stage=stage, left=in_words(left))
