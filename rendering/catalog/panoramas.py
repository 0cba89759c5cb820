"""Panoramas on their way in: read to the last pixel by another process, then kept under their content's name."""

from __future__ import annotations

import json
import os
import sys
import tempfile
from pathlib import Path

from django.core.exceptions import ValidationError
from django.core.files.storage import default_storage
from django.db import IntegrityError, transaction

from blender_scripts.children.program import contained, run
from media_assets.storage import content_name, digest, store
from rendering.catalog import panorama_reader
from rendering.models import Environment

FOLDER = "panoramas"
LARGEST_MB = 200
READING_SECONDS = 120


def receive(source: Path, original_name: str, *, name: str, license: str = "") -> Environment:
    """Keep the panorama in *source* and return its row.

    Raises ValidationError, which says what is wrong and what to do, and StorageFull or StorageReadOnly.
    """
    if source.stat().st_size > LARGEST_MB * 1_000_000:
        raise ValidationError(
            f"The panorama has more than {LARGEST_MB} MB. Light needs no more than 4096 × 2048 px: "
            "use a smaller version.",
            code="too_large",
        )
    with source.open("rb") as stream:
        sha256, _ = digest(stream)
        stream.seek(0)
        suffix = ".hdr" if stream.read(2) == panorama_reader.SUFFIXES["hdr"] else ".exr"
    refuse_known(sha256)
    with tempfile.TemporaryDirectory(prefix="panorama-") as folder:
        preview = Path(folder) / "preview.webp"
        width, height = examine(source, preview)
        stored = store(source, FOLDER, suffix)
        with preview.open("rb") as stream:
            default_storage.save(preview_name(sha256), stream)
    try:
        with transaction.atomic():
            return Environment.objects.create(
                name=name,
                file=stored.name,
                sha256=sha256,
                original_name=Path(original_name).name[-255:],
                width=width,
                height=height,
                license=license,
            )
    except IntegrityError:
        refuse_known(sha256)
        raise ValidationError(f"There is a panorama called “{name}” already.", code="name") from None


def refuse_known(sha256: str) -> None:
    """Raise ValidationError when these bytes were taken in before."""
    if known := Environment.objects.filter(sha256=sha256).first():
        raise ValidationError(f"These bytes are the panorama “{known}” already: use that.", code="known")


def examine(source: Path, preview: Path) -> tuple[int, int]:
    """Return width and height (px) of a panorama and write its preview. Raises ValidationError."""
    reader = [sys.executable, "-I", panorama_reader.__file__, str(source), str(preview)]
    done = run(
        contained(reader, memory=panorama_reader.MEMORY, cpu=panorama_reader.CPU_SECONDS),
        READING_SECONDS,
        env={"PATH": os.defpath, "OMP_NUM_THREADS": "1"},
        cwd=preview.parent,
    )
    if done.timed_out:
        raise ValidationError(
            f"The panorama could not be read within {READING_SECONDS} seconds. Use a smaller version.",
            code="hung",
        )
    try:
        told = json.loads(done.text(said=True))
    except ValueError:
        raise ValidationError(
            f"The panorama is damaged: its reader ended with {done.returncode}. Save it again as .hdr or .exr.",
            code="damaged",
        ) from None
    if "refused" in told:
        raise ValidationError(told["refused"], code="refused")
    return told["width"], told["height"]


def preview_name(sha256: str) -> str:
    """Return the storage name of the small picture of a panorama."""
    return content_name(FOLDER, sha256, ".preview.webp")


def remove(environment: Environment) -> None:
    """Delete a panorama and its files. Raises ProtectedError while an output type uses it."""
    names = (str(environment.file.name), preview_name(environment.sha256))
    environment.delete()
    transaction.on_commit(lambda: _forget(names))


def _forget(names: tuple[str, ...]) -> None:
    for name in names:
        default_storage.delete(name)
