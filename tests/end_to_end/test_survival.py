"""Kills in the middle of a render: the job finishes, nothing is published twice, nothing is left behind."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import SAMPLE
from tests.end_to_end.installation import Installation, installation

pytestmark = pytest.mark.timeout(400)

# Some seconds of sampling: long enough to be killed in, short enough to finish at the second attempt.
SOME = {"width": 96, "height": 96, "samples": 200, "noise_threshold": 0.0, "denoise": False, "kind": "still"}
SLOW = {
    "width": 192,
    "height": 192,
    "samples": 16000,
    "noise_threshold": 0.0,
    "denoise": False,
    "kind": "still",
}


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    """An installation with the sample converted and one output type that would render for minutes."""
    with installation(tmp_path_factory.mktemp("survival")) as it:
        it.make_tiny("thumbnail")
        it.start_workers()
        it.command("import_cad", str(SAMPLE), "--product", "B-1")
        it.wait_until(lambda: it.jobs("encode", "succeeded"), "the thumbnail", 180)
        yield it


@pytest.fixture(autouse=True)
def nothing_left_running(request: pytest.FixtureRequest) -> Iterator[None]:
    yield
    if "desk" in request.fixturenames:
        shared: Installation = request.getfixturevalue("desk")
        shared.shell(
            "from rendering import orders; from rendering.models import Job\n"
            "for job in Job.objects.live(): orders.cancel_job(job)"
        )


def running_render(desk: Installation, slug: str, cost: dict[str, Any]) -> dict[str, Any]:
    """Order *slug* and return its render once samples are taken. Each slug is a picture of its own."""
    desk.make_tiny(slug, **{**cost, "samples": cost["samples"] + sum(slug.encode()) % 97})
    desk.command("order", "--product", "B-1", "--output-type", slug)

    def sampling() -> list[dict[str, Any]]:
        return [
            job for job in desk.jobs("render", "running") if job["output_type"] == slug and job["device_used"]
        ]

    found: list[dict[str, Any]] = desk.wait_until(sampling, f"{slug} renders", 60)
    return found[0]


def pids(desk: Installation, word: str) -> list[int]:
    return [pid for pid, command in desk.children().items() if word in command]


def worker_of(desk: Installation, job: int) -> int:
    return int(
        desk.shell(f"from rendering.models import Job; print(Job.objects.get(pk={job}).worker.split(':')[2])")
    )


def state_of(desk: Installation, job: int) -> dict[str, Any]:
    return next(item for item in desk.jobs() if item["id"] == job)


@pytest.mark.database
@pytest.mark.parametrize("victim", ["blender", "worker"])
def test_a_render_whose_process_is_killed_runs_again_and_finishes(desk: Installation, victim: str) -> None:
    job = running_render(desk, f"killed-{victim}", SOME)["id"]
    blenders = pids(desk, "session.py")
    target = blenders[0] if victim == "blender" else worker_of(desk, job)
    os.kill(target, signal.SIGKILL)
    done = desk.wait_until(
        lambda: (state := state_of(desk, job)) and state["state"] == "succeeded" and state,
        "the job finishes",
        120,
    )
    assert done["attempt"] == 2
    assert not set(blenders) & set(pids(desk, "session.py")), "the old Blender is gone"
    outcomes = desk.shell(
        "from rendering.models import Attempt\n"
        f"print(*Attempt.objects.filter(job={job}).order_by('id').values_list('outcome', 'error_code'))"
    )
    expected = "blender_crashed" if victim == "blender" else "lost"
    assert expected in outcomes and "succeeded" in outcomes
    kinds = desk.shell(
        "from media_assets.models import MediaAsset; from rendering.models import Job\n"
        f"job = Job.objects.get(pk={job})\n"
        "print(MediaAsset.objects.filter(kind='render_master', recipe_key=job.recipe_key).count())"
    )
    assert kinds == "1"


@pytest.mark.database
def test_a_running_render_is_canceled_within_two_seconds(desk: Installation) -> None:
    job = running_render(desk, "canceled", SLOW)["id"]
    blenders = pids(desk, "session.py")
    asked = time.monotonic()
    assert desk.manage("job", "cancel", str(job)).code == 0
    told = time.monotonic()
    desk.wait_until(lambda: not set(blenders) & set(pids(desk, "session.py")), "Blender is gone", 10)
    assert time.monotonic() - told < 2.5, f"asked {told - asked:.1f} s before"
    assert desk.wait_until(lambda: state_of(desk, job)["state"] == "canceled", "the state says so", 10)
    line = desk.shell(
        "from rendering.models import OrderLine; print(OrderLine.objects.get(output_type__slug='canceled').state)"
    )
    assert line == "canceled"


def test_a_silent_blender_ends_as_hung(desk: Installation) -> None:
    desk.shell("from gpu.models import SystemSettings; SystemSettings.objects.update(hang_seconds=8)")
    try:
        job = running_render(desk, "hung", SOME)["id"]
        os.kill(pids(desk, "session.py")[0], signal.SIGSTOP)
        codes = (
            "from rendering.models import Attempt\n"
            f"print(*Attempt.objects.filter(job={job}).order_by('id').values_list('error_code', flat=True))"
        )
        desk.wait_until(lambda: "hung" in desk.shell(codes), "the attempt ends as hung", 90)
    finally:  # on a busy machine the next Blender may say nothing for 8 s as it starts
        desk.shell("from gpu.models import SystemSettings; SystemSettings.objects.update(hang_seconds=300)")
    desk.wait_until(lambda: state_of(desk, job)["state"] == "succeeded", "the next attempt succeeds", 180)
    assert desk.shell(codes).split()[0] == "hung"


def test_limits_of_time_and_memory_have_their_own_codes(desk: Installation) -> None:
    for limit, value, code in (
        ("render_wall_seconds", 5, "timed_out"),
        ("render_memory_mb", 1, "out_of_memory"),
    ):
        desk.shell(f"from gpu.models import SystemSettings; SystemSettings.objects.update({limit}={value})")
        desk.make_tiny(code, **SLOW)
        desk.command("order", "--product", "B-1", "--output-type", code)

        def failed(code: str = code) -> list[dict[str, Any]]:
            return [job for job in desk.jobs("render", "failed") if job["output_type"] == code]

        assert desk.wait_until(failed, code, 60)[0]["error_code"] == code
        desk.shell(
            "from gpu.models import SystemSettings\n"
            "SystemSettings.objects.update(render_wall_seconds=14400, render_memory_mb=16384)"
        )


@pytest.mark.database
def test_an_idle_worker_that_is_killed_does_not_wedge_its_queue(tmp_path: Path) -> None:
    with installation(tmp_path) as desk:
        desk.make_tiny("thumbnail")
        desk.start_workers(RENDERDESK_RING_SECONDS="2", RENDERDESK_WEDGED_SECONDS="8")
        script = (
            "from gpu.models import Worker\n"
            "print(*Worker.objects.alive().filter(queue='asset_pipeline_cpu').values_list('pid', flat=True))"
        )
        pid = desk.wait_until(lambda: desk.shell(script), "a worker of the CPU queue lives", 30)
        os.kill(int(pid.split()[0]), signal.SIGKILL)
        desk.command("import_cad", str(SAMPLE))
        desk.wait_until(lambda: desk.jobs("encode", "succeeded"), "the wedged cluster was restarted", 120)


@pytest.mark.parametrize(
    "number", [pytest.param(signal.SIGTERM, marks=pytest.mark.database), signal.SIGINT, signal.SIGKILL]
)
def test_stopping_the_supervisor_leaves_no_process_behind(tmp_path: Path, number: int) -> None:
    with installation(tmp_path) as desk:
        desk.make_tiny("thumbnail", **{**SLOW, "kind": "thumbnail"})
        supervisor = desk.start_workers()
        desk.command("import_cad", str(SAMPLE))
        desk.wait_until(
            lambda: any(job["device_used"] for job in desk.jobs("render", "running")), "a render runs", 90
        )
        with suppress(ProcessLookupError):
            supervisor.send_signal(number)
        desk.wait_until(lambda: not desk.children(), "everything ended", 25)
        if number != signal.SIGKILL:
            (job,) = desk.jobs("render")
            assert (job["state"], job["attempt"]) == ("queued", 0), "handed back, not counted"
