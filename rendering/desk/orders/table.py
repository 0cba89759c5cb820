"""The page that orders from a table: paste or upload, preview, then order."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from media_assets.serving import html
from rendering import orders
from rendering.desk.orders.details import PlacingFields
from rendering.desk.shared import placed
from rendering.desk.shared.control import operator
from rendering.models import Order, OutputType
from rendering.orders import Wish, table
from rendering.orders.foresight import Outlook, foresee
from rendering.orders.table import NotATable, RowError

ROWS_SHOWN = 200
ERRORS_SHOWN = 200
TONES = {
    Outlook.CACHED: "done",
    Outlook.RUNNING: "working",
    Outlook.DERIVED: "ready",
    Outlook.NEW: "queued",
    Outlook.HOPELESS: "failed",
}


class TableForm(PlacingFields):
    """Where the table comes from, and what holds for the whole order."""

    field_order = ("file", "text", "output_types")

    file = forms.FileField(
        label=gettext_lazy("CSV file"), required=False, help_text=gettext_lazy("UTF-8, or as saved by Excel.")
    )
    text = forms.CharField(
        label=gettext_lazy("Or paste the rows"),
        required=False,
        strip=False,
        widget=forms.Textarea(attrs={"rows": 8, "class": "vLargeTextField", "spellcheck": "false"}),
        help_text=gettext_lazy(
            "The first row names the columns: product, output_type and, if needed, force. "
            "Instead of a product a row may name a customer, a collection or a tag: all its products. "
            "Separate several output types in one row with |. A column variant names variants of the product, "
            "or all of them."
        ),
    )
    output_types = forms.ModelMultipleChoiceField(
        OutputType.objects.orderable(),
        label=gettext_lazy("Output types for rows without one"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )

    def clean(self) -> dict[str, Any]:
        data = self.cleaned_data
        try:
            text = table.decode(data["file"].read()) if data.get("file") else data.get("text", "")
            if not text.strip():
                raise NotATable(_("Choose a CSV file, or paste its rows."))
            default = [output_type.slug for output_type in data.get("output_types") or ()]
            data["entries"], data["bad"] = table.parse(text, default)
        except NotATable as error:
            self.add_error("file" if data.get("file") else "text", str(error))
        return data


@dataclass(frozen=True)
class Preview:
    """What the page shows before anything is ordered."""

    wishes: list[tuple[int, Wish]]
    outlooks: list[Outlook]
    errors: list[RowError]

    @classmethod
    def of(cls, form: TableForm) -> Preview:
        """Return what a valid form would order. Raises OrderRefused where there is no Blender."""
        found = table.resolve(form.cleaned_data["entries"])
        errors = sorted([*form.cleaned_data["bad"], *found.errors], key=lambda error: error.row)
        return cls(found.wishes, foresee([wish for _, wish in found.wishes]), errors)


def answer(request: HttpRequest) -> HttpResponse:
    """Show the form; on the first POST preview the order, on the second place it."""
    if not request.user.has_perm("rendering.add_order"):
        raise PermissionDenied
    if request.method != "POST":
        return _page(request, TableForm(), None)
    form = TableForm(request.POST, request.FILES)
    if not form.is_valid():
        return _page(request, form, None)
    try:
        preview = Preview.of(form)
        if "_order" in request.POST and preview.wishes:
            return _ordered(request, form, preview)
    except orders.OrderRefused as error:
        form.add_error(None, str(error))
        return _page(request, form, None)
    return _page(request, form, preview)


def _ordered(request: HttpRequest, form: TableForm, preview: Preview) -> HttpResponse:
    order = orders.place(
        [wish for _, wish in preview.wishes],
        trigger=Order.Trigger.OPERATOR,
        priority=form.cleaned_data["priority"],
        user=operator(request),
        due=form.cleaned_data["due"],
        note=form.cleaned_data["note"],
    )
    messages.success(request, placed.placed(order, len(preview.wishes)))
    return HttpResponseRedirect(reverse("admin:rendering_order_change", args=[order.pk]))


def _page(request: HttpRequest, form: TableForm, preview: Preview | None) -> HttpResponse:
    context: dict[str, Any] = {
        **admin.site.each_context(request),
        "title": _("Order from a table"),
        "opts": Order._meta,
        "form": form,
        "media": form.media,
    }
    if preview is not None:
        wishes = [wish for _, wish in preview.wishes]
        counts = Counter(preview.outlooks)
        context |= {
            "preview": preview,
            "title": _("Preview of the order"),
            "table": table.write(wishes),
            "keep": {name: form.data.get(name, "") for name in ("priority", "due", "note")},
            "counts": [
                (html.badge(TONES[one], str(one.label)), counts[one]) for one in Outlook if counts[one]
            ],
            "rows": [
                (row, wish, html.badge(TONES[outlook], str(outlook.label)))
                for (row, wish), outlook in zip(preview.wishes[:ROWS_SHOWN], preview.outlooks, strict=False)
            ],
            "errors": preview.errors[:ERRORS_SHOWN],
            "bad": len({error.row for error in preview.errors}),
        }
    template = "desk/orders/import_preview.html" if preview is not None else "desk/orders/import.html"
    return TemplateResponse(request, template, context)
