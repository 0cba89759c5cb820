"""The one row of settings that an operator edits while the system runs."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator, validate_email
from django.db import models
from django.utils.translation import gettext, gettext_noop
from django.utils.translation import gettext_lazy as _

# Written by probes and prunes alone: saving the form leaves them as they are.
EXPORTED = {"gpu_probe_last_result", "gpu_probe_last_at", "prune_requested_at", "prune_last_result"}


def kept_days(days: int, label: Any) -> models.PositiveIntegerField[int | None, int | None]:
    """Return the setting for how long something is kept; empty: forever."""
    limits = [MinValueValidator(1), MaxValueValidator(36500)]
    return models.PositiveIntegerField(
        label, default=days, null=True, blank=True, validators=limits, help_text=_("Empty: forever.")
    )


def kept_gb(label: Any) -> models.FloatField[float | None, float | None]:
    """Return the setting for how much of something is kept; empty: any amount."""
    limits = [MinValueValidator(0.0), MaxValueValidator(1_000_000.0)]
    return models.FloatField(
        label, null=True, blank=True, validators=limits, help_text=_("Empty: any amount.")
    )


def addresses(text: str) -> list[str]:
    """Return the e-mail addresses of *text*, which are separated by commas, semicolons or white space, each once."""
    return list(dict.fromkeys(filter(None, re.split(r"[\s,;]+", text))))


def check_addresses(text: str) -> None:
    """Raise ValidationError for what is no list of e-mail addresses."""
    for one in addresses(text):
        validate_email(one)


class DevicePolicy(models.TextChoices):
    AUTO = "auto", _("auto: a GPU if there is one, otherwise the CPU")
    GPU = "gpu", _("gpu: never render on the CPU")
    CPU = "cpu", _("cpu: always the CPU")


class FairShares(models.TextChoices):
    OFF = "off", _("off: the oldest job goes first")
    ORDER = "order", _("by order")
    PERSON = "person", _("by person")


class SystemSettings(models.Model):
    """Settings of the whole installation; exactly one row, made on first use."""

    cycles_device = models.CharField(
        _("Cycles device policy"),
        max_length=4,
        choices=DevicePolicy,
        default=DevicePolicy.AUTO,
        help_text=_("The environment variable CYCLES_DEVICE overrides this setting."),
    )
    # What scripts read of the probes, which are rows of GpuProbe: `export_probes` alone writes these two.
    gpu_probe_last_result = models.JSONField(_("last GPU probe"), null=True, blank=True, editable=False)
    gpu_probe_last_at = models.DateTimeField(
        _("time of the last GPU probe"), null=True, blank=True, editable=False
    )
    probe_interval_minutes = models.PositiveIntegerField(
        _("probe every (minutes)"), default=30, validators=[MinValueValidator(1)]
    )
    light_lane_max_px = models.PositiveIntegerField(
        _("light lane up to (px)"),
        default=1024,
        help_text=_("Thumbnails and stills whose longer side is at most this go to the light lane."),
    )
    keeps_light_gpu = models.BooleanField(
        _("keep a GPU for light work"),
        default=True,
        help_text=_(
            "With two or more GPUs: the smallest one takes no heavy work, so thumbnails hardly wait. Off: every GPU "
            "takes everything, and heavy work finishes sooner; turntables still let thumbnails through between two "
            "frames. A GPU whose queue is named asset_pipeline_light always takes light work only."
        ),
    )
    fair_shares = models.CharField(
        _("fair shares"),
        max_length=6,
        choices=FairShares,
        default=FairShares.PERSON,
        help_text=_(
            "Jobs of the same priority take turns by person or by order: 10,000 lines do not hold up ten of somebody "
            "else. A new value applies to jobs created from then on."
        ),
    )
    tessellation_wall_seconds = models.PositiveIntegerField(
        _("tessellation time limit (s)"), default=900, validators=[MinValueValidator(5)]
    )
    tessellation_memory_mb = models.PositiveIntegerField(
        _("tessellation memory limit (MB)"), default=8192, validators=[MinValueValidator(512)]
    )
    render_wall_seconds = models.PositiveIntegerField(
        _("render time limit (s)"), default=4 * 3600, validators=[MinValueValidator(5)]
    )
    render_memory_mb = models.PositiveIntegerField(
        _("Blender memory limit (MB)"), default=16384, validators=[MinValueValidator(512)]
    )
    hang_seconds = models.PositiveIntegerField(
        _("no progress for (s)"),
        default=300,
        validators=[MinValueValidator(2)],
        help_text=_("A render or conversion that makes no progress for this long fails as 'hung'."),
    )
    session_jobs = models.PositiveIntegerField(
        _("restart Blender after (jobs)"), default=200, validators=[MinValueValidator(1)]
    )
    session_memory_mb = models.PositiveIntegerField(
        _("restart Blender above (MB)"), default=6144, validators=[MinValueValidator(512)]
    )
    upload_max_mb = models.PositiveIntegerField(
        _("largest CAD file (MB)"), default=1024, validators=[MinValueValidator(1), MaxValueValidator(65536)]
    )
    disk_floor_mb = models.PositiveIntegerField(
        _("keep free on the media disk (MB)"),
        default=512,
        help_text=_(
            "With less free space, new jobs wait until there is more, and uploads are refused that would leave less."
        ),
    )

    prune_daily = models.BooleanField(
        _("prune every day"),
        default=False,
        help_text=_("Deletes files by the rules below without being asked. Look at the page Storage first."),
    )
    superseded_days = kept_days(90, _("superseded pictures: keep (days)"))
    superseded_gb = kept_gb(_("superseded pictures: at most (GB)"))
    master_days = kept_days(30, _("render masters: keep (days)"))
    master_gb = kept_gb(_("render masters: at most (GB)"))
    geometry_days = kept_days(180, _("geometry: keep (days)"))
    geometry_gb = kept_gb(_("geometry: at most (GB)"))
    usd_days = kept_days(180, _("USD masters: keep (days)"))
    usd_gb = kept_gb(_("USD masters: at most (GB)"))
    document_days = kept_days(30, _("CAD documents: keep (days)"))
    document_gb = kept_gb(_("CAD documents: at most (GB)"))
    frames_days = kept_days(7, _("frames of unfinished turntables: keep (days)"))
    frames_gb = kept_gb(_("frames of unfinished turntables: at most (GB)"))
    # Asked for and not done yet: by the page, by the command or by the schedule.
    prune_requested_at = models.DateTimeField(null=True, blank=True, editable=False)
    prune_last_result = models.JSONField(null=True, blank=True, editable=False)

    history_days = kept_days(730, _("activity: keep (days)"))
    attempt_days = kept_days(730, _("attempts of jobs: keep (days)"))
    notification_days = kept_days(180, _("notifications: keep (days)"))
    probe_days = kept_days(90, _("GPU probes: keep (days)"))
    message_days = kept_days(30, _("failed queue messages: keep (days)"))
    login_days = kept_days(1, _("wrong passwords: keep (days)"))

    alert_emails = models.TextField(
        _("e-mail alerts to"),
        blank=True,
        max_length=2000,
        validators=[check_addresses],
        help_text=_(
            "Addresses, separated by commas or line breaks. Webhooks can choose alerts as well; both are sent when an "
            "alert begins and when it is over."
        ),
    )
    alert_queue_minutes = models.PositiveIntegerField(
        _("alert when a job waits for (minutes)"),
        default=120,
        null=True,
        blank=True,
        validators=[MinValueValidator(1)],
        help_text=_("Paused and held jobs do not count. Empty: no such alert."),
    )
    alert_failure_percent = models.PositiveSmallIntegerField(
        _("alert when of the jobs of an hour fail (%)"),
        default=50,
        null=True,
        blank=True,
        validators=[MinValueValidator(1), MaxValueValidator(100)],
        help_text=_("Of ten jobs or more. Empty: no such alert."),
    )
    creator = models.CharField(
        _("creator"),
        max_length=120,
        blank=True,
        help_text=_("Who made the pictures, written into each file (XMP, IPTC). Empty: nobody is named."),
    )
    copyright = models.CharField(
        _("copyright"),
        max_length=200,
        blank=True,
        help_text=_(
            "For example © Acme Ltd. Written into each file. After a change, delivered files are stale: they are "
            "made again from their renders."
        ),
    )
    verify_public = models.BooleanField(
        _("anybody may verify files"),
        default=False,
        db_default=False,
        help_text=_(
            "At /verify/, without a log-in, everybody who has a file sees whether it was delivered here, of which "
            "product, whether it was changed and whether it is current. Off: people with a log-in only."
        ),
    )
    sender_name = models.CharField(
        _("sender"),
        max_length=80,
        blank=True,
        help_text=_("Your company, as people who open a share link see it."),
    )
    sender_logo = models.BinaryField(_("logo"), default=bytes, blank=True, help_text=_("PNG"))

    class Meta:
        verbose_name = verbose_name_plural = _("system settings")
        permissions = [("prune", "Can delete files to free space")]
        constraints = [
            # Two rows could contradict each other.
            models.CheckConstraint(condition=models.Q(pk=1), name="systemsettings_one_row"),
            models.CheckConstraint(
                condition=models.Q(fair_shares__in=["off", "order", "person"]),
                name="systemsettings_shares_known",
            ),
            models.CheckConstraint(
                condition=models.Q(cycles_device__in=["auto", "gpu", "cpu"]),
                name="systemsettings_policy_known",
            ),
        ]

    def __str__(self) -> str:
        return gettext("System settings")

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Save the settings; a probe may have ended since they were read, so its result is never written."""
        self.pk = 1
        if not kwargs.get("force_insert"):
            if self._state.adding:
                type(self).load()
            names = {field.name for field in self._meta.concrete_fields if not field.primary_key}
            asked = kwargs.get("update_fields")
            fields = names - self.get_deferred_fields() if asked is None else set(asked)
            kwargs["update_fields"] = fields - EXPORTED
        super().save(*args, **kwargs)

    @classmethod
    def export_probes(cls, results: Mapping[str, Any], at: datetime) -> None:
        """Write the last result of each host for scripts, and nothing else."""
        cls.objects.filter(pk=1).update(gpu_probe_last_result={"hosts": dict(results)}, gpu_probe_last_at=at)

    @classmethod
    def load(cls) -> SystemSettings:
        """Return the row, created with the defaults if there is none yet; its logo is read when it is asked for."""
        return cls.objects.defer("sender_logo").get_or_create(pk=1)[0]

    @classmethod
    def credit(cls) -> dict[str, str]:
        """Return what each file says of its creator and rights; nothing where nothing was set."""
        row = cls.objects.values("creator", "copyright").first() or {}
        return {name: value for name, value in row.items() if value}

    @property
    def alert_addresses(self) -> list[str]:
        """Who gets alerts by e-mail, each once."""
        return addresses(self.alert_emails)

    @property
    def device_policy(self) -> DevicePolicy:
        """The policy in force: CYCLES_DEVICE of the environment, else this row's."""
        return DevicePolicy(settings.CYCLES_DEVICE or self.cycles_device)

    @property
    def device_policy_source(self) -> str:
        """Where the policy in force is set, in English, for programs; pages translate it."""
        if settings.CYCLES_DEVICE:
            return gettext_noop("environment variable CYCLES_DEVICE")
        return gettext_noop("system settings")
