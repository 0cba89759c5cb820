"""Copy the media between the folder and the bucket, or compare every file with its SHA-256 after that."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.utils.translation import gettext as _

from media_assets import storage
from media_assets.storage import MediaMove, Moved
from rendering.management.backup import contents
from rendering.management.console import DONE, FAILED, DeskCommand, Report, UsageError

SHOWN = 20  # of what is wrong


class Command(DeskCommand):
    help = _(
        "Copy all media from MEDIA_ROOT into the bucket of MEDIA_STORAGE_URL, or back. Nothing is deleted. After an "
        "interruption, start it again to copy the rest."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("to", choices=["bucket", "folder"])
        parser.add_argument(
            "--verify",
            action="store_true",
            help=_("copy nothing, but read every file there and compare it with its SHA-256"),
        )

    def report(self, *, to: str, verify: bool, as_json: bool, **options: Any) -> Report:
        if not storage.is_bucket():
            raise UsageError(
                _("Set MEDIA_STORAGE_URL for this command: s3://KEY:SECRET@BUCKET/PREFIX?endpoint=ADDRESS.")
            )
        if to == "bucket" and (trouble := storage.media_trouble()):
            raise storage.StorageAway(storage.media_place(), trouble)
        move, say = MediaMove(to == "bucket"), self.progress(as_json=as_json)
        names = contents.named_files("default")

        def tick(done: Moved) -> None:
            count = done.copied + done.there + len(done.wrong)
            say(_("{count} of {total} files").format(count=count, total=len(names)))

        done = (move.verify if verify else move.copy)(names, tick)
        kept = contents.named_files("default").keys()  # others were deleted meanwhile
        wrong = {name: why for name, why in done.wrong.items() if name in kept}
        document = {
            "to": move.place,
            "verified": verify,
            "copied": done.copied,
            "copied_bytes": done.bytes,
            "there": done.there,
            "wrong": wrong,
        }
        return Report(document, _lines(move.place, done, wrong, verify), FAILED if wrong else DONE)


def _lines(place: str, done: Moved, wrong: dict[str, str], verify: bool) -> list[str]:
    if verify:
        lines = [_("{count} files in {place} are whole.").format(count=done.there, place=place)]
    else:
        lines = [
            _("{count} files, {megabytes:.1f} MB copied to {place}; {there} were there.").format(
                count=done.copied, megabytes=done.bytes / 1e6, place=place, there=done.there
            )
        ]
    if wrong:
        lines.append(_("{count} files are missing or damaged:").format(count=len(wrong)))
        lines += [f"  {name}  {_(why)}" for name, why in sorted(wrong.items())[:SHOWN]]
        if len(wrong) > SHOWN:
            lines.append(_("  and {count} more").format(count=len(wrong) - SHOWN))
    return lines
