"""Check the installation."""

from __future__ import annotations

from argparse import ArgumentParser
from collections.abc import Iterator
from typing import Any

from django.utils.translation import gettext as _

from rendering.management import doctor
from rendering.management import serving as of_service
from rendering.management.console import DONE, FAILED, DeskCommand, Report, UsageError, number_from


class Command(DeskCommand):
    help = _("Look at Blender, OpenCASCADE, database, storage, disk, queues, workers and the GPU policy.")
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        super().add_arguments(parser)
        parser.add_argument(
            "--serving",
            action="store_true",
            help=_(
                "look only at whether workers serve each lane and how long jobs wait; exit with 1 where not"
            ),
        )
        parser.add_argument(
            "--oldest",
            type=number_from(1),
            metavar="MINUTES",
            help=_("with --serving: how long a job may wait (default {minutes})").format(
                minutes=of_service.OLDEST_MINUTES
            ),
        )

    def report(self, *, as_json: bool, serving: bool, oldest: int | None, **options: Any) -> Report:
        if oldest and not serving:
            raise UsageError(_("--oldest belongs to --serving."))
        findings = []
        for finding in looked_at(serving=serving, oldest=oldest):
            findings.append(finding)
            if not as_json:
                hint = f"  -> {finding.hint}" if finding.hint else ""
                self.stdout.write(f"{finding.state:<5} {finding.name}: {finding.detail}{hint}")
                self.stdout.flush()
        failed = any(finding.state == doctor.FAIL for finding in findings)
        return Report([finding.as_dict() for finding in findings], [], FAILED if failed else DONE)


def looked_at(*, serving: bool, oldest: int | None) -> Iterator[doctor.Diagnosis]:
    return of_service.examine(oldest or of_service.OLDEST_MINUTES) if serving else doctor.examine()
