"""Jobs: every piece of work. Only rendering.queue.claims writes their rows."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from media_assets.models import CadFile, MediaAsset, Product
from media_assets.models.failing import Failing
from media_assets.models.sight import SightManager, SightQuerySet
from media_assets.recipes import Lookup
from rendering.models.keeps_words import KeepsWords
from rendering.models.output_type import OutputType
from rendering.models.recipe_change import RecipeChange, in_words
from rendering.models.sentence import SentenceField

# What a worker may take at once. The claim asks for it in these words, so that its indexes answer (claims/looking.py).
READY = models.Q(state="queued", held=False, held_since=None, not_before=None)


class JobQuerySet(SightQuerySet["Job"]):
    def live(self) -> JobQuerySet:
        """Queued or running."""
        return self.filter(state__in=Job.LIVE)

    def waiting(self) -> JobQuerySet:
        return self.filter(state=Job.State.QUEUED)

    def ready(self) -> JobQuerySet:
        """Queued, and nothing but a free worker is missing."""
        return self.filter(READY)

    def later(self) -> JobQuerySet:
        """Queued, but not to be claimed before a time, which may have passed."""
        return self.waiting().filter(held_since=None, not_before__isnull=False)

    def places(self) -> list[tuple[str, str]]:
        """Return each lane and queue in which something waits: a look or two for each, whatever waits."""
        found, queue = [], ""
        rows = self.waiting().order_by("queue", "lane", "queued").values_list("queue", "lane")
        while one := rows.filter(queue__gt=queue).first():
            queue, lane = one
            while one and one[0] == queue:
                lane = one[1]
                found.append((lane, queue))
                one = rows.filter(queue=queue, lane__gt=lane).first()
        return found

    def held(self) -> JobQuerySet:
        """Queued, but not claimed until something is there again that they lack."""
        return self.waiting().filter(held_since__isnull=False)

    def running(self) -> JobQuerySet:
        return self.filter(state=Job.State.RUNNING)


class Job(KeepsWords, Failing):
    """One unit of work: a conversion, a render or an encoding."""

    class Kind(models.TextChoices):
        TESSELLATE = "tessellate", _("Tessellate")
        RENDER = "render", _("Render")
        ENCODE = "encode", _("Encode")

    class State(models.TextChoices):
        QUEUED = "queued", _("Queued")
        RUNNING = "running", _("Running")
        SUCCEEDED = "succeeded", _("Succeeded")
        FAILED = "failed", _("Failed")
        CANCELED = "canceled", _("Canceled")

    LIVE = (State.QUEUED, State.RUNNING)

    kind = models.CharField(max_length=10, choices=Kind)
    state = models.CharField(max_length=9, choices=State, default=State.QUEUED)
    lane = models.CharField(max_length=10, help_text=_("The kind of work: cpu, light or heavy"))
    queue = models.CharField(max_length=60, help_text=_("The queue in which it waits"))
    priority = models.SmallIntegerField(default=50, help_text=_("Higher goes first"))
    share = models.BigIntegerField(
        default=0,
        db_default=0,
        editable=False,
        help_text=_("Jobs of one priority take turns by it: a person's id, minus an order's id, or 0"),
    )
    recipe_key = models.CharField(max_length=64)
    spec = models.JSONField(default=dict, help_text=_("What to make: the recipe and where it leads"))
    geometry_key = models.CharField(
        max_length=64, blank=True, help_text=_("Jobs of one geometry run one after the other")
    )
    cad_file: models.ForeignKey[CadFile | None, CadFile] = models.ForeignKey(  # type: ignore[misc]
        CadFile, models.SET_NULL, null=True, related_name="jobs", verbose_name=_("CAD file")
    )
    product = models.ForeignKey(Product, models.SET_NULL, null=True, blank=True, related_name="jobs")
    output_type = models.ForeignKey(OutputType, models.SET_NULL, null=True, blank=True, related_name="jobs")
    asset = models.ForeignKey(MediaAsset, models.SET_NULL, null=True, blank=True, related_name="jobs")

    attempt = models.PositiveSmallIntegerField(default=0, help_text=_("The number of times it was started"))
    max_attempts = models.PositiveSmallIntegerField(default=3)
    not_before = models.DateTimeField(
        null=True, blank=True, help_text=_("The next attempt starts after this time")
    )
    lease_token = models.UUIDField(null=True, blank=True, editable=False)
    lease_until = models.DateTimeField(null=True, blank=True, editable=False)
    worker = models.CharField(max_length=200, blank=True)
    cancel_requested = models.BooleanField(default=False)
    held = models.BooleanField(
        default=False, help_text=_("Not claimed, because every order or product that needs it is paused")
    )
    held_since = models.DateTimeField(
        null=True,
        blank=True,
        help_text=_(
            "Not claimed since then, because disk space, the storage or a file is missing: see its error"
        ),
    )

    stage = SentenceField(blank=True)
    progress = models.FloatField(default=0.0, help_text=_("0 to 1"))
    device_used = models.CharField(max_length=3, blank=True, help_text=_("GPU or CPU"))
    compute_type = models.CharField(max_length=8, blank=True, help_text=_("OPTIX, CUDA, HIP, ONEAPI or NONE"))
    device_name = models.CharField(max_length=200, blank=True)
    device_id = models.CharField(
        max_length=200, blank=True, help_text=_("Cycles' id of the device that was used")
    )
    avoid = models.TextField(
        blank=True, help_text=_("|vendor id|vendor id|: GPUs that failed it, while another one may take it")
    )
    gpu_fallback = models.BooleanField(
        default=False, help_text=_("A GPU was expected, but it ran on the CPU")
    )
    log = models.TextField(blank=True)
    seconds = models.JSONField(default=dict, help_text=_("Per stage"))
    reuse = models.JSONField(
        default=dict, help_text=_("What was looked for before making it, by name: found, or why not")
    )

    created = models.DateTimeField(default=timezone.now)
    queued = models.DateTimeField(default=timezone.now, help_text=_("When it last began to wait"))
    started = models.DateTimeField(null=True, blank=True)
    finished = models.DateTimeField(null=True, blank=True)

    objects = JobQuerySet.as_manager()

    class Meta:
        verbose_name = _("job")
        verbose_name_plural = _("jobs")
        ordering = ["-id"]
        permissions = [("cancel_job", "Can cancel jobs"), ("retry_job", "Can retry jobs")]
        indexes = [
            # The claim looks at the head of each class; what is not ready is in none of these two.
            models.Index(
                fields=["lane", "queue", "-priority", "share", "queued", "id"],
                name="job_ready",
                condition=READY,
            ),
            models.Index(
                fields=["geometry_key", "lane", "queue", "-priority", "share", "queued", "id"],
                name="job_loaded",
                condition=READY & models.Q(geometry_key__gt=""),
            ),
            models.Index(
                fields=["not_before"],
                name="job_later",
                condition=models.Q(state="queued", held_since=None, not_before__isnull=False),
            ),
            # How much waits in which queue, and since when.
            models.Index(
                fields=["queue", "lane", "queued"], name="job_place", condition=models.Q(state="queued")
            ),
            models.Index(fields=["id"], name="job_avoids", condition=models.Q(state="queued", avoid__gt="")),
            # Not the lease's end: it is written every second, in the same page as long as no index has it.
            models.Index(fields=["id"], name="job_running", condition=models.Q(state="running")),
            models.Index(fields=["state", "-id"], name="job_state"),
            models.Index(fields=["id"], name="job_held", condition=models.Q(held=True)),
            models.Index(
                fields=["error_code"], name="job_held_back", condition=models.Q(held_since__isnull=False)
            ),
            # The desk counts the last day's every few seconds; there are few, whatever the history.
            models.Index(fields=["finished"], name="job_fallback", condition=models.Q(gpu_fallback=True)),
            # The reports take a period; the desk takes what failed in the last day.
            models.Index(fields=["finished"], name="job_finished"),
            models.Index(fields=["-created"], name="job_created"),
            models.Index(fields=["recipe_key"], name="job_recipe"),
            models.Index(fields=["error_code"], name="job_error", condition=models.Q(error_code__gt="")),
        ]
        constraints = [
            # Two operators who order the same get one job.
            models.UniqueConstraint(
                fields=["kind", "recipe_key"],
                condition=models.Q(state__in=["queued", "running"]),
                name="job_one_live_per_recipe",
            ),
            # A running job without a lease would run for ever on a dead worker.
            models.CheckConstraint(
                condition=models.Q(state="running", lease_token__isnull=False, lease_until__isnull=False)
                | (~models.Q(state="running") & models.Q(lease_token__isnull=True, lease_until__isnull=True)),
                name="job_running_has_lease",
            ),
            models.CheckConstraint(
                condition=~models.Q(state="failed") | ~models.Q(error_code=""), name="job_failed_has_code"
            ),
            models.CheckConstraint(
                condition=models.Q(state__in=["queued", "running"]) | models.Q(finished__isnull=False),
                name="job_ended_has_time",
            ),
            # What is held says why, and nobody works on it.
            models.CheckConstraint(
                condition=models.Q(held_since=None) | (models.Q(state="queued") & ~models.Q(error_code="")),
                name="job_held_has_code",
            ),
            models.CheckConstraint(
                condition=models.Q(progress__gte=0.0, progress__lte=1.0), name="job_progress_in_range"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.pk}"

    @property
    def is_live(self) -> bool:
        return self.state in self.LIVE

    @property
    def reused(self) -> dict[str, str]:
        """What was found ready, in words: geometry and document, each "hit" or "miss: " and the reason."""
        return {name: str(Lookup.from_json(found)) for name, found in self.reuse.items()}

    @property
    def found_ready(self) -> dict[str, str]:
        """What was looked for before making it, for people: each reused, or made and why. Not the picture itself."""
        names = {
            "geometry": gettext("geometry"),
            "document": gettext("CAD document"),
            "render master": gettext("render master"),
        }
        lookups = {
            names[name]: Lookup.from_json(found) for name, found in self.reuse.items() if name in names
        }
        return {
            name: gettext("reused")
            if found.hit
            else gettext("made again ({fields} changed)").format(
                fields=", ".join(in_words([RecipeChange(name, {}, {}) for name in found.changed]))
            )
            if found.changed
            else gettext("made ({reason})").format(reason=found.why and gettext(found.why))
            for name, found in lookups.items()
        }

    @property
    def changes(self) -> list[str]:
        """What changed since the picture before, in the reader's words; jobs of earlier releases kept words."""
        found = self.reuse.get("picture") or {}
        return in_words([RecipeChange(*one) for one in found.get("changes", ())]) or list(
            found.get("changed", ())
        )

    @property
    def why(self) -> str:
        """Why its picture is made, in words; "" for a job that makes none."""
        why = (self.reuse.get("picture") or {}).get("why")
        return ", ".join(self.changes) or (gettext(why) if why else "")

    def as_dict(self) -> dict[str, Any]:
        """Return the job as the commands print it and the API answers."""

        def moment(value: Any) -> str | None:
            return value.isoformat() if value else None

        return {
            "id": self.pk,
            "kind": self.kind,
            "state": self.state,
            "stage": self.stage.for_programs,
            "queue": self.queue,
            "priority": self.priority,
            "attempt": self.attempt,
            "product": self.number or None,
            "output_type": self.slug or None,
            "cad_file": self.cad_file_id,
            "asset": self.asset_id,
            "device_used": self.device_used or None,
            "compute_type": self.compute_type or None,
            "device_name": self.device_name or None,
            "device_id": self.device_id or None,
            "gpu_fallback": self.gpu_fallback,
            "progress": self.progress,
            "error_code": self.error_code or None,
            "error": self.error or None,
            "held_since": moment(self.held_since),
            "created": moment(self.created),
            "started": moment(self.started),
            "finished": moment(self.finished),
            "seconds": self.seconds,
            "reused": self.reused,
        }


