"""Approval of pictures: verdicts of people, and which pictures may leave the house."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Case, Exists, OuterRef, Q, Subquery, Value, When
from django.db.models.functions import Coalesce
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from media_assets.models import MediaAsset
from media_assets.models.batches import batches
from media_assets.models.sight import SightManager
from rendering.models.order import OrderLine


class Approval(models.TextChoices):
    """What became of a picture; one that nobody judged, and whose output types ask for nothing, has none."""

    AWAITING = "awaiting", _("Awaiting approval")
    APPROVED = "approved", _("Approved")
    REJECTED = "rejected", _("Rejected")


JUDGED = (Approval.APPROVED, Approval.REJECTED)
FREE = ("", Approval.APPROVED.value)  # these are released


class Review(models.Model):
    """One verdict about the bytes that a picture had then. The newest about its present bytes counts."""

    asset = models.ForeignKey(MediaAsset, models.CASCADE, related_name="reviews")
    produced = models.DateTimeField()  # of the asset: what is rendered again is judged again
    verdict = models.CharField(max_length=8, choices=[(one.value, one.label) for one in JUDGED])
    note = models.TextField(blank=True, max_length=2000)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+")
    when = models.DateTimeField(default=timezone.now)

    objects = SightManager["Review"]()

    class Meta:
        ordering = ["-id"]
        default_permissions = ()
        permissions = [("approve_picture", "Can approve and reject pictures")]
        constraints = [
            # Whoever renders it again has to know what was wrong.
            models.CheckConstraint(
                condition=~Q(verdict="rejected") | ~Q(note=""), name="review_rejected_has_note"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.asset}: {self.get_verdict_display()}"

    def as_dict(self) -> dict[str, Any]:
        return {
            "state": self.verdict,
            "note": self.note,
            "by": self.by.get_username() if self.by else None,
            "when": self.when.isoformat(),
        }


def with_approval(rows: Any) -> Any:
    """Annotate assets with `approval`: a value of Approval, or ""."""
    asked = OrderLine.objects.filter(
        asset=OuterRef("pk"), state=OrderLine.State.DONE, output_type__needs_approval=True
    )
    verdicts = Review.objects.filter(asset=OuterRef("pk"), produced=OuterRef("produced")).order_by("-pk")
    silent = Case(When(Exists(asked.order_by()), then=Value(Approval.AWAITING.value)), default=Value(""))
    return rows.annotate(approval=Coalesce(Subquery(verdicts.values("verdict")[:1]), silent))


def released(rows: Any) -> Any:
    """Return those of these assets that may leave the house."""
    return with_approval(rows).filter(approval__in=FREE)


def approvals_of(assets: Iterable[int]) -> dict[int, str]:
    """Return the approval of each of these assets (ids) that has one: a query for 500."""
    ids = sorted(set(assets))
    found: dict[int, str] = {}
    for some in batches(ids):
        rows = with_approval(MediaAsset.objects.filter(pk__in=some)).order_by()
        found |= {pk: state for pk, state in rows.values_list("pk", "approval") if state}
    return found


def withheld(assets: Iterable[int]) -> dict[int, str]:
    """Return why (a value of Approval) those of these assets (ids) that may not leave the house may not."""
    return {pk: state for pk, state in approvals_of(assets).items() if state not in FREE}


def awaiting() -> Any:
    """Return the delivered pictures in use that wait for a verdict, the oldest first."""
    asked = OrderLine.objects.filter(state=OrderLine.State.DONE, output_type__needs_approval=True)
    judged = Review.objects.filter(asset=OuterRef("pk"), produced=OuterRef("produced"))
    rows = MediaAsset.objects.unarchived().kept().filter(delivery_state__in=("current", "earlier"))
    rows = rows.filter(~Exists(judged), pk__in=asked.order_by().values("asset"))
    return rows.order_by("produced", "pk")
