"""A job ends well by one verb: its assets, its success and its lines are there together or not at all."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from blender_scripts.contract import RenderOutcome
from gpu.workers import heartbeat
from media_assets.cad.problem import Failure
from media_assets.models import MediaAsset
from media_assets.recipes.receipt import Receipt
from rendering.farm import ending
from rendering.farm.runners import encode, render
from rendering.models import Attempt, Job, OrderLine
from rendering.models.errors import LeaseLost
from rendering.pictures.encoder import Written
from rendering.queue.claims import Claim
from tests import factories
from tests.media_assets.recipes.test_receipt import Longer
from tests.rendering.steps import OneConnection, order, runs, taken

pytestmark = [pytest.mark.django_db, pytest.mark.database]


def held(claim: Claim | None) -> OneConnection:
    assert claim is not None
    return OneConnection(claim, heartbeat.current())


def test_success_comes_with_the_asset_and_what_the_job_says_of_itself(tmp_path: Path) -> None:
    job = factories.job()
    lease = held(factories.claim())
    ending.succeed(
        lease, lambda: {"asset": factories.geometry(job.cad_file, tmp_path), **ending.ON_CPU, "log": "Done."}
    )
    job.refresh_from_db()
    assert (job.state, job.asset, job.device_used, job.log) == (
        Job.State.SUCCEEDED,
        MediaAsset.objects.get(),
        "CPU",
        "Done.",
    )
    assert job.attempts.get().outcome == Attempt.Outcome.SUCCEEDED


def test_a_lost_lease_publishes_nothing(tmp_path: Path) -> None:
    job = factories.job()
    lease = held(factories.claim())
    Job.objects.update(state=Job.State.QUEUED, lease_token=None, lease_until=None)
    with pytest.raises(LeaseLost):
        ending.succeed(lease, lambda: {"asset": factories.geometry(job.cad_file, tmp_path)})
    assert not MediaAsset.objects.exists()
    ending.fail(lease, Failure.of("timed_out", said="Too long."))
    assert Job.objects.get().error_code == ""


def test_lines_move_on_with_the_end_of_their_job(tmp_path: Path) -> None:
    line = order(factories.product(), "draft").lines.get()
    runs(tmp_path)
    line.refresh_from_db()
    assert line.jobs.filter(kind=Job.Kind.RENDER, state=Job.State.QUEUED).exists()
    ending.fail(held(taken()), Failure.of("gpu_required", said="There is none."))
    line.refresh_from_db()
    assert (line.state, line.error_code) == (OrderLine.State.FAILED, "gpu_required")


def test_a_new_field_of_the_receipt_reaches_the_delivered_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What a renderer tells under the name of a field is all there is to write."""

    class Told(RenderOutcome):
        energy_wh = 1.5

    monkeypatch.setattr(render, "Receipt", Longer)
    monkeypatch.setattr(MediaAsset, "how_made", property(lambda asset: Longer.from_json(asset.receipt)))
    line = order(factories.product(), "draft").lines.get()
    runs(tmp_path)
    lease = held(taken())
    recipe = lease.claim.job.spec["recipe"]
    source = factories.picture(tmp_path / "made.png", (recipe["width"], recipe["height"]))
    outcome = Told(ok=True, device="CPU", compute_type="NONE", samples=8)
    receipt = render.receipt_of(lease, outcome, "cpu", {"sample": 1.0})
    render.finish(lease, render.Rendered(source, None, receipt))
    lease = held(taken())
    master = MediaAsset.objects.get(pk=lease.claim.job.spec["master"])
    said: dict[str, Any] = encode.about(lease.claim.job, master)
    encode.finish(lease, master, source, Written({"encode": 0.1}, [], None))
    line.refresh_from_db()
    assert line.asset is not None and line.asset.receipt["energy_wh"] == said["energy_wh"] == 1.5
    assert Receipt.from_json(line.asset.receipt).device_used == "CPU"
