"""Whether this installation can answer: for load balancers and whoever watches it. No token is needed."""

from __future__ import annotations

from django.db import DatabaseError
from django.http import HttpRequest, JsonResponse
from django.urls import path
from django.views.decorators.cache import never_cache

from media_assets import storage
from media_assets.models import CadFile


@never_cache
def ready(request: HttpRequest) -> JsonResponse:
    """Return 200 where database and media can be used, 503 and which can't otherwise. The queue is in the database."""
    try:
        has_files = CadFile.objects.exists()
    except DatabaseError:
        return JsonResponse({"database": "away", "media": "unknown"}, status=503)
    is_away = has_files and storage.media_away()
    document = {"database": "ok", "media": "away" if is_away else "ok"}
    return JsonResponse(document, status=503 if is_away else 200)


urlpatterns = [path("readyz", ready)]
