"""The answer to whoever sent too many wrong passwords: how long to wait, and who can help."""

from __future__ import annotations

import math
from typing import Any

from django.conf import settings
from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render


def page(request: HttpRequest, response: HttpResponse | None = None, credentials: Any = None) -> HttpResponse:
    """Return the page, with status 429 and the longest wait in seconds."""
    seconds = settings.AXES_COOLOFF_TIME.total_seconds()
    context = {
        **admin.site.each_context(request),
        "limit": settings.AXES_FAILURE_LIMIT,
        "minutes": math.ceil(seconds / 60),
    }
    answer = render(request, "desk/people/locked_out.html", context, status=429)
    answer["Retry-After"] = str(math.ceil(seconds))
    answer["Cache-Control"] = "no-store"
    return answer
