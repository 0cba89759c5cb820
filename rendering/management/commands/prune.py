"""Delete what the rules of the system settings let go, or show it."""

from __future__ import annotations

from argparse import ArgumentParser
from collections.abc import Mapping, Sequence
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from rendering import history
from rendering.farm import pruning
from rendering.farm.pruning import Going, Total
from rendering.management.console import DONE, FAILED, DeskCommand, Report
from rendering.models import HistoryEntry
from rendering.queue import leftovers
from rendering.reports.table import duration, size


class Command(DeskCommand):
    help = _("Delete superseded pictures, intermediates and old rows by the rules of the system settings.")

    def add_arguments(self, parser: ArgumentParser) -> None:
        super().add_arguments(parser)
        parser.add_argument(
            "--dry-run", action="store_true", help=_("show what would be deleted, and delete nothing")
        )

    def report(self, *, dry_run: bool, **options: Any) -> Report:
        before = pruning.make_plan()
        if dry_run:
            files = sorted([*before.going, *pruning.lost()], key=lambda one: one.order)
            document = describe(before.totals, files, leftovers.counted())
            return Report(
                {"dry_run": True, **document, "has_more": before.has_more}, in_words(document, True)
            )
        outcome, gone = pruning.run("prune")
        document = describe(before.totals, gone, outcome.rows)
        if gone:
            words = ngettext(
                "%(count)d file deleted, %(size)s.", "%(count)d files deleted, %(size)s.", len(gone)
            )
            words %= {"count": len(gone), "size": size(outcome.all_bytes)}
            history.record(HistoryEntry.Verb.OTHER, [], name=_("Storage"), count=len(gone), words=words)
        if outcome.trouble:
            self.stderr.write(_("Pruning stopped early: {trouble}.").format(trouble=outcome.trouble))
        document |= {"trouble": outcome.trouble or None}
        return Report(
            {"dry_run": False, **document}, in_words(document, False), FAILED if outcome.trouble else DONE
        )


def describe(totals: Mapping[str, Total], files: Sequence[Going], rows: Mapping[str, int]) -> dict[str, Any]:
    """Return what went or would go as JSON values: the state before it by rule, each file, the sums, the rows."""
    return {
        "rules": {name: total.to_json() for name, total in totals.items()},
        "files": [one.to_json() for one in files],
        "bytes": sum(one.bytes for one in files),
        "seconds": round(sum(one.seconds or 0.0 for one in files), 3),
        "rows": dict(rows),
    }


def in_words(document: Mapping[str, Any], dry_run: bool) -> list[str]:
    """Return the same as lines for people."""
    lines = [
        "{cost:>10}  {size:>8}  {last_used}  {what}  {words}".format(
            cost="?" if one["seconds"] is None else duration(one["seconds"]),
            size=size(one["bytes"]),
            last_used=one["last_used"][:10],
            what=" ".join(filter(None, (one["kind"] or one["rule"], one["product"], one["name"]))),
            words=one["words"],
        )
        for one in document["files"]
    ]
    count = len(document["files"])
    said = (
        ngettext("{count} file would be deleted, {size}.", "{count} files would be deleted, {size}.", count)
        if dry_run
        else ngettext("{count} file deleted, {size}.", "{count} files deleted, {size}.", count)
    )
    lines.append(said.format(count=count, size=size(document["bytes"])))
    lines.append(_("To make all again: {time}.").format(time=duration(document["seconds"])))
    lines += [f"{name}: {number}" for name, number in document["rows"].items()]
    return lines
