"""Dates as German offices write them, with two digits each, so that columns align."""

from __future__ import annotations

DATE_FORMAT = "d.m.Y"
DATETIME_FORMAT = "d.m.Y H:i"
TIME_FORMAT = "H:i"
