"""Jobs without a worker: it is dead, or the message that wakes one was lost."""

from __future__ import annotations

from datetime import timedelta

from django.db.models.functions import Now

from blender_scripts.children import process
from gpu.queues.topology import Lane
from rendering.models import Job
from rendering.queue import dispatch, retry
from rendering.queue.claims.holding import Claim, lease_end

SLACK = timedelta(seconds=5)


def overdue() -> list[Claim]:
    """Return the running jobs whose lease ran out or whose worker is known to be dead on this host."""
    late = set(Job.objects.running().filter(lease_until__lt=Now()).values_list("pk", flat=True))
    return [one for one in running() if one.job.pk in late or process.is_known_dead(one.job.worker)]


def running() -> list[Claim]:
    """Return all running jobs, as their workers have them."""
    claims = []
    for job in Job.objects.running():
        attempt = job.attempts.last()
        if job.lease_token and attempt:
            claims.append(Claim(job, job.lease_token, attempt))
    return claims


def bring_back() -> int:
    """Bring back what a clock of the database that was ahead has put off; return for how many jobs.

    Else leases of dead workers, pauses and looks at held jobs would last until that time comes.
    """
    running, waiting = Job.objects.running(), Job.objects.waiting()
    far = {"lease": lease_end() + SLACK, "pause": Now() + retry.LONGEST_PAUSE + SLACK, "look": Now() + SLACK}
    return (
        running.filter(lease_until__gt=far["lease"]).update(lease_until=lease_end())
        + waiting.filter(held_since=None, not_before__gt=far["pause"]).update(not_before=Now())
        + waiting.filter(held_since__gt=far["look"]).update(held_since=Now(), not_before=Now())
    )


def pump() -> int:
    """Wake workers for waiting jobs whose message may be lost; return for how many lanes."""
    old = Job.objects.ready().filter(queued__lt=Now() - timedelta(seconds=2))
    ripe = Job.objects.later().filter(not_before__lte=Now(), held=False)
    lanes = [
        lane for lane in sorted(Lane) if old.filter(lane=lane).exists() or ripe.filter(lane=lane).exists()
    ]
    for lane in lanes:
        dispatch.wake_silent_workers(lane)
    return len(lanes)
