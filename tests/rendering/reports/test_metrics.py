"""What Prometheus reads: who may, every family with its labels, and figures that only grow until the hour is over."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import DatabaseError
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from prometheus_client.parser import text_string_to_metric_families

from gpu.models import GpuDevice, Worker
from gpu.queues.topology import CPU_QUEUE, PRIMARY_QUEUE
from media_assets.cad.problem import Failure
from rendering.models import ApiToken, Attempt, Job
from rendering.queue import claims
from rendering.reports.metrics import farm, hour
from tests import factories

pytestmark = [pytest.mark.django_db, pytest.mark.database]

HERE = {"REMOTE_ADDR": "10.1.2.3"}


@pytest.fixture(autouse=True)
def listed(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.METRICS_ADDRESSES = ["10.1.0.0/16", "not an address"]
    monkeypatch.setattr(hour, "_settled", None)


def scrape() -> dict[str, float]:
    """Return every sample as name{label="value",...}: its value."""
    answer = Client(**HERE).get("/metrics")
    assert answer.status_code == 200 and answer["Content-Type"].startswith("text/plain")
    found = {}
    for family in text_string_to_metric_families(answer.content.decode()):
        for sample in family.samples:
            labels = ",".join(f"{name}={value}" for name, value in sorted(sample.labels.items()))
            found[f"{sample.name}{{{labels}}}"] = sample.value
    return found


def test_only_a_token_that_reads_or_a_listed_address_comes_in(settings: Any) -> None:
    boss = User.objects.create_user("boss", is_staff=True, is_superuser=True)
    nobody = factories.user(is_staff=True)

    def asked(owner: User = boss, *scopes: str) -> int:
        _, key = ApiToken.issue(owner, "Prometheus", list(scopes))
        return Client(headers={"Authorization": f"Bearer {key}"}).get("/metrics").status_code

    assert Client().get("/metrics").status_code == 401
    assert Client(headers={"Authorization": "Bearer rd_0_0"}).get("/metrics").status_code == 401
    assert [asked(boss, "read"), asked(boss, "order"), asked(nobody, "read")] == [200, 403, 403]
    assert Client(**HERE).post("/metrics").status_code == 405
    # Behind a proxy that the settings do not know every visitor would come from a listed address.
    through = {"X-Forwarded-For": "198.51.100.7"}
    assert Client(**HERE, headers=through).get("/metrics").status_code == 401
    settings.BEHIND_PROXY = True
    assert Client(**HERE, headers=through).get("/metrics").status_code == 401
    through = {"X-Forwarded-For": "198.51.100.7, 10.1.9.9"}
    assert Client(REMOTE_ADDR="127.0.0.1", headers=through).get("/metrics").status_code == 200


def test_lanes_jobs_and_workers_are_counted() -> None:
    for number in range(3):
        factories.job(priority=50 + number)
    Job.objects.filter(priority=50).update(queued=timezone.now() - timedelta(hours=1))
    Job.objects.filter(priority=51).update(
        held_since=timezone.now(), error_code="disk_full", not_before=timezone.now()
    )
    factories.claim()
    Worker.objects.create(identity="a:b:1:1", host="a", pid=1, queue=PRIMARY_QUEUE)
    Worker.objects.create(identity="a:b:2:1", host="a", pid=2, queue=CPU_QUEUE, drain_until=timezone.now())
    found = scrape()
    assert found["renderdesk_queue_jobs{lane=light}"] == 1
    assert found["renderdesk_queue_jobs_kept_back{lane=light,reason=held}"] == 1
    assert found["renderdesk_lane_running_jobs{lane=light}"] == 1
    assert 3600 <= found["renderdesk_queue_oldest_seconds{lane=light}"] < 3700
    assert [found[f"renderdesk_lane_workers{{lane={lane}}}"] for lane in ("cpu", "light", "heavy")] == [
        0,
        1,
        1,
    ]
    assert found["renderdesk_jobs{error_code=disk_full,state=queued}"] == 1
    assert found["renderdesk_jobs{error_code=,state=running}"] == 1
    assert found["renderdesk_workers{host=a,queue=asset_pipeline}"] == 1
    assert found["renderdesk_database_up{}"] == 1 and found["renderdesk_control_workers{}"] == 0


def test_what_ends_is_counted_once_and_never_less() -> None:
    before = scrape()
    assert before["renderdesk_leases_lost_total{}"] == 0, "its first time is an increase"
    for _ in range(3):
        factories.job()
    done = factories.claim()
    claims.succeed(done, seconds={"sample": 1.5, "save": 0.2}, reuse={"geometry": {"hit": True}})
    claims.lose(factories.claim())
    claims.fail(factories.claim(), Failure.of("bad_spec"))
    first = scrape()
    assert first["renderdesk_leases_lost_total{}"] == 1
    assert first["renderdesk_attempts_total{kind=render,outcome=succeeded}"] == 1
    assert first["renderdesk_attempt_errors_total{error_code=lost}"] == 1
    assert first["renderdesk_stage_seconds_bucket{kind=render,le=1.0,stage=sample}"] == 0
    assert first["renderdesk_stage_seconds_bucket{kind=render,le=2.5,stage=sample}"] == 1
    assert first["renderdesk_stage_seconds_sum{kind=render,stage=sample}"] == 1.5
    assert first["renderdesk_job_seconds_count{kind=render}"] == 1
    assert first["renderdesk_lookups_total{result=hit,what=geometry}"] == 1
    # What is settled is kept; another try of what failed adds to it and takes nothing away.
    later = timezone.now() + hour.SETTLED + timedelta(seconds=1)
    if later.hour == timezone.now().hour:
        kept = hour.tally(later)
        Job.objects.filter(state=Job.State.FAILED).update(finished=None, state=Job.State.QUEUED)
        assert hour.tally(later).attempts == kept.attempts
        with CaptureQueriesContext(connection_of()) as asked:
            assert hour.tally(later).stages == kept.stages
        assert len(asked) <= 3
    after = timezone.now() + timedelta(hours=1)
    assert not hour.tally(after).attempts, "counters begin anew"


def connection_of() -> Any:
    from django.db import connection

    return connection


def test_a_gpu_is_busy_for_the_share_of_the_last_minutes_in_which_a_job_had_it() -> None:
    now = timezone.now()
    device = GpuDevice.objects.create(host="h1", backend="CUDA", vendor_id="GPU-1", name="H200")
    gone = GpuDevice.objects.create(host="h1", backend="CUDA", vendor_id="GPU-2", name="A4000", lost_at=now)
    for started, finished in ((600, 240), (60, None)):  # 60 s of the last 300 s, and 60 s so far
        job = factories.job()
        claim = factories.claim(worker="h1:boot:1:1")
        Attempt.objects.filter(pk=claim.attempt.pk).update(
            gpu=device.vendor_id, started=now - timedelta(seconds=started)
        )
        if finished:
            claims.succeed(claim)
            Attempt.objects.filter(pk=claim.attempt.pk).update(finished=now - timedelta(seconds=finished))
        assert job.pk
    found = scrape()
    assert found["renderdesk_gpu_busy_ratio{gpu=GPU-1,host=h1,name=H200}"] == pytest.approx(0.4, abs=0.02)
    assert found[f"renderdesk_gpu_up{{gpu={gone.vendor_id},host=h1,name=A4000}}"] == 0
    assert found["renderdesk_gpu_in_service{gpu=GPU-1,host=h1,name=H200}"] == 1


def test_requests_are_counted_by_area_and_route_and_never_by_what_a_stranger_writes() -> None:
    scrape()
    client = Client()
    for path in ("/api/v1/products/secret-1", "/api/v1/products/secret-2", "/api/nowhere/3", "/wp-login.php"):
        client.get(path)
    client.generic("BREW", "/admin/login/")
    found = scrape()
    route = "method=GET,route=api/v1/products/<number>,status=401"
    assert found[f"renderdesk_api_requests_total{{{route}}}"] >= 2
    assert found["renderdesk_http_requests_total{area=other,method=GET,status=404}"] >= 1
    assert found["renderdesk_http_request_seconds_count{area=api}"] >= 3
    assert not re.search(r"secret-|nowhere|wp-login|BREW", "\n".join(found))


def test_without_the_database_it_still_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse() -> Any:
        raise DatabaseError("away")

    monkeypatch.setattr(farm.serving, "lanes", refuse)
    found = scrape()
    assert found["renderdesk_database_up{}"] == 0
    assert any(name.startswith("renderdesk_http_requests_total") for name in found)
    assert not any(name.startswith("renderdesk_queue_jobs") for name in found)
