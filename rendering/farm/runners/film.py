"""Run the encoding of a film: the frames of a render master in, MP4, WebM or animated WebP out, on the CPU."""

from __future__ import annotations

import time
import zipfile
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from django.utils.translation import gettext_noop as _
from PIL import Image

from media_assets import storage
from media_assets.formats import files
from media_assets.ingest.publish import publish
from media_assets.models import MediaAsset
from rendering.farm import encoding, ending
from rendering.farm.runners.encode import about, master_of, of_master, set_aside_if_damaged
from rendering.farm.workspace import workspace
from rendering.models.errors import JobError
from rendering.models.sentence import Sentence
from rendering.pictures import ffmpeg, film, film_gate
from rendering.pictures.encoder import Unwritten
from rendering.pictures.likeness import small
from rendering.queue.claims import Claim
from rendering.queue.lease import Lease

ENCODING, CHECKING = 0.85, 0.1  # of the progress
POSTER_PX = 256


def run(claim: Claim, lease: Lease) -> None:
    """Encode the job's film from its master and publish it. Raises JobError."""
    job = claim.job
    recipe = job.spec["recipe"]
    master = master_of(job)
    limits = encoding.limits()
    total = recipe["view"]["frames"]
    with workspace() as folder, storage.local_copy(master.file) as source:
        target = folder / f"film{files.suffix(recipe['format'])}"
        poster = folder / "poster.webp"
        shown: list[bytes] = []
        started = time.monotonic()
        note = progress(lease, encoding.encoding_of(recipe), total, 0.0, ENCODING)
        embedded = about(job, master)
        arguments = film.arguments(recipe, embedded, str(target))
        try:
            ffmpeg.run(arguments, folder, limits, note, feed(source, recipe, shown, poster))
            film.finish(target, recipe, embedded)
            encoding.sign(lease, target, recipe, embedded)
        except (zipfile.BadZipFile, OSError, ValueError, Unwritten) as error:
            if isinstance(error, OSError) and error.errno:
                raise
            set_aside_if_damaged(master)
            raise JobError("encode_failed", "written", format=recipe["format"], error=error) from error
        encoded = time.monotonic()
        note = progress(lease, encoding.CHECK, total, ENCODING, CHECKING)
        try:
            film_gate.check(target, recipe, shown, limits, note)
        except JobError as error:
            if error.code != "encode_failed":
                raise
            raise JobError("quality_gate", "film", error=error.message) from error
        seconds = {
            "encode": round(encoded - started, 3),
            "gate": round(time.monotonic() - encoded, 3),
        }
        lease.tick()
        finish(lease, master, target, poster, seconds)


def progress(lease: Lease, stage: Sentence, total: int, start: float, share: float) -> Callable[[int], None]:
    """Return what notes and renews the lease as frames get done."""

    def tick(done: int) -> None:
        lease.note(
            stage=Sentence.of(_("{stage}: frame {done} of {total}"), stage=stage, done=done, total=total),
            progress=start + share * min(1.0, done / total),
        )
        lease.tick()

    return tick


def feed(master: Path, recipe: dict[str, Any], shown: list[bytes], poster: Path) -> Iterator[bytes]:
    """Yield the pixels of each frame; remember what each shows, and write the first one as *poster*."""
    for image in film.pictures(master, recipe):
        if not shown:
            write_poster(image, poster)
        shown.append(small(image))
        yield image.tobytes()


def write_poster(image: Image.Image, target: Path) -> None:
    """Write a small still of the film, for lists and for the player before it plays."""
    poster = image.copy()
    poster.thumbnail((POSTER_PX, POSTER_PX), Image.Resampling.LANCZOS)
    poster.save(target, format="WEBP", quality=90, method=4)


def finish(
    lease: Lease, master: MediaAsset, target: Path, poster: Path, seconds: Mapping[str, float]
) -> None:
    """End the job well, with the film."""
    job = lease.claim.job
    recipe = job.spec["recipe"]
    receipt = master.how_made.derived(**of_master(master), seconds=seconds)

    def publish_film() -> dict[str, Any]:
        asset = publish(
            target,
            kind=recipe["kind"],
            format_name=recipe["format"],
            recipe=recipe,
            receipt=receipt,
            cad_file=job.cad_file,
            product=job.product,
            width=recipe["width"],
            height=recipe["height"],
            duration=recipe["view"]["frames"] / recipe["fps"],
            poster=storage.store(poster, "poster", ".webp").name,
        )
        return {"asset": asset, "seconds": dict(seconds), **ending.ON_CPU}

    ending.succeed(lease, publish_film)
