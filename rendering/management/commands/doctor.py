"""Check the installation."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _

from rendering.management import doctor
from rendering.management.console import DONE, FAILED, DeskCommand, Report


class Command(DeskCommand):
    help = _("Look at Blender, OpenCASCADE, database, storage, disk, queues, workers and the GPU policy.")
    requires_system_checks = []

    def report(self, *, as_json: bool, **options: Any) -> Report:
        findings = []
        for finding in doctor.examine():
            findings.append(finding)
            if not as_json:
                hint = f"  -> {finding.hint}" if finding.hint else ""
                self.stdout.write(f"{finding.state:<5} {finding.name}: {finding.detail}{hint}")
                self.stdout.flush()
        failed = any(finding.state == doctor.FAIL for finding in findings)
        return Report([finding.as_dict() for finding in findings], [], FAILED if failed else DONE)
