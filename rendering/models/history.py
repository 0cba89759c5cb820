"""The activity of people: one entry for each action, and its objects."""

from __future__ import annotations

from django.conf import settings
from django.contrib.contenttypes.models import ContentType
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from media_assets.models.sight import SightManager


class HistoryEntry(models.Model):
    """One action of one person. Names are kept as they were then, so that the entry outlives user and object."""

    class Verb(models.TextChoices):
        ADD = "add", _("Added")
        CHANGE = "change", _("Changed")
        DELETE = "delete", _("Deleted")
        UPLOAD = "upload", _("Uploaded")
        ORDER = "order", _("Ordered")
        RERENDER = "rerender", _("Rendered again")
        CANCEL = "cancel", _("Canceled")
        RETRY = "retry", _("Retried")
        PAUSE = "pause", _("Paused")
        RESUME = "resume", _("Resumed")
        PRIORITY = "priority", _("Changed priority")
        PROBE = "probe", _("Probed GPUs")
        SERVICE = "service", _("Put back in service")
        SHARE = "share", _("Shared")
        REVOKE = "revoke", _("Revoked")
        DOWNLOAD = "download", _("Downloaded")
        SEND = "send", _("Sent again")
        APPROVE = "approve", _("Approved")
        REJECT = "reject", _("Rejected")
        COMMENT = "comment", _("Commented")
        ARCHIVE = "archive", _("Archived")
        RESTORE = "restore", _("Brought back")
        LOG_IN = "log_in", _("Logged in")
        LOG_OUT = "log_out", _("Logged out")
        LOG_IN_FAILED = "no_log_in", _("Failed to log in")
        LOCKED_OUT = "locked_out", _("Locked out")
        OTHER = "other", _("Other")

    when = models.DateTimeField(default=timezone.now)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+"
    )
    person = models.CharField(
        max_length=200, help_text=_("The user name; for commands, the user and host that ran them")
    )
    via = models.CharField(
        _("through"), max_length=60, blank=True, help_text=_("The command; empty: the desk")
    )
    verb = models.CharField(_("action"), max_length=10, choices=Verb)
    about = models.ForeignKey(ContentType, models.CASCADE, null=True, related_name="+")
    name = models.CharField(_("object"), max_length=300, help_text=_("Its name at that time"))
    count = models.PositiveIntegerField(default=1, help_text=_("The number of objects"))
    words = models.TextField(_("result"), blank=True)
    changes = models.JSONField(default=list, blank=True, help_text=_("[field, before, after], in words"))

    objects = SightManager["HistoryEntry"]()

    class Meta:
        ordering = ["-when", "-id"]
        default_permissions = ("view",)
        permissions = [("see_everybody", "Can see what other people did")]
        verbose_name = _("entry")
        verbose_name_plural = _("activity")
        indexes = [
            models.Index(fields=["-when", "-id"], name="history_newest"),
            models.Index(fields=["user", "-when"], name="history_of_user"),
            models.Index(fields=["verb", "-when"], name="history_of_verb"),
        ]

    def __str__(self) -> str:
        return f"{self.person}: {self.get_verb_display().lower()} {self.name}"


class HistorySubject(models.Model):
    """One object of an entry. No foreign key: what was deleted keeps its history."""

    entry = models.ForeignKey(HistoryEntry, models.CASCADE, related_name="subjects")
    kind = models.ForeignKey(ContentType, models.CASCADE, related_name="+")
    object_id = models.PositiveBigIntegerField()

    class Meta:
        default_permissions = ()
        constraints = [
            # It is also the index that an object's own history is read by.
            models.UniqueConstraint(fields=["kind", "object_id", "entry"], name="historysubject_once"),
        ]

    def __str__(self) -> str:
        return f"{self.kind_id}:{self.object_id}"
