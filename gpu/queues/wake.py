"""Waking workers. A message only says "look for work"; the work itself is in the database.

Everything that Renderdesk asks of its task queue goes through `wake`, so that the queue can be replaced.
"""

from __future__ import annotations

from collections.abc import Iterable

from django.conf import settings
from django.db.models import Count
from django.utils import timezone
from django_q.models import OrmQ
from django_q.tasks import async_task


def wake(*queues: str) -> None:
    """Send each queue one message. Inside a transaction it is part of it: gone on rollback, invisible before commit.

    It has no time limit in the queue (-1): the run loop enforces the limits of a render.
    """
    for queue in queues:
        async_task(
            settings.WORK_TASK,
            queue,
            q_options={"cluster": queue, "timeout": -1, "save": False, "ack_failure": True},
        )


def call(task: str) -> None:
    """Have the control cluster call *task* (a dotted name, no arguments) soon; inside a transaction as `wake` is."""
    options = {"cluster": settings.CONTROL_QUEUE, "save": False, "ack_failure": True}
    async_task(task, q_options=options)


def waiting_messages(queues: Iterable[str]) -> dict[str, int]:
    """Return how many messages of each queue nobody has taken yet.

    Taken ones do not count: those of a cluster that died stay locked for minutes, and wake nobody.
    """
    rows = OrmQ.objects.filter(key__in=list(queues), lock__lte=timezone.now())
    return dict(rows.values_list("key").annotate(count=Count("id")))


def has_messages() -> bool:
    """Whether the broker holds any message. Raises DatabaseError where it can't be asked."""
    return bool(OrmQ.objects.exists())
