"""Large CAD files in parts: an interrupted upload goes on where it stopped, and known bytes are not sent at all."""

from __future__ import annotations

import uuid
from typing import Annotated, Any

from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from ninja import Header, Router, Schema
from pydantic import Field

from gpu.models import SystemSettings
from media_assets import storage
from media_assets.ingest import receive, room
from media_assets.models import CadFile
from rendering.api.access import needs
from rendering.api.cad_files import ArrivalOut, ReadingWish, take
from rendering.api.lists import MOST_ID, Text, found, one
from rendering.api.problems import ApiRefused, answers
from rendering.models import ApiUpload
from rendering.models.api_token import TokenScope

router = Router(tags=["Uploads"])
BYTES = {
    "required": True,
    "content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}},
}
Offset = Annotated[int, Header(alias="Upload-Offset", ge=0, le=MOST_ID)]
PART = 16_000_000  # bytes of one request


class UploadWish(ReadingWish):
    file_name: Text = Field(description="The name of the file, with its ending", min_length=1)
    size: int = Field(ge=1, le=2**60, description="bytes")
    sha256: str = Field(
        "", pattern=r"^([0-9a-f]{64})?$", description="Of the file: known bytes need not be sent"
    )


class UploadOut(Schema):
    id: uuid.UUID | None = Field(description="Null: the bytes are known, nothing is to be sent")
    received: int = Field(description="Bytes so far: the next part begins here")
    size: int
    part: int = Field(description="Most bytes of one part")
    cad_file: int | None = Field(description="The CAD file with these bytes, where they are known")


def document(row: ApiUpload) -> dict[str, Any]:
    return {"id": row.pk, "received": row.received, "size": row.size, "part": PART, "cad_file": None}


@router.post(
    "/uploads",
    response={**answers(UploadOut, 413, 507, status=201), 200: UploadOut},
    **needs(TokenScope.UPLOAD, "upload"),
    summary="Begin an upload in parts",
)
def begin_upload(request: HttpRequest, wish: UploadWish) -> HttpResponse:
    """Then PATCH its parts one after the other, and POST .../finish. What nobody finished in a day is deleted."""
    known = CadFile.objects.filter(sha256=wish.sha256).first() if wish.sha256 else None
    if known and not wish.product and not storage.is_lost(known.file):
        said = {"id": None, "received": wish.size, "size": wish.size, "part": PART, "cad_file": known.pk}
        return one(UploadOut, said)
    limits = SystemSettings.load()
    if wish.size > limits.upload_max_mb * 1_000_000:
        error = receive.too_large(wish.size, limits.upload_max_mb * 1_000_000)
        raise ApiRefused(413, error.code, error.message)
    room.check_room(2 * wish.size, limits.disk_floor_mb * 1_000_000)  # its parts, and then the stored file
    options = wish.model_dump(mode="json", include=set(ReadingWish.model_fields))
    row = ApiUpload.objects.create(
        owner=request.user,  # type: ignore[misc]
        name=receive.clean_name(wish.file_name),
        size=wish.size,
        options=options,
    )
    return one(UploadOut, document(row), 201)


@router.get(
    "/uploads/{id}",
    response=answers(UploadOut, 404),
    **needs(TokenScope.UPLOAD, "upload"),
    summary="Ask how much of an upload has arrived",
)
def show_upload(request: HttpRequest, id: uuid.UUID) -> HttpResponse:
    return one(UploadOut, document(_own(request, id)))


@router.patch(
    "/uploads/{id}",
    response=answers(UploadOut, 404, 409, 413, 507),
    **needs(TokenScope.UPLOAD, "upload", requestBody=BYTES),
    summary="Send the next part of an upload",
)
def send_part(request: HttpRequest, id: uuid.UUID, upload_offset: Offset) -> HttpResponse:
    """The part is the body (application/octet-stream); Upload-Offset says where it begins."""
    content = _content(request)  # before anything is locked: it may come slowly
    with transaction.atomic():
        row = _own(request, id, lock=True)
        if upload_offset != row.received:
            words = _("The next part begins at {received}, not at {sent}.")
            told = words.format(received=row.received, sent=upload_offset)
            raise ApiRefused(409, "wrong_offset", told, Upload_Offset=str(row.received))
        if row.received + len(content) > row.size:
            raise ApiRefused(
                413, "too_large", _("The upload was to have {size} bytes.").format(size=row.size)
            )
        with storage.media_errors():
            ApiUpload.FOLDER.make(is_first=not CadFile.objects.exists())
            row.part.write_at(row.received, content)
        row.received += len(content)
        row.save(update_fields=["received"])
    return one(UploadOut, document(row), Upload_Offset=str(row.received))


@router.post(
    "/uploads/{id}/finish",
    response={**answers(ArrivalOut, 404, 409, 413, 507, status=201), 200: ArrivalOut},
    **needs(TokenScope.UPLOAD, "upload"),
    summary="Finish an upload: the file is taken in",
)
def finish_upload(request: HttpRequest, id: uuid.UUID) -> HttpResponse:
    row = _own(request, id)
    if row.received < row.size:
        words = _("{missing} bytes are missing.").format(missing=row.size - row.received)
        raise ApiRefused(409, "incomplete", words, _("Send the next part first."))
    with row.part.local() as source:
        answer = take(source, row.name, ReadingWish.model_validate(row.options), request)
    ApiUpload.objects.filter(pk=row.pk).delete()
    return answer


@router.delete(
    "/uploads/{id}",
    response=answers(None, 404, status=204),
    **needs(TokenScope.UPLOAD, "upload"),
    summary="Give an upload up",
)
def give_up(request: HttpRequest, id: uuid.UUID) -> HttpResponse:
    ApiUpload.objects.filter(pk=_own(request, id).pk).delete()
    return HttpResponse(status=204)


def _own(request: HttpRequest, pk: uuid.UUID, *, lock: bool = False) -> ApiUpload:
    rows = ApiUpload.objects.filter(owner=request.user)  # type: ignore[misc]
    row: ApiUpload = found(rows.select_for_update() if lock else rows, "upload", pk=pk)
    return row


def _content(request: HttpRequest) -> bytes:
    """Return the body, of at most one part's bytes."""
    content = request.read(PART + 1)
    if len(content) > PART:
        raise ApiRefused(413, "too_large", _("A part may have {most} bytes at most.").format(most=PART))
    if not content:
        raise ApiRefused(422, "empty", _("The part is empty."))
    return bytes(content)
