"""A finish for one part of a product or variant, chosen where the part is: in the 3-D view or in the list of parts."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from blender_scripts.finish_choice import Chooser
from blender_scripts.finish_rules import FinishSpec, PlacedPart
from media_assets.models import Product
from media_assets.serving import html
from rendering.catalog import materials
from rendering.catalog.hiding import Hider
from rendering.catalog.materials import parts_of
from rendering.desk.materials import labels, variants
from rendering.desk.materials.swatches import swatch
from rendering.desk.materials.unfit import told
from rendering.desk.shared.base import sees_pictures
from rendering.models import Finish, MaterialRule, Variant
from rendering.models.material_rule import LONGEST
from rendering.models.roles import may

STEP = 10  # between two positions
HIDDEN = "_hidden"  # in place of the slug of a finish
MOST_PARTS = 20_000  # places of one product that are told the browser


def page(request: HttpRequest, pk: int) -> HttpResponse:
    """Show the product's parts with their finishes and all finishes to choose from; a POST saves the choice.

    ?variant=SLUG: those of a variant of it.
    """
    product = _product(request, pk)
    variant = variants.chosen(request, product)
    if request.method == "POST" and any(verb in request.POST for verb in variants.VERBS):
        return HttpResponseRedirect(
            variants.address(product, "assign", variants.act(request, product, variant))
        )
    if request.GET.get("variant") and variant is None:
        messages.warning(request, _("This variant is no longer there."))
        return HttpResponseRedirect(address(product))
    if request.method == "POST":
        return _saved(request, product, variant)
    finishes = list(Finish.objects.select_related("texture").order_by("name"))
    context = {
        **admin.site.each_context(request),
        **variants.context(request, product, variant),
        "title": _("Finishes of %(product)s")
        % {"product": ", ".join(filter(None, (str(product), str(variant or ""))))},
        "opts": Product._meta,
        "product": product,
        "hidden": HIDDEN,
        "geometry": html.newest_geometry(product.cad_file),
        "parts": _named(product, variant, request.GET.get("part", "")),
        "finishes": [{"finish": one, "swatch": swatch(one.as_form())} for one in finishes],
    }
    geometry = context["geometry"]
    may_label = request.user.has_perm("rendering.add_label")
    if may_label:
        key = request.GET.get("part", "")
        context |= {"label": labels.address(product), "label_here": labels.address(product, key, request.GET)}
    if geometry is not None:
        shown = html.viewer(
            geometry,
            alt=str(product),
            at_once=True,
            turned=labels.turned(product),
            finishes=variants.address(product, "finishes", variant),
            pick="here",
            **(labels.of_viewer(product) if may_label else {}),
        )
        context["viewer"] = shown
    return TemplateResponse(request, "desk/materials/assign.html", context)


def address(product: Product) -> str:
    """Return where finishes of *product* are chosen."""
    return variants.address(product, "assign", None)


def of_viewer(product: Product) -> dict[str, Any]:
    """Return what the 3-D viewer of the product's page needs to show finishes, and to lead to their choice."""
    viewer = getattr(product, "viewer", None)
    return {
        "finishes": variants.address(product, "finishes", None),
        "pick": address(product) if getattr(viewer, "may_assign", False) else "",
        **(labels.of_viewer(product) if getattr(viewer, "may_label", False) else {}),
    }


def decided(request: HttpRequest, pk: int) -> HttpResponse:
    """Return for the 3-D viewer {finishes: {slug: look}, parts: [[key, CAD color, name, slug], ...]}."""
    product = get_object_or_404(Product.objects.with_cad(), pk=pk)
    if not (sees_pictures(request) and request.user.has_perm("media_assets.view_product")):
        raise PermissionDenied
    variant = variants.chosen(request, product)
    chooser = materials.load().chooser(product.pk, variant.pk if variant else None)
    hider = Hider(variant)
    rows: list[list[str]] = []
    for part in parts_of(_tree(product)):
        if len(rows) == MOST_PARTS:
            break
        finish = HIDDEN if hider.hides(part) else chooser.rules[chooser.choose(part)].finish.slug
        rows.append([part.key, part.color, told(part), finish])
    looks = {rule.finish.slug: _look(rule.finish) for rule in chooser.rules}
    looks |= {one.slug: _look(one.as_form()) for one in Finish.objects.select_related("texture")}
    return JsonResponse({"finishes": looks, "parts": rows})


def _look(finish: FinishSpec) -> dict[str, Any]:
    names = ("color", "tint", "metallic", "roughness", "coat", "transmission")
    mean = {"texture": finish.texture.color} if finish.texture else {}
    return {**{name: getattr(finish, name) for name in names}, **mean}


def _product(request: HttpRequest, pk: int) -> Product:
    if not (may(request.user, "finish") and request.user.has_perm("media_assets.view_product")):
        raise PermissionDenied(_("You may not choose finishes. Ask an administrator for the permission."))
    return get_object_or_404(Product.objects.unarchived().with_cad(), pk=pk)


