"""The parts list of a product: what it consists of, with numbers and texts that people can change."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.paginator import Page, Paginator
from django.db.models import Max
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_safe

from media_assets.models import Product, ProductPart
from media_assets.serving import html
from rendering import history
from rendering.catalog.parts import listing
from rendering.catalog.parts.changes import PartChanges, compare
from rendering.catalog.parts.documents import document
from rendering.catalog.parts.editing import PartEdit, edit
from rendering.catalog.parts.listing import PartRow, PartsList
from rendering.desk.shared.base import sees_pictures
from rendering.models import HistoryEntry, OrderLine, OutputType
from rendering.reports.parts import parts_table

PER_PAGE = 200


class PartForm(forms.ModelForm):  # type: ignore[type-arg]
    """What people say of one part."""

    class Meta:
        model = ProductPart
        fields = ("number", "article", "text")
        widgets = {"number": forms.NumberInput(attrs={"min": 1})}


@dataclass(frozen=True)
class RowShown:
    """One row of the page: its form, and what the current revision did to it."""

    row: PartRow
    form: PartForm
    changed: list[str]
    picture: SafeString | str = ""


def page(request: HttpRequest, pk: int) -> HttpResponse:
    """Show the parts of a product; a POST saves the numbers and texts of one page of them."""
    product = _product(request, pk)
    may_change = request.user.has_perm("media_assets.change_product") and not product.is_archived
    listed = listing.parts_list(product)
    shown = Paginator(listed.rows, PER_PAGE).get_page(request.GET.get("p"))
    posted = request.POST if request.method == "POST" else None
    if posted is not None and not may_change:
        raise PermissionDenied
    changes = _changes(product, listed)
    pictures = _pictures(product, shown) if sees_pictures(request) else {}
    rows = _rows(listed, shown, changes, posted, pictures)
    if posted is not None and _save(request, product, rows):
        return HttpResponseRedirect(request.get_full_path())
    context = {
        **admin.site.each_context(request),
        "title": _("Parts of %(product)s") % {"product": product},
        "opts": Product._meta,
        "product": product,
        "listed": listed,
        "rows": rows,
        "page": shown,
        "may_change": may_change,
        "removed": changes.removed,
        "has_pictures": bool(pictures),
    }
    return TemplateResponse(request, "desk/parts/page.html", context)


@require_safe
def download(request: HttpRequest, pk: int, kind: str) -> HttpResponse:
    """Return the parts list as a CSV or JSON file."""
    product = _product(request, pk)
    if kind not in ("csv", "json"):
        raise Http404
    listed = listing.parts_list(product)
    answer: HttpResponse
    if kind == "json":
        answer = JsonResponse({"product": product.number, **document(listed)})
    else:
        answer = HttpResponse(parts_table(product, listed).to_csv(), content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="parts_{product.pk}.{kind}"'
    return answer


def address(product: Product) -> str:
    """Return where the parts of *product* are listed."""
    return reverse("admin:media_assets_product_parts", args=[product.pk])


def _product(request: HttpRequest, pk: int) -> Product:
    if not request.user.has_perm("media_assets.view_product"):
        raise PermissionDenied
    return get_object_or_404(Product.objects.with_cad(), pk=pk)


def _changes(product: Product, listed: PartsList) -> PartChanges:
    before = listing.earlier_file(product)
    if before is None or not before.tree:
        return PartChanges({}, [])
    return compare(listing.kinds_of(before), [row.kind for row in listed.rows])


def _pictures(product: Product, shown: Page[PartRow]) -> dict[str, SafeString]:
    """Return the newest picture of each part of one page, by its key: one query. A part by itself counts first."""
    lines = OrderLine.objects.filter(
        html.is_shown("asset__"),
        product=product,
        variant=None,
        part__in=[row.part.key for row in shown.object_list],
        state=OrderLine.State.DONE,
    )
    newest = lines.order_by().values("part", "output_type__rest").annotate(newest=Max("pk")).values("newest")
    found = OrderLine.objects.filter(pk__in=newest).order_by("pk")
    rows = found.values_list("part", "output_type__rest", "asset", html.shown("asset__"))
    chosen: dict[str, tuple[bool, int, Any]] = {}
    for part, rest, asset, picture in rows:
        is_alone = rest == OutputType.Rest.HIDDEN
        if part not in chosen or is_alone >= chosen[part][0]:
            chosen[part] = (is_alone, asset, picture)
    names = {row.part.key: row.title for row in shown.object_list}
    return {
        part: html.thumb(
            picture,
            _("Picture of %(name)s") % {"name": names[part]},
            reverse("admin:media_assets_mediaasset_change", args=[asset]),
        )
        for part, (_is_alone, asset, picture) in chosen.items()
    }


def _rows(
    listed: PartsList,
    shown: Page[PartRow],
    changes: PartChanges,
    posted: Any,
    pictures: Mapping[str, SafeString],
) -> list[RowShown]:
    first = shown.start_index() - 1 if shown.object_list else 0
    return [
        RowShown(
            row,
            PartForm(posted, instance=row.part, prefix=row.part.key),
            changes.words.get(first + number, []),
            pictures.get(row.part.key, ""),
        )
        for number, row in enumerate(shown.object_list)
    ]


def _save(request: HttpRequest, product: Product, rows: Sequence[RowShown]) -> bool:
    """Save the forms of one page; return False where one of them is wrong, which it then says."""
    are_valid = [one.form.is_valid() for one in rows]  # each says what is wrong with it
    if not all(are_valid):
        return False
    wanted = {one.row.part.key: PartEdit(**one.form.cleaned_data) for one in rows if one.form.has_changed()}
    try:
        changes = edit(product, wanted)
    except ValidationError as error:
        for one in rows:
            for message in error.message_dict.get(one.row.part.key, ()):
                one.form.add_error(None, message)
        return False
    if changes:
        history.record(HistoryEntry.Verb.CHANGE, product, changes=changes)
    words = ngettext("%(count)d change saved.", "%(count)d changes saved.", len(changes))
    messages.success(request, words % {"count": len(changes)})
    return True
