"""What a worker's process does with what its supervisor says, over a real line."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from datetime import timedelta
from queue import SimpleQueue
from typing import Any

import pytest
from django.conf import settings
from django.utils import timezone
from django_q import monitor
from django_q.models import Task
from django_q.signing import SignedPackage

from gpu.workers import inbox
from gpu.workers.heartbeat import Heartbeat
from gpu.workers.inbox import Inbox, Outbox
from gpu.workers.wire import Bidding, Wire, Word

pytestmark = pytest.mark.django_db


@pytest.fixture
def ends(monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[Wire, Inbox, Heartbeat]]:
    """The supervisor's end, and the worker's inbox. Connections stay: they are those of the test."""
    killed = SimpleQueue[tuple[int, int]]()
    monkeypatch.setattr(inbox.os, "killpg", lambda *one: killed.put(one))
    monkeypatch.setattr(inbox.connections, "close_all", lambda: None)
    mine, its = Wire.pair()
    beat = Heartbeat("asset_pipeline")
    yield mine, Inbox(its, beat, os.getppid()), beat
    mine.close()
    assert killed.get(timeout=60) == (0, signal.SIGKILL), "without its supervisor its whole group ends"


def task(**fields: Any) -> str:
    return str(
        SignedPackage.dumps({"id": "1", "name": "n", "func": "a.b", "args": (), "kwargs": {}, **fields})
    )


def test_a_worker_says_that_it_is_idle_and_takes_what_it_gets(ends: tuple[Wire, Inbox, Heartbeat]) -> None:
    mine, box, _ = ends
    mine.say(Bidding.TASK, task(timeout=-1))
    taken = box.get()
    assert isinstance(taken, dict) and taken["func"] == "a.b"
    assert [mine.hear(), mine.hear()] == [(Word.IDLE, None), (Word.TAKEN, None)]


def test_a_task_with_a_time_limit_names_it(ends: tuple[Wire, Inbox, Heartbeat]) -> None:
    mine, box, _ = ends
    mine.say(Bidding.TASK, task())
    box.get()
    assert [mine.hear(), mine.hear()][1] == (Word.TAKEN, settings.Q_CLUSTER["timeout"])


def test_a_look_needs_no_message(ends: tuple[Wire, Inbox, Heartbeat]) -> None:
    mine, box, _ = ends
    mine.say(Bidding.LOOK)
    taken = box.get()
    assert isinstance(taken, dict)
    assert (taken["func"], taken["args"], taken["timeout"]) == (settings.WORK_TASK, ("asset_pipeline",), -1)


def test_a_question_is_answered_and_a_foreign_message_dropped(ends: tuple[Wire, Inbox, Heartbeat]) -> None:
    mine, box, _ = ends
    mine.say(Bidding.ANSWER)
    mine.say(Bidding.TASK, "not:signed:by-us")
    mine.say(Bidding.STOP)
    assert box.get() == inbox.STOP
    assert [mine.hear(), mine.hear(), mine.hear()] == [(Word.IDLE, None)] * 3


def test_what_it_works_on_and_until_when_goes_over_the_line(ends: tuple[Wire, Inbox, Heartbeat]) -> None:
    mine, box, beat = ends
    beat.busy_with = "Render 7"
    assert mine.hear() == (Word.BUSY, "Render 7")
    until = timezone.now() + timedelta(seconds=30)
    mine.say(Bidding.DRAIN, until.isoformat())
    mine.say(Bidding.STOP)
    assert box.get() == inbox.STOP and beat.drain_until == until


def test_one_who_is_ended_by_somebody_else_hands_back_and_stops(ends: tuple[Wire, Inbox, Heartbeat]) -> None:
    _, box, beat = ends
    box.drain()
    assert box.get() == inbox.STOP and beat.drain_until is not None


def test_a_task_that_failed_is_kept_and_one_that_went_well_is_not(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(monitor, "close_old_django_connections", lambda: None)  # we are in a transaction

    now = timezone.now()
    done = {"id": "1", "name": "n", "func": "a.b", "args": (), "kwargs": {}, "started": now, "stopped": now}
    Outbox().put({**done, "success": True, "result": None})
    assert not Task.objects.exists()
    Outbox().put({**done, "success": False, "result": "it broke"})
    assert Task.objects.get().result == "it broke"
