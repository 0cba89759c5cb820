"""Identifiers of products: on the product's page, and the page that takes them from a CSV file."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from media_assets.models import Product, ProductIdentifier
from rendering.desk.shared.labels import NamedInlineFormSet
from rendering.orders import identifiers
from rendering.orders.table import BYTES_LIMIT, NotATable, decode

SHOWN = 50  # skipped rows


class IdentifierInline(admin.TabularInline):  # type: ignore[type-arg]
    """Identifiers, for whoever may change the product."""

    model = ProductIdentifier
    formset = NamedInlineFormSet
    extra = 0
    fields = ("scheme", "value")

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return request.user.has_perm("media_assets.view_product")

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return request.user.has_perm("media_assets.change_product")

    has_add_permission = has_change_permission
    has_delete_permission = has_change_permission


class IdentifiersForm(forms.Form):
    """A table of identifiers."""

    file = forms.FileField(
        label=gettext_lazy("CSV file"),
        help_text=gettext_lazy(
            "First row: product, gtin, asin, sku or other schemes. An empty cell changes nothing, a - removes the "
            "identifier."
        ),
    )


def answer(request: HttpRequest) -> HttpResponse:
    """Show the page; a POST sets the identifiers of the table and shows the skipped rows."""
    if not request.user.has_perm("media_assets.change_product"):
        raise PermissionDenied
    form = IdentifiersForm(request.POST or None, request.FILES or None)
    found = None
    if request.method == "POST" and form.is_valid():
        try:
            found = identifiers.take(decode(form.cleaned_data["file"].read(BYTES_LIMIT + 1)))
        except NotATable as error:
            form.add_error("file", str(error))
        else:
            words = ngettext("%(count)d product changed.", "%(count)d products changed.", found.changed)
            messages.success(request, words % {"count": found.changed})
    context: dict[str, Any] = {
        **admin.site.each_context(request),
        "title": _("Import identifiers"),
        "opts": Product._meta,
        "form": form,
        "media": form.media,
        "errors": found.errors[:SHOWN] if found else [],
        "more": max(0, len(found.errors) - SHOWN) if found else 0,
    }
    return TemplateResponse(request, "desk/products/identifiers.html", context)
