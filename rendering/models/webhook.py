"""Webhooks: addresses of other programs that are notified of finished orders."""

from __future__ import annotations

import secrets
from urllib.parse import urlsplit

from django.core.exceptions import ValidationError
from django.db import models
from django.utils import timezone

SCHEMES = ("http", "https")


def new_secret() -> str:
    """Return a secret to sign with: 32 random bytes as text."""
    return secrets.token_urlsafe(32)


def check_address(url: str) -> None:
    """Raise ValidationError for what is not the address of a web server."""
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname, parts.port
    except ValueError as error:
        raise ValidationError(f"This is no address: {error}. Write https://host/path.") from error
    if parts.scheme not in SCHEMES or not host:
        raise ValidationError("Write an address that begins with https:// or http:// and names a host.")
    if parts.username or parts.password:
        raise ValidationError("Leave out name and password: receivers know us by the signature.")
    if not url.isascii() or any(letter <= " " for letter in url):
        raise ValidationError("Write spaces and letters beyond ASCII percent-encoded, hosts as xn--.")


class Webhook(models.Model):
    """Who is notified, of what. Each message is signed with the secret."""

    name = models.CharField(max_length=80, unique=True, help_text="Who listens there: shop, PIM, chat")
    url = models.CharField(
        "address",
        max_length=500,
        validators=[check_address],
        help_text="https://host/path. Messages are sent there by POST; redirects are not followed.",
    )
    secret = models.CharField(
        max_length=120,
        default=new_secret,
        help_text="The receiver needs it to check the signature. Another one holds from the next message on.",
    )
    on_finished = models.BooleanField("finished orders", default=True, help_text="Every line was delivered")
    on_failed = models.BooleanField("failed orders", default=True, help_text="At least one line failed")
    on_canceled = models.BooleanField(
        "canceled orders", default=False, help_text="No line failed, and at least one was canceled"
    )
    is_active = models.BooleanField(
        "active", default=True, help_text="Off: nothing is sent; what waits stays waiting"
    )
    created = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name
