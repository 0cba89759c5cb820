"""Links with which people without a log-in get one asset, or what one order has delivered."""

from __future__ import annotations

import secrets
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from media_assets.models import MediaAsset
from media_assets.models.sight import SightManager
from rendering.models.order import Order
from rendering.models.review import released


def new_key() -> str:
    """Return 16 random bytes as text: nobody finds a link by trying."""
    return secrets.token_urlsafe(16)


class ShareLink(models.Model):
    """One link: what it opens, until when, and how often it was used."""

    key = models.CharField(max_length=30, unique=True, default=new_key, editable=False)
    asset = models.ForeignKey(MediaAsset, models.CASCADE, null=True, blank=True, related_name="share_links")
    order = models.ForeignKey(Order, models.CASCADE, null=True, blank=True, related_name="share_links")
    note = models.CharField(
        max_length=200, blank=True, help_text=gettext_lazy("For whom, for what. Only colleagues see it.")
    )
    created = models.DateTimeField(default=timezone.now)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+"
    )
    expires = models.DateTimeField()
    revoked = models.DateTimeField(null=True, blank=True)
    downloads = models.PositiveIntegerField(default=0)
    last_used = models.DateTimeField(null=True, blank=True)

    objects = SightManager["ShareLink"]()

    class Meta:
        verbose_name = gettext_lazy("share link")
        verbose_name_plural = gettext_lazy("share links")
        ordering = ["-id"]
        constraints = [
            # A link that opens two things, or nothing, can't be explained to whoever revokes it.
            models.CheckConstraint(
                condition=models.Q(asset__isnull=False, order__isnull=True)
                | models.Q(asset__isnull=True, order__isnull=False),
                name="sharelink_opens_one_thing",
            ),
        ]

    def __str__(self) -> str:
        return _("Share link {number}").format(number=self.pk)

    def state_at(self, moment: datetime) -> str:
        """Return open, expired or revoked."""
        if self.revoked:
            return "revoked"
        return "open" if moment < self.expires else "expired"

    def files(self) -> models.QuerySet[MediaAsset]:
        """Return the released assets that it opens now: nothing else of a product, and no other product."""
        rows: Any = (
            MediaAsset.objects.kept().select_related("product").exclude(kind=MediaAsset.Kind.CAD_DOCUMENT)
        )
        if self.asset_id:
            found = rows.filter(pk=self.asset_id)
        else:
            lines: Any = self.order.lines.filter(state="done", asset__isnull=False) if self.order else []
            found = rows.filter(pk__in=[line.asset_id for line in lines])
        return released(found).order_by("product__number", "kind", "width", "id")  # type: ignore[no-any-return]
