"""Orders: which products in which output types, and the result of each."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models.functions import Coalesce
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from media_assets.models import CadFile, MediaAsset, Product
from media_assets.models.failing import Failing
from media_assets.models.sight import SightManager, SightQuerySet
from rendering.models.job import Job
from rendering.models.keeps_words import KeepsWords
from rendering.models.output_type import OutputType
from rendering.models.variant import LONGEST, Variant
from rendering.models.workflow import Workflow, WorkflowVersion

DEFAULT_PRIORITY = 50
PRIORITIES = range(-1000, 1001)
# A thumbnail goes before the stills of its order: it takes seconds and they take minutes (docs/benchmarks.md, Routing).
THUMBNAIL_LEAD = 5

DeliverableKey = tuple[int, int, int, str]
"""The ids of a product, an output type and a variant (0: the product itself), and the key of a part ("": the whole)."""


class Order(models.Model):
    """What somebody asked for at one time."""

    class Trigger(models.TextChoices):
        OPERATOR = "operator", _("Operator")
        COMMAND = "command", _("Command")
        UPLOAD = "upload", _("Upload")
        RERENDER = "rerender", _("Re-render")
        API = "api", _("API")

    trigger = models.CharField(max_length=10, choices=Trigger, default=Trigger.OPERATOR)
    priority = models.SmallIntegerField(default=DEFAULT_PRIORITY, help_text=_("Higher goes first"))
    workflow = models.ForeignKey(Workflow, models.SET_NULL, null=True, blank=True, related_name="orders")
    workflow_version = models.ForeignKey(
        WorkflowVersion, models.PROTECT, null=True, blank=True, related_name="orders"
    )
    ordered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+"
    )
    due = models.DateField(_("due date"), null=True, blank=True, help_text=_("When it must be delivered"))
    note = models.TextField(
        blank=True, max_length=2000, help_text=_("For whom, for what: whatever colleagues should know")
    )
    paused = models.BooleanField(
        default=False, editable=False, help_text=_("Its jobs wait, unless another order needs them")
    )
    wants_email = models.BooleanField(
        _("e-mail when it finishes"), default=False, help_text=_("To the person who ordered")
    )
    # Each form that orders carries its own: sent twice, it asks before it orders again.
    form_token = models.UUIDField(null=True, editable=False, unique=True)
    created = models.DateTimeField(default=timezone.now, db_index=True)
    finished = models.DateTimeField(
        null=True, blank=True, editable=False, help_text=_("When its last line ended")
    )

    objects = SightManager["Order"]()

    class Meta:
        verbose_name = _("order")
        verbose_name_plural = _("orders")
        ordering = ["-created", "-id"]
        permissions = [
            ("prioritise_order", "Can change the priority of orders"),
            ("pause_order", "Can pause and resume orders"),
        ]
        indexes = [
            # Looked at each minute for orders that ended unseen.
            models.Index(fields=["id"], name="order_open", condition=models.Q(finished=None)),
            # Whether any order is paused is asked whenever lines get jobs.
            models.Index(fields=["id"], name="order_paused", condition=models.Q(paused=True)),
        ]

    def __str__(self) -> str:
        return gettext("Order {number}").format(number=self.pk)

    @property
    def is_live(self) -> bool:
        """Whether something of it is still to come: a line, or a step of its workflow."""
        return self.lines.live().exists() or self.steps.open().exists()

    def as_dict(self) -> dict[str, Any]:
        """Return the order as the commands print it and the API answers, without its lines."""
        if self._counts is None:
            self.count_lines([self])
        counts, self._counts = self._counts, None
        return {
            "order": self.pk,
            "trigger": self.trigger,
            "priority": self.priority,
            "paused": self.paused,
            "ordered_by": self.ordered_by.get_username() if self.ordered_by else None,
            "due": self.due.isoformat() if self.due else None,
            "note": self.note,
            "created": self.created.isoformat(),
            "finished": self.finished.isoformat() if self.finished else None,
            "counts": counts,
        }

    _counts: dict[str, int] | None = None  # for the next document

    @staticmethod
    def count_lines(orders: Sequence[Order]) -> None:
        """Count the lines of these orders by state, all in one query, for their next documents."""
        lines = OrderLine.objects.filter(order__in=orders).order_by()
        found = {order.pk: dict.fromkeys(OrderLine.State.values, 0) for order in orders}
        for order, state, count in lines.values_list("order", "state").annotate(count=models.Count("id")):
            found[order][state] = count
        for one in orders:
            one._counts = found[one.pk]


class OrderLineQuerySet(SightQuerySet["OrderLine"]):
    def live(self) -> OrderLineQuerySet:
        return self.filter(state__in=OrderLine.LIVE)

    def of_same(self) -> OrderLineQuerySet:
        """Those for the same deliverable as a line of the outer query."""
        same = self.filter(product=models.OuterRef("product"), output_type=models.OuterRef("output_type"))
        return same.alias(which=Coalesce("variant", 0)).filter(
            which=Coalesce(models.OuterRef("variant"), 0), part=models.OuterRef("part")
        )

    def newest(self) -> models.QuerySet[Any, Any]:
        """The id of the newest line of each deliverable, as {newest: id}."""
        whole = self.filter(variant_slug="").order_by()
        return (
            whole.values("product", "output_type", "variant", "part")
            .annotate(newest=models.Max("id"))
            .values("newest")
        )


class OrderLine(KeepsWords, Failing):
    """One product, or a variant or a part of it, in one output type. It waits for jobs, never runs anything itself."""

    class State(models.TextChoices):
        PENDING = "pending", _("Waiting")
        WORKING = "working", _("In progress")
        DONE = "done", _("Done")
        FAILED = "failed", _("Failed")
        CANCELED = "canceled", _("Canceled")

    class Source(models.TextChoices):
        RENDERED = "rendered", _("Rendered for this line")
        DERIVED = "derived", _("Derived from a picture that was rendered already")
        CACHED = "cached", _("Existed already")

    LIVE = (State.PENDING, State.WORKING)

    order = models.ForeignKey(Order, models.CASCADE, related_name="lines")
    product: models.ForeignKey[Product | None, Product] = models.ForeignKey(  # type: ignore[misc]
        Product, models.SET_NULL, null=True, related_name="order_lines"
    )
    output_type: models.ForeignKey[OutputType | None, OutputType] = models.ForeignKey(  # type: ignore[misc]
        OutputType, models.SET_NULL, null=True, related_name="order_lines"
    )
    cad_file: models.ForeignKey[CadFile | None, CadFile] = models.ForeignKey(  # type: ignore[misc]
        CadFile, models.SET_NULL, null=True, related_name="+", help_text=_("The product's, when ordered")
    )
    variant = models.ForeignKey(
        Variant,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="order_lines",
        help_text=_("Empty: the product itself"),
    )
    variant_slug = models.CharField(
        max_length=LONGEST,
        blank=True,
        default="",
        db_default="",
        editable=False,
        help_text=_("Of a variant that was deleted"),
    )
    part = models.CharField(
        max_length=100,
        blank=True,
        default="",
        db_default="",
        help_text=_("Key in the product's parts list. Empty: not a part of it alone"),
    )
    state = models.CharField(max_length=8, choices=State, default=State.PENDING)
    source = models.CharField(max_length=8, choices=Source, blank=True)
    recipe_key = models.CharField(max_length=64, help_text=_("Of the file that was ordered"))
    master_width = models.PositiveIntegerField(
        help_text=_("px; of the render that this line shares with others")
    )
    master_height = models.PositiveIntegerField(help_text="px")
    not_before = models.DateTimeField(
        null=True, blank=True, help_text=_("Forced: pictures made before this time are not reused")
    )
    lead = models.PositiveSmallIntegerField(
        null=True,
        blank=True,
        help_text=_("How much the priority of its jobs is above the order's; empty: by their kind"),
    )
    asset = models.ForeignKey(MediaAsset, models.SET_NULL, null=True, blank=True, related_name="order_lines")
    jobs: models.ManyToManyField[Job, models.Model] = models.ManyToManyField(
        Job, related_name="lines", blank=True
    )
    created = models.DateTimeField(default=timezone.now)
    finished = models.DateTimeField(null=True, blank=True)
    stale_since = models.DateTimeField(
        null=True, blank=True, help_text=_("When what it delivered was found to be stale; kept for webhooks")
    )

    objects = OrderLineQuerySet.as_manager()

    class Meta:
        verbose_name = _("order line")
        verbose_name_plural = _("order lines")
        ordering = ["id"]
        indexes = [
            models.Index(fields=["product", "output_type", "-id"], name="orderline_deliverable"),
            models.Index(
                fields=["id", "state"],
                name="orderline_live",
                condition=models.Q(state__in=["pending", "working"]),
            ),
            models.Index(fields=["finished"], name="orderline_done", condition=models.Q(state="done")),
        ]
        constraints = [
            # The same thing twice in one order is a slip, not a wish.
            models.UniqueConstraint(
                fields=["order", "product", "output_type", "part"],
                condition=models.Q(variant=None, variant_slug=""),
                name="orderline_once_per_order",
            ),
            models.UniqueConstraint(
                fields=["order", "product", "output_type", "variant", "part"], name="orderline_variant_once"
            ),
            models.CheckConstraint(
                condition=~models.Q(state="failed") | ~models.Q(error_code=""),
                name="orderline_failed_has_code",
            ),
            models.CheckConstraint(
                condition=~models.Q(state="done") | ~models.Q(source=""), name="orderline_done_has_source"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.named} · {self.slug}"

    @property
    def is_whole(self) -> bool:
        return super().is_whole and not self.variant_slug

    @property
    def named(self) -> str:
        """The number of the product, with the name of its variant and the key of its part."""
        return " · ".join(filter(None, (self.number, self.variant_words, self.part)))

    @property
    def variant_words(self) -> str:
        return self.variant.name if self.variant else self.variant_slug

    @property
    def variant_code(self) -> str:
        """What tables, files and programs call its variant; "" for the product itself."""
        return self.variant.slug if self.variant else self.variant_slug

    @property
    def key(self) -> DeliverableKey:
        """What was ordered, while there is all of it."""
        return self.product_id, self.output_type_id, self.variant_id or 0, self.part  # type: ignore[return-value]

    def as_dict(self) -> dict[str, Any]:
        """Return the line as the commands print it and the API answers, without its asset."""
        return {
            "id": self.pk,
            "order": self.order_id,
            "product": self.number,
            "variant": self.variant_code or None,
            "part": self.part or None,
            "output_type": self.slug,
            "state": self.state,
            "source": self.source or None,
            "jobs": sorted(job.pk for job in self.jobs.all()),
            "error_code": self.error_code or None,
            "error": self.error or None,
            "created": self.created.isoformat(),
            "finished": self.finished.isoformat() if self.finished else None,
        }
