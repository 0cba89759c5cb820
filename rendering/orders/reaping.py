"""Returns jobs of dead workers to the queue, and moves on lines and steps that nothing works for."""

from __future__ import annotations

import logging
from typing import Any

from django.db import transaction
from django.db.models import QuerySet

from rendering.models import Job, OrderLine, OrderStep
from rendering.models.errors import LeaseLost
from rendering.orders import held, lines, steps
from rendering.orders.after_job import on_job_ended
from rendering.queue import claims, moves

log = logging.getLogger("renderdesk.jobs")
EACH = 1000  # rows of a look


class Round:
    """Goes around rows, so many in each look: a look costs no more where more of them wait."""

    def __init__(self) -> None:
        self.after = 0

    def next(self, rows: QuerySet[Any]) -> list[int]:
        """Return the ids of the next of *rows*; from the first again after the last."""
        ids = list(rows.filter(pk__gt=self.after).order_by("pk").values_list("pk", flat=True)[:EACH])
        self.after = ids[-1] if len(ids) == EACH else 0
        return ids


of_lines, of_steps, of_held = Round(), Round(), Round()


def give_back_all() -> list[Job]:
    """Give back every running job and return them; the attempts do not count. For a database whose workers are gone."""
    taken = []
    for claim in claims.running():
        with transaction.atomic():
            if claim.job.cancel_requested:
                claims.cancel_running(claim)
                on_job_ended(claim.job)
            else:
                claims.release(claim)
        taken.append(claim.job)
    return taken


def reap() -> list[Job]:
    """Give back the jobs of dead workers and return them; move jobs that wait in a missing queue, wake workers again.

    A line or a step that waits though nothing works for it is moved on, whatever the reason: who ended its job was
    killed before it could look again, or on a network disk two last parts of a film did not see each other. Of many
    that wait, each look takes the next ones.
    """
    taken = []
    for claim in claims.overdue():
        try:
            with transaction.atomic():
                if claims.lose(claim):
                    on_job_ended(claim.job)
            log.warning(
                "%s was taken from a dead worker",
                claim.job,
                extra={"job": claim.job.pk, "worker": claim.attempt.worker, "outcome": claim.job.state},
            )
            taken.append(claim.job)
        except LeaseLost:
            continue
    lines.move_on(OrderLine.objects.filter(pk__in=of_lines.next(OrderLine.objects.live())))
    steps.look_at_stranded(OrderStep.objects.filter(pk__in=of_steps.next(OrderStep.objects.waiting())))
    held.look()
    moves.move()
    # Somebody may have ordered what is held in the instant of the pause.
    claims.hold_or_free(of_held.next(Job.objects.live().filter(held=True)))
    claims.pump()
    return taken
