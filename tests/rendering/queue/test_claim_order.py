"""What is claimed next, over random queues, is what the plain rule says: a sort of all that waits, as it was before."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gpu.models import QueuePause
from gpu.queues import topology
from gpu.queues.topology import CPU_QUEUE, LIGHT_QUEUE, PRIMARY_QUEUE, Lane
from rendering.models import Job
from rendering.queue import claims, moves
from rendering.queue.claims import looking, taking
from tests.benchmarks.routing import devices

pytestmark = [pytest.mark.django_db, pytest.mark.database]

QUEUES = (PRIMARY_QUEUE, LIGHT_QUEUE, "asset_pipeline_3", CPU_QUEUE, "gone")
NOW = timezone.now()


@dataclass
class PlainWorker:
    """The rule without indexes: all that waits is sorted, for each claim anew. Turns are taken class by class."""

    queue: str
    gpu: str
    turns: dict[tuple[int, int, bool], tuple[int, int]] = field(default_factory=dict)

    def choose(self, geometry: str) -> Job | None:
        here = topology.current()
        crowd = {lane.value: len(here.takers(lane)) for lane in here.lanes(self.queue)}
        ready = [
            job
            for job in Job.objects.waiting()
            if job.lane in crowd
            and not job.held
            and job.held_since is None
            and (job.not_before is None or job.not_before <= timezone.now())
            and self.gpu not in moves.avoided(job)
            and not QueuePause.objects.filter(queue=self.queue).exists()
        ]
        if not ready:
            return None
        rank = min(self.rank(job, crowd) for job in ready)
        ready = [job for job in ready if self.rank(job, crowd) == rank]
        shares = sorted({job.share for job in ready})
        share, run = self.turns.get(rank, (self.before_first(shares), looking.RUN))
        loaded = [job for job in ready if job.share == share and geometry and job.geometry_key == geometry]
        if loaded and run < looking.RUN:
            self.turns[rank] = (loaded[0].share, run + 1)
            return min(loaded, key=self.age)
        following = next((one for one in shares if one > share), shares[0])
        self.turns[rank] = (following, 1)
        mine = [job for job in ready if job.share == following]
        return min(mine, key=lambda job: (not (geometry and job.geometry_key == geometry), *self.age(job)))

    def before_first(self, shares: list[int]) -> int:
        width = shares[-1] - shares[0] + 1
        return shares[0] - 1 + int(looking.start_of(self.queue) * width)

    def rank(self, job: Job, crowd: dict[str, int]) -> tuple[int, int, bool]:
        return -job.priority, crowd[job.lane], job.queue != self.queue

    @staticmethod
    def age(job: Job) -> tuple[Any, int]:
        return job.queued, job.pk


jobs = st.lists(
    st.fixed_dictionaries(
        {
            "lane": st.sampled_from([Lane.LIGHT, Lane.HEAVY, Lane.CPU]),
            "queue": st.sampled_from(QUEUES),
            "priority": st.sampled_from([-5, 50, 51]),
            "share": st.sampled_from([-3, 0, 0, 7]),
            "geometry_key": st.sampled_from(["", "a", "b"]),
            "queued": st.integers(-3, 0).map(lambda hours: NOW + timedelta(hours=hours)),
            "not_before": st.sampled_from([None, None, None, -1, 1]).map(
                lambda hours: hours and NOW + timedelta(hours=hours)
            ),
            "held": st.sampled_from([False, False, False, True]),
            "held_since": st.sampled_from([None, None, None, NOW]),
            "avoid": st.sampled_from(["", "", moves.marked("GPU-0"), moves.marked("GPU-1")]),
        }
    ),
    max_size=25,
)


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    rows=jobs,
    gpus=st.integers(0, 3),
    paused=st.sampled_from(["", "", PRIMARY_QUEUE]),
    takes=st.lists(
        st.tuples(st.sampled_from(QUEUES[:4]), st.sampled_from(["", "a", "b"])), min_size=5, max_size=30
    ),
)
def test_each_claim_is_that_of_the_plain_rule(
    rows: list[dict[str, Any]], gpus: int, paused: str, takes: list[tuple[str, str]]
) -> None:
    from django.db import transaction

    with transaction.atomic():
        taking.lookers.clear()
        for row in devices((1.0,) * gpus):
            row.save()
        Job.objects.bulk_create(
            Job(
                kind=Job.Kind.RENDER,
                recipe_key=f"{number}",
                error_code="disk_full" if row["held_since"] else "",
                **row,
            )
            for number, row in enumerate(rows)
        )
        if paused:
            QueuePause.objects.create(queue=paused, by="somebody")
        pinned = {queue.name: queue.gpu for queue in topology.current().queues}
        plain = {queue: PlainWorker(queue, pinned.get(queue, "")) for queue in QUEUES}
        for queue, geometry in takes:
            expected = plain[queue].choose(geometry)
            claim = claims.claim(queue, "h:b:1:1", geometry, pinned.get(queue))
            assert (claim.job.pk if claim else None) == (expected.pk if expected else None)
        transaction.set_rollback(True)
