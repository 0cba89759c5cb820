"""Paused queues: their workers stay alive and can be woken, but claim nothing until the queue is resumed."""

from __future__ import annotations

from django.db import transaction
from django.utils.translation import gettext as _

from gpu.models import QueuePause
from gpu.queues import topology, wake


class UnknownQueue(ValueError):
    """There is no queue of this name; the message names those there are."""


def paused() -> dict[str, QueuePause]:
    """Return the pause of each paused queue, by the queue's name: one query."""
    return {row.queue: row for row in QueuePause.objects.all()}


def pause(queue: str, by: str) -> bool:
    """Let the workers of *queue* claim nothing new; return whether it was not paused before. Raises UnknownQueue.

    Running jobs finish. Other queues that serve the same lane take the waiting jobs.
    """
    known = [one.name for one in topology.current().queues]
    if queue not in known:
        raise UnknownQueue(
            _("There is no queue '%(queue)s'. Queues: %(known)s.")
            % {"queue": queue, "known": ", ".join(known)}
        )
    return QueuePause.objects.get_or_create(queue=queue, defaults={"by": by[:200]})[1]


def resume(queue: str) -> bool:
    """Let the workers of *queue* claim again, and wake them; return whether it was paused.

    A missing queue can be resumed as well: its GPU may come back.
    """
    with transaction.atomic():
        count = QueuePause.objects.filter(queue=queue).delete()[0]
        if count:
            for one in topology.current().queues:
                if one.name == queue:
                    wake.wake(*[queue] * one.workers)
    return bool(count)
