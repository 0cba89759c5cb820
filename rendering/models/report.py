"""Who may see the reports: a permission that belongs to no table."""

from __future__ import annotations

from django.db import models


class Reports(models.Model):
    """No table and no row: Django hangs permissions on models, and reports are over many."""

    class Meta:
        managed = False
        default_permissions = ()
        permissions = [("view_reports", "Can view reports")]

    def __str__(self) -> str:
        return "Reports"
