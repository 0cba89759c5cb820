"""To the provider and back."""

from __future__ import annotations

from allauth.socialaccount.providers.oauth2.client import OAuth2Error
from allauth.socialaccount.providers.oauth2.views import OAuth2CallbackView
from django.conf import settings
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET
from requests import RequestException

from rendering.desk.people.log_in import place_after
from rendering.desk.people.open_id.adapters import told
from rendering.desk.people.open_id.provider import Flow, company


@never_cache
@require_GET
def begin(request: HttpRequest) -> HttpResponseBase:
    """Lead to the provider. A GET, so that a company's portal can link to it; it changes nothing here."""
    try:
        return company(request).redirect(request, "login", next_url=place_after(request))
    except (OAuth2Error, RequestException) as error:
        return told(request, error)


@never_cache
@require_GET
def callback(request: HttpRequest) -> HttpResponseBase:
    """Log in whom the provider sends."""
    try:
        answer: HttpResponseBase = OAuth2CallbackView.adapter_view(Flow(request, settings.OIDC_ISSUER))(
            request
        )
    except (OAuth2Error, RequestException) as error:
        return told(request, error)
    return answer
