"""Assets: the delivered files and what they were made from, with their bytes."""

from __future__ import annotations

from typing import Annotated, Any

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.utils.translation import gettext as _
from ninja import Query, Router, Schema
from pydantic import AwareDatetime, Field

from media_assets.models import MediaAsset
from media_assets.serving.views import asset_file
from rendering.api.access import needs
from rendering.api.lists import ListWanted, Page, RowId, Text, found, one, page, values_of
from rendering.api.problems import ApiRefused, answers
from rendering.models import Approval
from rendering.models.api_token import TokenScope
from rendering.models.review import with_approval, withheld
from rendering.models.roles import may
from rendering.orders.documents import asset_document

router = Router(tags=["Assets"])
SEE = "media_assets.view_mediaasset"


class AssetOut(Schema):
    id: int
    kind: str
    product: str | None
    cad_file: int
    url: str = Field(description="The file itself; the same token opens it")
    file_name: str
    mime_type: str
    width: int | None = Field(description="px")
    height: int | None = Field(description="px")
    duration: float | None = Field(description="s")
    bytes: int
    sha256: str
    delivery_state: str | None = Field(description="current, earlier (of an older CAD file) or replaced")
    approval: str | None = Field(description="awaiting, approved or rejected; null: nobody asks for it")
    recipe_key: str
    receipt: dict[str, Any] = Field(description="How it was really made: device, Blender, samples, seconds")
    produced: AwareDatetime
    pruned: AwareDatetime | None = Field(description="When its file was deleted to free space")
    archived: AwareDatetime | None


class AssetWholeOut(AssetOut):
    recipe: dict[str, Any] = Field(description="What it is: the same recipe, the same file")


class AssetsWanted(ListWanted):
    product: Text = Field("", description="Number")
    kind: Annotated[MediaAsset.Kind, values_of(MediaAsset.Kind)] | None = Field(
        None, description="Empty: the pictures and films that are delivered"
    )
    delivery_state: Text = Field("", description="current, earlier or replaced")
    approval: Annotated[Approval, values_of(Approval)] | None = None
    archived: bool = False


@router.get("/assets", response=answers(Page[AssetOut]), **needs(TokenScope.READ, SEE), summary="List assets")
def list_assets(request: HttpRequest, wanted: Query[AssetsWanted]) -> HttpResponse:
    rows = MediaAsset.objects.select_related("product").defer("recipe")
    rows = rows.filter(archived_at__isnull=not wanted.archived)
    rows = rows.filter(kind=wanted.kind) if wanted.kind else rows.filter(kind__in=MediaAsset.PICTURES)
    if wanted.product:
        rows = rows.filter(product__number=wanted.product)
    if wanted.delivery_state:
        rows = rows.filter(delivery_state=wanted.delivery_state)
    rows = with_approval(rows)
    if wanted.approval:
        rows = rows.filter(approval=wanted.approval)
    return page(wanted, rows, AssetOut, asset_document, changed=("produced", "archived_at"))


@router.get(
    "/assets/{id}",
    response=answers(AssetWholeOut, 404),
    **needs(TokenScope.READ, SEE),
    summary="Show an asset with its recipe and receipt",
)
def show_asset(request: HttpRequest, id: RowId) -> HttpResponse:
    asset = _asset(id)
    return one(AssetWholeOut, {**asset_document(asset), "recipe": asset.recipe})


@router.get(
    "/assets/{id}/file",
    response=answers(None, 403, 404, 410, 416),
    **needs(TokenScope.READ, SEE),
    summary="Fetch the file of an asset",
)
def fetch_asset(request: HttpRequest, id: RowId) -> HttpResponseBase:
    """Ranges and If-None-Match are answered; the ETag is the SHA-256. A picture that waits for approval, or is
    rejected, is only for tokens of people who may approve it."""
    asset = _asset(id)
    if asset.pk in withheld([asset.pk]) and not may(request.user, "approve"):
        words = _("The picture is not released: it waits for approval, or was rejected.")
        raise ApiRefused(403, "not_released", words, _("Have it approved first."))
    if asset.pruned:
        words = _("The file was deleted on {when:%Y-%m-%d} to free space.").format(when=asset.pruned)
        raise ApiRefused(410, "pruned", words, _("Order it again."))
    MediaAsset.objects.use([asset])
    return asset_file(request, asset)


def _asset(pk: int) -> MediaAsset:
    asset: MediaAsset = found(MediaAsset.objects.select_related("product"), "asset", pk=pk)
    return asset
