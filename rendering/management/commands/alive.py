"""Check whether this host's workers are alive; for health checks."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _

from gpu.workers import health
from rendering.management.console import DONE, FAILED, DeskCommand, Report


class Command(DeskCommand):
    is_of_people = False
    help = _(
        "Exit with 0 if every queue that this host serves has a live worker, else with 1 and the reason."
    )
    requires_system_checks = ()

    def report(self, **options: Any) -> Report:
        complaints = health.complaints()
        served = health.served_queues()
        lines = complaints or [_("alive: {queues}").format(queues=", ".join(served))]
        document = {"alive": not complaints, "queues": served, "complaints": complaints}
        return Report(document, lines, FAILED if complaints else DONE)
