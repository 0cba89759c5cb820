"""The retry policy: one table of which codes are retried, how often, when, where and with which changes.

The words of the codes are in `rendering.models.errors`; a code without a row here does not exist.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from media_assets.cad.problem import CASE, Failure
from media_assets.models import clock
from rendering.models import Job
from rendering.queue import moves

NO_PAUSE = timedelta()
PAUSE = timedelta(seconds=2)  # a crashed driver gets a breath
FIRST_LOOK, LAST_LOOK = (
    timedelta(seconds=5),
    timedelta(minutes=10),
)  # at what a held job lacks; doubled each time
AS_OFTEN_AS_MAY_BE = 1_000  # the job's own max_attempts is less


@dataclass(frozen=True)
class RetryRule:
    """What comes after one code.

    *attempts*: in all, on whatever worker comes next, and never more than the job may have; *pause*: times the
    attempt that failed; *not_of*: kinds of jobs that are not tried again. *is_gpu_fault*: it may lie in one GPU or its
    driver, so another one that serves the job's lane gets the job next, at once, whatever *attempts* says;
    *is_host_fault*: it lies in the host, so that is a GPU of another host.
    *is_held*: what the job lacks comes back by itself or by somebody's hand, and lies not in the job: it is held, and
    no attempt is used up; *hopeless*: cases of which that is not true.
    *changes*: what is changed in the job's spec. *is_in_file*: it lies in the bytes of the CAD file, so converting the
    same bytes again, in another job, can't help either.
    """

    attempts: int = 1
    pause: timedelta = PAUSE
    not_of: frozenset[str] = frozenset()
    is_gpu_fault: bool = False
    is_host_fault: bool = False
    is_held: bool = False
    hopeless: frozenset[str] = frozenset()
    changes: Mapping[str, Any] = field(default_factory=dict)
    is_in_file: bool = False


@dataclass(frozen=True)
class RetryDecision:
    """Whether a job is tried again, not before when, without which GPUs (as Job.avoid), and what changes in it.

    *is_held*: it waits until what it lacks is there.
    """

    again: bool
    is_held: bool = False
    not_before: datetime | None = None
    avoid: str = ""
    changes: Mapping[str, Any] = field(default_factory=dict)


NEVER = RetryRule()
IN_FILE = RetryRule(is_in_file=True)
HELD = RetryRule(is_held=True)
AGAIN = RetryRule(attempts=AS_OFTEN_AS_MAY_BE)

RULES: dict[str, RetryRule] = {
    # Blender
    "blender_crashed": RetryRule(AS_OFTEN_AS_MAY_BE, is_gpu_fault=True),
    "blender_missing": RetryRule(is_gpu_fault=True, is_host_fault=True),  # another host may have it
    "gpu_required": RetryRule(is_gpu_fault=True),  # only another GPU can help
    "gpu_failed": RetryRule(AS_OFTEN_AS_MAY_BE, is_gpu_fault=True),
    # The same bytes hang the CAD reader again, for as long as its time limit each time.
    "hung": RetryRule(AS_OFTEN_AS_MAY_BE, not_of=frozenset({Job.Kind.TESSELLATE}), is_gpu_fault=True),
    "timed_out": NEVER,
    "out_of_memory": NEVER,
    "bad_geometry": NEVER,
    "bad_panorama": NEVER,
    "bad_studio": NEVER,
    "bad_texture": NEVER,
    "bad_label": NEVER,
    "render_failed": AGAIN,
    "write_failed": NEVER,
    "bad_spec": NEVER,
    # files
    "disk_full": RetryRule(is_held=True, hopeless=frozenset({"outgrown"})),
    "media_read_only": HELD,
    "storage_away": HELD,
    "source_missing": HELD,
    "quality_gate": NEVER,
    "master_damaged": NEVER,
    "encode_failed": NEVER,
    "encoder_crashed": AGAIN,
    "signing_failed": HELD,  # until somebody brings the key
    # CAD
    "archived": NEVER,
    "superseded": NEVER,
    "empty": IN_FILE,
    "not_cad": IN_FILE,
    "truncated": IN_FILE,
    "too_large": NEVER,
    "external_reference": IN_FILE,
    "too_many_instances": NEVER,
    "cyclic_assembly": IN_FILE,
    "nothing_to_show": IN_FILE,
    "no_usable_geometry": IN_FILE,
    "nothing_to_cut": NEVER,
    "unreadable": NEVER,
    "unit_unknown": IN_FILE,  # until somebody states it, which makes another recipe
    "damaged": NEVER,
    "reader_failed": NEVER,
    "reader_missing": NEVER,
    # the life of a job
    "lost": RetryRule(AS_OFTEN_AS_MAY_BE, pause=NO_PAUSE, is_gpu_fault=True),
    "canceled": NEVER,
    "internal": AGAIN,
}

BY_CASE: dict[tuple[str, str], RetryRule] = {
    # The system was short of memory, or somebody killed the reader: not the limit of one file.
    ("out_of_memory", "killed"): RetryRule(AS_OFTEN_AS_MAY_BE, pause=timedelta(seconds=10)),
}
"""The rules of codes one of whose cases is another matter."""

LONGEST_PAUSE = timedelta(minutes=1)  # between two attempts

GPU_FAULTS = frozenset(code for code, rule in RULES.items() if rule.is_gpu_fault)
HOPELESS_CAD = frozenset(code for code, rule in RULES.items() if rule.is_in_file)


def decide(job: Job, failure: Failure, gpu: str) -> RetryDecision:
    """Return what comes after *failure* of a running job on the worker of *gpu* (vendor id, "" for the CPU)."""
    rule = BY_CASE.get((failure.code, failure.details.get(CASE, "")), RULES[failure.code])
    if rule.is_held and failure.details.get(CASE) not in rule.hopeless:
        return RetryDecision(True, is_held=True)
    is_elsewhere = wants_another_gpu(job, failure.code, gpu)
    most = job.max_attempts if is_elsewhere else min(rule.attempts, job.max_attempts)
    if job.attempt >= most or (job.kind in rule.not_of and not is_elsewhere):
        return RetryDecision(False)
    has_pause = rule.pause and not is_elsewhere
    return RetryDecision(
        True,
        not_before=clock.now() + rule.pause * job.attempt if has_pause else None,
        avoid=moves.avoid_after(job, blamed(failure.code, gpu)),
        changes=rule.changes,
    )


def look_after(times: int) -> timedelta:
    """Return the pause before a held job is looked at, that has come back for the same reason so many times."""
    return min(FIRST_LOOK * (1 << min(times, 20)), LAST_LOOK)


def blamed(code: str, gpu: str) -> frozenset[str]:
    """Return the GPUs that *code* on *gpu* ("" for the CPU) may be the fault of."""
    rule = RULES[code]
    if not gpu or not rule.is_gpu_fault:
        return frozenset()
    return moves.of_one_host(gpu) if rule.is_host_fault else frozenset({gpu})


def wants_another_gpu(job: Job, code: str, gpu: str) -> bool:
    """Whether *code* may be the fault of *gpu*, and another one serves the job's lane that has not failed it."""
    gpus = blamed(code, gpu)
    return bool(gpus) and moves.untried(job, gpus)
