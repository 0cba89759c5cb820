"""The preview of a running render: a coarse picture, or the newest frame of a film, on the media disk.

The file of a coarse picture is named by the job and the token of its claim: what a worker that was given up still
writes is never shown as another's.
"""

from __future__ import annotations

import contextlib
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import IO

from django.db.models import QuerySet
from django.db.models.fields.json import KeyTextTransform

from media_assets.storage import SharedFile, SharedFolder, StorageError
from rendering.farm.expectation import LONG_SECONDS, LONG_WORK, Expectation
from rendering.models import Job
from rendering.pictures import frames
from rendering.queue.claims import Claim

ROOT = SharedFolder("previews")
DRAFT_SECONDS = 3600  # a file that is being written this long was left behind


@dataclass(frozen=True)
class LivePreview:
    """A picture of a running job: its file, and what distinguishes it from the one before."""

    file: SharedFile
    version: str

    def open(self) -> IO[bytes]:
        """Open the picture. Raises OSError: the job may have ended in this instant."""
        return self.file.open()


def file_of(pk: int, token: uuid.UUID) -> SharedFile:
    return ROOT.file(f"{pk}-{token.hex}.png")


def is_worth_it(pixels: int, samples: int, expectation: Expectation, *, is_first: bool = False) -> bool:
    """Whether a render takes so long that a coarse picture before it costs nearly nothing, by what the last ones took.

    If none has ended yet, its pixels times samples decide. The first picture of a CAD file is awaited: always.
    """
    if is_first:
        return True
    if expectation.total is not None:
        return expectation.total >= LONG_SECONDS
    return pixels * samples >= LONG_WORK


def share(claim: Claim) -> None:
    """Let other hosts see what Blender has written so far, if they do not anyway; no reason to fail."""
    with contextlib.suppress(OSError):
        file_of(claim.job.pk, claim.token).share()


@contextmanager
def kept(claim: Claim, wanted: bool) -> Iterator[str]:
    """Yield where Blender writes the coarse picture of a claim, "" for none; it is gone when the work ends."""
    file = file_of(claim.job.pk, claim.token)
    if wanted:
        try:
            ROOT.make()
        except (OSError, StorageError):
            wanted = False  # the render itself reports problems of the disk
    try:
        with file.local() as path:
            yield str(path) if wanted else ""
    finally:
        with contextlib.suppress(OSError):
            file.delete()


def with_film(jobs: QuerySet[Job]) -> QuerySet[Job]:
    """Return *jobs* with what `shown` needs of each, so that it asks no database."""
    return jobs.annotate(film=KeyTextTransform("film", "spec"))


def shown(job: Job) -> LivePreview | None:
    """Return what there is to see of a job from `with_film` while it renders; None for any other."""
    if job.state != Job.State.RUNNING or job.kind != Job.Kind.RENDER or not hasattr(job, "film"):
        return None
    if job.film:
        return _live(frames.newest(job.film))
    return coarse(job.pk, job.lease_token) if job.lease_token else None


def coarse(pk: int, token: uuid.UUID) -> LivePreview | None:
    """Return the coarse picture of the job *pk* that runs under this lease token; None until it is there."""
    return _live(file_of(pk, token))


def _live(file: SharedFile | None) -> LivePreview | None:
    try:
        return LivePreview(file, f"{file.modified_ns():x}") if file else None
    except OSError:
        return None


def sweep() -> int:
    """Delete what workers that were killed left behind; return how many files."""
    found = ROOT.entries()
    if not found:
        return 0
    running = Job.objects.running().values_list("pk", "lease_token")
    # Read after the folder: none is missed.
    live = {f"{pk}-{token.hex}.png" for pk, token in running if token}
    line = (time.time() - DRAFT_SECONDS) * 1e9
    swept = 0
    for one in found:
        if one.name in live or (not one.name.endswith(".png") and one.modified_ns > line):
            continue
        with contextlib.suppress(OSError):
            ROOT.file(one.name).delete()
            swept += 1
    return swept
