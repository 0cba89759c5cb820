"""Say what a file is: whether it was delivered here, whether it was changed, whether it is still current."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.utils.translation import gettext as _

from rendering.delivery.verifying import origin
from rendering.delivery.verifying.origin import Status
from rendering.management.console import DONE, FAILED, DeskCommand, Report, UsageError


class Command(DeskCommand):
    help = _("Say what a file is, whether it was changed, and whether it is still current.")

    def add_arguments(self, parser: ArgumentParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("file", type=Path)

    def report(self, *, file: Path, **options: Any) -> Report:
        try:
            found = origin.of_file(file)
        except OSError as error:
            raise UsageError(
                _("{path} can't be read: {reason}.").format(path=file, reason=error.strerror)
            ) from error
        document = found.as_dict()
        lines = [found.words, *(f"{key}: {value}" for key, value in document.items() if value is not None)]
        return Report(document, lines, DONE if found.status == Status.UNCHANGED else FAILED)
