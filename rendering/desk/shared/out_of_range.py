"""Requests with a value that no column of the database can hold: refused, not an error of ours."""

from __future__ import annotations

import logging
from collections.abc import Callable

from django.db import DataError
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.views.defaults import bad_request

log = logging.getLogger("renderdesk.desk")


class RefuseOutOfRange:
    """Answers 400 where a number has too many digits for the database: Django's own forms look it up all the same."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponseBase | None:
        if not isinstance(exception, (OverflowError, DataError)):
            return None
        log.warning("Refused %s %s: %s", request.method, request.path[:200], str(exception)[:200])
        return bad_request(request, exception)
