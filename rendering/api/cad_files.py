"""CAD files: uploading them, and what is in them."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from ninja import File, Form, Query, Router, Schema, UploadedFile
from pydantic import AwareDatetime, Field

from gpu.models import SystemSettings
from media_assets.cad.contract import Reading
from media_assets.formats import cad
from media_assets.ingest import receive
from media_assets.models import CadFile
from media_assets.serving.views import stored_file
from rendering.api.access import needs
from rendering.api.lists import ListWanted, Page, RowId, Text, found, one, page, values_of
from rendering.api.problems import answers, problem
from rendering.desk.cad_files.upload import on_disk
from rendering.desk.cad_files.upload_guard import RefusedUpload
from rendering.models.api_token import TokenScope
from rendering.models.errors import problem_of

router = Router(tags=["CAD files"])
SEE = "media_assets.view_cadfile"


class CadFileOut(Schema):
    id: int
    name: str
    sha256: str
    bytes: int
    format: str
    state: str = Field(description="uploaded, tessellating, ready or failed")
    error_code: str | None
    error: str | None
    next_step: str | None
    unit: str
    size_mm: list[float] | None = Field(description="x, y, z")
    parts: int | None = Field(description="Distinct parts with geometry")
    instances: int | None = Field(description="Placed parts")
    triangles: int | None
    created: AwareDatetime
    archived: AwareDatetime | None


class CadFileWholeOut(CadFileOut):
    report: dict[str, Any] = Field(description="What the reader found, and what it left out")
    tree: dict[str, Any] = Field(description="The product tree: parts, instances, names, colors")


class CadFilesWanted(ListWanted):
    state: Annotated[CadFile.State, values_of(CadFile.State)] | None = None
    sha256: Text = Field("", description="The file with these bytes")
    archived: bool = False


class ReadingWish(Schema):
    """How a file is to be read where it does not say so itself."""

    product: Text = Field("", description="Product number; empty: known files keep theirs, others make one")
    name: Text = Field("", description="Product name")
    unit: Annotated[CadFile.Unit, values_of(CadFile.Unit)] | None = Field(
        None, description="Length unit of a file that states none"
    )
    code_page: Annotated[CadFile.CodePage, values_of(CadFile.CodePage)] | None = Field(
        None, description="Encoding of the names; empty: detected"
    )
    up: Annotated[CadFile.Up, values_of(CadFile.Up)] | None = Field(
        None, description="The axis of the file that points up"
    )

    def reading(self) -> Reading:
        return Reading(code_page=self.code_page or "", unit=self.unit or "", up=self.up or "")


class OneArrivalOut(Schema):
    """What became of one CAD file."""

    cad_file: int | None = Field(description="Null: nothing was kept of it")
    sha256: str
    name: str
    product: str | None
    state: str
    duplicate: bool = Field(description="The same bytes were there already")
    error_code: str | None
    error: str | None


class ArrivalOut(OneArrivalOut):
    """What became of an uploaded file, or of the first CAD file of a ZIP whose files do not belong together."""

    others: list[OneArrivalOut] = Field(
        description="The other CAD files of such a ZIP, each with a product of its own; otherwise empty"
    )


def document(file: CadFile) -> dict[str, Any]:
    wrong = problem_of(file) if file.error_code else None
    return {
        "id": file.pk,
        "name": file.original_name,
        "sha256": file.sha256,
        "bytes": file.bytes,
        "format": file.format,
        "state": file.state,
        "error_code": file.error_code or None,
        "error": file.error or None,
        "next_step": wrong.next_step if wrong else None,
        "unit": file.unit,
        "size_mm": file.size_mm,
        "parts": file.parts,
        "instances": file.instances,
        "triangles": file.triangles,
        "created": file.created,
        "archived": file.archived_at,
    }


def take(source: Path, name: str, options: ReadingWish, request: HttpRequest) -> HttpResponse:
    """Take in the file at *source*, or each CAD file of such a ZIP; return 201, 200 where all bytes were known, or why
    nothing was kept."""
    row = SystemSettings.load()
    arrivals = receive.receive_all(
        source,
        name,
        number=options.product,
        product_name=options.name,
        user=request.user,
        reading=options.reading(),
        max_bytes=row.upload_max_mb * 1_000_000,
        floor_bytes=row.disk_floor_mb * 1_000_000,
    )
    kept = [each for each in arrivals if each.cad_file is not None and each.error_code != "archived"]
    if not kept:
        first = arrivals[0]
        return problem(413 if first.error_code == "too_large" else 422, first.error_code, first.error)
    others = [each.as_dict() for each in arrivals if each is not kept[0]]
    is_new = any(not each.duplicate for each in kept)
    return one(ArrivalOut, {**kept[0].as_dict(), "others": others}, 201 if is_new else 200)


@router.post(
    "/cad-files",
    response={**answers(ArrivalOut, 413, 507, status=201), 200: ArrivalOut},
    **needs(TokenScope.UPLOAD, "upload"),
    summary="Upload a CAD file in one request",
)
def upload_cad_file(
    request: HttpRequest, file: File[UploadedFile], options: Form[ReadingWish]
) -> HttpResponse:
    """201: it is new and will be converted; 200: the same bytes were there already. A damaged file is kept, with its
    error. A ZIP of CAD files that do not belong together makes a product of each, unless `product` is given. Large
    files: see /uploads."""
    if isinstance(file, RefusedUpload):
        return problem(
            413 if file.is_too_large else 507, "too_large" if file.is_too_large else "disk_full", file.why
        )
    with on_disk(file) as source:
        return take(source, file.name or "", options, request)


@router.get(
    "/cad-files", response=answers(Page[CadFileOut]), **needs(TokenScope.READ, SEE), summary="List CAD files"
)
def list_cad_files(request: HttpRequest, wanted: Query[CadFilesWanted]) -> HttpResponse:
    rows = CadFile.objects.defer("tree", "report").filter(archived_at__isnull=not wanted.archived)
    if wanted.state:
        rows = rows.filter(state=wanted.state)
    if wanted.sha256:
        rows = rows.filter(sha256=wanted.sha256.lower())
    return page(wanted, rows, CadFileOut, document, changed=("created",))


@router.get(
    "/cad-files/{id}",
    response=answers(CadFileWholeOut, 404),
    **needs(TokenScope.READ, SEE),
    url_name="show_cad_file",
    summary="Show a CAD file with its report and product tree",
)
def show_cad_file(request: HttpRequest, id: RowId) -> HttpResponse:
    file = found(CadFile.objects.all(), "CAD file", pk=id)
    return one(CadFileWholeOut, {**document(file), "report": file.report, "tree": file.tree})


@router.get(
    "/cad-files/{id}/file",
    response=answers(None, 404, 416),
    **needs(TokenScope.READ, SEE),
    summary="Fetch the bytes of a CAD file",
)
def fetch_cad_file(request: HttpRequest, id: RowId) -> HttpResponseBase:
    """Ranges and If-None-Match are answered; the ETag is the SHA-256."""
    file = found(CadFile.objects.defer("tree", "report"), "CAD file", pk=id)
    return stored_file(
        request,
        file.file,
        sha256=file.sha256,
        mime_type=cad.of(file.format).mime_type,
        name=file.original_name,
        inline=False,
        forever=False,
    )
