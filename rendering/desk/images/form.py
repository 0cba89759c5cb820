"""A new panorama or texture: its file is read while the form is checked, so that errors are shown beside it."""

from __future__ import annotations

from pathlib import Path
from typing import Any, ClassVar

from django import forms
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import TemporaryUploadedFile, UploadedFile

from blender_scripts.children.folders import temporary_folder
from media_assets.storage import StorageError
from rendering.catalog.images.kind import ImageKind
from rendering.catalog.images.receiving import receive
from rendering.desk.cad_files.upload_guard import RefusedUpload


class ImageForm(forms.ModelForm):  # type: ignore[type-arg]
    """The file is in the field that has the name of the kind."""

    kind: ClassVar[ImageKind[Any]]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        upload = data.get(self.kind.name)
        if upload is None or self.errors:
            return data
        try:
            self.instance = self._taken(upload, data["name"], data.get("license", ""))
        except ValidationError as error:
            self.add_error("name" if getattr(error, "code", "") == "name" else self.kind.name, error)
        except StorageError as error:
            self.add_error(self.kind.name, str(error))
        return data

    def _taken(self, upload: UploadedFile[Any], name: str, license: str) -> Any:
        if isinstance(upload, RefusedUpload):
            raise ValidationError(upload.why)
        if isinstance(upload, TemporaryUploadedFile):
            source = Path(upload.temporary_file_path())
            return receive(self.kind, source, upload.name or "", name=name, license=license)
        with temporary_folder() as folder:
            copy = folder / "upload"
            with copy.open("wb") as out:
                out.writelines(upload.chunks())
            return receive(self.kind, copy, upload.name or "", name=name, license=license)
