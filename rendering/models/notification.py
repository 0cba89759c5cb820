"""Notifications: content, receiver, and the result of each attempt."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from rendering.models.event import Event
from rendering.models.order import Order
from rendering.models.webhook import Webhook


class Notification(models.Model):
    """One message to one receiver: written in the transaction that it is about, sent later."""

    class State(models.TextChoices):
        WAITING = "waiting", _("Waiting")
        SENT = "sent", _("Sent")
        GIVEN_UP = "given_up", _("Given up")

    key = models.UUIDField(
        default=uuid.uuid4, unique=True, editable=False, help_text=_("The same in every attempt")
    )
    order = models.ForeignKey(Order, models.CASCADE, null=True, blank=True, related_name="notifications")
    event = models.CharField(max_length=20, choices=Event)
    occurred = models.DateTimeField(help_text=_("When it happened"))
    webhook = models.ForeignKey(Webhook, models.CASCADE, null=True, blank=True, related_name="notifications")
    email = models.EmailField(_("e-mail"), blank=True)
    body = models.JSONField(help_text=_("The message"))
    state = models.CharField(max_length=8, choices=State, default=State.WAITING)
    attempts = models.PositiveSmallIntegerField(default=0)
    next_attempt = models.DateTimeField(default=timezone.now, help_text=_("Not sent before this time"))
    error = models.TextField(_("last error"), blank=True)
    created = models.DateTimeField(default=timezone.now)
    sent = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("notification")
        verbose_name_plural = _("notifications")
        ordering = ["-id"]
        indexes = [
            models.Index(
                fields=["next_attempt"], name="notification_due", condition=models.Q(state="waiting")
            ),
            # To which message that nobody has sent yet another picture can be added.
            models.Index(
                fields=["webhook", "event"],
                name="notification_open",
                condition=models.Q(state="waiting", attempts=0, order=None),
            ),
        ]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(webhook=None, email__gt="") | models.Q(webhook__isnull=False, email=""),
                name="notification_one_receiver",
            ),
            # Each receiver is notified once of a finished order, however many workers see it end.
            models.UniqueConstraint(
                fields=["order", "occurred", "webhook"],
                condition=models.Q(email=""),
                name="notification_once_per_webhook",
            ),
            models.UniqueConstraint(
                fields=["order", "occurred", "email"],
                condition=models.Q(webhook=None),
                name="notification_once_per_email",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_event_display()}: {self.receiver}"

    @property
    def receiver(self) -> str:
        return self.email or str(self.webhook)


class DeliveryAttempt(models.Model):
    """One attempt to send a notification: when, how long, and what came back."""

    notification = models.ForeignKey(Notification, models.CASCADE, related_name="tries")
    started = models.DateTimeField(default=timezone.now)
    seconds = models.FloatField(help_text="s")
    status = models.PositiveSmallIntegerField(null=True, blank=True, help_text=_("Of the answer over HTTP"))
    answer = models.TextField(blank=True, help_text=_("How it begins"))
    error = models.TextField(blank=True, help_text=_("Empty: it was accepted"))
    next_attempt = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("delivery attempt")
        verbose_name_plural = _("delivery attempts")
        ordering = ["-id"]
        default_permissions = ()

    def __str__(self) -> str:
        return gettext("Attempt {number}").format(number=self.pk)


class NewsChoice(models.Model):
    """For which of their orders a user gets e-mails. No row: none."""

    user = models.OneToOneField(settings.AUTH_USER_MODEL, models.CASCADE, related_name="news_choice")
    on_finished = models.BooleanField(_("my finished orders"), default=False)
    on_failed = models.BooleanField(_("my failed orders"), default=False)

    def __str__(self) -> str:
        return gettext("E-mail preferences of {user}").format(user=self.user)
