"""The reports: all on one page, each with a chart, and each as CSV or JSON."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from media_assets.models import Collection, Customer, Grouping, Product, Tag
from rendering.models import OutputType
from rendering.reports import REPORTS, Scope, ScopeError, Table, chart
from rendering.reports.table import words

PERMISSION = "rendering.view_reports"
PERIODS = (7, 30, 90, 365)
BELONGS = ("customer", "collection", "tag")
AT_ONCE = 92  # days; of a longer period each report comes by itself, as it takes up to a second


class GroupField(forms.CharField):
    """The name of a customer, a collection or a tag; "" narrows nothing."""

    def __init__(self, model: type[Grouping], **kwargs: Any) -> None:
        self.model = model
        widget = forms.TextInput({"placeholder": gettext_lazy("any")})
        super().__init__(required=False, max_length=100, widget=widget, **kwargs)

    def clean(self, value: Any) -> str:
        name = str(super().clean(value))
        if name and not self.model._default_manager.filter(name=name).exists():
            words = _("There is no “%(name)s”. Enter the full name.")
            raise forms.ValidationError(words % {"name": name})
        return name


class ScopeForm(forms.Form):
    """Which days, which product, which output type; what is empty narrows nothing."""

    since = forms.DateField(
        label=gettext_lazy("From"), required=False, widget=forms.DateInput({"type": "date"})
    )
    until = forms.DateField(
        label=gettext_lazy("To"), required=False, widget=forms.DateInput({"type": "date"})
    )
    product = forms.CharField(
        label=gettext_lazy("Product"),
        required=False,
        max_length=100,
        widget=forms.TextInput({"placeholder": gettext_lazy("any number")}),
    )
    output_type = forms.ModelChoiceField(
        OutputType.objects.all(),
        label=gettext_lazy("Output type"),
        required=False,
        to_field_name="slug",
        empty_label=gettext_lazy("any"),
    )
    customer = GroupField(Customer, label=gettext_lazy("Customer"))
    collection = GroupField(Collection, label=gettext_lazy("Collection"))
    tag = GroupField(Tag, label=gettext_lazy("Tag"))
    scope: Scope

    def clean_product(self) -> Product | None:
        number = self.cleaned_data["product"].strip()
        if not number:
            return None
        found = Product.objects.filter(number=number).first()
        if found is None:
            raise forms.ValidationError(
                _("There is no product “%(number)s”. Enter the full number.") % {"number": number}
            )
        return found

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or self.cleaned_data
        if not self.errors:
            try:
                belongs = {name: data[name] for name in BELONGS}
                self.scope = Scope.of(
                    data["since"], data["until"], data["product"], data["output_type"], **belongs
                )
            except ScopeError as error:
                raise forms.ValidationError(str(error)) from error
        return data


def page(request: HttpRequest) -> HttpResponse:
    """Show every report over what the form asks for; a form that can't be understood shows why, and no figure."""
    if not request.user.has_perm(PERMISSION):
        raise PermissionDenied
    form = ScopeForm(request.GET)
    scope = form.scope if form.is_valid() else None
    query = urlencode({name: value for name in form.fields if (value := request.GET.get(name, ""))})
    if scope:  # the form has the shown days, so that they can be changed
        days = {"since": scope.since.isoformat(), "until": scope.until.isoformat()}
        form.data = {**request.GET.dict(), **days}
    is_long = scope is not None and (scope.until - scope.since).days >= AT_ONCE
    tables = [report(scope) for report in REPORTS.values()] if scope and not is_long else []
    context = {
        **admin.site.each_context(request),
        "title": _("Reports"),
        "form": form,
        "scope": scope,
        "is_narrowed": bool(query),
        "periods": _periods(request),
        "zone": timezone.get_current_timezone_name(),
        "sections": [_shown(table, scope, query) for table in tables] if scope else [],
        "coming": [(name, _address(name, query)) for name in REPORTS] if is_long else [],
    }
    return TemplateResponse(request, "desk/reports/page.html", context)


def section(request: HttpRequest, name: str) -> HttpResponse:
    """Return one report as its part of the page, for the page of a long period."""
    if not request.user.has_perm(PERMISSION):
        raise PermissionDenied
    form = ScopeForm(request.GET)
    if name not in REPORTS or not form.is_valid():
        raise Http404(_("There is no report “%(name)s” of this period.") % {"name": name})
    shown = _shown(REPORTS[name](form.scope), form.scope, request.GET.urlencode())
    return TemplateResponse(request, "desk/reports/section.html", {"section": shown, "scope": form.scope})


def _address(name: str, query: str) -> str:
    return reverse("admin:report_section", args=[name]) + (f"?{query}" if query else "")


def download(request: HttpRequest, name: str, kind: str) -> HttpResponse:
    """Return one report as a CSV or JSON file."""
    if not request.user.has_perm(PERMISSION):
        raise PermissionDenied
    if name not in REPORTS or kind not in ("csv", "json"):
        raise Http404(_("There is no report “%(name)s”.") % {"name": f"{name}.{kind}"})
    form = ScopeForm(request.GET)
    if not form.is_valid():
        said = " ".join(str(text) for texts in form.errors.values() for text in texts)
        return HttpResponse(said, status=400, content_type="text/plain; charset=utf-8")
    table = REPORTS[name](form.scope)
    answer: HttpResponse
    if kind == "json":
        days = {"since": form.scope.since.isoformat(), "until": form.scope.until.isoformat()}
        answer = JsonResponse({**days, **table.to_json()})
    else:
        answer = HttpResponse(table.to_csv(), content_type="text/csv; charset=utf-8")
    file_name = f"{name}_{form.scope.since}_{form.scope.until}.{kind}"
    answer["Content-Disposition"] = f'attachment; filename="{file_name}"'
    return answer


def _periods(request: HttpRequest) -> list[tuple[str, str]]:
    """Return the periods to choose with one click; product and output type stay."""
    kept = {name: request.GET[name] for name in ("product", "output_type", *BELONGS) if request.GET.get(name)}
    today = timezone.localdate()
    return [
        (
            ngettext("%(count)d day", "%(count)d days", days) % {"count": days},
            "?" + urlencode({"since": today - timedelta(days=days - 1), **kept}),
        )
        for days in PERIODS
    ]


def _shown(table: Table, scope: Scope, query: str) -> dict[str, Any]:
    """Return what the template shows of a report."""
    drawn = [] if table.is_daily else chart.bars(table)
    rows = [
        {
            "cells": [
                {"text": words(value, column.unit), "is_number": column.is_number, "label": column.label}
                for value, column in zip(row, table.columns, strict=True)
            ],
            "boxes": drawn[place] if drawn else [],
        }
        for place, row in enumerate(table.rows)
    ]
    labels = {column.key: column.label for column in table.columns}

    def address(kind: str) -> str:
        return reverse("admin:report_download", args=[table.name, kind]) + (f"?{query}" if query else "")

    return {
        "table": table,
        "rows": rows,
        "days": chart.days(table, scope) if table.is_daily and table.rows else None,
        "legend": [labels[key] for key in table.bars] if len(table.bars) > 1 else [],
        "csv": address("csv"),
        "json": address("json"),
    }
