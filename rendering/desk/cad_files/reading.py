"""The reading options of a CAD file, which its bytes do not say: code page of names, unit, what stands upright."""

from __future__ import annotations

from collections.abc import Iterator

from django import forms
from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from media_assets.cad.contract import Reading
from media_assets.formats import cad
from media_assets.ingest import conversions
from media_assets.ingest.name_samples import name_samples
from media_assets.ingest.report import NAMES_SHOWN, ReportFact, came
from media_assets.ingest.text import visible
from media_assets.models import CadFile
from media_assets.serving import html
from rendering.desk.cad_files import formats
from rendering.desk.shared.base import ASSETS_JS, sees_pictures
from rendering.desk.shared.control import operator


class ReadingForm(forms.Form):
    """The options that matter for a file's format; what is left empty is found out by the reader."""

    code_page = forms.ChoiceField(
        label=gettext_lazy("Code page of the names"),
        choices=[("", gettext_lazy("Detect automatically")), *CadFile.CodePage.choices],
        required=False,
        help_text=gettext_lazy("Choose the one that shows the names below correctly."),
    )
    unit = forms.ChoiceField(
        label=gettext_lazy("Length unit"),
        choices=[("", gettext_lazy("Not stated")), *CadFile.Unit.choices],
        required=False,
        help_text=formats.unit_of_file(),
    )

    up = forms.ChoiceField(
        label=gettext_lazy("Up"),
        choices=[("", gettext_lazy("Z axis (Y axis for GLB)")), *CadFile.Up.choices],
        required=False,
        help_text=gettext_lazy("The axis of the file that points up in pictures."),
    )
    strays = forms.ChoiceField(
        label=gettext_lazy("Stray parts"),
        choices=[("", gettext_lazy("Leave them out")), *CadFile.Strays.choices],
        required=False,
        help_text=gettext_lazy("Parts that lie far from the product, such as a forgotten screw."),
    )

    def __init__(self, cad_file: CadFile, data: object = None) -> None:
        initial = Reading(cad_file.code_page, cad_file.stated_unit, cad_file.up, cad_file.strays).to_json()
        super().__init__(data, initial=initial)  # type: ignore[arg-type]
        row = cad.of(cad_file.format)
        if not row.has_code_page:
            del self.fields["code_page"]
        if row.states_unit:
            del self.fields["unit"]


def page(request: HttpRequest, cad_file: CadFile) -> HttpResponse:
    """Show the reading options of *cad_file*, or save them and have the file read again."""
    if request.method == "POST" and "looked_at" in request.POST:
        return _looked_at(request, cad_file)
    form = ReadingForm(cad_file, request.POST if request.method == "POST" else None)
    count = cad_file.assets.filter(kind__in=cad_file.assets.model.PICTURES).count()
    is_first = cad_file.asks_for_unit
    if request.method == "POST" and form.is_valid():
        reading = Reading(**form.cleaned_data)
        if conversions.set_reading(cad_file, reading, operator(request), newest=True):
            messages.success(request, _saved(cad_file, is_first=is_first, has_pictures=bool(count)))
        else:
            messages.info(request, _("Nothing has changed, so the file is not read again."))
        return HttpResponseRedirect(_after(request, cad_file, is_first=is_first))
    samples = name_samples(cad_file) if "code_page" in form.fields else []
    context = {
        **admin.site.each_context(request),
        "title": _("Reading options of %(file)s") % {"file": cad_file},
        "opts": CadFile._meta,
        "cad_file": cad_file,
        "form": form,
        "samples": samples,
        "facts": [*_facts(cad_file)],
        "viewer": _viewer(request, cad_file),
        "script": ASSETS_JS,
        "is_first": is_first,
        "is_outdated": conversions.is_outdated(cad_file),
        "pictures": ngettext("%(count)d picture", "%(count)d pictures", count) % {"count": count}
        if count
        else "",
    }
    return TemplateResponse(request, "desk/cad_files/reading.html", context)


def _saved(cad_file: CadFile, *, is_first: bool, has_pictures: bool) -> str:
    if is_first:
        return _("Saved. The file is being read with these options.")
    if not has_pictures:
        return _("Saved. The file is being read again.")
    if cad_file.state == CadFile.State.READY:
        return _("Saved. The file has been read with these options before; its other pictures are stale.")
    return _("Saved. The file is being read again; its other pictures are stale.")


def _after(request: HttpRequest, cad_file: CadFile, *, is_first: bool) -> str:
    """Return where a file is looked at next: its product where this was the question before its first conversion."""
    product = (
        cad_file.products.first() if is_first and request.user.has_perm("media_assets.view_product") else None
    )
    if product and not cad_file.waits_for_look:
        return reverse("admin:media_assets_product_change", args=[product.pk])
    name = "reading" if cad_file.waits_for_look else "change"
    return reverse(f"admin:media_assets_cadfile_{name}", args=[cad_file.pk])


def _looked_at(request: HttpRequest, cad_file: CadFile) -> HttpResponse:
    """Note that the file was read as it should be: what waited for that is rendered."""
    if conversions.looked_at(cad_file, operator(request)):
        messages.success(request, _("The file is rendered as it was read."))
    return HttpResponseRedirect(reverse("admin:media_assets_cadfile_change", args=[cad_file.pk]))


def _facts(cad_file: CadFile) -> Iterator[ReportFact]:
    """Yield how the file was read: what it is and comes from, unit and size, what is up, some names."""
    yield from came(cad_file.report)
    if not cad_file.report:
        return
    up = CadFile.Up(cad_file.up).label if cad_file.up else _("as the format has it")
    yield ReportFact(_("up"), str(up))
    names = [visible(str(name)) for name in cad_file.report.get("names", [])]
    if names:
        more = f" … ({len(names)})" if len(names) > NAMES_SHOWN else ""
        yield ReportFact(_("names"), ", ".join(names[:NAMES_SHOWN]) + more)


def _viewer(request: HttpRequest, cad_file: CadFile) -> SafeString | str:
    newest = html.newest_geometry(cad_file) if sees_pictures(request) else None
    return html.viewer(newest, alt=str(cad_file), at_once=True) if newest else ""
