"""Requests to the web server, counted by each of its processes and added up when Prometheus asks."""

from __future__ import annotations

import os
import time
from collections.abc import Callable

from django.http import HttpRequest, HttpResponseBase
from prometheus_client import CollectorRegistry, Counter, Histogram
from prometheus_client.multiprocess import MultiProcessCollector

AREAS = ("api", "admin", "media", "share", "static", "metrics")
METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
SHARED = "PROMETHEUS_MULTIPROC_DIR"  # where gunicorn's processes write their counts: gunicorn.conf.py

_own = CollectorRegistry()
_answered = Counter(
    "renderdesk_http_requests",
    "Requests that were answered, by area of the address, method and status",
    ("area", "method", "status"),
    registry=_own,
)
_seconds = Histogram(
    "renderdesk_http_request_seconds",
    "Seconds to the first byte of an answer",
    ("area",),
    buckets=(0.01, 0.025, 0.05, 0.1, 0.15, 0.25, 0.5, 1, 2.5, 5, 10, 30),
    registry=_own,
)
_of_api = Counter(
    "renderdesk_api_requests",
    "Requests to the API, by path of its document, method and status",
    ("route", "method", "status"),
    registry=_own,
)


def measure(
    get_response: Callable[[HttpRequest], HttpResponseBase],
) -> Callable[[HttpRequest], HttpResponseBase]:
    """Return the middleware that counts requests and takes their time. Every label is one of a short list."""

    def answer(request: HttpRequest) -> HttpResponseBase:
        began = time.perf_counter()
        response = get_response(request)
        area = _area(request.path_info)
        method = request.method if request.method in METHODS else "other"
        _answered.labels(area, method, response.status_code).inc()
        _seconds.labels(area).observe(time.perf_counter() - began)
        if area == "api":
            _of_api.labels(_route(request), method, response.status_code).inc()
        return response

    return answer


def register(registry: CollectorRegistry) -> None:
    """Add these counts to *registry*: of all processes of this web server, or of this one alone."""
    if SHARED in os.environ:
        MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
    else:
        registry.register(_own)


def _route(request: HttpRequest) -> str:
    """Return the path as the API's document has it; "none" for what it does not have."""
    match = request.resolver_match
    return match.route if match and match.url_name else "none"


def _area(path: str) -> str:
    first = path.split("/", 2)[1] if path.startswith("/") else ""
    return first if first in AREAS else "other"
