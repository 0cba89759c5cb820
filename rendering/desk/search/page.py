"""The page of the search, and its results alone for the box at the top of each page."""

from __future__ import annotations

from urllib.parse import urlencode

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _

from gpu.admin.bounded import bounded, say_what_is_left_out
from rendering.desk.search.find import find

SHOWN, AT_ONCE = 25, 6  # rows of each kind on the page, and in the box


def page(request: HttpRequest) -> HttpResponse:
    """Show what was found; with ?box as the list below the box."""
    text = " ".join(bounded(request.GET.get("q", ""))[0].split())
    is_box = "box" in request.GET
    context = {
        "text": text,
        "query": urlencode({"q": text}),
        "kinds": find(text, request.user, AT_ONCE if is_box else SHOWN),
    }
    if is_box:
        return TemplateResponse(request, "desk/search/results.html", context)
    say_what_is_left_out(request, request.GET.get("q", ""))
    title = _("Search: %(text)s") % {"text": text} if text else _("Search")
    more = {**admin.site.each_context(request), "title": title, "is_page": True}
    return TemplateResponse(request, "desk/search/page.html", {**more, **context})
