"""Messages by each broker: rung on commit only, taken once, lost without harm. Redis is a real one of our own."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import pytest
from django.db import connection, transaction
from django_q.conf import Conf
from django_q.models import OrmQ
from django_q.signing import SignedPackage

from gpu.queues import brokers, redis_lists, wake
from gpu.queues.ear import EVERYTHING, Ear, Listening, Watching, make_ear
from gpu.queues.redis_lists import Lists
from tests.redis_server import MISSING, PROGRAM, RedisServer, redis_server

pytestmark = [pytest.mark.django_db, pytest.mark.database]
needs_redis = pytest.mark.skipif(PROGRAM is None, reason=MISSING)

QUEUE = "asset_pipeline"
Take = Callable[[], list[Any]]
Commits = Callable[..., AbstractContextManager[Any]]


@pytest.fixture
def commits(django_capture_on_commit_callbacks: Commits) -> Callable[[], AbstractContextManager[Any]]:
    """What happens in it is committed at its end."""
    return lambda: django_capture_on_commit_callbacks(execute=True)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RedisServer]:
    with redis_server(tmp_path_factory.mktemp("redis")) as one:
        yield one


def use(server: RedisServer, settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let this process send by Redis."""
    settings.REDIS_URL = server.url
    monkeypatch.setattr(Conf, "BROKER_CLASS", "gpu.queues.redis_lists.Lists")
    monkeypatch.setattr(redis_lists, "POP_SECONDS", 0.05)
    monkeypatch.setattr(redis_lists, "_down_until", 0.0)
    Lists(QUEUE).delete_queue()


@pytest.fixture(params=["rows", pytest.param("redis", marks=needs_redis)])
def take(request: pytest.FixtureRequest, settings: Any, monkeypatch: pytest.MonkeyPatch) -> Take:
    """What takes one message of the queue as workers do, by each broker; nothing is in it."""
    if request.param == "rows":
        return lambda: [payload for _, payload in brokers.take({QUEUE: 1})]
    use(request.getfixturevalue("server"), settings, monkeypatch)
    return lambda: [payload for _, payload in Lists(QUEUE).dequeue() or ()]


def test_a_message_is_taken_once_and_says_only_look_for_work(take: Take, commits: Any) -> None:
    with commits():
        wake.wake(QUEUE)
    assert wake.waiting_messages([QUEUE, "another"]) == {QUEUE: 1}
    (payload,) = take()
    task = SignedPackage.loads(payload)
    assert (task["func"], task["args"], task["timeout"]) == ("rendering.tasks.work", (QUEUE,), -1)
    assert take() == [] and wake.waiting_messages([QUEUE]) == {}


def test_nobody_is_woken_before_the_commit_and_by_a_rollback_never(take: Take, commits: Any) -> None:
    class Undone(Exception):
        pass

    with commits(), pytest.raises(Undone), transaction.atomic():
        wake.wake(QUEUE)
        raise Undone
    assert take() == []
    with commits():
        wake.wake(QUEUE)
        if Conf.BROKER_CLASS.endswith("Lists"):  # rows are part of the transaction itself
            assert take() == []
    assert len(take()) == 1


def test_doubled_messages_are_one_each_in_the_order_in_which_they_came(take: Take, commits: Any) -> None:
    with commits():
        wake.wake(QUEUE, QUEUE, QUEUE)
    found = [SignedPackage.loads(take()[0])["started"] for _ in range(3)]
    assert found == sorted(found) and take() == []


def test_what_a_cluster_of_an_earlier_release_has_locked_is_its_own() -> None:
    wake.wake(QUEUE)
    OrmQ.objects.update(lock="2999-01-01T00:00:00Z")
    assert brokers.take({QUEUE: 1}) == []


def hears(ear: Ear) -> Any:
    deadline = time.monotonic() + 20
    while not (heard := ear.heard()) and heard is not EVERYTHING:
        assert time.monotonic() < deadline
        time.sleep(0.01)
    return heard


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_the_ear_hears_a_commit_and_nothing_before_and_after_deafness_asks_for_everything() -> None:
    ear = make_ear()
    assert isinstance(ear, Listening if connection.vendor == "postgresql" else Watching)
    assert ear.heard() is EVERYTHING
    with transaction.atomic():
        wake.wake(QUEUE)
        assert not ear.heard()
    assert hears(ear) in (EVERYTHING, {QUEUE})
    assert ear.heard() is not EVERYTHING
    if isinstance(ear, Listening) and ear._line is not None:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_terminate_backend(%s)", [ear._line.info.backend_pid])
    else:
        ear.close()
    wake.wake(QUEUE)
    assert hears(ear) is EVERYTHING, "whatever was said meanwhile"
    ear.close()


@needs_redis
def test_redis_that_is_down_stops_nobody_and_is_said(
    tmp_path: Path, settings: Any, monkeypatch: pytest.MonkeyPatch, commits: Any
) -> None:
    with redis_server(tmp_path) as server:
        use(server, settings, monkeypatch)
        assert wake.trouble() == ""
        server.stop()
        with commits():
            wake.wake(QUEUE)
        assert wake.trouble().startswith("Redis does not answer (")
        assert wake.waiting_messages([QUEUE]) == {}
        server.start()
        monkeypatch.setattr(redis_lists, "_down_until", 0.0)
        with commits():
            wake.wake(QUEUE)
        assert wake.waiting_messages([QUEUE]) == {QUEUE: 1} and wake.trouble() == ""


@needs_redis
def test_a_queue_that_nobody_serves_does_not_fill_redis(
    server: RedisServer, settings: Any, monkeypatch: pytest.MonkeyPatch, commits: Any
) -> None:
    use(server, settings, monkeypatch)
    monkeypatch.setattr(redis_lists, "MOST", 3)
    with commits():
        wake.wake(*[QUEUE] * 5)
    assert wake.waiting_messages([QUEUE]) == {QUEUE: 3}
