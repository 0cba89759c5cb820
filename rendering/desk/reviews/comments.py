"""The comments of the review page: showing them with their places, writing and resolving."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest
from django.utils.translation import gettext as _

from media_assets.models import MediaAsset
from media_assets.serving.links import asset_url, small_url
from rendering import history
from rendering.desk.shared.control import operator
from rendering.models import HistoryEntry, PictureComment
from rendering.models.roles import may
from rendering.orders import commenting


def context(asset: MediaAsset, request: HttpRequest) -> dict[str, Any]:
    """Return the comments and the picture on which their places are shown."""
    found = PictureComment.objects.filter(asset=asset).select_related("by", "resolved_by")
    rows: list[dict[str, Any]] = [
        {"number": number, "comment": one, "is_now": one.produced == asset.produced, "place": _shown(one)}
        for number, one in enumerate(found, start=1)
    ]
    is_shown = asset.is_image and not asset.is_film and asset.pruned is None
    return {
        "comments": rows,
        "pins": [row for row in rows if row["place"] and row["is_now"] and not row["comment"].resolved],
        "stage": asset_url(asset) if is_shown else small_url(asset) if asset.poster else "",
        "is_stage_poster": not is_shown,
        "may_comment": may(request.user, "comment"),
    }


def act(request: HttpRequest, asset: MediaAsset) -> str:
    """Write or resolve a comment, as the page asks; return the text that was refused, "" else."""
    if not may(request.user, "comment"):
        raise PermissionDenied(_("You may not comment on pictures. Ask an administrator for the permission."))
    about = [asset, *([asset.product] if asset.product else [])]
    name = f"{asset} · {asset.product.number}" if asset.product else str(asset)
    if number := request.POST.get("resolve", ""):
        pk = int(number) if number.isdecimal() and len(number) < 19 else 0
        if done := commenting.resolve(asset, pk, user=operator(request)):
            words = _("Resolved: {text}").format(text=done.text)
            history.record(HistoryEntry.Verb.COMMENT, about, words=words, name=name, count=1)
            messages.success(request, _("The comment was resolved."))
        return ""
    text = request.POST.get("comment", "")
    try:
        place = _place(request.POST.get("x", ""), request.POST.get("y", ""))
        made = commenting.comment(
            asset, text, user=operator(request), place=place, seen=request.POST.get("sha256", "")
        )
    except commenting.CommentRefused as error:
        messages.error(request, str(error))
        return text
    history.record(HistoryEntry.Verb.COMMENT, about, words=made.text, name=name, count=1)
    messages.success(request, _("The comment was added."))
    return ""


def _place(left: str, top: str) -> tuple[float, float] | None:
    """Return the place of a form, which has percentages. Raises CommentRefused."""
    if not left.strip() and not top.strip():
        return None
    try:
        return float(left.replace(",", ".")) / 100, float(top.replace(",", ".")) / 100
    except ValueError as error:
        raise commenting.CommentRefused(
            # xgettext:no-python-format
            _("Give the place as two numbers, in % from the left and from the top, or leave both empty.")
        ) from error


def _shown(one: PictureComment) -> dict[str, str] | None:
    """Return a place as SVG takes it, whatever the language."""
    if one.x is None or one.y is None:
        return None
    return {"x": f"{100 * one.x:.2f}%", "y": f"{100 * one.y:.2f}%"}
