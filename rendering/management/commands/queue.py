"""Pause and resume queues."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.db.models import Count
from django.utils.translation import gettext as _

from gpu.models import Worker
from gpu.queues import pausing, topology
from rendering import history
from rendering.history.people import user_of_host
from rendering.management.console import DeskCommand, Report, UsageError
from rendering.models import HistoryEntry, Job


class Command(DeskCommand):
    help = _("Pause a queue (running jobs finish, no new ones are started), resume it, or list all queues.")

    def add_arguments(self, parser: ArgumentParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("verb", choices=["list", "pause", "resume"])
        parser.add_argument(
            "name", nargs="*", metavar="NAME", help=_("of a queue, as 'queue list' prints it")
        )

    def report(self, *, verb: str, name: list[str], **options: Any) -> Report:
        if (verb == "list") == bool(name):
            raise UsageError(
                _("Say which queues: 'queue pause NAME'.") if not name else _("'queue list' takes no name.")
            )
        known = {row["queue"]: row for row in listed()}
        if unknown := [one for one in name if one not in known]:
            raise UsageError(
                _("There is no queue {name!r}. There are: {known}.").format(
                    name=unknown[0], known=", ".join(known)
                )
            )
        changed = {one: change(verb, one) for one in name}
        rows = [row for row in listed() if not name or row["queue"] in name]
        for row in rows:
            if name:
                row["changed"] = changed[row["queue"]]
        return Report(rows, [in_words(row) for row in rows])


def change(verb: str, queue: str) -> bool:
    """Pause or resume a queue; return whether that changed anything. Raises UsageError for one that is unknown."""
    try:
        if verb == "resume":
            changed = pausing.resume(queue)
        else:
            changed = pausing.pause(queue, _("{user} at the command line").format(user=user_of_host()))
    except pausing.UnknownQueue as error:
        raise UsageError(str(error)) from error
    if changed:
        history.record(HistoryEntry.Verb(verb), [], name=_("Queue {queue}").format(queue=queue), count=1)
    return changed


def listed() -> list[dict[str, Any]]:
    """Return every queue, and those that are paused though they are gone: a fixed number of queries."""
    paused = pausing.paused()
    now = {queue.name: queue for queue in topology.current().queues}
    jobs = Job.objects.order_by().filter(state__in=Job.LIVE).values_list("queue", "state")
    counts = {(queue, state): count for queue, state, count in jobs.annotate(count=Count("id"))}
    alive = dict(Worker.objects.alive().order_by().values_list("queue").annotate(count=Count("id")))
    return [
        {
            "queue": name,
            "paused": name in paused,
            "by": paused[name].by if name in paused else None,
            "since": paused[name].since.isoformat() if name in paused else None,
            "lanes": sorted(now[name].lanes) if name in now else [],
            "workers": alive.get(name, 0),
            "waiting": counts.get((name, Job.State.QUEUED), 0),
        }
        for name in [*now, *sorted(paused.keys() - now.keys())]
    ]


def in_words(row: dict[str, Any]) -> str:
    state = (
        _("paused by {by} since {since}").format(by=row["by"], since=row["since"])
        if row["paused"]
        else _("open")
    )
    lanes = ", ".join(row["lanes"]) or _("no lane")
    return _("{queue}  {state}  ({lanes}; {workers} workers, {waiting} waiting)").format(
        queue=row["queue"], state=state, lanes=lanes, workers=row["workers"], waiting=row["waiting"]
    )
