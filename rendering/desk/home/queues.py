"""Pausing and resuming a queue from its card on the desk."""

from __future__ import annotations

from collections.abc import Callable

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from gpu.queues import pausing
from rendering import history
from rendering.models import HistoryEntry
from rendering.models.roles import may


@require_POST
def pause(request: HttpRequest, name: str) -> HttpResponse:
    """Let the workers of a queue claim nothing new, and go back to the desk."""
    _must_control(request)
    try:
        is_new = pausing.pause(name, request.user.get_username())
    except pausing.UnknownQueue as error:
        raise Http404(str(error)) from error
    if is_new:
        history.record(HistoryEntry.Verb.PAUSE, [], name=_queue(name), count=1)
    done = _("Queue %(name)s is paused. Running jobs will finish; no new ones are started.")
    _report(request, is_new, done % {"name": name}, _("Queue %(name)s was already paused.") % {"name": name})
    return HttpResponseRedirect(reverse("admin:index"))


@require_POST
def resume(request: HttpRequest, name: str) -> HttpResponse:
    """Let the workers of a queue claim again, and go back to the desk."""
    _must_control(request)
    was_paused = pausing.resume(name)
    if was_paused:
        history.record(HistoryEntry.Verb.RESUME, [], name=_queue(name), count=1)
    done = _("Queue %(name)s has been resumed.")
    _report(request, was_paused, done % {"name": name}, _("Queue %(name)s was not paused.") % {"name": name})
    return HttpResponseRedirect(reverse("admin:index"))


VIEWS: dict[str, Callable[..., HttpResponse]] = {"pause": pause, "resume": resume}


def _must_control(request: HttpRequest) -> None:
    if not may(request.user, "control"):
        raise PermissionDenied(_("You may not pause queues. Ask an administrator for the permission."))


def _queue(name: str) -> str:
    return _("Queue %(name)s") % {"name": name}


def _report(request: HttpRequest, happened: bool, done: str, nothing: str) -> None:
    messages.add_message(
        request, messages.SUCCESS if happened else messages.WARNING, done if happened else nothing
    )
