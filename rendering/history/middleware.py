"""Every request is somebody's: what it changes is put down to its user."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponseBase

from rendering.history.people import acting, at_the_desk


def put_down_to_user(
    get_response: Callable[[HttpRequest], HttpResponseBase],
) -> Callable[[HttpRequest], HttpResponseBase]:
    """Return the middleware. It asks for no session and no user by itself."""

    def answer(request: HttpRequest) -> HttpResponseBase:
        with acting(at_the_desk(request)):
            return get_response(request)

    return answer
