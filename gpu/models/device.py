"""GPUs as the probe found them, and the probes themselves."""

from __future__ import annotations

from django.conf import settings
from django.core.validators import RegexValidator
from django.db import models
from django.utils import timezone

# A queue's name is used as a file name and in the environment; the two reserved ones have their own workers.
QUEUE_NAME = RegexValidator(
    r"^(?!(asset_pipeline_cpu|renderdesk)\Z)[a-z0-9][a-z0-9_-]*\Z",
    "Use small letters, digits, minus signs and underscores; asset_pipeline_cpu and renderdesk are taken.",
)


class Backend(models.TextChoices):
    OPTIX = "OPTIX", "NVIDIA OptiX"
    CUDA = "CUDA", "NVIDIA CUDA"
    HIP = "HIP", "AMD HIP"
    ONEAPI = "ONEAPI", "Intel oneAPI"


class GpuDevice(models.Model):
    """One GPU of one host, known by its vendor id (UUID or PCI address)."""

    host = models.CharField(max_length=100)
    backend = models.CharField(max_length=8, choices=Backend)
    vendor_id = models.CharField("vendor id", max_length=100, help_text="UUID or PCI address")
    name = models.CharField(max_length=200)
    memory_mb = models.PositiveIntegerField("memory (MB)", null=True, blank=True)
    driver = models.CharField(max_length=60, blank=True)
    enabled = models.BooleanField(default=True)
    serves_heavy = models.BooleanField("serves the heavy lane", default=True)
    serves_light = models.BooleanField("serves the light lane", default=True)
    queue = models.CharField(
        max_length=60, blank=True, validators=[QUEUE_NAME], help_text="Given by the topology when empty"
    )
    pci_address = models.CharField("PCI address", max_length=20, blank=True)
    cycles_id = models.CharField("Cycles' id", max_length=200, blank=True)
    ordinal = models.PositiveSmallIntegerField(
        default=0, help_text="Counts its vendor's GPUs on this host in the order of their PCI addresses"
    )
    out_of_service = models.JSONField(
        default=dict, blank=True, help_text="Lanes that it failed at again and again: since when, and why"
    )
    looked_at = models.DateTimeField(
        "looked at", null=True, blank=True, help_text="When somebody last put it back in service"
    )
    last_seen = models.DateTimeField(default=timezone.now)
    lost_at = models.DateTimeField(
        "lost since", null=True, blank=True, help_text="The probe no longer finds it"
    )

    class Meta:
        verbose_name = "GPU"
        ordering = ["host", "id"]
        constraints = [
            models.UniqueConstraint(fields=["host", "vendor_id"], name="gpudevice_one_per_host_and_id"),
            # Queue names are unique over all hosts: two GPUs on one queue would be two workers with one name.
            models.UniqueConstraint(
                fields=["queue"], condition=~models.Q(queue=""), name="gpudevice_queue_unique"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} on {self.host}"


class GpuProbe(models.Model):
    """One probe: who requested it, its state, and what it found."""

    class Trigger(models.TextChoices):
        SCHEDULE = "schedule", "Schedule"
        OPERATOR = "operator", "Operator"
        WORKER_START = "worker_start", "Worker start"
        COMMAND = "command", "Command"
        FAILURE = "failure", "A GPU failed a job"

    class State(models.TextChoices):
        REQUESTED = "requested", "Requested"
        RUNNING = "running", "Running"
        SUCCEEDED = "succeeded", "Succeeded"
        FAILED = "failed", "Failed"

    trigger = models.CharField(max_length=12, choices=Trigger)
    requested_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+"
    )
    host = models.CharField(max_length=100, blank=True, help_text="Empty: the first host that is there")
    runner = models.CharField(max_length=200, blank=True, help_text="host:boot:pid:start of who runs it")
    state = models.CharField(max_length=10, choices=State, default=State.REQUESTED)
    result = models.JSONField(null=True, blank=True)
    error = models.TextField(blank=True)
    created = models.DateTimeField(default=timezone.now)
    started = models.DateTimeField(null=True, blank=True)
    finished = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = "GPU probe"
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
        return f"Probe {self.pk} ({self.get_state_display()})"

    @property
    def is_open(self) -> bool:
        return self.state in (self.State.REQUESTED, self.State.RUNNING)
