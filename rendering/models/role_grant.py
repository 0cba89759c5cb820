"""Permissions that migrations granted to groups: each once, so that an administrator can remove them for good."""

from __future__ import annotations

from django.db import models


class RoleGrant(models.Model):
    """One permission that one of the built-in groups got after a migration."""

    role = models.CharField(max_length=30)
    permission = models.CharField(max_length=201, help_text="app.codename")

    class Meta:
        constraints = [
            # Granting it twice would overrule an administrator who removed it.
            models.UniqueConstraint(fields=["role", "permission"], name="rolegrant_once"),
        ]

    def __str__(self) -> str:
        return f"{self.role}: {self.permission}"