def _tree(product: Product) -> Mapping[str, Any]:
    return product.cad_file.tree if product.cad_file else {}


def _named(product: Product, variant: Variant | None, chosen: str) -> list[dict[str, Any]]:
    """Return the parts by name: how often each is placed, the key that is *chosen* or one, its present finish."""
    chooser = materials.load().chooser(product.pk, variant.pk if variant else None)
    hider = Hider(variant)
    names = Finish.names()
    found: dict[str, dict[str, Any]] = {}
    keys: dict[str, set[str]] = defaultdict(set)
    for part in parts_of(_tree(product)):
        name = told(part)
        keys[name].add(part.key)
        if name not in found:
            finish = chooser.rules[chooser.choose(part)].finish
            shown = {"swatch": swatch(finish, part.color), "finish": names.get(finish.slug, finish.slug)}
            if hider.hides(part):
                shown = {"swatch": {}, "finish": _("hidden")}
            found[name] = {"name": name, "key": part.key, **shown}
        if part.key == chosen:
            found[name] |= {"key": part.key, "is_chosen": True}
    return [{**row, "count": len(keys[name])} for name, row in found.items()]


def _saved(request: HttpRequest, product: Product, variant: Variant | None) -> HttpResponse:
    """Write, change or remove the own rule for what was chosen; go back to the product, or stay at the variant."""
    key, slug = request.POST.get("part", ""), request.POST.get("finish", "")
    back = HttpResponseRedirect(variants.address(product, "assign", variant))
    parts = list(parts_of(_tree(product)))
    part = next((one for one in parts if one.key == key), None)
    if part is None:
        messages.warning(request, _("Choose a part first. It may have another name in a new revision."))
        return back
    resets = "_rules" in request.POST
    finish = None if resets else Finish.objects.filter(slug=slug).first()
    hides = variant is not None and slug == HIDDEN and not resets
    if not (finish or hides or resets):
        messages.warning(request, _("Choose a finish."))
        return back
    conditions = _conditions(part, parts, by_name=request.POST.get("scope") == "name")
    said = told(part) if request.POST.get("scope") == "name" else part.name
    with transaction.atomic():
        Product.objects.select_for_update().get(pk=product.pk)  # of two at once the second sees the first
        own = MaterialRule.objects.filter(product=product, variant=variant)
        removed = own.filter(**conditions, colors="", cad_material="").delete()[0]
        removed += variants.hide(variant, conditions, is_hidden=hides) if variant else 0
        if finish:
            first = own.order_by("position").values_list("position", flat=True).first()
            position = max(0, (first if first is not None else 2 * STEP) - STEP)
            MaterialRule.objects.create(
                product=product, variant=variant, finish=finish, position=position, **conditions
            )
            words = _("%(part)s is %(finish)s now.")
        else:
            words = _("%(part)s is hidden now.") if hides else _removed(variant, removed)
    messages.success(request, words % {"part": said, "finish": finish or ""})
    if variant:
        return HttpResponseRedirect(variants.address(product, "assign", variant, part=key))
    return HttpResponseRedirect(reverse("admin:media_assets_product_change", args=[product.pk]))


def _removed(variant: Variant | None, count: int) -> str:
    if variant:
        return (
            _("%(part)s has the finish of the product again.")
            if count
            else _("%(part)s has no finish of this variant alone.")
        )
    if count:
        return _("%(part)s follows the rules for all products again.")
    return _("No rule of this product is for %(part)s alone.")


def _conditions(part: PlacedPart, parts: Sequence[PlacedPart], *, by_name: bool) -> dict[str, str]:
    """Return what a rule asks for this part, or for all of its name: the condition that fits the fewest others."""
    key = part.key[:LONGEST]
    if not by_name:
        return {"words": "", "part_key": key}
    named = {one.key for one in parts if told(one) == told(part)}
    parent = key.rpartition("/")[0]
    asked = [
        {"words": told(part).replace(",", " ").strip()[:LONGEST], "part_key": ""},
        *(
            {"words": "", "part_key": f"{start}/{told(part)}{end}"[:LONGEST]}
            for start in ("*", parent)
            for end in ("", "*")
        ),
        {"words": "", "part_key": key},
    ]
    fitted = [(one, _fitted(one, parts)) for one in asked]
    whole = [(one, keys) for one, keys in fitted if named <= keys] or [(fitted[-1][0], fitted[-1][1])]
    return min(whole, key=lambda one: len(one[1]))[0]


def _fitted(conditions: Mapping[str, str], parts: Sequence[PlacedPart]) -> set[str]:
    rule = MaterialRule(finish=Finish(slug="x", name="x"), **conditions)
    if rule.problem or not any(conditions.values()):
        return set()
    alone = Chooser([rule.as_form()])
    return {part.key for part in parts if alone.choose(part) == 0}
