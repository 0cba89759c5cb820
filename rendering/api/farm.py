"""The machines: GPUs, probes, and reports over what was made."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from ninja import Query, Router, Schema
from pydantic import AwareDatetime, Field

from gpu.models import GpuDevice, GpuProbe
from gpu.probing import life, overview
from gpu.probing.views import PERMISSION as PROBE
from rendering.api.access import needs
from rendering.api.lists import ListWanted, Page, RowId, Text, found, one, page
from rendering.api.problems import ApiRefused, answers
from rendering.models.api_token import TokenScope
from rendering.orders import naming
from rendering.reports import REPORTS, ScopeError
from rendering.reports import Scope as Period
from rendering.reports.scope import TOP

router = Router(tags=["Farm"])


class GpuOut(Schema):
    id: int
    host: str
    backend: str
    vendor_id: str
    name: str
    memory_mb: int | None
    driver: str
    enabled: bool
    queue: str
    lost_at: AwareDatetime | None = Field(description="Since when no probe finds it")


class ProbeOut(Schema):
    id: int
    state: str
    trigger: str
    host: str | None = Field(description="Null: whichever host comes first")
    created: AwareDatetime
    started: AwareDatetime | None
    finished: AwareDatetime | None
    result: dict[str, Any] | None
    error: str | None


class ProbesOut(Schema):
    probes: list[ProbeOut]


class ReportWanted(Schema):
    since: date | None = Field(None, description="First day; empty: the last 30")
    until: date | None = Field(None, description="Last day; empty: today")
    product: Text = ""
    output_type: Text = ""
    customer: Text = ""
    collection: Text = ""
    tag: Text = ""
    top: int = Field(TOP, ge=1, le=1000, description="Rows of a ranking")


class ReportOut(Schema):
    report: str
    title: str
    since: date
    until: date
    about: str
    units: dict[str, str] = Field(description="Of each column")
    rows: list[dict[str, Any]]


def gpu_document(device: GpuDevice) -> dict[str, Any]:
    return {name: getattr(device, name) for name in GpuOut.model_fields}


@router.get(
    "/gpus",
    response=answers(Page[GpuOut]),
    **needs(TokenScope.READ, "gpu.view_gpudevice"),
    summary="List the GPUs of all hosts",
)
def list_gpus(request: HttpRequest, wanted: Query[ListWanted]) -> HttpResponse:
    return page(wanted, GpuDevice.objects.all(), GpuOut, gpu_document, changed=("lost_at", "looked_at"))


@router.post(
    "/gpu-probes",
    response=answers(ProbesOut, status=202),
    **needs(TokenScope.MANAGE, PROBE),
    summary="Ask every host that is alive to probe its GPUs",
)
def start_probe(request: HttpRequest) -> HttpResponse:
    rows = life.request_everywhere(GpuProbe.Trigger.OPERATOR, request.user)
    return one(ProbesOut, {"probes": [overview.as_json(row) for row in rows]}, 202)


@router.get(
    "/gpu-probes",
    response=answers(Page[ProbeOut]),
    **needs(TokenScope.READ, "gpu.view_gpuprobe"),
    summary="List GPU probes",
)
def list_probes(request: HttpRequest, wanted: Query[ListWanted]) -> HttpResponse:
    rows = GpuProbe.objects.all()
    return page(wanted, rows, ProbeOut, overview.as_json, changed=("created", "finished"))


@router.get(
    "/gpu-probes/{id}",
    response=answers(ProbeOut, 404),
    **needs(TokenScope.READ, "gpu.view_gpuprobe"),
    summary="Show a GPU probe with its result",
)
def show_probe(request: HttpRequest, id: RowId) -> HttpResponse:
    return one(ProbeOut, overview.as_json(found(GpuProbe.objects.all(), "probe", pk=id)))


@router.get(
    "/reports/{name}",
    response=answers(ReportOut, 404),
    **needs(TokenScope.READ, "rendering.view_reports"),
    summary="Show a report",
)
def show_report(request: HttpRequest, name: Text, wanted: Query[ReportWanted]) -> HttpResponse:
    if name not in REPORTS:
        words = _("There is no report {name!r}.").format(name=name)
        raise ApiRefused(404, "not_found", words, _("There are: {known}.").format(known=", ".join(REPORTS)))
    product = naming.products([wanted.product])[0] if wanted.product else None
    kind = naming.output_types([wanted.output_type])[0] if wanted.output_type else None
    belongs = naming.groups(customer=wanted.customer, collection=wanted.collection, tag=wanted.tag)
    try:
        period = Period.of(wanted.since, wanted.until, product, kind, wanted.top, **belongs)
    except ScopeError as error:
        raise ApiRefused(422, "invalid", str(error)) from error
    table = REPORTS[name](period).to_json()
    return one(ReportOut, {"since": period.since, "until": period.until, **table})
