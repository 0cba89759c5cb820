"""The log: what a request and a job say, in both formats, with the ids that join them and without secrets."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client

from blender_scripts import logged
from config.logs import LineFormatter, ObjectFormatter
from media_assets.cad.problem import Failure
from rendering.farm import noted
from rendering.models import ApiToken, Job
from rendering.queue import claims
from tests import factories

pytestmark = pytest.mark.django_db

Said = Callable[[], list[dict[str, Any]]]


@pytest.fixture
def said() -> Iterator[Said]:
    """What is logged from now on, as the JSON that is written."""
    records: list[str] = []

    class Kept(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            records.append(self.format(record))

    handler = Kept()
    handler.addFilter(logged.Ids())
    handler.setFormatter(ObjectFormatter())
    logging.getLogger().addHandler(handler)
    yield lambda: [json.loads(line) for line in records]
    logging.getLogger().removeHandler(handler)


def record(message: str, **extra: Any) -> logging.LogRecord:
    return logging.getLogger("renderdesk.x").makeRecord(
        "renderdesk.x", 20, "f", 1, message, (), None, extra=extra
    )


def of(lines: list[dict[str, Any]], logger: str) -> list[dict[str, Any]]:
    return [line for line in lines if line["logger"] == logger]


def test_each_request_has_a_line_with_who_what_and_how_long(client: Client, said: Said) -> None:
    client.force_login(User.objects.create_superuser("olga"))
    answer = client.get("/admin/?secret=1", headers={"X-Request-ID": "from-the-proxy-1"})
    (line,) = of(said(), "renderdesk.access")
    assert answer["X-Request-ID"] == "from-the-proxy-1"
    wanted = {
        "message": "GET /admin/",
        "status": 200,
        "user": "olga",
        "request_id": "from-the-proxy-1",
        "level": "INFO",
    }
    assert wanted.items() <= line.items() and line["ms"] > 0 and "token" not in line


@pytest.mark.parametrize(
    "given", ["", "short", "a b c d e f g h", "x" * 65, "line\\nbreak--", "<script>alert"]
)
def test_an_id_that_is_none_is_replaced(given: str, client: Client) -> None:
    assert len(client.get("/livez", headers={"X-Request-ID": given})["X-Request-ID"]) == 32


def test_a_token_is_named_and_nothing_secret_is_written(client: Client, said: Said) -> None:
    _token, key = ApiToken.issue(User.objects.create_superuser("olga"), "PIM", ["read"])
    client.get("/api/v1/products?after=q", headers={"Authorization": f"Bearer {key}"})
    client.get("/share/a-very-secret-key/")
    client.get("/admin/openid/callback/?code=s3cret&state=s3cret")
    lines = said()
    assert of(lines, "renderdesk.access")[0]["token"] == "PIM"
    text = json.dumps(lines, ensure_ascii=False)
    assert key not in text and "a-very-secret-key" not in text and "s3cret" not in text and "/share/…" in text


def test_machines_that_ask_all_the_time_are_not_written(client: Client, said: Said) -> None:
    client.get("/livez")
    assert of(said(), "renderdesk.access") == []


def test_a_job_says_when_it_begins_and_how_it_ends_and_lines_between_have_its_id(said: Said) -> None:
    job = factories.job(product=factories.product(number="P-7"))
    claim = factories.claim(worker="worker:1")
    with noted.noted(claim, "GPU 7"):
        logging.getLogger("renderdesk.blender").warning("Fra:1 Mem:20M")
        claims.fail(claim, Failure.of("out_of_memory", said="too much"))
    start, between, end = said()[-3:]
    assert start["message"].endswith("started") and start["device"] == "GPU 7"
    assert {start["job"], between["job"], end["job"]} == {job.pk}
    assert (
        end["code"] == "out_of_memory"
        and end["level"] == "WARNING"
        and end["outcome"] == Job.objects.get().state
    )
    assert end["seconds"] >= 0 and end["kind"] == job.kind and end["worker"] == "worker:1"
    assert start["product"] == "P-7" and start["attempt"] == 1


def test_a_request_names_the_jobs_that_it_makes(said: Said) -> None:
    job = factories.job()
    with logged.step("request", request_id="abc"):
        made = claims.create(kind=job.kind, recipe_key="new", priority=50, lane=job.lane, queue=job.queue)
    line = [one for one in said() if "queued" in one["message"]][-1]
    assert line["jobs"] == [made.pk] and line["request_id"] == "abc"


def test_lines_end_with_names_and_values() -> None:
    line = LineFormatter().format(
        record("Render 27\nended", job=27, error='no "room" left', orders=[3, 4], nothing="")
    )
    assert line.endswith(r'INFO renderdesk.x: Render 27\nended job=27 error="no \"room\" left" orders=3,4')
    assert "s3cret" not in LineFormatter().format(
        record("GET https://a.example/x?code=s3cret&y=1 and /share/s3cret/f.png")
    )
