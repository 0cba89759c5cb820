"""Errors of the API as problem details (RFC 9457): a code, a sentence, and what to do next."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any, TypeVar

from django.core.exceptions import (
    BadRequest,
    PermissionDenied,
    RequestDataTooBig,
    SuspiciousOperation,
    ValidationError,
)
from django.db import DatabaseError
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.http.multipartparser import MultiPartParserError
from django.http.request import RawPostDataException
from django.utils.translation import gettext as _
from ninja import NinjaAPI, Schema
from ninja.errors import AuthenticationError, HttpError, Throttled
from ninja.errors import ValidationError as InvalidRequest
from pydantic import Field

from blender_scripts.launch import BlenderError
from media_assets.storage import StorageBelowFloor, StorageError, StorageFull
from rendering.orders import OrderRefused

logger = logging.getLogger("renderdesk.api")

TYPE = "application/problem+json"
H = TypeVar("H", bound=Callable[..., HttpResponse])


class ProblemOut(Schema):
    """What went wrong (RFC 9457)."""

    type: str = Field(
        description="An address of the problem's kind; `about:blank` where the code says it all"
    )
    title: str
    status: int
    code: str = Field(description="For programs: never changes for the same problem")
    detail: str = Field(description="What happened, in words")
    next_step: str = Field(description="What to do about it; may be empty")
    errors: list[dict[str, Any]] = Field(
        default=[], description="Which fields of the request are wrong, and why"
    )


class ApiRefused(Exception):
    """A request that can't be answered as it is."""

    def __init__(self, status: int, code: str, detail: str, next_step: str = "", **headers: str) -> None:
        super().__init__(detail)
        self.status, self.code, self.detail, self.next_step = status, code, detail, next_step
        self.headers = headers


TITLES = {
    400: "Bad request",
    401: "No valid token",
    403: "Not allowed",
    404: "Not found",
    405: "No such method here",
    409: "Conflict",
    410: "Gone",
    413: "Too large",
    416: "No such range",
    422: "Not as it should be",
    429: "Too many requests",
    500: "Internal error",
    503: "Not available now",
    507: "No room",
}
# What every operation may answer, for the document.
ALWAYS = frozenset({400, 401, 403, 413, 422, 429, 500, 503})


def answers(shape: Any, *codes: int, status: int = 200) -> dict[Any, Any]:
    """Return what an operation may answer: *shape*, and problems of these codes besides those of every operation."""
    return {status: shape, frozenset(ALWAYS | set(codes)): ProblemOut}


def problem(
    status: int, code: str, detail: str, next_step: str = "", errors: Any = (), **headers: str
) -> HttpResponse:
    """Return a problem as a response."""
    document = {
        "type": "about:blank",
        "title": TITLES[status],
        "status": status,
        "code": code,
        "detail": detail,
        "next_step": next_step,
        "errors": list(errors),
    }
    answer = JsonResponse(document, status=status, content_type=TYPE)
    for name, value in headers.items():
        answer[name.replace("_", "-")] = value
    return answer


def handle_all(api: NinjaAPI) -> None:
    """Let *api* answer every exception with a problem."""

    def on(*kinds: type[Exception]) -> Callable[[H], H]:
        def register(handler: H) -> H:
            for kind in kinds:
                api.add_exception_handler(kind, handler)
            return handler

        return register

    @on(ApiRefused)
    def refused(request: HttpRequest, error: ApiRefused) -> HttpResponse:
        return problem(error.status, error.code, error.detail, error.next_step, **error.headers)

    @on(AuthenticationError)
    def stranger(request: HttpRequest, error: Exception) -> HttpResponse:
        words = _("There is no valid API token in the header Authorization: Bearer.")
        step = _("Make a token in the admin, or with 'manage.py token create'.")
        return problem(401, "not_authenticated", words, step, WWW_Authenticate="Bearer")

    @on(Throttled)
    def throttled(request: HttpRequest, error: Throttled) -> HttpResponse:
        wait = max(1, round(error.wait or 1))
        words = _("This token asks too often.")
        step = _("Wait {seconds} s, then go on more slowly.").format(seconds=wait)
        return problem(429, "too_many_requests", words, step, Retry_After=str(wait))

    @on(InvalidRequest)
    def invalid(request: HttpRequest, error: InvalidRequest) -> HttpResponse:
        errors = [
            {
                "field": ".".join(str(part) for part in one["loc"][1:] if part != "wanted"),
                "message": one["msg"],
            }
            for one in error.errors
        ]
        words = "; ".join(f"{one['field']}: {one['message']}" for one in errors)[:500]
        return problem(422, "invalid", words, _("See the API's document."), errors)

    @on(ValidationError)
    def wrong_value(request: HttpRequest, error: ValidationError) -> HttpResponse:
        return problem(422, "invalid", " ".join(error.messages))

    @on(OrderRefused)
    def order_refused(request: HttpRequest, error: OrderRefused) -> HttpResponse:
        return problem(422, "order_refused", str(error))

    @on(BlenderError)
    def no_blender(request: HttpRequest, error: BlenderError) -> HttpResponse:
        return problem(
            503, "blender_missing", str(error), _("Run 'manage.py doctor': it names what to install.")
        )

    @on(StorageError)
    def storage(request: HttpRequest, error: StorageError) -> HttpResponse:
        is_full = isinstance(error, StorageFull | StorageBelowFloor)
        return problem(507 if is_full else 503, error.code, str(error))

    @on(Http404)
    def missing(request: HttpRequest, error: Http404) -> HttpResponse:
        return problem(404, "not_found", str(error) or _("There is no such thing."))

    @on(PermissionDenied)
    def forbidden(request: HttpRequest, error: PermissionDenied) -> HttpResponse:
        return problem(403, "forbidden", str(error) or _("The token's owner may not do this."))

    @on(RequestDataTooBig)
    def too_big(request: HttpRequest, error: Exception) -> HttpResponse:
        return problem(413, "too_large", str(error))

    @on(HttpError, BadRequest, SuspiciousOperation, MultiPartParserError, RawPostDataException)
    def bad(request: HttpRequest, error: Exception) -> HttpResponse:
        return problem(getattr(error, "status_code", 400), "bad_request", str(error))

    @on(DatabaseError)
    def database(request: HttpRequest, error: Exception) -> HttpResponse:
        logger.exception("The database refused %s", request.path)
        words = _("The database can't be used now.")
        return problem(503, "database", words, _("Try again in some seconds."), Retry_After="5")

    @on(Exception)
    def defect(request: HttpRequest, error: Exception) -> HttpResponse:
        logger.exception("A defect in %s", request.path)
        return problem(500, "internal", _("This is a defect of Renderdesk; its log has the details."))
