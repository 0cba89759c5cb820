"""Back up the database and the media of one moment."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.utils.translation import gettext as _

from rendering.management import backup
from rendering.management.backup import BackupFolder
from rendering.management.backup.manifest import KEEP, Manifest
from rendering.management.console import DONE, FAILED, DeskCommand, Report, number_from


class Command(DeskCommand):
    help = _(
        "Back up the database and the media of one moment into a folder, while everything runs. A second backup into "
        "the same folder copies only what is new."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("folder", type=Path, metavar="FOLDER")
        parser.add_argument(
            "--keep",
            type=number_from(1),
            default=0,
            metavar="N",
            help=_("then delete all but the newest N backups (default: keep all)"),
        )
        parser.add_argument(
            "--verify",
            action="store_true",
            help=_("make no backup, but compare every file of one with its SHA-256"),
        )
        parser.add_argument(
            "--backup", default="", metavar="NAME", help=_("the one to verify (default: the newest)")
        )

    def report(self, *, folder: Path, keep: int, verify: bool, as_json: bool, **options: Any) -> Report:
        place = BackupFolder(folder.resolve())
        if verify:
            return self.verified(place, place.read(options["backup"]))
        made = backup.back_up(place, keep=keep, say=self.progress(as_json=as_json))
        done = made.manifest
        lines = [
            _("Backup {name} in {folder}").format(name=done.name, folder=place.path),
            *figures(done),
            _("  copied  {count} files, {megabytes:.1f} MB").format(
                count=made.copied, megabytes=made.copied_bytes / 1e6
            ),
            *(_("  deleted  {name}").format(name=name) for name in made.dropped),
            _("Not in it, keep it yourself: {names} and the rest of the environment (.env).").format(
                names=", ".join(KEEP)
            ),
        ]
        if done.missing:
            lines += [
                _("{count} files that the database names can't be backed up:").format(
                    count=len(done.missing)
                ),
                *(f"  {name}  {_(why)}" for name, why in done.missing.items()),
                _("Restore them from an earlier backup, or order the pictures again. No backup was deleted."),
            ]
        document = as_document(done) | {"copied": made.copied, "copied_bytes": made.copied_bytes}
        return Report(document | {"deleted": list(made.dropped)}, lines, FAILED if done.missing else DONE)

    def verified(self, place: BackupFolder, chosen: Manifest) -> Report:
        wrong = backup.verify(place, chosen)
        state = (
            _("{count} files are missing or damaged:").format(count=len(wrong))
            if wrong
            else _("It is whole.")
        )
        lines = [
            _("Backup {name} in {folder}").format(name=chosen.name, folder=place.path),
            *figures(chosen),
            state,
            *(f"  {name}  {_(why)}" for name, why in wrong.items()),
        ]
        return Report(as_document(chosen) | {"wrong": dict(wrong)}, lines, FAILED if wrong else DONE)


def figures(of: Manifest) -> list[str]:
    """Return what a backup holds, a line for each figure."""
    return [
        _("  rows    {count:,}").format(count=sum(of.rows.values())),
        _("  files   {count:,}").format(count=len(of.files)),
        _("  bytes   {count:,}").format(count=of.bytes),
    ]


def as_document(of: Manifest) -> dict[str, Any]:
    """Return a backup as the commands print it."""
    return {
        "backup": of.name,
        "created": of.created.isoformat(),
        "version": of.version,
        "database": of.vendor,
        "rows": sum(of.rows.values()),
        "files": len(of.files),
        "bytes": of.bytes,
        "missing": dict(of.missing),
    }
