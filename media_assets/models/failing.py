"""What may fail: a row with the error's code and details, and its text in English for programs."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _

NO_ERROR: dict[str, Any] = {"error_code": "", "error": "", "error_details": {}}
ERROR_FIELDS = tuple(NO_ERROR)


class Failing(models.Model):
    """A row that may have failed. Pages put its code and details in words; *error* is never taken apart."""

    error_code = models.CharField(_("error code"), max_length=40, blank=True)
    error = models.TextField(_("error"), blank=True)
    error_details = models.JSONField(_("error details"), default=dict, blank=True, editable=False)

    class Meta:
        abstract = True
