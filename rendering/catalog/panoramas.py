"""Uploaded panoramas: read completely by another process, then stored under the hash of their content."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import Any

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from blender_scripts.children.confine import LINKERS, Reach, as_texts, program_files
from blender_scripts.children.folders import temporary_folder
from blender_scripts.children.program import contained, run
from media_assets import storage
from rendering.models import Environment

READER = Path(__file__).with_name("panorama_reader.py")
REFUSALS = {
    "format": gettext_lazy(
        "It is neither a Radiance (.hdr) nor an OpenEXR (.exr) file. Save the panorama as one of these."
    ),
    "shape": gettext_lazy(
        "It has %(width)d × %(height)d px, and a panorama is twice as wide as high. "
        "Choose the equirectangular version (not a cube map or a backplate)."
    ),
    "size": gettext_lazy(
        "It is %(width)d px wide; %(smallest)d to %(largest)d px can be used. Light needs no more than 4096: "
        "download or save a smaller version."
    ),
    "orientation": gettext_lazy("Its rows do not run from the top left. Save it again."),
    "channels": gettext_lazy(
        "The OpenEXR file has no channels R, G and B in its first part. Save it as a plain RGB picture."
    ),
    "damaged": gettext_lazy(
        "The panorama is damaged, cut off or of a kind that can't be used (%(reason)s). "
        "Upload it again, or save it again as .hdr or .exr with RGB colors."
    ),
}
FOLDER = "panoramas"
LARGEST_MB = 200
READING_SECONDS = 120
CPU_SECONDS = 90
MEMORY = 3 << 30  # bytes
LARGEST_PREVIEW = 1 << 20  # bytes
SUFFIXES = (".hdr", ".exr")


def receive(source: Path, original_name: str, *, name: str, license: str = "") -> Environment:
    """Keep the panorama in *source* and return its row.

    Raises ValidationError, which says what is wrong and what to do, and StorageFull or StorageReadOnly.
    """
    if source.stat().st_size > LARGEST_MB * 1_000_000:
        raise ValidationError(
            _(
                "The panorama has more than %(megabytes)d MB. Light needs no more than 4096 × 2048 px: "
                "use a smaller version."
            )
            % {"megabytes": LARGEST_MB},
            code="too_large",
        )
    with source.open("rb") as stream:
        sha256, _size = storage.digest(stream)
    refuse_known(sha256)
    with temporary_folder() as folder:
        preview = folder / "preview.webp"
        answer = examine(source, preview)
        stored = storage.store(source, FOLDER, answer["suffix"])
        storage.store_as(preview, preview_name(sha256))
    try:
        with transaction.atomic():
            return Environment.objects.create(
                name=name,
                file=stored.name,
                sha256=sha256,
                original_name=Path(original_name).name[-255:],
                width=answer["width"],
                height=answer["height"],
                license=license,
            )
    except IntegrityError:
        refuse_known(sha256)
        raise ValidationError(
            _("There is a panorama called “%(name)s” already.") % {"name": name}, code="name"
        ) from None


def refuse_known(sha256: str) -> None:
    """Raise ValidationError when these bytes were taken in before."""
    if known := Environment.objects.filter(sha256=sha256).first():
        raise ValidationError(
            _("These bytes are the panorama “%(name)s” already: use that.") % {"name": known}, code="known"
        )


def examine(source: Path, preview: Path) -> dict[str, Any]:
    """Return suffix, width and height (px) of a panorama and write its preview. Raises ValidationError."""
    for suffix in SUFFIXES:  # OpenImageIO chooses its reader by the end of the name, and an upload has none
        preview.with_name(f"panorama{suffix}").symlink_to(source.resolve())
    reader = [sys.executable, "-I", str(READER), str(source.resolve()), str(preview)]
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
        raise ValidationError(
            _("The panorama could not be read within %(seconds)d seconds. Use a smaller version.")
            % {"seconds": READING_SECONDS},
            code="hung",
        )
    try:
        answer: dict[str, Any] = json.loads(done.text(said=True))
    except ValueError:
        reason = _("its reader ended with %(status)d") % {"status": done.returncode}
        answer = {"refused": "damaged", "reason": reason}
    if why := answer.get("refused"):
        raise ValidationError(REFUSALS[why] % answer, code="refused")
    return answer


def preview_name(sha256: str) -> str:
    """Return the storage name of the small picture of a panorama."""
    return storage.content_name(FOLDER, sha256, ".preview.webp")


def remove(environment: Environment) -> None:
    """Delete a panorama and its files. Raises ProtectedError while an output type uses it."""
    names = (str(environment.file.name), preview_name(environment.sha256))
    environment.delete()
    transaction.on_commit(lambda: _forget(names))


def _forget(names: tuple[str, ...]) -> None:
    for name in names:
        storage.delete(name)
