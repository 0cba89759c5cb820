"""manage.py queue: list, pause, resume."""

from __future__ import annotations

import pytest

from gpu.queues import pausing
from gpu.queues.topology import CPU_QUEUE, PRIMARY_QUEUE
from tests import factories
from tests.rendering.shell import Shell

pytestmark = [pytest.mark.django_db]


def test_a_queue_is_paused_listed_and_resumed(manage: Shell) -> None:
    factories.job()
    said = manage("queue", "pause", PRIMARY_QUEUE, "--json")
    assert (said.code, said.document[0]["queue"], said.document[0]["changed"]) == (0, PRIMARY_QUEUE, True)
    listed = {row["queue"]: row for row in manage("queue", "list", "--json").document}
    assert [listed[name]["paused"] for name in (PRIMARY_QUEUE, CPU_QUEUE)] == [True, False]
    assert "at the command line" in listed[PRIMARY_QUEUE]["by"] and listed[PRIMARY_QUEUE]["waiting"] == 1
    assert manage("queue", "resume", PRIMARY_QUEUE, "--json").document[0]["paused"] is False
    assert not pausing.paused()


def test_a_queue_that_is_not_there_is_a_usage_error_that_names_those_there_are(manage: Shell) -> None:
    said = manage("queue", "pause", "gpu-9", "--json")
    assert said.code == 2 and PRIMARY_QUEUE in said.document["error"]
    assert manage("queue", "resume", "gpu-9", "--json").code == manage("queue", "pause", "--json").code == 2
