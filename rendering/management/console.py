"""Shared by the management commands: one JSON document or plain lines, and exit codes 0, 1 and 2."""

from __future__ import annotations

import json
import os
import sys
import time
from argparse import ArgumentParser
from collections.abc import Callable, Sequence
from contextlib import nullcontext, suppress
from dataclasses import dataclass, field
from typing import Any

from django.core.checks import Tags
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandParser
from django.db import DatabaseError
from django.utils.translation import gettext as _

from gpu.checks import OPERATION
from gpu.models import Worker
from gpu.queues.topology import current
from media_assets import storage
from media_assets.models import MediaAsset
from media_assets.storage import StorageError
from rendering import history
from rendering.management.backup.errors import BackupError
from rendering.models import Order, OrderLine
from rendering.orders import OrderRefused, documents

DONE, FAILED, USAGE = 0, 1, 2
SILENT_SECONDS = 10.0  # after this long without a live worker a waiting command reports it


class UsageError(Exception):
    """What was asked for can't be done as asked (unknown name, refused by policy): exit code 2."""


@dataclass
class Report:
    """The result of a command: a JSON document, the same as lines for people, and the exit code."""

    document: Any
    lines: Sequence[str] = field(default_factory=list)
    exit_code: int = DONE


class DeskCommand(BaseCommand):
    """A command that builds a Report. With --json stdout holds one JSON document and nothing else.

    `manage.py check` has all checks; those of pages and addresses would take two seconds of each command.
    """

    requires_system_checks: tuple[str, ...] = (OPERATION, Tags.files)

    def create_parser(self, prog_name: str, subcommand: str, **kwargs: Any) -> CommandParser:
        parser = super().create_parser(prog_name, subcommand, **kwargs)
        give_up = parser.error

        def error(message: str) -> None:
            if "--json" in sys.argv:
                self.print_json({"error_code": "usage", "error": message})
            give_up(message)

        parser.error = error  # type: ignore[method-assign]
        return parser

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--json", action="store_true", dest="as_json", help=_("print one JSON document"))

    is_of_people = True  # its actions are recorded for the user who runs it

    def report(self, *args: Any, **options: Any) -> Report:
        raise NotImplementedError

    def handle(self, *args: Any, **options: Any) -> None:
        command = type(self).__module__.rpartition(".")[2]
        whose = history.acting(history.on_the_command_line(command)) if self.is_of_people else nullcontext()
        try:
            with whose, storage.away_errors():
                report = self.report(**options)
        except (UsageError, OrderRefused, ValidationError) as error:
            report = self.problem("usage", error, USAGE)
        except BackupError as error:
            report = self.problem(error.code, error, USAGE if error.is_usage else FAILED)
        except StorageError as error:
            report = self.problem(error.code, error, FAILED)
        except DatabaseError as error:
            report = self.problem("database", database_words(error), FAILED)
        try:
            self.show(report, as_json=options["as_json"])
        except BrokenPipeError:
            # Whoever read has enough, as `head` has; Python would complain once more when it closes the stream.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        if report.exit_code:
            sys.exit(report.exit_code)

    def show(self, report: Report, *, as_json: bool) -> None:
        if as_json:
            self.print_json(report.document)
        else:
            for line in report.lines:
                self.stdout.write(line)
        self.stdout.flush()

    def progress(self, *, as_json: bool) -> Callable[[str], None]:
        """Return what prints a line at once, for people alone."""

        def say(words: str) -> None:
            if not as_json:
                self.stdout.write(words)
                self.stdout.flush()

        return say

    def print_json(self, document: Any) -> None:
        self.stdout.write(json.dumps(document, ensure_ascii=False, indent=2))

    def problem(self, code: str, error: object, exit_code: int) -> Report:
        message = " ".join(error.messages) if isinstance(error, ValidationError) else str(error)
        self.stderr.write(message)
        return Report({"error_code": code, "error": message}, [], exit_code)


def database_words(error: DatabaseError) -> str:
    """Return what a database that can't be used said, in one line, with the next step."""
    words = " ".join(str(error).split()).rstrip(".")
    return _(
        "{words}. Check DATABASE_URL, that the database answers, and that 'manage.py migrate' was run."
    ).format(words=words)


def row_id(text: str) -> int:
    """Return the id of a row; argparse turns the ValueError of anything else into a usage error."""
    number = int(text)
    if not 0 < number < 2**63:
        raise ValueError(text)
    return number


def number_from(least: int) -> Callable[[str], int]:
    """Return a type of argparse's for whole numbers from *least* on."""

    def number(text: str) -> int:
        if int(text) < least:
            raise ValueError(text)
        return int(text)

    return number


def wait_for(order: Order, command: BaseCommand, timeout: float = 0.0) -> None:
    """Return when every line of *order* has ended, or after *timeout* seconds (0: never); say if nobody works."""
    started = last_word = time.monotonic()
    while order.is_live:
        time.sleep(0.25)
        now = time.monotonic()
        if now - last_word > SILENT_SECONDS:
            last_word = now
            served = set(Worker.objects.alive().values_list("queue", flat=True))
            idle = [queue.name for queue in current().queues if queue.name not in served]
            if idle:
                command.stderr.write(
                    _("Waiting, but no worker serves {queues}: start 'manage.py run_workers'.").format(
                        queues=", ".join(idle)
                    )
                )
        if timeout and now - started > timeout:
            command.stderr.write(
                _("The order is not done after {timeout:g} s. It continues; see 'manage.py jobs'.").format(
                    timeout=timeout
                )
            )
            return


def order_report(order: Order, *, waited: bool) -> Report:
    """Return an order as the commands print it; waited for, a line that is not done is a failure."""
    order.refresh_from_db()
    lines = documents.lines_of(order)
    for line in lines:
        if line.asset:
            fetch(line.asset)
    good = {OrderLine.State.DONE} if waited else {OrderLine.State.DONE, *OrderLine.LIVE}
    text = [_("Order {number}").format(number=order.pk)]
    for line in lines:
        place = (
            storage.shown_path(line.asset.file)
            if line.asset
            else line.error
            or _("jobs {numbers}").format(numbers=", ".join(str(job.pk) for job in line.jobs.all()))
        )
        what = "  ".join(filter(None, (line.number, line.variant_code, line.part, line.slug)))
        text.append(f"  {what}  {line.state}  {line.source}  {place}")
    document = documents.order_document(order, lines)
    for step in document.get("steps", []):
        what = _("step {step} ({makes})").format(**step)
        text.append(f"  {step['product']}  {what}  {step['state']}  {step['reason'] or ''}".rstrip())
    is_good = all(line.state in good for line in lines) and not documents.has_failed_conversion(order)
    return Report(document, text, DONE if is_good else FAILED)


def fetch(asset: MediaAsset) -> None:
    """Let a file that is in a bucket be where the path in its document says."""
    if not asset.pruned:
        with suppress(FileNotFoundError):
            storage.fetch(asset.file)
