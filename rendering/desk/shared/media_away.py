"""Requests that need media which can't be reached now: answered so, and not as an error of ours."""

from __future__ import annotations

import logging
from collections.abc import Callable

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import render

from media_assets.storage import StorageAway, away_of

AGAIN_SECONDS = "30"
log = logging.getLogger("renderdesk.desk")


class SayMediaAreAway:
    """Answers 503 where the bucket of the media gives no answer."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponseBase | None:
        away = exception if isinstance(exception, StorageAway) else away_of(exception)
        if away is None:
            return None
        log.warning("%s %s: %s", request.method, request.path[:200], away)
        response = render(request, "503.html", status=503)
        response["Retry-After"] = AGAIN_SECONDS
        return response
