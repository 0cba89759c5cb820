"""The page that says what a file is: for staff, and where it is switched on for everybody."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.contrib.auth.views import redirect_to_login
from django.core.cache import cache
from django.core.files.uploadedfile import TemporaryUploadedFile
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from gpu.models import SystemSettings
from rendering.delivery.verifying import origin
from rendering.desk.cad_files.upload_guard import GuardedUpload, RefusedUpload
from rendering.history.people import address_of

LARGEST_MB = 200
A_MINUTE = 60  # seconds
MOST = 20  # files of one address in a minute, in each web process


class VerifiedUpload(GuardedUpload):
    """Takes a file from anybody who may see this page, up to its own limit."""

    limit = LARGEST_MB * 1_000_000

    def may_upload(self) -> bool:
        return True


# It changes nothing, and Django would read the whole upload to look for the token before anything limits it.
@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
def page(request: HttpRequest) -> HttpResponseBase:
    """Say what a file is, by its bytes (POST) or by its SHA-256 (in the address)."""
    settings = SystemSettings.load()
    may_see = request.user.has_perm("media_assets.view_mediaasset")
    if not (may_see or settings.verify_public):
        return redirect_to_login(request.get_full_path(), reverse("admin:login"))
    asked = request.GET.get("sha256", "").strip().lower()[:80]
    context: dict[str, Any] = {"asked": asked, "sender": settings.sender_name, "largest": LARGEST_MB}
    status = 200
    if request.method == "POST" or asked:
        if _is_too_fast(request):
            context["problem"], status = (
                _("Too many files in one minute. Wait a minute, then try again."),
                429,
            )
        elif request.method == "POST":
            context.update(_of_upload(request, is_public=not may_see))
        elif origin.SHA256.match(asked):
            context["found"] = origin.of_hash(asked, is_public=not may_see)
        else:
            context["problem"] = _("A SHA-256 has 64 digits from 0 to 9 and a to f.")
    found = context.get("found")
    context["address"] = (
        reverse("admin:media_assets_mediaasset_change", args=[found.asset.pk])
        if may_see and found and found.asset
        else ""
    )
    response = render(request, "desk/verifying/page.html", context, status=status)
    response["Cache-Control"] = "private, no-store"
    response["X-Robots-Tag"] = "noindex, nofollow"
    return response


def _of_upload(request: HttpRequest, *, is_public: bool) -> dict[str, Any]:
    request.upload_handlers = [VerifiedUpload(request)]
    upload = request.FILES.get("file")
    if isinstance(upload, RefusedUpload):
        return {"problem": upload.why}
    if not isinstance(upload, TemporaryUploadedFile):
        return {"problem": _("Choose a file.")}
    found = origin.of_file(Path(upload.temporary_file_path()), is_public=is_public)
    return {"found": found, "name": upload.name}


def _is_too_fast(request: HttpRequest) -> bool:
    key = f"verify-pace-{address_of(request)}"
    cache.add(key, 0, A_MINUTE)
    try:
        return cache.incr(key) > MOST
    except ValueError:  # it ran out between the two
        return False
