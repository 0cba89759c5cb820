"""The access log: one line for each request, and the id by which a request is found in all logs."""

from __future__ import annotations

import logging
import re
import time
import uuid
from collections.abc import Callable
from typing import Any

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils.functional import SimpleLazyObject

from blender_scripts import logged

log = logging.getLogger("renderdesk.access")

HEADER = "X-Request-ID"
GOOD = re.compile(r"[A-Za-z0-9._-]{8,64}")  # of a proxy; anything else would be written into our log as it is
SELDOM = ("/static/", "/livez", "/readyz", "/metrics")  # asked all the time, by machines


def note(
    get_response: Callable[[HttpRequest], HttpResponseBase],
) -> Callable[[HttpRequest], HttpResponseBase]:
    """Return the middleware that gives each request its id and its line; it asks for no session by itself."""

    def answer(request: HttpRequest) -> HttpResponseBase:
        given, began = request.headers.get(HEADER, ""), time.monotonic()
        name = given if GOOD.fullmatch(given) else uuid.uuid4().hex
        with logged.step(f"request {request.method}", request_id=name) as facts:
            response = get_response(request)
            facts |= _facts(request, response, time.monotonic() - began)
            is_seldom = request.path.startswith(SELDOM) and response.status_code < 400
            level = logging.DEBUG if is_seldom else logging.INFO
            log.log(level, "%s %s", request.method, _path(request), extra=facts)
            facts |= {"route": getattr(request.resolver_match, "route", ""), "user": "", "token": ""}
        response[HEADER] = name
        return response

    return answer


def _facts(request: Any, response: HttpResponseBase, seconds: float) -> dict[str, Any]:
    user: Any = getattr(request, "_cached_user", None)  # of the session, if anybody asked for it
    own = request.__dict__.get("user")  # of a token; lazy ones are the session's, which is not read for this
    if type(own) is not SimpleLazyObject:
        user = own
    token = getattr(request, "auth", None)
    return {
        "status": response.status_code,
        "ms": round(seconds * 1000, 1),
        "user": user.get_username() if getattr(user, "is_authenticated", False) else "",
        "token": str(getattr(token, "name", "")),
    }


def _path(request: HttpRequest) -> str:
    """Return the path, without the values that its address calls a token."""
    path = request.path
    found = request.resolver_match
    for value in [value for name, value in found.kwargs.items() if "token" in name] if found else []:
        path = path.replace(str(value), "…")
    return path[:500]
