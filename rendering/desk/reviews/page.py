"""The page on which people look at a delivered picture and approve or reject it."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from media_assets.models import MediaAsset
from media_assets.serving import html
from media_assets.serving.links import asset_url, small_url
from rendering.desk.assets import history
from rendering.desk.reviews import comments
from rendering.desk.shared.base import sees_pictures
from rendering.desk.shared.control import operator
from rendering.models import Approval, OrderLine, Review
from rendering.models.review import approvals_of, awaiting, with_approval
from rendering.models.roles import may
from rendering.orders import approving

COUNTED = 1_000  # pictures that wait are counted up to here
BESIDE = 6  # alternatives shown


@require_safe
def first(request: HttpRequest) -> HttpResponse:
    """Lead to the picture that has waited longest for approval."""
    if not sees_pictures(request):
        raise PermissionDenied
    asset = awaiting().first()
    if asset is None:
        messages.success(request, _("No picture waits for approval."))
        return HttpResponseRedirect(reverse("admin:index"))
    return HttpResponseRedirect(address_of(asset.pk))


@require_http_methods(["GET", "HEAD", "POST"])
def page(request: HttpRequest, pk: int) -> HttpResponse:
    """Show a picture with its verdicts; a POST gives one."""
    if not sees_pictures(request):
        raise PermissionDenied
    asset = get_object_or_404(
        MediaAsset.objects.select_related("product", "cad_file"), pk=pk, kind__in=MediaAsset.PICTURES
    )
    if request.method == "POST":
        return (
            _commented(request, asset)
            if {"comment", "resolve"} & set(request.POST)
            else _judged(request, asset)
        )
    return TemplateResponse(request, "desk/reviews/review.html", _context(request, asset))


def address_of(asset: int) -> str:
    return reverse("admin:media_assets_mediaasset_review", args=[asset])


def _judged(request: HttpRequest, asset: MediaAsset) -> HttpResponse:
    if not may(request.user, "approve"):
        raise PermissionDenied(_("You may not approve pictures. Ask an administrator for the permission."))
    verb = approving.approve if request.POST.get("verdict") == Approval.APPROVED else approving.reject
    if request.POST.get("verdict") not in (Approval.APPROVED, Approval.REJECTED):
        return HttpResponseRedirect(address_of(asset.pk))
    note, seen = request.POST.get("note", ""), request.POST.get("sha256", "")
    try:
        verb(asset, user=operator(request), note=note, seen=seen)
    except approving.VerdictRefused as error:
        messages.error(request, str(error))
        return TemplateResponse(
            request, "desk/reviews/review.html", {**_context(request, asset), "note": note}
        )
    if verb is approving.reject:
        messages.success(request, _("%(picture)s rejected.") % {"picture": asset})
        return HttpResponseRedirect(address_of(asset.pk))
    messages.success(request, _("%(picture)s approved.") % {"picture": asset})
    following = awaiting().first()
    return HttpResponseRedirect(address_of(following.pk if following else asset.pk))


def _commented(request: HttpRequest, asset: MediaAsset) -> HttpResponse:
    """Write or resolve a comment; what was refused stays in the form."""
    if refused := comments.act(request, asset):
        kept = {
            "comment_text": refused,
            "comment_x": request.POST.get("x", ""),
            "comment_y": request.POST.get("y", ""),
        }
        return TemplateResponse(request, "desk/reviews/review.html", {**_context(request, asset), **kept})
    return HttpResponseRedirect(address_of(asset.pk))


def _context(request: HttpRequest, asset: MediaAsset) -> dict[str, Any]:
    delivered = asset.order_lines.filter(state=OrderLine.State.DONE).select_related("output_type", "variant")
    types = {
        ", ".join(filter(None, (line.variant_words, line.part, line.output_words))): line.output_type
        for line in delivered.order_by("pk")
    }
    state = approvals_of([asset.pk]).get(asset.pk, "")
    reviews = list(Review.objects.filter(asset=asset).select_related("by"))
    waiting = awaiting()
    number = asset.product.number if asset.product else str(asset.cad_file)
    base = next((one for one in types.values() if one), None)
    may_vary = base is not None and may(request.user, "order")
    return {
        **admin.site.each_context(request),
        "title": _("Review %(picture)s of %(product)s") % {"picture": asset, "product": number},
        "opts": MediaAsset._meta,
        "asset": asset,
        "picture": html.preview(asset, large=True),
        "output_types": ", ".join(types),
        "approval": Approval(state) if state else None,
        "reviews": [{"review": one, "is_now": one.produced == asset.produced} for one in reviews],
        "may_approve": may(request.user, "approve") and asset.pruned is None and not asset.is_archived,
        "waiting": waiting[:COUNTED].count(),
        "following": waiting.exclude(pk=asset.pk).first(),
        "beside": _beside(asset),
        **comments.context(asset, request),
        "before": history.before(asset),
        "vary_url": f"{reverse('admin:rendering_outputtype_add')}?beside={asset.pk}"
        if may_vary and request.user.has_perm("rendering.add_outputtype")
        else "",
    }


def _beside(asset: MediaAsset) -> list[dict[str, Any]]:
    """Return the pictures of the product that were rendered beside this one, and the one that it is beside."""
    done = OrderLine.objects.filter(state=OrderLine.State.DONE, asset__isnull=False)
    lines = done.filter(product__isnull=False, product=asset.product_id)
    origins = lines.filter(asset=asset, output_type__instead_of__isnull=False)
    roots = {asset.pk, *origins.values_list("output_type__instead_of", flat=True)}
    variants = lines.filter(output_type__instead_of__in=roots).values("asset")
    rows = with_approval(
        MediaAsset.objects.kept().filter(pk__in=[*roots, *(one["asset"] for one in variants)])
    )
    rows = rows.exclude(pk=asset.pk).order_by("-produced")[:BESIDE]
    return [
        {
            "asset": one,
            "source": asset_url(one) if one.is_image else small_url(one),
            "words": ", ".join(
                dict.fromkeys(
                    line.output_words for line in lines.filter(asset=one).select_related("output_type")
                )
            ),
            "approval": Approval(one.approval) if one.approval else None,
        }
        for one in rows
    ]
