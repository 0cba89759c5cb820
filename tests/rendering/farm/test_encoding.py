"""The encoding of a still, from claim to file, while its worker keeps the lease and listens."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.utils import timezone

from blender_scripts.children.confine import offered
from gpu.models import SystemSettings
from gpu.queues.topology import CPU_QUEUE
from media_assets.models import MediaAsset
from rendering import orders
from rendering.farm import encoding, execute
from rendering.models import Job, OrderLine
from rendering.queue import claims
from rendering.queue.claims import Claim
from tests import factories
from tests.media import path_of
from tests.rendering.steps import order

pytestmark = [pytest.mark.django_db, pytest.mark.database, pytest.mark.usefixtures("own_encoder")]


@pytest.fixture
def line(tmp_path: Path) -> OrderLine:
    """A still whose master is there, and which takes seconds to encode."""
    kind = factories.output_type("slow", format="webp", lossless=True, effort=6, width=1400, height=1400)
    product = factories.product()
    factories.detailed(path_of(factories.master(product.cad_file, kind, tmp_path)), 1400)
    return order(product, "slow").lines.get()


@pytest.fixture
def renewed(monkeypatch: pytest.MonkeyPatch) -> list[Callable[[Claim], None]]:
    """What is to happen at the next renewals of a lease while a file is written, one at each."""
    events: list[Callable[[Claim], None]] = []
    real = claims.renew

    def renew(claim: Claim, **fields: Any) -> None:
        if events and encoding._encoder is not None and encoding._encoder.alive:
            events.pop(0)(claim)
        real(claim, **fields)

    monkeypatch.setattr(claims, "renew", renew)
    return events


def test_the_lease_is_renewed_while_a_file_is_written(
    line: OrderLine, renewed: list[Callable[[Claim], None]]
) -> None:
    ends: list[Any] = []
    renewed += [lambda claim: ends.append(Job.objects.get(pk=claim.job.pk).lease_until)] * 8
    execute.work(CPU_QUEUE)
    line.refresh_from_db()
    assert line.state == OrderLine.State.DONE
    assert len(ends) == 8 and ends == sorted(set(ends)), "each is later than the one before"


def test_a_cancel_is_heard_in_the_middle_of_a_file(
    line: OrderLine, renewed: list[Callable[[Claim], None]]
) -> None:
    asked: list[float] = []

    def cancel(claim: Claim) -> None:
        assert orders.cancel_job(claim.job)
        asked.append(time.monotonic())

    renewed += [lambda _: None, cancel]
    execute.work(CPU_QUEUE)
    assert time.monotonic() - asked[0] < 2.0
    assert Job.objects.get().state == Job.State.CANCELED
    assert encoding._encoder is not None and not encoding._encoder.alive
    assert not list((Path(settings.CACHE_DIR) / "work").iterdir())
    assert not MediaAsset.objects.filter(kind="thumbnail").exists()


def test_an_encoder_that_is_killed_fails_the_attempt_and_the_next_one_has_another(
    line: OrderLine, renewed: list[Callable[[Claim], None]]
) -> None:
    renewed += [lambda _: os.kill(encoding._encoder.pid, signal.SIGKILL)]  # type: ignore[union-attr]
    execute.work(CPU_QUEUE)
    job = Job.objects.get()
    assert (job.state, job.error_code, job.attempt) == (Job.State.QUEUED, "encoder_crashed", 1)
    assert "SIGKILL" in job.error and "retried" in job.error
    Job.objects.update(not_before=timezone.now())
    execute.work(CPU_QUEUE)
    line.refresh_from_db()
    assert line.state == OrderLine.State.DONE
    assert [each.error_code for each in job.attempts.order_by("number")] == ["encoder_crashed", ""]


@pytest.mark.parametrize(
    ("limit", "code"), [({"render_wall_seconds": 0}, "timed_out"), ({"render_memory_mb": 1}, "out_of_memory")]
)
def test_the_limits_of_the_system_settings_end_it(limit: dict[str, int], code: str, line: OrderLine) -> None:
    SystemSettings.load()
    SystemSettings.objects.update(**limit)
    execute.work(CPU_QUEUE)
    line.refresh_from_db()
    assert (line.state, line.error_code) == (OrderLine.State.FAILED, code)


@pytest.mark.skipif(not offered().files, reason="this kernel has no Landlock")
def test_a_media_disk_that_was_mounted_anew_is_read_by_a_new_encoder(line: OrderLine, tmp_path: Path) -> None:
    media, other = Path(settings.MEDIA_ROOT), tmp_path / "other"
    first = encoding._running()
    claim_lease = encoding.Lease.__new__(encoding.Lease)
    claim_lease.tick = lambda: None  # type: ignore[method-assign]
    master = path_of(MediaAsset.objects.get(kind="render_master"))
    size = {"width": 1400, "height": 1400}
    assert encoding.check(claim_lease, master, size) == []
    media.rename(other)
    media.mkdir()
    for each in other.iterdir():
        each.rename(media / each.name)
    assert encoding.check(claim_lease, master, size) == []
    assert not first.alive and encoding._running() is not first
