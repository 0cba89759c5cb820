"""Several CAD files in one form, each handled separately."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django import forms
from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import TemporaryUploadedFile, UploadedFile
from django.utils.translation import gettext

from blender_scripts.launch import BlenderError
from media_assets.cad.contract import Reading
from media_assets.cad.problem import describe
from media_assets.ingest import receive
from media_assets.ingest.receive import Arrival
from media_assets.models import PRODUCT_NUMBER, CadFile, Product
from media_assets.storage import StorageFull, StorageReadOnly
from rendering.desk.cad_files import formats
from rendering.desk.cad_files.upload_guard import RefusedUpload
from rendering.desk.products.staleness import freshness_of
from rendering.desk.shared.control import plural
from rendering.models.errors import ERRORS
from rendering.orders import OrderRefused


class ManyFilesInput(forms.ClearableFileInput):
    allow_multiple_selected = True


class ManyFilesField(forms.FileField):
    """Several files; its value is a list."""

    widget = ManyFilesInput(attrs={"accept": formats.ACCEPTED})

    def clean(self, data: Any, initial: Any = None) -> list[UploadedFile[Any]]:
        # Empty files are for ingest to refuse: it says more than "the submitted file is empty".
        files = [file for file in data or [] if file]
        if not files:
            raise ValidationError("Choose at least one CAD file.", code="required")
        return files


class UploadForm(forms.Form):
    cad_files = ManyFilesField(
        label="CAD files",
        help_text=formats.accepted(),
    )
    product = forms.CharField(
        label="Product number",
        required=False,
        max_length=100,
        validators=[PRODUCT_NUMBER],
        help_text="For a single file; a known number gets a new revision. Left empty: a new product for each file.",
    )

    unit = forms.ChoiceField(
        label="Length unit of mesh files",
        choices=[("", "Not stated"), *CadFile.Unit.choices],
        required=False,
        help_text=formats.unit_of_meshes(),
    )

    def clean(self) -> dict[str, Any]:
        data = self.cleaned_data
        if data.get("product") and len(data.get("cad_files", [])) > 1:
            self.add_error(
                "product", "A product has one current CAD file: upload one file, or leave the number empty."
            )
        return data


@dataclass(frozen=True)
class Answer:
    """The result of one uploaded file, in words; its row if it was kept; whether trying again can help."""

    text: str
    is_good: bool
    cad_file: CadFile | None = None
    again: bool = False


def take(upload: UploadedFile[Any], *, number: str, user: User | None, max_mb: int, unit: str = "") -> Answer:
    """Import one upload and return the result; an error is a result too."""
    name = f"“{receive.clean_name(upload.name or '')}”"  # quoted: the page would write its first letter large
    if isinstance(upload, RefusedUpload):
        return Answer(f"{name} was refused: {upload.why}", False, again=not upload.is_too_large)
    earlier = Product.objects.filter(number=number, cad_file__isnull=False).first() if number else None
    try:
        with _on_disk(upload) as source:
            arrival = receive.receive(
                source,
                upload.name or "",
                number=number,
                user=user,
                reading=Reading(unit=unit),
                max_bytes=max_mb * 1_000_000,
            )
    except ValidationError as error:
        return Answer(f"{name}: {' '.join(error.messages)}", False, again=True)
    except (StorageFull, StorageReadOnly, OrderRefused) as error:
        return Answer(f"{name} was not taken: {error}", False, again=True)
    except OSError as error:
        why = error.strerror or error
        return Answer(f"{name} could not be read on the server ({why}). Upload it again.", False, again=True)
    if arrival.error_code:
        return Answer(f"{name} {_fate(arrival)}: {_why(arrival)}", False, arrival.cad_file)
    return Answer(f"{name} {_news(arrival, earlier)}", True, arrival.cad_file)


def _why(arrival: Arrival) -> str:
    """Return why a file was not taken as it should be, and the next step."""
    if arrival.failure is None:
        return arrival.error
    problem = describe(ERRORS, arrival.failure, gettext)
    return f"{problem.message} {problem.next_step}".strip()


def _news(arrival: Arrival, earlier: Product | None) -> str:
    """Say what a file that was taken is now; *earlier* is the product whose number was given, as it was before."""
    owner = arrival.product.number if arrival.product else "-"
    is_revision = earlier is not None and arrival.cad_file and earlier.cad_file_id != arrival.cad_file.pk
    if is_revision and arrival.product:
        known, then = ("is known already and ", "") if arrival.duplicate else ("", " and is converted now")
        return f"{known}is the new revision of product {owner}{then}{_stale(arrival.product)}."
    if arrival.duplicate:
        return f"is known already: it is the CAD file of product {owner}."
    return f"was uploaded as product {owner}; it is converted now."


def _stale(product: Product) -> str:
    """Say how many pictures of a revised product are no longer current; nothing where there are none to speak of."""
    try:
        count = len(freshness_of([product])[product.pk].stale)
    except BlenderError:
        return ""
    return f"; {plural(count, 'picture')} of it {'is' if count == 1 else 'are'} stale" if count else ""


def _fate(arrival: Arrival) -> str:
    if arrival.cad_file is None:
        return "was refused"
    if arrival.cad_file.state == CadFile.State.FAILED:
        return "was kept, but can't be converted"
    return "was taken"


@contextmanager
def _on_disk(upload: UploadedFile[Any]) -> Iterator[Path]:
    """Yield a path of the upload's bytes: Django keeps small ones in memory."""
    if isinstance(upload, TemporaryUploadedFile):
        yield Path(upload.temporary_file_path())
        return
    with tempfile.NamedTemporaryFile(prefix="upload-") as copy:
        for chunk in upload.chunks():
            copy.write(chunk)
        copy.flush()
        yield Path(copy.name)
