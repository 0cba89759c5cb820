"""Dates as ISO 8601, which is also the Chinese standard GB/T 7408; thousands apart, as in tables of figures."""

from __future__ import annotations

DATE_FORMAT = "Y-m-d"
DATETIME_FORMAT = "Y-m-d H:i"
TIME_FORMAT = "H:i"
THOUSAND_SEPARATOR = ","
NUMBER_GROUPING = 3
