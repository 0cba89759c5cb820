"""GPUs as the probe found them, and the probes themselves."""

from __future__ import annotations

from django.conf import settings
from django.core.validators import RegexValidator
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

# A queue's name is used as a file name and in the environment; the two reserved ones have their own workers.
QUEUE_NAME = RegexValidator(
    r"^(?!(asset_pipeline_cpu|renderdesk)\Z)[a-z0-9][a-z0-9_-]*\Z",
    _(
        "Use lowercase letters, digits, hyphens and underscores; asset_pipeline_cpu and renderdesk are reserved."
    ),
)


class Backend(models.TextChoices):
    OPTIX = "OPTIX", "NVIDIA OptiX"
    CUDA = "CUDA", "NVIDIA CUDA"
    HIP = "HIP", "AMD HIP"
    ONEAPI = "ONEAPI", "Intel oneAPI"


class GpuDevice(models.Model):
    """One GPU of one host, known by its vendor id (UUID or PCI address)."""

    host = models.CharField(_("host"), max_length=100)
    backend = models.CharField(_("backend"), max_length=8, choices=Backend)
    vendor_id = models.CharField(_("vendor ID"), max_length=100, help_text=_("UUID or PCI address"))
    name = models.CharField(_("name"), max_length=200)
    memory_mb = models.PositiveIntegerField(_("memory (MB)"), null=True, blank=True)
    driver = models.CharField(_("driver"), max_length=60, blank=True)
    enabled = models.BooleanField(_("enabled"), default=True)
    serves_heavy = models.BooleanField(_("serves the heavy lane"), default=True)
    serves_light = models.BooleanField(_("serves the light lane"), default=True)
    queue = models.CharField(
        _("queue"),
        max_length=60,
        blank=True,
        validators=[QUEUE_NAME],
        help_text=_("Leave empty to have it chosen automatically."),
    )
    pci_address = models.CharField(_("PCI address"), max_length=20, blank=True)
    cycles_id = models.CharField(_("ID in Cycles"), max_length=200, blank=True)
    ordinal = models.PositiveSmallIntegerField(
        _("ordinal"),
        default=0,
        help_text=_("Its number among the GPUs of its vendor on this host, in the order of PCI addresses"),
    )
    out_of_service = models.JSONField(
        _("out of service"),
        default=dict,
        blank=True,
        help_text=_("Lanes for which it is out of service after repeated failures: since when, and why"),
    )
    looked_at = models.DateTimeField(
        _("put back in service"), null=True, blank=True, help_text=_("When it was last put back in service")
    )
    last_seen = models.DateTimeField(_("last seen"), default=timezone.now)
    lost_at = models.DateTimeField(
        _("lost since"), null=True, blank=True, help_text=_("The probe no longer finds it.")
    )

    class Meta:
        verbose_name = _("GPU")
        verbose_name_plural = _("GPUs")
        ordering = ["host", "id"]
        constraints = [
            models.UniqueConstraint(fields=["host", "vendor_id"], name="gpudevice_one_per_host_and_id"),
            # Queue names are unique over all hosts: two GPUs on one queue would be two workers with one name.
            models.UniqueConstraint(
                fields=["queue"], condition=~models.Q(queue=""), name="gpudevice_queue_unique"
            ),
        ]

    def __str__(self) -> str:
        return gettext("%(gpu)s on %(host)s") % {"gpu": self.name, "host": self.host}


class GpuProbe(models.Model):
    """One probe: who requested it, its state, and what it found."""

    class Trigger(models.TextChoices):
        SCHEDULE = "schedule", _("Schedule")
        OPERATOR = "operator", _("Operator")
        WORKER_START = "worker_start", _("Worker start")
        COMMAND = "command", _("Command")
        FAILURE = "failure", _("A GPU failed a job")

    class State(models.TextChoices):
        REQUESTED = "requested", _("Requested")
        RUNNING = "running", _("Running")
        SUCCEEDED = "succeeded", _("Succeeded")
        FAILED = "failed", _("Failed")

    trigger = models.CharField(_("trigger"), max_length=12, choices=Trigger)
    requested_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("requested by"),
    )
    host = models.CharField(
        _("host"), max_length=100, blank=True, help_text=_("Empty: the first host that is available")
    )
    runner = models.CharField(
        _("process"), max_length=200, blank=True, help_text=_("The process that runs it: host:boot:pid:start")
    )
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.REQUESTED)
    result = models.JSONField(_("result"), null=True, blank=True)
    error = models.TextField(_("error"), blank=True)
    created = models.DateTimeField(_("created"), default=timezone.now)
    started = models.DateTimeField(_("started"), null=True, blank=True)
    finished = models.DateTimeField(_("finished"), null=True, blank=True)

    class Meta:
        verbose_name = _("GPU probe")
        verbose_name_plural = _("GPU probes")
        ordering = ["-created", "-id"]
        permissions = [("probe_gpu", "Can probe GPUs")]
        indexes = [
            models.Index(fields=["host", "-created"], name="gpuprobe_host_created"),
            # The last result of each host is read at each start of Blender and by the desk every few seconds.
            models.Index(fields=["state", "host", "-finished"], name="gpuprobe_last"),
        ]
        constraints = [
            # A request while one waits returns that one: ten clicks are one probe.
            models.UniqueConstraint(
                fields=["host"],
                condition=models.Q(state="requested"),
                name="gpuprobe_one_request_per_host",
            ),
        ]

    def __str__(self) -> str:
        return gettext("Probe %(number)s (%(state)s)") % {
            "number": self.pk,
            "state": self.get_state_display(),
        }

    @property
    def is_open(self) -> bool:
        return self.state in (self.State.REQUESTED, self.State.RUNNING)
