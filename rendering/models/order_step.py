"""The result of each step of a workflow for each product of an order."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from media_assets.models import CadFile, Product
from media_assets.models.sight import SightQuerySet
from rendering.models.job import Job
from rendering.models.order import Order, OrderLine
from rendering.models.sentence import Sentence

NO_REASON: dict[str, Any] = {"reason": "", "reason_values": {}}


def reason_of(reason: str, values: Mapping[str, Any]) -> str:
    """Return the reason of a step in the reader's words; steps of earlier releases have their text alone."""
    return str(Sentence.from_json(values)) if values else reason


class OrderStepQuerySet(SightQuerySet["OrderStep"]):
    def waiting(self) -> OrderStepQuerySet:
        return self.filter(state=OrderStep.State.WAITING)

    def open(self) -> OrderStepQuerySet:
        """Those for which something is still to come that is no line of the order."""
        is_converting = Q(state=OrderStep.State.ORDERED, job__state__in=Job.LIVE)
        return self.filter(Q(state=OrderStep.State.WAITING) | is_converting)


class OrderStep(models.Model):
    """One step for one product: ordered, skipped with its reason, or waiting for what it depends on."""

    class State(models.TextChoices):
        WAITING = "waiting", _("Waiting")
        ORDERED = "ordered", _("Ordered")
        SKIPPED = "skipped", _("Skipped")
        CANCELED = "canceled", _("Canceled")

    class Cause(models.TextChoices):
        """Why it was skipped, as far as trying again may change it."""

        CONDITION = "condition", _("Its condition is not met")
        EARLIER = "earlier", _("An earlier step failed or was skipped")
        CAD = "cad", _("The CAD file can't be read")
        SWITCHED_OFF = "off", _("Its output type can't be ordered")

    order = models.ForeignKey(Order, models.CASCADE, related_name="steps")
    product = models.ForeignKey(Product, models.CASCADE, related_name="+")
    cad_file = models.ForeignKey(CadFile, models.CASCADE, related_name="+")
    number = models.PositiveSmallIntegerField(help_text=_("Of the step in the workflow's version, from 1"))
    is_first = models.BooleanField(help_text=_("The CAD file was the product's first"))
    force = models.BooleanField(default=False, help_text=_("Made again even if it exists"))
    state = models.CharField(max_length=8, choices=State, default=State.WAITING)
    cause = models.CharField(max_length=9, choices=Cause, blank=True)
    reason = models.TextField(blank=True, help_text=_("Why it was skipped, or what it waits for"))
    reason_values = models.JSONField(
        default=dict, db_default={}
    )  # the same for people; the text is for programs
    line = models.ForeignKey(OrderLine, models.SET_NULL, null=True, blank=True, related_name="steps")
    job = models.ForeignKey(
        Job,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="steps",
        help_text=_("The conversion that it ordered or waits for"),
    )
    created = models.DateTimeField(default=timezone.now)

    objects = OrderStepQuerySet.as_manager()

    class Meta:
        ordering = ["order", "product", "number"]
        default_permissions = ()
        indexes = [
            # Looked for whenever a job ends; hardly ever any.
            models.Index(fields=["cad_file"], name="orderstep_waiting", condition=Q(state="waiting")),
        ]
        constraints = [
            models.UniqueConstraint(fields=["order", "product", "number"], name="orderstep_once"),
            # A step that did nothing says why.
            models.CheckConstraint(
                condition=~Q(state="skipped") | (~Q(reason="") & ~Q(cause="")),
                name="orderstep_skipped_says_why",
            ),
        ]

    def __str__(self) -> str:
        return gettext("{order}, {product}, step {number}").format(
            order=self.order, product=self.product.number, number=self.number
        )

    def note_reason(self, reason: Sentence | None) -> None:
        """Set the reason, not in the database."""
        self.reason = reason.for_programs if reason else ""
        self.reason_values = reason.to_json() if reason else {}
