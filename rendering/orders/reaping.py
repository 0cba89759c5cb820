"""Returns jobs of dead workers to the queue, and moves on lines and steps that nothing works for."""

from __future__ import annotations

import logging

from django.db import transaction

from rendering.models import Job, OrderStep
from rendering.models.errors import LeaseLost
from rendering.orders import held, lines, steps
from rendering.orders.after_job import on_job_ended
from rendering.queue import claims, moves

log = logging.getLogger("renderdesk.jobs")


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
    killed before it could look again, or on a network disk two last parts of a film did not see each other.
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
    lines.move_on(lines.strays())
    steps.look_at_stranded(OrderStep.objects.all())
    held.look()
    moves.move()
    claims.look_at_held()
    claims.pump()
    return taken
