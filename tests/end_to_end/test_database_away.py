"""PostgreSQL goes away for some seconds, as in a restart or a failover: nothing is lost, nothing runs twice."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from tests.end_to_end.installation import Installation, installation
from tests.paths import SAMPLE

pytestmark = [
    pytest.mark.database,
    pytest.mark.timeout(400),
    pytest.mark.skipif(
        not os.environ.get("DATABASE_URL", "").startswith("postgres"),
        reason="a database that goes away needs PostgreSQL: run with DATABASE_URL=postgres:///test",
    ),
]

AWAY = "The database does not answer"
MISSED = 8  # tries, one a second: so long is the database away
# On two cores the first samples for longer than the database is away, the second ends meanwhile.
PICTURE = {"width": 192, "height": 192, "noise_threshold": 0.0, "denoise": False, "kind": "still"}
SAMPLES = {"long": 240, "short": 50}


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    with installation(tmp_path_factory.mktemp("away")) as it:
        it.make_tiny("thumbnail")
        it.make_tiny("draft", samples=3)
        for slug, samples in SAMPLES.items():
            it.make_tiny(slug, **PICTURE, samples=samples)
        it.start_workers(RENDERDESK_RING_SECONDS="3")
        it.command("import_cad", str(SAMPLE), "--product", "B-1")
        it.wait_until(lambda: it.jobs("encode", "succeeded"), "the thumbnail", 180)
        yield it


@contextmanager
def database_away(desk: Installation) -> Iterator[None]:
    """Nobody can connect to the installation's database, and whoever was connected no longer is."""
    import psycopg

    base, _, name = desk.environment["DATABASE_URL"].rpartition("/")
    server = f"{base.replace('postgres://', 'postgresql://')}/postgres"
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS false')
        try:
            connection.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", [name]
            )
            yield
        finally:
            connection.execute(f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS true')


def wait_for_missed_heartbeats(desk: Installation) -> None:
    """Return once the supervisor has tried so often to write that its workers live."""
    wanted = desk.logs().count(AWAY) + MISSED
    desk.wait_until(lambda: desk.logs().count(AWAY) >= wanted, "the workers miss the database", 90)


def of_type(desk: Installation, slug: str, state: str = "") -> list[dict[str, Any]]:
    return [job for job in desk.jobs("render", state) if job["output_type"] == slug]


@pytest.mark.parametrize("slug", SAMPLES)
def test_a_render_goes_on_while_the_database_is_away(desk: Installation, slug: str) -> None:
    desk.command("order", "--product", "B-1", "--output-type", slug)
    (before,) = desk.wait_until(
        lambda: [job for job in of_type(desk, slug, "running") if job["device_used"]], "it renders", 90
    )
    blenders = {pid for pid, command in desk.children().items() if "session.py" in command}
    with database_away(desk):
        wait_for_missed_heartbeats(desk)
    (after,) = of_type(desk, slug)
    assert after["state"] in ("running", "succeeded") and after["attempt"] == 1
    (done,) = desk.wait_until(lambda: of_type(desk, slug, "succeeded"), "the same attempt finishes", 200)
    assert (done["id"], done["attempt"]) == (before["id"], 1)
    assert done["started"] == before["started"]
    assert blenders & {pid for pid, command in desk.children().items() if "session.py" in command}
    outcomes = desk.shell(
        "from rendering.models import Attempt\n"
        f"print(*Attempt.objects.filter(job={done['id']}).values_list('outcome', flat=True))"
    )
    assert outcomes == "succeeded"
    desk.wait_until(lambda: not desk.jobs(state="running") and not desk.jobs(state="queued"), "its file", 90)
    assert not desk.jobs(state="failed")


def test_a_command_says_that_the_database_is_away(desk: Installation) -> None:
    with database_away(desk):
        answer = desk.manage("jobs")
    assert answer.code == 1
    assert answer.document["error_code"] == "database"
    assert "DATABASE_URL" in answer.document["error"]


def test_idle_workers_go_on_after_the_database_was_away(desk: Installation) -> None:
    with database_away(desk):
        wait_for_missed_heartbeats(desk)
    order = desk.manage("order", "--product", "B-1", "--output-type", "draft", "--wait", "--timeout", "150")
    assert order.code == 0, order.document
    assert order.document["lines"][0]["source"] == "rendered"
    assert {job["attempt"] for job in of_type(desk, "draft")} == {1}
