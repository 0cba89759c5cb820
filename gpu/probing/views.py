"""The GPU probe for scripts: POST requests one, GET reads the last. Blender never runs here.

For staff with the permission gpu.probe_gpu; refusals are JSON.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps

from django.contrib.auth.models import User
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from django.middleware.csrf import CsrfViewMiddleware
from django.utils.decorators import decorator_from_middleware
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt

from gpu.models import GpuProbe
from gpu.probing import life, overview

PERMISSION = "gpu.probe_gpu"
View = Callable[[HttpRequest], HttpResponseBase]


class _JsonCsrf(CsrfViewMiddleware):
    """Django's own check with an answer that a script can read."""

    def _reject(self, request: HttpRequest, reason: str) -> HttpResponse:
        return refusal(403, "csrf", f"{reason} Send the csrftoken cookie's value as X-CSRFToken.")


def refusal(status: int, code: str, message: str) -> JsonResponse:
    return JsonResponse({"error_code": code, "error": message}, status=status)


def for_probers(method: str) -> Callable[[View], View]:
    """Let in staff with the permission who use *method*, and check POSTs for forgery."""

    def decorate(view: View) -> View:
        @wraps(view)
        def guarded(request: HttpRequest) -> HttpResponseBase:
            user = request.user
            if not (isinstance(user, User) and user.is_active and user.is_staff):
                return refusal(403, "not_logged_in", "Log in to the admin as staff first.")
            if not user.has_perm(PERMISSION):
                return refusal(
                    403, "forbidden", f"This needs the permission {PERMISSION}. Ask an administrator."
                )
            if request.method != method:
                answer = refusal(405, "method", f"Use {method}.")
                answer["Allow"] = method
                return answer
            return view(request)

        return never_cache(csrf_exempt(decorator_from_middleware(_JsonCsrf)(guarded)))

    return decorate


@for_probers("POST")
def start(request: HttpRequest) -> HttpResponse:
    """Ask every host that is alive for a probe: 202 with its id, or ids. Ten requests at once are one probe."""
    rows = life.request_everywhere(GpuProbe.Trigger.OPERATOR, request.user)
    document = {
        "id": rows[0].pk,
        "probes": [overview.as_json(row) for row in rows],
        "warning": None
        if rows[0].host
        else "No host is alive: it is made when 'manage.py run_workers' starts.",
    }
    return JsonResponse(document, status=202)


@for_probers("GET")
def result(request: HttpRequest) -> HttpResponse:
    """Return the last result of each host; with ?id=N the state of that probe."""
    wanted = request.GET.get("id")
    if wanted is None:
        return JsonResponse(overview.document())
    row = GpuProbe.objects.filter(pk=int(wanted)).first() if wanted.isdecimal() and len(wanted) < 19 else None
    if row is None:
        return refusal(404, "unknown", f"There is no probe {wanted[:40]!r}.")
    return JsonResponse(overview.as_json(row))
