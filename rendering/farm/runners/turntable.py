"""Run a turntable: its frames one by one through the warm Blender, then all of them gathered into the render master."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from statistics import median
from typing import Any

from django.conf import settings
from django.db import InterfaceError, OperationalError, connection, transaction
from django.utils.translation import gettext_noop as _

from blender_scripts.contract import Progress, RenderOutcome, RenderSpec
from gpu.models import SystemSettings
from media_assets.ingest.publish import publish
from media_assets.models import MediaAsset
from media_assets.recipes import Recipe, recipe_key
from media_assets.recipes.receipt import Receipt, summed
from rendering.farm import ending, warm
from rendering.farm.driving import DEVICE, NO_DEVICE, drive, log_of, stage_of
from rendering.farm.expectation import ALMOST
from rendering.farm.runners.render import geometry_of, inputs, receipt_of, refused, spec_for
from rendering.farm.workspace import workspace
from rendering.models import Job
from rendering.models.errors import HandedBack, JobError, Released
from rendering.models.sentence import Sentence
from rendering.pictures.frames import DamagedFrame, Frames
from rendering.queue import claims
from rendering.queue.claims import Claim
from rendering.queue.lease import Lease


@dataclass
class FrameRun:
    """What one job has rendered of its film: how its frames were made, and the check of the last one."""

    lease: Lease
    film: Frames
    recipe: Recipe
    checker: ThreadPoolExecutor
    made: list[Receipt] = field(default_factory=list)
    checking: Future[None] | None = None

    @property
    def each(self) -> float | None:
        """What a frame takes (s), the median of those that this job made; None before the first."""
        return median((one.seconds or {}).get("total", 0.0) for one in self.made) if self.made else None

    def add(self, number: int, outcome: RenderOutcome, policy: str) -> None:
        """Check and seal a frame while the next one renders. Raises what `settle` raises, of the frame before."""
        self.settle()
        self.made.append(receipt_of(self.lease, outcome, policy, outcome.seconds))
        self.checking = self.checker.submit(self.film.accept, number, self.made[-1], self.recipe)

    def settle(self) -> None:
        """Wait for the check that is under way. Raises GateError; OSError; what the lease raises."""
        checking, self.checking = self.checking, None
        while checking and not wait([checking], settings.TICK_SECONDS).done:
            self.lease.tick()
        if checking:
            checking.result()


def render(claim: Claim, lease: Lease) -> None:
    """Render the frames of this job that are not there yet. Raises JobError; HandedBack or Released between two."""
    job = claim.job
    geometry = geometry_of(job, for_film=True)
    film, numbers = Frames.of(job.spec["recipe"]), job.spec["frames"]
    started = time.monotonic()
    with (
        workspace() as folder,
        inputs(job, geometry) as given,
        film.folder.local() as frames,
        ThreadPoolExecutor(max_workers=1) as checker,
    ):
        film.make_folder()
        part = FrameRun(lease, film, job.spec["recipe"], checker)
        spec = replace(
            spec_for(claim, given, folder, SystemSettings.load()),
            output_path=str(frames),
            frames=film.total,
            elevations=tuple(job.spec["recipe"]["view"].get("elevations", ())),
            color_depth=8,
        )
        for done, number in enumerate(numbers):
            lease.tick()
            if film.has(number):
                lease.note(progress=(done + 1) / len(numbers))
                continue
            make_room(lease, done and numbers[done - 1])
            fields_of = live_status(number, film.total, done, len(numbers), part.each)
            outcome = shoot(spec, number, lease, fields_of)
            part.add(number, outcome, spec.device_policy)
        part.settle()
    finish(lease, part.made, round(time.monotonic() - started, 3))


def shoot(
    spec: RenderSpec, number: int, lease: Lease, fields_of: Callable[[Progress], dict[str, Any]]
) -> RenderOutcome:
    """Render one frame in the warm Blender, a fresh one if that is used up. Raises JobError and ends Blender then."""
    row = lease.persist(SystemSettings.load)  # an edit counts from the next frame on
    blender = lease.persist(partial(warm.session, row))
    try:
        outcome = drive(blender, replace(spec, only_frames=(number,)), lease, fields_of, row)
    except BaseException:
        warm.drop()
        raise
    lease.note(log=log_of(blender))
    if not outcome.ok:
        if outcome.error_code in ("gpu_required", "gpu_failed", "out_of_memory"):
            warm.drop()
        if outcome.error_code == "gpu_required":
            lease.note(**NO_DEVICE)
        raise refused(outcome, spec)
    return outcome


def make_room(lease: Lease, last: int) -> None:
    """Between two frames: raise Released when the worker stops, HandedBack when the order pauses or a better job waits.

    *last*: the frame that was finished before, 0 for none: then the job goes on, having been chosen a moment ago.
    """
    claim = lease.claim
    if not last:
        return
    if lease.beat.drain_until is not None:
        raise Released
    try:
        is_held = claims.is_held(claim)
        other = claims.more_urgent(claim, claim.attempt.queue, claim.attempt.gpu)
    except (OperationalError, InterfaceError):
        connection.close()  # the render goes on without the database
        return
    if is_held:
        raise HandedBack(Sentence.of(_("paused after frame {last}"), last=last))
    if other:
        name = Sentence.of("{kind} {number}", kind=Job.Kind(other.kind).label, number=other.pk)
        words = _("paused after frame {last} to let {other} run")
        raise HandedBack(Sentence.of(words, last=last, other=name))


def live_status(
    number: int, total: int, done: int, of: int, each: float | None
) -> Callable[[Progress], dict[str, Any]]:
    """Return the callback that notes the progress while frame *number* renders, *done* frames of *of* being there.

    *each*: what a frame of this job took (s), None before the first.
    """

    def fields_of(progress: Progress) -> dict[str, Any]:
        left = None if each is None else each * (of - done - progress.fraction)
        words = _("frame {number} of {total}: {stage}")
        return {
            "progress": min(ALMOST, (done + progress.fraction) / of),
            "stage": Sentence.of(words, number=number, total=total, stage=stage_of(progress, left)),
        }

    return fields_of


def finish(lease: Lease, made: Sequence[Receipt], seconds: float) -> None:
    """End the job well; the lines that waited ask for what is next. *seconds*: what all of it took."""
    ended: dict[str, Any] = {
        "seconds": {**summed([one.seconds for one in made]), "render": seconds},
        "log": lease.pending.get("log", ""),
        "gpu_fallback": any(one.gpu_fallback for one in made),
        **({name: getattr(made[-1], name) for name in DEVICE} if made else {}),
    }
    ending.succeed(lease, lambda: ended)


def gather(claim: Claim, lease: Lease) -> None:
    """Put all frames of a film into its render master and publish that; what is damaged is asked for again."""
    job = claim.job
    film = Frames.of(job.spec["recipe"])
    started = time.monotonic()

    def tick(number: int) -> None:
        lease.note(
            stage=Sentence.of(_("gathering frame {number} of {total}"), number=number, total=film.total),
            progress=number / film.total,
        )
        lease.tick()

    with workspace() as folder:
        target = folder / "frames.zip"
        try:
            made = film.pack(target, tick)
        except DamagedFrame as error:
            reason = str(error)
            ending.succeed(lease, lambda: {"seconds": {}, "log": reason, "gpu_fallback": False})
            return
        if len({one.sha256 for one in made}) == 1:
            raise JobError("quality_gate", "still_film")
        seconds = {"gather": round(time.monotonic() - started, 3)}
        receipt = Receipt.of_frames([one.receipt for one in made])
        publish_master(lease, film, target, receipt, seconds)


def publish_master(
    lease: Lease, film: Frames, target: Path, receipt: Receipt, seconds: Mapping[str, float]
) -> None:
    """End the job well, with the master. Then the frames are deleted."""
    job = lease.claim.job
    recipe = job.spec["recipe"]

    def publish_frames() -> dict[str, Any]:
        asset = publish(
            target,
            kind=MediaAsset.Kind.RENDER_MASTER,
            format_name="frames",
            recipe=recipe,
            receipt=receipt,
            cad_file=job.cad_file,
            product=job.product,
            width=recipe["width"],
            height=recipe["height"],
            view_key=recipe_key(recipe["view"]),
        )
        transaction.on_commit(film.remove)
        return {"asset": asset, "seconds": dict(seconds), **ending.ON_CPU}

    ending.succeed(lease, publish_frames)
