"""The exploded view of a product: what it looks like, what can't be taken apart, and its moves to be changed."""

from __future__ import annotations

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from media_assets.ingest import conversions, explosions
from media_assets.models import CadFile, ExplodedView, MediaAsset, Product
from media_assets.recipes import Recipe, recipe_key
from media_assets.serving import html
from rendering import orders
from rendering.catalog.explosions import shortcomings
from rendering.desk.explosions.form import ExplodedViewForm, rows_of
from rendering.desk.shared.base import sees_pictures
from rendering.desk.shared.control import operator
from rendering.models import Job, OutputType
from rendering.models.order import DEFAULT_PRIORITY

PRESET = OutputType.Tessellation.STANDARD


def page(request: HttpRequest, pk: int) -> HttpResponse:
    """Show the exploded view of a product; a POST saves what was changed and has it taken apart again."""
    product = get_object_or_404(Product.objects.with_cad(), pk=pk)
    if not (sees_pictures(request) and request.user.has_perm("media_assets.view_product")):
        raise PermissionDenied
    may_change = request.user.has_perm("media_assets.change_product") and not product.is_archived
    if request.method == "POST" and not may_change:
        raise PermissionDenied
    view = ExplodedView.objects.filter(product=product).first() or ExplodedView(product=product)
    now, newest = _geometries(product, view)
    plan = explosions.plan_of(newest) if newest else None
    rows = rows_of(plan, view)
    form = ExplodedViewForm(request.POST if request.method == "POST" else None, instance=view, rows=rows)
    if request.method == "POST" and form.is_valid():
        form.save()
        _take_apart(request, product, view)
        return HttpResponseRedirect(address(product))
    context = {
        **admin.site.each_context(request),
        "title": _("Exploded view of %(product)s") % {"product": product},
        "opts": Product._meta,
        "product": product,
        "form": form,
        "seen": ExplodedViewForm.seen(view) if view.pk else "",
        "may_change": may_change and product.cad_file is not None,
        "is_ready": product.cad_file is not None and product.cad_file.state == CadFile.State.READY,
        "viewer": html.viewer(newest, alt=str(product), at_once=True) if newest else "",
        "is_current": now is not None,
        "job": _job(product, view) if now is None else None,
        "plan": plan,
        "said": shortcomings(plan) if plan else [],
        "more": max(0, len(rows) - len(form.rows)),
    }
    return TemplateResponse(request, "desk/explosions/page.html", context)


def address(product: Product) -> str:
    """Return where the exploded view of *product* is."""
    return reverse("admin:media_assets_product_exploded", args=[product.pk])


def _geometries(product: Product, view: ExplodedView) -> tuple[MediaAsset | None, MediaAsset | None]:
    """Return the product taken apart as it is to be now, and the newest that there is."""
    if product.cad_file is None:
        return None, None
    kept = MediaAsset.objects.kept().filter(
        kind=MediaAsset.Kind.DERIVED_GEOMETRY, cad_file=product.cad_file, recipe__has_key="explosion"
    )
    key = recipe_key(_recipe(product.cad_file, view))
    now = kept.filter(recipe_key=key).first()
    return now, now or kept.first()


def _recipe(cad_file: CadFile, view: ExplodedView) -> Recipe:
    return conversions.geometry_recipe(cad_file, PRESET, explosion=explosions.explosion(view))


def _job(product: Product, view: ExplodedView) -> Job | None:
    """Return the last job that takes the product apart as it is to be now."""
    if product.cad_file is None:
        return None
    key = recipe_key(_recipe(product.cad_file, view))
    return Job.objects.filter(kind=Job.Kind.TESSELLATE, recipe_key=key).order_by("-pk").first()


def _take_apart(request: HttpRequest, product: Product, view: ExplodedView) -> None:
    if product.cad_file is None or product.cad_file.state != CadFile.State.READY:
        messages.success(request, _("Saved. It counts once the CAD file has been converted."))
        return
    if _geometries(product, view)[0] is None:
        orders.tessellate_job(
            product.cad_file,
            PRESET,
            DEFAULT_PRIORITY,
            product,
            operator(request),
            explosion=explosions.explosion(view),
        )
    messages.success(request, _("Saved. Exploded pictures that were made before are stale now."))
