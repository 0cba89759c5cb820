"""Webhooks: addresses of other programs that are notified of finished orders."""

from __future__ import annotations

import secrets
from urllib.parse import urlsplit

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext, gettext_lazy

SCHEMES = ("http", "https")


def new_secret() -> str:
    """Return a secret to sign with: 32 random bytes as text."""
    return secrets.token_urlsafe(32)


def check_address(url: str) -> None:
    """Raise ValidationError for what is not the address of a web server."""
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError as error:
        raise ValidationError(
            gettext("This is not an address: {error}. Write https://host/path.").format(error=error)
        ) from error
    if parts.scheme not in SCHEMES or not host:
        raise ValidationError(
            gettext("Write an address that begins with https:// or http:// and names a host.")
        )
    if parts.username or parts.password:
        raise ValidationError(
            gettext("Leave out the user name and password: messages are authenticated by their signature.")
        )
    if port is not None and port not in settings.WEBHOOK_PORTS:
        raise ValidationError(
            gettext("Use port 443 or 80, or allow this one with RENDERDESK_WEBHOOK_PORTS={port}.").format(
                port=port
            )
        )
    if not url.isascii() or any(letter <= " " for letter in url):
        raise ValidationError(
            gettext("Percent-encode spaces and non-ASCII characters, and write such host names as xn--.")
        )


class Webhook(models.Model):
    """Who is notified, of what. Each message is signed with the secret."""

    name = models.CharField(
        max_length=80,
        unique=True,
        help_text=gettext_lazy("The program that receives the messages: shop, PIM, chat"),
    )
    url = models.CharField(
        gettext_lazy("address"),
        max_length=500,
        validators=[check_address],
        help_text=gettext_lazy(
            "https://host/path. Messages are sent there by POST; redirects are not followed."
        ),
    )
    secret = models.CharField(
        max_length=120,
        default=new_secret,
        help_text=gettext_lazy(
            "The receiver needs it to check the signature. A new value applies from the next message."
        ),
    )
    on_finished = models.BooleanField(
        gettext_lazy("finished orders"), default=True, help_text=gettext_lazy("Every line was delivered")
    )
    on_failed = models.BooleanField(
        gettext_lazy("failed orders"),
        default=True,
        help_text=gettext_lazy("At least one line failed, or jobs are held"),
    )
    on_canceled = models.BooleanField(
        gettext_lazy("canceled orders"),
        default=False,
        help_text=gettext_lazy("No line failed, and at least one was canceled"),
    )
    is_active = models.BooleanField(
        gettext_lazy("active"),
        default=True,
        help_text=gettext_lazy("If off, nothing is sent; messages that are waiting are kept"),
    )
    created = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name
