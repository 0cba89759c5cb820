"""Uploads: read completely by another process, then stored under the hash of their content."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import Any, TypeVar

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from blender_scripts.children.confine import LINKERS, Reach, as_texts, program_files
from blender_scripts.children.folders import temporary_folder
from blender_scripts.children.program import contained, run
from media_assets import storage
from rendering.catalog.images.kind import ImageKind
from rendering.models.uploaded_image import Uploaded

Row = TypeVar("Row", bound=Uploaded)

READER = Path(__file__).with_name("reader.py")
READING_SECONDS = 120
CPU_SECONDS = 90
MEMORY = 3 << 30  # bytes
LARGEST_PREVIEW = 1 << 20  # bytes


def receive(kind: ImageKind[Row], source: Path, original_name: str, *, name: str, license: str = "") -> Row:
    """Keep what is in *source* and return its row.

    Raises ValidationError, which says what is wrong and what to do, and StorageFull or StorageReadOnly.
    """
    if source.stat().st_size > kind.largest_mb * 1_000_000:
        raise ValidationError(kind.too_large % {"megabytes": kind.largest_mb}, code="too_large")
    with source.open("rb") as stream:
        sha256, _size = storage.digest(stream)
    refuse_known(kind, sha256)
    with temporary_folder() as folder:
        preview = folder / "preview.webp"
        kept, answer = kind.read(source, preview) if kind.read else (source, examine(kind, source, preview))
        with kept.open("rb") as stream:
            sha256, _size = storage.digest(stream)
        refuse_known(kind, sha256)
        stored = storage.store(kept, kind.folder, answer.pop("suffix"))
        storage.store_as(preview, preview_name(kind, sha256))
    try:
        with transaction.atomic():
            return kind.model._default_manager.create(
                name=name,
                file=stored.name,
                sha256=sha256,
                original_name=Path(original_name).name[-255:],
                license=license,
                **answer,
            )
    except IntegrityError:
        refuse_known(kind, sha256)
        raise ValidationError(kind.taken % {"name": name}, code="name") from None


def refuse_known(kind: ImageKind[Any], sha256: str) -> None:
    """Raise ValidationError when these bytes were taken in before."""
    if known := kind.model._default_manager.filter(sha256=sha256).first():
        raise ValidationError(kind.known % {"name": known}, code="known")


def examine(kind: ImageKind[Any], source: Path, preview: Path) -> dict[str, Any]:
    """Return the suffix and what the row has of an image, and write its preview. Raises ValidationError."""
    for (
        suffix
    ) in kind.suffixes:  # OpenImageIO chooses its reader by the end of the name, and an upload has none
        preview.with_name(f"image{suffix}").symlink_to(source.resolve())
    reader = [sys.executable, "-I", str(READER), kind.name, str(source.resolve()), str(preview)]
    reach = Reach(
        readable=as_texts([*program_files(), READER, source.resolve()]),
        writable=(str(preview.parent.resolve()),),
        programs=(str(Path(sys.executable).resolve()), *LINKERS),
    )
    done = run(
        contained(reader, reach, memory=MEMORY, cpu=CPU_SECONDS, file=LARGEST_PREVIEW),
        READING_SECONDS,
        env={"PATH": os.defpath, "OMP_NUM_THREADS": "1"},
        cwd=preview.parent,
    )
    if done.timed_out:
        raise ValidationError(kind.slow % {"seconds": READING_SECONDS}, code="hung")
    try:
        answer: dict[str, Any] = json.loads(done.text(said=True))
    except ValueError:
        reason = _("its reader ended with %(status)d") % {"status": done.returncode}
        answer = {"refused": "damaged", "reason": reason}
    if why := answer.get("refused"):
        raise ValidationError(kind.refusals[why] % answer, code="refused")
    return answer


def preview_name(kind: ImageKind[Any], sha256: str) -> str:
    """Return the storage name of the small picture of an image."""
    return storage.content_name(kind.folder, sha256, ".preview.webp")


def remove(kind: ImageKind[Any], row: Uploaded) -> None:
    """Delete an image and its files. Raises ProtectedError while anything uses it."""
    names = (str(row.file.name), preview_name(kind, row.sha256))
    row.delete()
    transaction.on_commit(lambda: _forget(names))


def _forget(names: tuple[str, ...]) -> None:
    for name in names:
        storage.delete(name)
