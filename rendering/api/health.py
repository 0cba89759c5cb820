"""Whether this installation can answer: for load balancers and whoever watches it. No token is needed."""

from __future__ import annotations

from contextlib import suppress

from django.conf import settings
from django.db import DatabaseError
from django.http import HttpRequest, JsonResponse
from django.urls import path
from django.views.decorators.cache import never_cache

from gpu.queues import wake
from media_assets import storage
from media_assets.models import CadFile


@never_cache
def ready(request: HttpRequest) -> JsonResponse:
    """Return 200 where database, media and broker can be used, 503 and which is away otherwise."""
    said = {"database": "away", "media": "unknown", "broker": "unknown"}
    with suppress(DatabaseError):
        has_files = CadFile.objects.exists()
        said = {
            "database": "ok",
            "media": "away" if has_files and storage.media_away() else "ok",
            "broker": "away",
        }
        if not wake.trouble():
            wake.waiting_messages([settings.CONTROL_QUEUE])
            said["broker"] = "ok"
    return JsonResponse(said, status=200 if set(said.values()) == {"ok"} else 503)


urlpatterns = [path("readyz", ready)]
