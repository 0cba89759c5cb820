"""Start and supervise the clusters of this host."""

from __future__ import annotations

import time
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError

from gpu import process, topology
from gpu.supervisor import AlreadyRunning, Supervisor
from rendering import orders
from rendering.console import database_words

REAP_SECONDS = 2.0


class Command(BaseCommand):
    help = "Run this host's workers until SIGTERM or Ctrl-C: one cluster per GPU, one for the CPU, one for schedules."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--queue", nargs="+", default=[], metavar="NAME", help="only these queues")
        parser.add_argument(
            "--drain-seconds",
            type=float,
            default=30.0,
            help="at the end, give running jobs this long before they go back to the queue (default %(default)s)",
        )

    def handle(self, *, queue: list[str], drain_seconds: float, **options: Any) -> None:
        try:
            specs = topology.current().of_host(process.HOST)
        except DatabaseError as error:
            raise CommandError(database_words(error)) from error
        unknown = set(queue) - {spec.name for spec in specs}
        if unknown:
            names = ", ".join(spec.name for spec in specs)
            raise CommandError(
                f"This host has no queue {', '.join(sorted(unknown))}. It has: {names}.", returncode=2
            )
        chosen = [spec for spec in specs if not queue or spec.name in queue]
        try:
            Supervisor(chosen, Housekeeping(), drain_seconds=drain_seconds).run()
        except AlreadyRunning as error:
            raise CommandError(str(error), returncode=2) from error


class Housekeeping:
    """Reap at a steady pace, however often the supervisor looks around."""

    def __init__(self) -> None:
        self.next_time = 0.0

    def __call__(self) -> None:
        if time.monotonic() >= self.next_time:
            self.next_time = time.monotonic() + REAP_SECONDS
            orders.reap()
