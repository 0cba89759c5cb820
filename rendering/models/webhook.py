"""Webhooks: addresses of other programs that are notified of events."""

from __future__ import annotations

import base64
import binascii
import secrets
from collections.abc import Iterable
from datetime import timedelta
from urllib.parse import urlsplit

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext, gettext_lazy

from rendering.models.event import OFFERED, usual_events

SCHEMES = ("http", "https")
PREFIX = "whsec_"  # of secrets as Standard Webhooks writes them: Base64 follows
KEY_BYTES = range(24, 65)  # standard-webhooks.md, Signature scheme
OVERLAP = timedelta(days=1)  # messages are signed with both secrets after a rotation


def new_secret() -> str:
    """Return a secret to sign with: 32 random bytes, as Standard Webhooks writes them."""
    return PREFIX + base64.b64encode(secrets.token_bytes(32)).decode()


def key_of(secret: str) -> bytes:
    """Return the bytes that a secret stands for. One without the prefix, of an older release, is its own UTF-8."""
    if not secret.startswith(PREFIX):
        return secret.encode()
    return base64.b64decode(secret.removeprefix(PREFIX), validate=True)


def check_secret(secret: str) -> None:
    """Raise ValidationError for what says that it is a secret of Standard Webhooks, and is none."""
    try:
        is_right = not secret.startswith(PREFIX) or len(key_of(secret)) in KEY_BYTES
    except binascii.Error:
        is_right = False
    if not is_right:
        raise ValidationError(
            gettext("After {prefix}, write 24 to 64 random bytes in Base64.").format(prefix=PREFIX)
        )


def check_events(names: Iterable[str]) -> None:
    """Raise ValidationError for what is no list of events."""
    if not isinstance(names, list) or (unknown := [name for name in names if name not in list(OFFERED)]):
        words = ", ".join(map(str, unknown)) if isinstance(names, list) else str(names)
        raise ValidationError(gettext("There are no events {names}.").format(names=words[:200]))


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
        validators=[check_secret],
        help_text=gettext_lazy(
            "The receiver needs it to check the signature. A new value applies from the next message."
        ),
    )
    old_secret = models.CharField(
        max_length=120, blank=True, editable=False, help_text=gettext_lazy("The one before it was rotated")
    )
    old_secret_until = models.DateTimeField(
        null=True,
        blank=True,
        editable=False,
        help_text=gettext_lazy("Messages are signed with both until then"),
    )
    events = models.JSONField(
        default=usual_events,
        blank=True,
        validators=[check_events],
        help_text=gettext_lazy("What it is notified of"),
    )
    address_hours = models.PositiveSmallIntegerField(
        gettext_lazy("addresses are valid for (hours)"),
        default=72,
        validators=[MaxValueValidator(24 * 366)],
        help_text=gettext_lazy(
            "Messages about pictures hold an address that opens the file without a log-in until then. "
            "0: none, the receiver needs an API token."
        ),
    )
    is_active = models.BooleanField(
        gettext_lazy("active"),
        default=True,
        help_text=gettext_lazy("If off, nothing is sent; messages that are waiting are kept"),
    )
    created = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        verbose_name = gettext_lazy("webhook")
        verbose_name_plural = gettext_lazy("webhooks")
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name

    @property
    def secrets(self) -> list[str]:
        """The secrets that messages are signed with now, the newest first."""
        is_valid = self.old_secret_until is not None and timezone.now() < self.old_secret_until
        return [self.secret, self.old_secret] if is_valid else [self.secret]

    def rotate(self) -> None:
        """Get a new secret; the present one stays good for a day, so that the receiver can change over."""
        self.old_secret, self.old_secret_until = self.secret, timezone.now() + OVERLAP
        self.secret = new_secret()
        self.save(update_fields=["secret", "old_secret", "old_secret_until"])
