"""Has pictures written and checked by the encoder of this worker process, with the lease renewed meanwhile."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, TypeVar

from django.conf import settings
from django.utils.translation import gettext_noop as _

from gpu.models import SystemSettings
from media_assets import storage
from rendering.farm.workspace import work_root
from rendering.models.errors import JobError
from rendering.models.sentence import Sentence
from rendering.pictures.encoder import CHECKING, Encoder, Tick, Written
from rendering.pictures.gate import Concern
from rendering.pictures.limits import EncodingLimits
from rendering.pictures.signing import NoSigningKey, SigningKey
from rendering.queue.lease import Lease

SLOW_SECONDS = 3.0  # from here on a job says how long its encoding has taken

CHECK = Sentence.of(_("checking"))

T = TypeVar("T")

_encoder: Encoder | None = None


def limits() -> EncodingLimits:
    """Return what one encoding may take, from the system settings."""
    row = SystemSettings.load()
    return EncodingLimits(row.render_wall_seconds, row.hang_seconds, row.render_memory_mb)


def encoding_of(recipe: Mapping[str, Any]) -> Sentence:
    """Return what a job says of itself when its encoding begins."""
    return Sentence.of(_("encoding {format}"), format=recipe["format"])


def write(
    lease: Lease,
    source: Path,
    target: Path,
    recipe: Mapping[str, Any],
    about: Mapping[str, Any],
    *,
    measures_png: bool,
) -> Written:
    """Write a master as the file of a recipe and check it. Raises as `Encoder.write` does, and what the lease does."""
    began, key = time.monotonic(), signing_key(recipe)
    most = lease.persist(limits)

    def tick(stage: str) -> None:
        passed = time.monotonic() - began
        if stage == CHECKING:
            lease.note(stage=CHECK, progress=0.8)
        elif passed > SLOW_SECONDS:
            words = _("encoding {format} for {seconds:.0f} s")
            lease.note(stage=Sentence.of(words, format=recipe["format"], seconds=round(passed)))
        lease.tick()

    def ask(encoder: Encoder) -> Written:
        return encoder.write(
            source, target, recipe, about, measures_png=measures_png, limits=most, tick=tick, key=key
        )

    return _asked(lease, ask)


def sign(lease: Lease, path: Path, recipe: Mapping[str, Any], about: Mapping[str, Any]) -> None:
    """Sign a film, where its recipe says so. Raises as `Encoder.write` does, and what the lease does."""
    if key := signing_key(recipe):
        tick: Tick = lambda _stage: lease.tick()  # noqa: E731
        _asked(lease, lambda encoder: encoder.sign(path, recipe, about, limits=limits(), tick=tick, key=key))


def signing_key(recipe: Mapping[str, Any]) -> SigningKey | None:
    """Return the key that signs the file of a recipe; None where it is not signed. Raises JobError signing_failed."""
    if not recipe.get("signed"):
        return None
    try:
        return SigningKey.load(settings.C2PA_CERTIFICATE, settings.C2PA_KEY)
    except NoSigningKey as error:
        raise JobError("signing_failed", "key", error=error) from error


def check(lease: Lease, path: Path, recipe: Mapping[str, Any]) -> list[Concern]:
    """Return what looks wrong in a picture, by its recipe. Raises as `Encoder.check` does, and what the lease does."""
    tick: Tick = lambda _stage: lease.tick()  # noqa: E731
    most = lease.persist(limits)
    return _asked(lease, lambda encoder: encoder.check(path, recipe, limits=most, tick=tick))


def _asked(lease: Lease, ask: Callable[[Encoder], T]) -> T:
    """Ask the encoder, and note what a failed one printed."""
    for is_warm in (_encoder is not None, False):
        encoder = _running()
        try:
            return ask(encoder)
        except PermissionError:
            # It was confined to the folders of that time, and a disk may have been mounted anew since.
            drop()
            if not is_warm:
                raise
        except JobError:
            if encoder.tail:
                lease.note(log="\n".join(encoder.tail))
            raise
    raise AssertionError("unreachable")


def _running() -> Encoder:
    """Return the encoder, a new one if it has ended or the folders are others."""
    global _encoder
    folders = [storage.local_folder(), work_root().resolve()]
    if _encoder is not None and not (_encoder.alive and _encoder.folders == folders):
        drop()
    if _encoder is None:
        _encoder = Encoder(*folders)
    return _encoder


def drop() -> None:
    """End the encoder; the next picture starts a new one."""
    global _encoder
    if _encoder is not None:
        _encoder.kill()
        _encoder = None
