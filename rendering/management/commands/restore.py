"""Restore a backup of the database and the media."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.db import connection
from django.utils.translation import gettext as _

from rendering.management import backup
from rendering.management.backup import BackupFolder, restoring
from rendering.management.backup.manifest import Manifest
from rendering.management.commands.backup import as_document, figures
from rendering.management.console import DONE, FAILED, DeskCommand, Report, UsageError


class Command(DeskCommand):
    help = _(
        "Restore a backup into an empty installation: check every file by its SHA-256, store the files, restore the "
        "database, and bring it up to this version."
    )
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("folder", type=Path, metavar="FOLDER")
        parser.add_argument(
            "--backup", default="", metavar="NAME", help=_("the one to restore (default: the newest)")
        )
        parser.add_argument(
            "--replace",
            action="store_true",
            help=_("delete all rows of an installation that is not empty; asks before it does"),
        )
        parser.add_argument("--no-input", action="store_true", help=_("do not ask; for scripts"))
        parser.add_argument(
            "--despite-damage",
            action="store_true",
            help=_("restore what is left of a backup of which files are missing or damaged"),
        )

    def report(
        self,
        *,
        folder: Path,
        replace: bool,
        no_input: bool,
        despite_damage: bool,
        as_json: bool,
        **options: Any,
    ) -> Report:
        place = BackupFolder(folder.resolve())
        chosen = place.read(options["backup"])
        restoring.check(chosen)
        self.ask(chosen, replace=replace, no_input=no_input)
        say = self.progress(as_json=as_json)
        done = backup.restore(place, chosen, despite_damage=despite_damage, say=say)
        lines = [
            _("Backup {name} of Renderdesk {version} was restored.").format(
                name=chosen.name, version=chosen.version
            ),
            *figures(chosen),
            _("  seconds {seconds:.1f}").format(seconds=done.seconds),
            _("  copied  {count:,} files; the others were there").format(count=done.copied),
            _("  jobs    {count:,} were running and wait again").format(count=done.returned),
        ]
        wrong = dict(done.damaged) | dict(chosen.missing)
        lines += [f"  {name}  {_(why)}" for name, why in wrong.items()]
        if not chosen.has_this_key:
            lines.append(
                _(
                    "SECRET_KEY is not the one of the backup: shared addresses and second factors of that time do "
                    "not work. Set the old one, if you have it."
                )
            )
        lines.append(_("Everybody logs in again. Now start the web server and the workers."))
        document = as_document(chosen) | {
            "copied": done.copied,
            "damaged": dict(done.damaged),
            "returned_jobs": done.returned,
            "same_secret_key": chosen.has_this_key,
            "seconds": round(done.seconds, 3),
        }
        return Report(document, lines, FAILED if wrong else DONE)

    def ask(self, chosen: Manifest, *, replace: bool, no_input: bool) -> None:
        """Raise UsageError where something would be lost that nobody said may be."""
        found = restoring.content()
        if not found:
            return
        held = ", ".join(f"{count} {name}" for name, count in found.items())
        if not replace:
            raise UsageError(
                _("This installation is not empty: {held}. --replace deletes all of its rows first.").format(
                    held=held
                )
            )
        if no_input:
            return
        name = Path(str(connection.settings_dict["NAME"])).name
        self.stderr.write(
            _(
                "The database {name} will be replaced by backup {backup}. It holds {held}; all of that is lost."
            ).format(name=name, backup=chosen.name, held=held)
        )
        self.stderr.write(_("Type {name} to go on:").format(name=name))
        try:
            is_sure = input().strip() == name
        except EOFError:
            is_sure = False
        if not is_sure:
            raise UsageError(_("Nothing was changed."))
