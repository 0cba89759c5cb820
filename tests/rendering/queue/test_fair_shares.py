"""Jobs of one priority take turns by person or by order."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from django.utils import timezone

from gpu.models import SystemSettings
from gpu.models.system_settings import FairShares
from gpu.queues import topology
from gpu.queues.topology import PRIMARY_QUEUE, Lane
from rendering.models import Job, Order
from rendering.orders import Wish, place
from rendering.queue import claims
from rendering.queue.claims import looking
from tests import factories
from tests.benchmarks.routing import devices
from tests.rendering import steps

pytestmark = [pytest.mark.django_db, pytest.mark.database]


def shares(count: int, geometry_key: str = "") -> list[int]:
    return [factories.claim(geometry_key=geometry_key).job.share for _ in range(count)]


def queue_up(share: int, count: int, **fields: object) -> None:
    for _ in range(count):
        factories.job(share=share, **fields)


def test_ten_of_one_person_wait_for_no_more_than_ten_of_another() -> None:
    queue_up(1, 60)
    queue_up(2, 10)
    assert shares(20).count(2) == 10
    assert set(shares(50)) == {1}


def test_many_gpus_begin_at_different_persons() -> None:
    """Else the first turn of each of them was that of the person with the lowest id."""
    for row in devices((1.0,) * 13):
        row.save()
    cad_file = factories.cad_file()
    for share in range(1, 201):
        queue_up(share, 1, lane=Lane.HEAVY, cad_file=cad_file)
    queues = topology.current().takers(Lane.HEAVY)
    first = [factories.claim(queue=name).job.share for name in queues]
    assert len(set(first)) == len(queues) == 12  # one GPU is left to small pictures
    assert min(first) <= 50 and max(first) > 150


def test_the_loaded_geometry_keeps_the_turn_for_a_few_jobs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(looking, "start_of", lambda queue: 0.0)
    queue_up(1, 20, geometry_key="a")
    queue_up(2, 3, geometry_key="b")
    taken = shares(2 * looking.RUN, "a")
    assert taken == [1] * looking.RUN + [2] + [1] * (looking.RUN - 1)


def test_one_person_alone_keeps_the_loaded_geometry_to_the_last() -> None:
    queue_up(1, 1, geometry_key="b")
    queue_up(1, 12, geometry_key="a")
    keys = [factories.claim(geometry_key="a").job.geometry_key for _ in range(13)]
    assert keys == ["a"] * 12 + ["b"]


def test_a_higher_priority_goes_before_any_turn() -> None:
    queue_up(1, 3)
    queue_up(2, 3, priority=60)
    assert shares(6) == [2, 2, 2, 1, 1, 1]


def test_what_a_long_share_holds_and_a_short_one_wants_goes_over_to_it() -> None:
    queue_up(1, 5)
    both = factories.job(share=1, recipe_key="both")
    assert factories.job(share=2, recipe_key="both") == both
    both.refresh_from_db()
    assert both.share == 2
    queue_up(3, 5)
    Job.objects.filter(share=3).update(queued=timezone.now() - timedelta(hours=1))
    factories.job(share=3, recipe_key="both")
    both.refresh_from_db()
    assert both.share == 2, "what waits longer there would hold it up"


@pytest.mark.parametrize("setting", FairShares)
def test_the_system_settings_say_by_what_turns_are_taken(setting: str, tmp_path: Path) -> None:
    SystemSettings(fair_shares=setting).save()
    product, user = factories.product(), factories.user()
    wish = Wish(product, steps.type_of("draft"))
    order = place([wish], trigger=Order.Trigger.OPERATOR, user=user)
    expected = {FairShares.OFF: 0, FairShares.ORDER: -order.pk, FairShares.PERSON: user.pk}[
        FairShares(setting)
    ]
    assert list(Job.objects.values_list("kind", "share")) == [(Job.Kind.TESSELLATE, expected)]
    steps.succeed(steps.taken(), tmp_path)  # type: ignore[arg-type]
    assert dict(Job.objects.values_list("kind", "share"))[Job.Kind.RENDER] == expected


def test_a_person_gets_no_more_by_many_orders() -> None:
    SystemSettings(fair_shares=FairShares.PERSON).save()
    busy, other = factories.user(), factories.user()
    for user in (busy, busy, busy, other):
        wish = Wish(factories.product(), steps.type_of("draft"))
        place([wish], trigger=Order.Trigger.OPERATOR, user=user)
    found = [steps.taken() for _ in range(2)]
    assert {one.job.share for one in found if one} == {busy.pk, other.pk}
    assert claims.claim(PRIMARY_QUEUE, "h:b:1:1") is None
