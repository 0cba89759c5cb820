"""Log-ins, log-outs and refused log-ins, as entries of the history."""

from __future__ import annotations

from typing import Any

from axes.signals import user_locked_out
from django.conf import settings
from django.contrib.auth import get_user_model
from django.contrib.auth.models import User
from django.contrib.auth.signals import user_logged_in, user_logged_out, user_login_failed
from django.contrib.contenttypes.models import ContentType
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _

from rendering.history import second_factor, sessions
from rendering.history.entries import Verb, record
from rendering.history.people import address_of
from rendering.models import HistorySubject


def connect() -> None:
    """Listen to log-ins. May be called any number of times."""
    user_logged_in.connect(sessions.note_log_in, dispatch_uid="rendering.history.seen")
    user_logged_in.connect(_logged_in, dispatch_uid="rendering.history.logged_in")
    user_logged_out.connect(_logged_out, dispatch_uid="rendering.history.logged_out")
    user_login_failed.connect(_failed, dispatch_uid="rendering.history.failed")
    user_locked_out.connect(_locked_out, dispatch_uid="rendering.history.locked_out")
    second_factor.connect()


def _logged_in(*, request: HttpRequest | None, user: User, **more: Any) -> None:
    is_theirs = request is not None and second_factor.is_by_provider(request, user)
    by = _("By OpenID Connect: {label}.").format(label=settings.OIDC_LABEL) if is_theirs else ""
    record(Verb.LOG_IN, user, words=f"{by} {_from(request)}".strip())


def _logged_out(*, request: HttpRequest | None, user: User | None, **more: Any) -> None:
    if user is not None:
        record(Verb.LOG_OUT, user, words=_from(request))


def _failed(*, credentials: dict[str, Any], request: HttpRequest | None = None, **more: Any) -> None:
    _refused(Verb.LOG_IN_FAILED, credentials.get("username"), request)


def _locked_out(*, request: HttpRequest, username: str | None, **more: Any) -> None:
    _refused(Verb.LOCKED_OUT, username, request)


def _refused(verb: str, name: str | None, request: HttpRequest | None) -> None:
    """Write down what happened to a user that there is; others' names are not kept: some are passwords.

    Strangers cause these, so that a pause has no more of them than it has attempts.
    """
    user = (
        get_user_model()._default_manager.filter(username=name).first()
        if name and "\x00" not in name
        else None
    )
    if user is None:
        return
    kind, since = ContentType.objects.get_for_model(user), timezone.now() - settings.AXES_COOLOFF_TIME
    most = 1 if verb == Verb.LOCKED_OUT else settings.AXES_FAILURE_LIMIT
    known = HistorySubject.objects.filter(
        kind=kind, object_id=user.pk, entry__verb=verb, entry__when__gte=since
    )
    if known.count() < most:
        record(verb, user, words=_from(request))


def _from(request: HttpRequest | None) -> str:
    address = address_of(request) if request is not None else None
    return _("From {address}.").format(address=address) if address else ""
