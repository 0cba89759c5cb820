"""What a person has chosen to see of the deliverables: columns, states and a search, under a name."""

from __future__ import annotations

from django.conf import settings
from django.db import models


class DeliverablesView(models.Model):
    """A named choice of one person. No columns or no states: all of them."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="deliverables_views")
    name = models.CharField(max_length=60)
    query = models.CharField(max_length=200, blank=True)
    states = models.JSONField(default=list, blank=True)
    columns = models.JSONField(default=list, blank=True)  # ids of output types

    class Meta:
        ordering = ["name"]
        default_permissions = ()
        constraints = [
            # Saving under a known name replaces what it stood for.
            models.UniqueConstraint(fields=["user", "name"], name="deliverablesview_one_per_name"),
        ]

    def __str__(self) -> str:
        return self.name
