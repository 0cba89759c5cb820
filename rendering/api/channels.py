"""Channels: their rules with sources, and which products are ready for them."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from ninja import Query, Router, Schema
from pydantic import Field

from rendering.api.access import needs
from rendering.api.lists import ListWanted, Page, Text, found, one, page
from rendering.api.problems import answers
from rendering.models import ChannelProfile
from rendering.models.api_token import TokenScope
from rendering.orders.channels import compliance

router = Router(tags=["Channels"])
SEE = "rendering.view_channelprofile"


class ChannelRuleOut(Schema):
    kind: str
    value: str
    code: str = Field(description="Only for this output; empty: for all")
    source: str
    read_on: date | None = Field(description="When the source was read; null: not read")


class ChannelOutputOut(Schema):
    output_type: str
    code: str
    required: bool


class ChannelOut(Schema):
    slug: str
    name: str
    note: str
    pattern: str = Field(description="Of file names")
    version: int
    outputs: list[ChannelOutputOut]
    rules: list[ChannelRuleOut]


class ReadyFileOut(Schema):
    output_type: str
    code: str
    required: bool
    state: str = Field(description="ready, refused or missing")
    name: str | None = Field(description="What the channel calls the file")
    asset: int | None
    why: list[str] = Field(description="Why it can't go to the channel, with figures")


class ReadyOut(Schema):
    product: str
    ready: bool
    files: list[ReadyFileOut]


def document(row: ChannelProfile) -> dict[str, Any]:
    newest = next(iter(row.versions.all()), None)
    return {
        **{name: getattr(row, name) for name in ("slug", "name", "note", "pattern")},
        "version": newest.number if newest else 0,
        "outputs": [
            {"output_type": item.output_type.slug, "code": item.code, "required": item.is_required}
            for item in row.outputs.all()
        ],
        "rules": [
            {name: getattr(rule, name) for name in ("kind", "value", "code", "source", "read_on")}
            for rule in row.rules.all()
        ],
    }


@router.get(
    "/channels", response=answers(Page[ChannelOut]), **needs(TokenScope.READ, SEE), summary="List channels"
)
def list_channels(request: HttpRequest, wanted: Query[ListWanted]) -> HttpResponse:
    return page(wanted, _channels(), ChannelOut, document, changed=())


@router.get(
    "/channels/{slug}",
    response=answers(ChannelOut, 404),
    **needs(TokenScope.READ, SEE),
    summary="Show a channel with its rules",
)
def show_channel(request: HttpRequest, slug: Text) -> HttpResponse:
    return one(ChannelOut, document(_channel(slug)))


@router.get(
    "/channels/{slug}/products",
    response=answers(Page[ReadyOut], 404),
    **needs(TokenScope.READ, "rendering.view_order"),
    summary="Show which products are ready for a channel",
)
def list_ready(request: HttpRequest, slug: Text, wanted: Query[ListWanted]) -> HttpResponse:
    """Of all products that were ordered for it."""
    profile = _channel(slug)
    judged: dict[int, dict[str, Any]] = {}

    def judge(rows: list[Any]) -> None:
        judged.update(
            (item.product.pk, item.as_dict()) for item in compliance.Checker.of(profile).check(rows)
        )

    return page(
        wanted,
        compliance.products_of(profile),
        ReadyOut,
        lambda row: judged[row.pk],
        changed=("created", "revised"),
        together=judge,
    )


def _channel(slug: str) -> ChannelProfile:
    row: ChannelProfile = found(_channels(), "channel", slug=slug)
    return row


def _channels() -> QuerySet[ChannelProfile]:
    return ChannelProfile.objects.prefetch_related("outputs__output_type", "rules", "versions")
