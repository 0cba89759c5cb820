"""What can be ordered: output types and workflows."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from ninja import Query, Router, Schema
from pydantic import AwareDatetime, Field

from rendering.api.access import needs
from rendering.api.lists import ListWanted, Page, Text, found, one, page
from rendering.api.problems import answers
from rendering.models import OutputType, Workflow
from rendering.models.api_token import TokenScope
from rendering.pictures.kinds import KINDS

router = Router(tags=["Output types"])
SEE = "rendering.view_outputtype"


class OutputTypeOut(Schema):
    slug: str
    name: str
    kind: str = Field(description=f"{', '.join(KINDS)}; what has no view ignores camera, light and size")
    can_be_ordered: bool
    needs_approval: bool = Field(description="Its pictures are released once somebody has approved them")
    camera: str
    lighting: str
    background: str
    materials: str
    view_transform: str
    samples: int
    width: int = Field(description="px")
    height: int = Field(description="px")
    format: str
    quality: int | None
    frames: int | None = Field(description="Of one turn of a turntable or spin")
    rows: int = Field(description="Of a spin: turns, each from a camera of its own elevation")
    lowest_row: float = Field(description="Degrees; counts where there are more rows than one")
    highest_row: float = Field(description="Degrees")
    fps: int | None
    archived: AwareDatetime | None


class WorkflowOut(Schema):
    slug: str
    name: str


class OutputTypesWanted(ListWanted):
    archived: bool = False


def document(row: OutputType) -> dict[str, Any]:
    names = set(OutputTypeOut.model_fields) - {"archived", "can_be_ordered"}
    said = {name: getattr(row, name) for name in names}
    return {**said, "can_be_ordered": row.can_be_ordered, "archived": row.archived_at}


@router.get(
    "/output-types",
    response=answers(Page[OutputTypeOut]),
    **needs(TokenScope.READ, SEE),
    summary="List output types",
)
def list_output_types(request: HttpRequest, wanted: Query[OutputTypesWanted]) -> HttpResponse:
    rows = OutputType.objects.filter(archived_at__isnull=not wanted.archived)
    return page(wanted, rows, OutputTypeOut, document, changed=("archived_at",))


@router.get(
    "/output-types/{slug}",
    response=answers(OutputTypeOut, 404),
    **needs(TokenScope.READ, SEE),
    summary="Show an output type",
)
def show_output_type(request: HttpRequest, slug: Text) -> HttpResponse:
    return one(OutputTypeOut, document(found(OutputType.objects.all(), "output type", slug=slug)))


@router.get(
    "/workflows",
    response=answers(Page[WorkflowOut]),
    **needs(TokenScope.READ, "rendering.view_workflow"),
    summary="List workflows",
)
def list_workflows(request: HttpRequest, wanted: Query[ListWanted]) -> HttpResponse:
    rows = Workflow.objects.all()
    return page(wanted, rows, WorkflowOut, lambda row: {"slug": row.slug, "name": row.name}, changed=())
