"""The page on which people choose their language and time zone, and what makes each page keep to it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from zoneinfo import ZoneInfo, available_timezones

from django import forms
from django.conf import settings
from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from rendering.desk.shared.control import operator
from rendering.models import Preferences

KEPT = "preferences"  # in the session: [language, time zone], so that no request asks the database


class PreferencesForm(forms.ModelForm):  # type: ignore[type-arg]
    language = forms.ChoiceField(required=False, label=gettext_lazy("Language"))
    time_zone = forms.ChoiceField(required=False, label=gettext_lazy("Time zone"))

    class Meta:
        model = Preferences
        fields = ("language", "time_zone")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["language"].choices = [("", _("As the browser asks")), *settings.LANGUAGES]  # type: ignore[attr-defined]
        own = _("The server's ({name})").format(name=settings.TIME_ZONE)
        zones = [(name, name.replace("_", " ")) for name in sorted(available_timezones())]
        self.fields["time_zone"].choices = [("", own), *zones]  # type: ignore[attr-defined]


def keep(request: HttpRequest, chosen: Preferences | None) -> None:
    """Let the session know what the person has chosen."""
    request.session[KEPT] = [chosen.language, chosen.time_zone] if chosen else ["", ""]


def note_log_in(*, request: HttpRequest | None, user: Any, **more: Any) -> None:
    """Take over what was chosen in another browser."""
    if request is not None:
        keep(request, Preferences.objects.filter(user=user).first())


def follow(
    get_response: Callable[[HttpRequest], HttpResponseBase],
) -> Callable[[HttpRequest], HttpResponseBase]:
    """Return the middleware that shows each page in the language and time zone of its reader.

    Django's LocaleMiddleware, before it, has chosen by the browser.
    """

    def answer(request: HttpRequest) -> HttpResponseBase:
        has_session = settings.SESSION_COOKIE_NAME in request.COOKIES
        language, zone = request.session.get(KEPT, ["", ""]) if has_session else ("", "")
        if language in dict(settings.LANGUAGES):
            translation.activate(language)
            request.LANGUAGE_CODE = translation.get_language()
        if not zone:
            return get_response(request)
        with timezone.override(ZoneInfo(zone)):
            return get_response(request)

    return answer


@require_http_methods(["GET", "HEAD", "POST"])
def page(request: HttpRequest) -> HttpResponse:
    """Show what the user has chosen, or save it."""
    user = operator(request)
    chosen = Preferences.objects.filter(user=user).first() or Preferences(user=user)
    form = PreferencesForm(request.POST if request.method == "POST" else None, instance=chosen)
    if request.method == "POST" and form.is_valid():
        keep(request, form.save())
        with translation.override(chosen.language or translation.get_language_from_request(request)):
            messages.success(request, _("Saved."))
        return HttpResponseRedirect(reverse("admin:preferences"))
    context = {**admin.site.each_context(request), "title": _("Language and time zone"), "form": form}
    return TemplateResponse(request, "desk/people/preferences.html", context)