class Attempt(Failing):
    """One try of a job: who, where, how long, and how it ended. Kept for a while; the job shows the last one."""

    class Outcome(models.TextChoices):
        RUNNING = "running", _("Running")
        SUCCEEDED = "succeeded", _("Succeeded")
        FAILED = "failed", _("Failed")
        CANCELED = "canceled", _("Canceled")
        LOST = "lost", _("Lost: the worker died or its lease ran out")
        RELEASED = "released", _("Handed back to the queue")

    job = models.ForeignKey(Job, models.CASCADE, related_name="attempts")
    number = models.PositiveSmallIntegerField()
    worker = models.CharField(max_length=200)
    queue = models.CharField(max_length=60)
    gpu = models.CharField(max_length=100, blank=True, help_text=_("Vendor id of the worker's GPU"))
    outcome = models.CharField(max_length=9, choices=Outcome, default=Outcome.RUNNING)
    device_used = models.CharField(max_length=3, blank=True)
    device_name = models.CharField(max_length=200, blank=True)
    started = models.DateTimeField(default=timezone.now)
    finished = models.DateTimeField(null=True, blank=True)

    objects = SightManager["Attempt"]()

    class Meta:
        verbose_name = _("attempt")
        verbose_name_plural = _("attempts")
        ordering = ["job", "id"]
        indexes = [models.Index(fields=["finished"], name="attempt_finished")]

    def __str__(self) -> str:
        return gettext("{job}, attempt {number}").format(job=self.job, number=self.number)
