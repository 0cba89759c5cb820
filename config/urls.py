"""URLs: the admin, media behind a permission check, the API, and what watches it."""

from __future__ import annotations

from django.conf import settings
from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.urls import include, path
from django.views.generic import RedirectView


def livez(request: HttpRequest) -> HttpResponse:
    return HttpResponse("ok", content_type="text/plain")


handler403 = "rendering.desk.shared.refusals.not_allowed"
handler404 = "rendering.desk.shared.refusals.not_found"

urlpatterns = [
    path("", RedirectView.as_view(pattern_name="admin:index")),
    path("livez", livez),
    path("", include("rendering.api.health")),
    path("", include("rendering.api.metrics")),
    path("media/", include("media_assets.urls")),
    path("share/", include("rendering.delivery.share_urls")),
    path("verify/", include("rendering.desk.verifying.urls")),
    path("gpu/", include("gpu.urls")),
    path("api/", include("rendering.api.urls")),
    path("admin/second-factor/", include("rendering.desk.people.second_factor.urls")),
    *([path("admin/openid/", include("rendering.desk.people.open_id.urls"))] if settings.OIDC_ON else []),
    path("admin/", admin.site.urls),
]
