"""Dates as ISO 8601 writes them: short, sortable, the same for readers of every country."""

from __future__ import annotations

DATE_FORMAT = "Y-m-d"
DATETIME_FORMAT = "Y-m-d H:i"
TIME_FORMAT = "H:i"
