"""What Prometheus reads at /metrics: the farm now, what ended in this hour, and the requests of this web server.

docs/operations.md lists every name with its labels.
"""

from __future__ import annotations

from prometheus_client import CollectorRegistry, generate_latest

from rendering.reports.metrics import requests
from rendering.reports.metrics.farm import Farm


def exposition() -> bytes:
    """Return everything in Prometheus' text format; without the database only what needs none."""
    registry = CollectorRegistry()
    requests.register(registry)
    registry.register(Farm())
    return generate_latest(registry)
