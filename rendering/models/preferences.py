"""What a person chooses for all pages: language and time zone."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from zoneinfo import ZoneInfo, available_timezones

from django.conf import settings
from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.db import models
from django.utils import timezone, translation
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _


def check_time_zone(name: str) -> None:
    """Raise ValidationError for a name that is not in the time zone database."""
    if name not in available_timezones():
        raise ValidationError(_("There is no time zone with this name."))


class Preferences(models.Model):
    """Language and time zone of one person. Empty: the browser's language, the server's time zone."""

    user = models.OneToOneField(settings.AUTH_USER_MODEL, models.CASCADE, related_name="preferences")
    language = models.CharField(max_length=10, blank=True)
    time_zone = models.CharField(max_length=50, blank=True, validators=[check_time_zone])

    class Meta:
        verbose_name_plural = _("preferences")

    def __str__(self) -> str:
        return gettext("Preferences of {user}").format(user=self.user)


@contextmanager
def as_preferred_by(user: User | None) -> Iterator[None]:
    """Write in the language and time zone of *user*, where no browser says what to use."""
    chosen = Preferences.objects.filter(user=user).first()
    with ExitStack() as stack:
        if chosen and chosen.language:
            stack.enter_context(translation.override(chosen.language))
        if chosen and chosen.time_zone:
            stack.enter_context(timezone.override(ZoneInfo(chosen.time_zone)))
        yield
