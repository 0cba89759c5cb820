"""/metrics for Prometheus: by an API token with the scope read, or from the addresses of the environment."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator
from contextlib import suppress

from django.conf import settings
from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse
from django.urls import path
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from prometheus_client import CONTENT_TYPE_LATEST

from media_assets.models import sight
from rendering.api.access import Token
from rendering.api.problems import ApiRefused, problem
from rendering.history.people import address_of
from rendering.models.api_token import TokenScope
from rendering.reports.metrics import exposition

_by_token = Token(TokenScope.READ.value, "rendering.view_job")


@never_cache
@require_safe
def metrics(request: HttpRequest) -> HttpResponse:
    if not _comes_from_a_listed_address(request):
        try:
            token = _by_token(request)
        except ApiRefused as error:
            return problem(error.status, error.code, error.detail, error.next_step, **error.headers)
        except DatabaseError:
            words = _("The database can't be used now, so no token can be checked.")
            return problem(503, "database", words, _("Try again in some seconds."), Retry_After="5")
        if token is None:
            words = _("Metrics need an API token with the scope read, in the header Authorization: Bearer.")
            step = _("Make a token with 'manage.py token create', or set RENDERDESK_METRICS_ADDRESSES.")
            return problem(401, "not_authenticated", words, step, WWW_Authenticate="Bearer")
        if sight.sight_of(token.owner):
            words = _(
                "Metrics are about the products of all customers, and the owner of this token sees some."
            )
            return problem(403, "forbidden", words, _("Use a token of somebody who sees all."))
    with sight.of_everybody():  # the counters of this process are for all who ask
        return HttpResponse(exposition(), content_type=CONTENT_TYPE_LATEST)


def _comes_from_a_listed_address(request: HttpRequest) -> bool:
    """Behind a proxy that the settings do not know, everybody seems to come from it: then none is listed."""
    is_hidden = "X-Forwarded-For" in request.headers and not settings.BEHIND_PROXY
    address = None if is_hidden else address_of(request)
    return address is not None and any(ipaddress.ip_address(address) in one for one in _listed())


def _listed() -> Iterator[ipaddress.IPv4Network | ipaddress.IPv6Network]:
    for text in settings.METRICS_ADDRESSES:
        with suppress(ValueError):  # a system check says so
            yield ipaddress.ip_network(text)


urlpatterns = [path("metrics", metrics)]
