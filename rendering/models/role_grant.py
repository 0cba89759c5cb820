"""What the house has given its groups: each permission once, so that an administrator's taking away stays."""

from __future__ import annotations

from django.db import models


class RoleGrant(models.Model):
    """One permission that one of the house's groups was given after a migration."""

    role = models.CharField(max_length=30)
    permission = models.CharField(max_length=201, help_text="app.codename")

    class Meta:
        constraints = [
            # A second gift would overrule the administrator who took the first one back.
            models.UniqueConstraint(fields=["role", "permission"], name="rolegrant_once"),
        ]

    def __str__(self) -> str:
        return f"{self.role}: {self.permission}"
