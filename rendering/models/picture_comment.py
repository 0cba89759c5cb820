"""What people say about a picture, and about which place in it."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from media_assets.models import MediaAsset
from media_assets.models.sight import SightManager


class PictureComment(models.Model):
    """One comment on the bytes that a picture had then; *x* and *y* are fractions of its size, from the upper left."""

    asset = models.ForeignKey(MediaAsset, models.CASCADE, related_name="comments")
    produced = models.DateTimeField()  # of the asset when it was looked at
    x = models.FloatField(null=True, blank=True)
    y = models.FloatField(null=True, blank=True)
    text = models.TextField(max_length=2000)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+")
    when = models.DateTimeField(default=timezone.now)
    resolved = models.DateTimeField(null=True, blank=True)
    resolved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+"
    )

    objects = SightManager["PictureComment"]()

    class Meta:
        ordering = ["id"]
        default_permissions = ("add",)
        constraints = [
            # Half a place can't be shown, and one outside is in no picture.
            models.CheckConstraint(
                condition=Q(x=None, y=None) | Q(x__gte=0, x__lte=1, y__gte=0, y__lte=1),
                name="picturecomment_place_is_whole_and_inside",
            ),
        ]

    def __str__(self) -> str:
        return _("Comment {number}").format(number=self.pk)

    def as_dict(self) -> dict[str, Any]:
        return {
            "id": self.pk,
            "text": self.text,
            "x": self.x,
            "y": self.y,
            "by": self.by.get_username() if self.by else None,
            "when": self.when.isoformat(),
            "resolved": self.resolved.isoformat() if self.resolved else None,
        }
