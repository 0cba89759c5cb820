"""Pages that refuse, with the navigation of whoever is logged in; a form that came with an old token is kept."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.middleware.csrf import REASON_BAD_ORIGIN
from django.shortcuts import render
from django.template.response import TemplateResponse
from django.urls import reverse
from django.views.csrf import csrf_failure

SECRET = ("password", "otp", "code", "secret", "token")  # parts of the names of fields that no page repeats
HARMLESS = ("form_token",)  # names the form, and opens nothing
MOST = 5000  # fields that are kept

log = logging.getLogger("renderdesk.desk")


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    return _refused(request, exception, 404)


def not_allowed(request: HttpRequest, exception: Exception) -> HttpResponse:
    return _refused(request, exception, 403)


def _refused(request: HttpRequest, exception: Exception, status: int) -> HttpResponse:
    """Answer in the desk for its people, and with a plain page for everybody else."""
    words = str(exception.args[0]) if exception.args and isinstance(exception.args[0], str) else ""
    context: dict[str, Any] = {"refusal": "refusal.html", "exception": words}
    if _is_of_desk(request):
        context |= {**admin.site.each_context(request), "refusal": "desk/shared/refusal.html"}
    return render(request, f"{status}.html", context, status=status)


def _is_of_desk(request: HttpRequest) -> bool:
    return request.path.startswith(reverse("admin:index")) and admin.site.has_permission(request)


def csrf_failed(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Keep what a form of ours has, where its page is older than the log-in, and offer to send it now.

    What another site sends is refused as ever, and so is what holds a password or a code.
    """
    log.warning("Refused %s %s: %s", request.method, request.path[:200], reason)
    if (
        reason.startswith(REASON_BAD_ORIGIN.split("%")[0])
        or not _is_ours(request)
        or not _is_of_desk(request)
    ):
        return csrf_failure(request, reason)
    names = [name for name in request.POST if name != "csrfmiddlewaretoken"]
    if any(part in name.lower() for name in names if name not in HARMLESS for part in SECRET):
        return csrf_failure(request, reason)
    kept = list(_fields(request))
    if len(kept) > MOST:
        return csrf_failure(request, reason)
    context = {
        **admin.site.each_context(request),
        "title": "",
        "kept": kept,
        "has_files": bool(request.FILES),
        "address": request.get_full_path(),
    }
    return TemplateResponse(request, "desk/shared/kept_form.html", context, status=403).render()


def _is_ours(request: HttpRequest) -> bool:
    """Whether the browser says that a page of this host sent the form; one that says nothing is not believed."""
    if (site := request.headers.get("Sec-Fetch-Site")) is not None:
        return site == "same-origin"
    said = request.headers.get("Origin") or request.headers.get("Referer") or ""
    return urlsplit(said).netloc == request.get_host()


def _fields(request: HttpRequest) -> Iterator[tuple[str, Any]]:
    for name, values in request.POST.lists():
        if name != "csrfmiddlewaretoken":
            yield from ((name, value) for value in values)
