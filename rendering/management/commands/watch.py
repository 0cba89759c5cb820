"""Take in the CAD files that appear in a folder, until it is told to stop."""

from __future__ import annotations

import signal
import threading
from argparse import ArgumentParser
from functools import partial
from pathlib import Path
from typing import Any

from django.db import DatabaseError, close_old_connections
from django.utils.text import get_text_list
from django.utils.translation import gettext as _

from gpu.models import SystemSettings
from media_assets.cad.contract import Reading
from media_assets.formats import cad
from media_assets.ingest import receive, watching
from media_assets.ingest.belonging import belong
from media_assets.ingest.receive import Arrival
from media_assets.ingest.watching import FolderInUse, Watched, Watcher
from media_assets.models import CadFile, Product
from media_assets.models.grouping import GROUP_NAME
from rendering import history
from rendering.management.commands.import_cad import describe
from rendering.management.console import DONE, FAILED, DeskCommand, Report, UsageError, database_words

PATIENCE = 15.0  # seconds until the next look while the database is away


class Command(DeskCommand):
    help = _(
        "Take in what is dropped into FOLDER. Files go to FOLDER/taken, or to FOLDER/refused with the reason as a text."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("folder", type=Path, metavar="FOLDER")
        parser.add_argument(
            "--every", type=float, default=5.0, metavar="SECONDS", help=_("between two looks (5)")
        )
        parser.add_argument(
            "--settle",
            type=float,
            default=10.0,
            metavar="SECONDS",
            help=_("how long a file must not have changed before it is taken (10)"),
        )
        parser.add_argument("--once", action="store_true", help=_("stop when nothing is left, as for cron"))
        parser.add_argument(
            "--revise",
            action="store_true",
            help=_("a file that is named as a product's number becomes its new revision"),
        )
        parser.add_argument(
            "--unit",
            default="",
            choices=CadFile.Unit.values,
            help=_("length unit of {formats} files").format(
                formats=get_text_list(cad.without_unit(), _("and"))
            ),
        )
        parser.add_argument(
            "--look-first",
            action="store_true",
            help=_("render nothing by itself until somebody has looked at how the file was read"),
        )
        parser.add_argument("--customer", default="", help=_("of the new products"))
        parser.add_argument("--collection", default="", help=_("of the new products"))
        parser.add_argument(
            "--tag", action="append", default=[], help=_("of the new products; repeat for more")
        )

    def report(self, *, folder: Path, every: float, once: bool, **options: Any) -> Report:
        if not folder.is_dir():
            raise UsageError(_("There is no folder {folder}.").format(folder=folder))
        if every <= 0 or options["settle"] < 0:
            raise UsageError(_("--every and --settle are seconds: above 0, and 0 or more."))
        for name in filter(None, (options["customer"], options["collection"], *options["tag"])):
            GROUP_NAME(name)
        stop = threading.Event()
        handlers: dict[int, Any] = {one: lambda *_: stop.set() for one in (signal.SIGTERM, signal.SIGINT)}
        handlers[signal.SIGIO] = (
            signal.SIG_IGN
        )  # what the kernel tells who asks whether a file is being written
        before = {number: signal.signal(number, handler) for number, handler in handlers.items()}
        say = self.progress(as_json=options["as_json"])
        watcher = Watcher(folder, partial(take, options=options), options["settle"])
        found: list[Watched] = []
        try:
            with watching.alone(folder):
                say(_("Watching {folder}.").format(folder=folder))
                while not stop.is_set():
                    pause = self._look(watcher, found, say, stop, patient=not once)
                    if once and not set(watcher.seen) - {one.name for one in found if one.is_waiting}:
                        break
                    if not once:
                        found.clear()  # said already; it runs for months
                    stop.wait(pause or every)
        except FolderInUse as error:
            raise UsageError(str(error)) from error
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)
        bad = any(one.reason for one in found)
        return Report([one.as_dict() for one in found], [], FAILED if bad else DONE)

    def _look(
        self, watcher: Watcher, found: list[Watched], say: Any, stop: threading.Event, *, patient: bool
    ) -> float:
        """Look once and say what was found; return how many seconds to wait, 0: as usual.

        *patient*: also where the database or the folder is away.
        """
        try:
            for one in watcher.look():
                found.append(one)
                for line in words(one):
                    say(line)
                if stop.is_set():
                    break
        except (DatabaseError, OSError) as error:
            if not patient:
                raise
            self.stderr.write(database_words(error) if isinstance(error, DatabaseError) else str(error))
            close_old_connections()
            return PATIENCE
        return 0.0


def take(source: Path, name: str, *, options: dict[str, Any]) -> list[Arrival]:
    """Take in one file and put new products where the options say."""
    row = SystemSettings.load()
    stem = receive.number_from(name)
    is_known = options["revise"] and Product.objects.filter(number=stem).exists()
    with history.acting(history.on_the_command_line("watch")):
        arrivals = receive.receive_all(
            source,
            name,
            number=stem if is_known else "",
            reading=Reading(unit=options["unit"]),
            look_first=options["look_first"],
            asks=True,
            max_bytes=row.upload_max_mb * 1_000_000,
            floor_bytes=row.disk_floor_mb * 1_000_000,
        )
        for one in arrivals:
            if one.product and not one.duplicate and one.product.revisions <= 1:
                named = {name: options[name] or None for name in ("customer", "collection")}
                belong(one.product, **named, tags=options["tag"] or None)
    return arrivals


def words(one: Watched) -> list[str]:
    if one.is_waiting:
        return [_("{name}: waiting: {reason}").format(name=one.shown, reason=one.reason)]
    if one.reason:
        return [_("{name}: refused: {reason}").format(name=one.shown, reason=one.reason)]
    return [describe(arrival) for arrival in one.arrivals]
