"""Sessions of people who went away end by themselves."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.contrib.auth import logout
from django.http import HttpRequest
from django.http.response import HttpResponseBase

SEEN = "seen"  # in the session: when its user last did something, in seconds
NOTED_EVERY = 60  # seconds: not each request writes


def note_log_in(*, request: HttpRequest | None, **more: Any) -> None:
    """Begin the count with the log-in itself."""
    if request is not None:
        request.session[SEEN] = int(time.time())


def end_idle_sessions(
    get_response: Callable[[HttpRequest], HttpResponseBase],
) -> Callable[[HttpRequest], HttpResponseBase]:
    """Return the middleware that logs out whoever did nothing for SESSION_IDLE_SECONDS.

    A page that refreshes itself is no sign of a person. Who has no session gets none here.
    """

    def answer(request: HttpRequest) -> HttpResponseBase:
        idle = settings.SESSION_IDLE_SECONDS
        if idle > 0 and settings.SESSION_COOKIE_NAME in request.COOKIES and request.user.is_authenticated:
            now, seen = int(time.time()), request.session.get(SEEN)
            if seen is not None and now - seen > idle:
                logout(request)
            elif seen is None or (now - seen >= NOTED_EVERY and _is_by_hand(request)):
                request.session[SEEN] = now
        return get_response(request)

    return answer


def _is_by_hand(request: HttpRequest) -> bool:
    """Whether a person caused the request; browsers mark what a page's script fetches."""
    return request.method == "POST" or request.headers.get("Sec-Fetch-Dest", "document") == "document"
