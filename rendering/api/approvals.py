"""Approval of pictures: the verdict that stands, and giving one."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse
from ninja import Router, Schema
from pydantic import AwareDatetime, Field

from media_assets.models import MediaAsset
from rendering.api.access import needs
from rendering.api.lists import RowId, found, one
from rendering.api.problems import ApiRefused, answers
from rendering.models import PictureComment, Review
from rendering.models.api_token import TokenScope
from rendering.models.review import approvals_of
from rendering.orders import approving

router = Router(tags=["Assets"])


class CommentOut(Schema):
    id: int
    text: str
    x: float | None = Field(description="Place in the picture: fraction of its width, from the left")
    y: float | None = Field(description="Fraction of its height, from the top")
    by: str | None
    when: AwareDatetime
    resolved: AwareDatetime | None


class ApprovalOut(Schema):
    asset: int
    sha256: str = Field(description="Of the present picture, which it is about")
    state: str | None = Field(description="awaiting, approved or rejected; null: nobody asks for it")
    note: str
    by: str | None
    when: AwareDatetime | None
    comments: list[CommentOut] = Field(description="On the present picture")


class ApproveWish(Schema):
    note: str = Field("", max_length=approving.LONGEST)
    sha256: str = Field(
        "", max_length=64, description="Of what was looked at: another picture by now is refused"
    )


class RejectWish(ApproveWish):
    note: str = Field(min_length=1, max_length=approving.LONGEST, description="What is wrong")


@router.get(
    "/assets/{id}/approval",
    response=answers(ApprovalOut, 404),
    **needs(TokenScope.READ, "media_assets.view_mediaasset"),
    summary="Show whether a picture is approved",
)
def show_approval(request: HttpRequest, id: RowId) -> HttpResponse:
    return one(ApprovalOut, _document(_asset(id)))


@router.post(
    "/assets/{id}/approve",
    response=answers(ApprovalOut, 404, 409),
    **needs(TokenScope.ORDER, "approve"),
    summary="Approve a picture",
)
def approve_asset(request: HttpRequest, id: RowId, wish: ApproveWish) -> HttpResponse:
    """Releases it, where its output type needs approval: `picture.delivered` is sent now."""
    return _judged(request, id, wish, approving.approve)


@router.post(
    "/assets/{id}/reject",
    response=answers(ApprovalOut, 404, 409),
    **needs(TokenScope.ORDER, "approve"),
    summary="Reject a picture",
)
def reject_asset(request: HttpRequest, id: RowId, wish: RejectWish) -> HttpResponse:
    """Archives, share links and addresses of webhooks no longer have it."""
    return _judged(request, id, wish, approving.reject)


def _judged(
    request: HttpRequest, pk: int, wish: ApproveWish, judge: Callable[..., Review | None]
) -> HttpResponse:
    asset = _asset(pk)
    try:
        judge(asset, user=request.user, note=wish.note, seen=wish.sha256)
    except approving.VerdictRefused as error:
        raise ApiRefused(409, "verdict_refused", str(error)) from error
    return one(ApprovalOut, _document(asset))


def _document(asset: MediaAsset) -> dict[str, Any]:
    last = Review.objects.filter(asset=asset, produced=asset.produced).select_related("by").first()
    said: dict[str, Any] = last.as_dict() if last else {"note": "", "by": None, "when": None}
    comments = PictureComment.objects.filter(asset=asset, produced=asset.produced).select_related("by")
    said["comments"] = [one.as_dict() for one in comments]
    return {
        "asset": asset.pk,
        "sha256": asset.sha256,
        **said,
        "state": approvals_of([asset.pk]).get(asset.pk),
    }


def _asset(pk: int) -> MediaAsset:
    asset: MediaAsset = found(MediaAsset.objects.defer("recipe", "receipt"), "asset", pk=pk)
    return asset
