"""Waking workers. A message only says "look for work"; the work itself is in the database.

Everything that Renderdesk asks of its task queue goes through here, so that the queue can be replaced.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.conf import settings
from django_q.brokers import get_broker
from django_q.tasks import async_task


def wake(*queues: str) -> None:
    """Send each queue one message. Inside a transaction it is part of it: gone on rollback, sent on commit.

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
    """Return how many messages of each queue nobody has taken yet, where there are any."""
    found: dict[str, int] = _broker().waiting(list(queues))
    return found


def trouble() -> str:
    """Return in a sentence what keeps messages from arriving; "" when nothing does."""
    found: str = _broker().trouble()
    return found


def _broker() -> Any:
    return get_broker(settings.CONTROL_QUEUE)
