"""Returns jobs of dead workers to the queue and updates their lines."""

from __future__ import annotations

from django.db import transaction

from rendering.models import Job
from rendering.models.errors import LeaseLost
from rendering.orders import films, steps
from rendering.orders.after_job import on_job_ended
from rendering.orders.lines import advance
from rendering.queue import claims, moves


def reap() -> list[Job]:
    """Give back the jobs of dead workers and return them; move jobs that wait in a missing queue, wake workers again.

    Lines of films that wait for nobody are looked at again: on a network disk two last parts may not see each other.
    """
    taken = []
    for claim in claims.overdue():
        try:
            with transaction.atomic():
                if claims.lose(claim):
                    on_job_ended(claim.job)
            taken.append(claim.job)
        except LeaseLost:
            continue
    for line in films.stranded():
        with transaction.atomic():
            advance(line)
    steps.look_at_stranded()
    moves.move()
    claims.look_at_held()
    claims.pump()
    return taken
