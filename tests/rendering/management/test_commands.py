"""manage.py jobs, job, reap, doctor, run_workers: exit codes, JSON, and a database that is away."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.db.migrations.recorder import MigrationRecorder
from django.utils import timezone

from gpu.models import GpuDevice
from rendering.management import doctor
from rendering.models import Job
from rendering.queue import claims
from tests import factories
from tests.conftest import PROJECT
from tests.rendering.shell import Shell
from tests.rendering.steps import order, runs

pytestmark = [pytest.mark.django_db, pytest.mark.database]

JOB = {
    *(
        "id",
        "kind",
        "state",
        "stage",
        "cad_file",
        "asset",
        "queue",
        "priority",
        "attempt",
        "product",
        "output_type",
        "device_used",
    ),
    *(
        "compute_type",
        "device_name",
        "device_id",
        "gpu_fallback",
        "held_since",
        "progress",
        "error_code",
        "error",
        "created",
        "started",
    ),
    *("finished", "seconds", "reused", "device_name", "device_id"),
}


def test_jobs_are_listed_the_newest_first(manage: Shell, tmp_path: Path) -> None:
    order(factories.product(number="P-1"), "draft")
    runs(tmp_path)
    said = manage("jobs", "--json")
    render, tessellation = said.document
    assert said.code == 0
    assert render.keys() == JOB
    assert (render["kind"], render["state"], render["queue"]) == ("render", "queued", "asset_pipeline")
    assert (render["product"], render["output_type"], render["seconds"]) == ("P-1", "draft", {})
    assert (tessellation["state"], tessellation["progress"], tessellation["device_used"]) == (
        "succeeded",
        1.0,
        "CPU",
    )
    assert tessellation["seconds"]["convert"] == 0.1
    assert tessellation["created"] <= tessellation["started"] <= tessellation["finished"]


def test_jobs_can_be_chosen_by_state_and_number(manage: Shell) -> None:
    factories.job()
    canceled = factories.job()
    claims.cancel(canceled)
    assert [job["id"] for job in manage("jobs", "--state", "canceled", "--json").document] == [canceled.pk]
    assert len(manage("jobs", "--limit", "1", "--json").document) == 1
    assert manage("jobs", "--state", "failed", "--json").document == []
    assert manage("jobs", "--state", "failed").out == "No jobs.\n"


def test_an_unknown_state_is_a_usage_error(manage: Shell) -> None:
    said = manage("jobs", "--state", "sleeping", "--json")
    assert (said.code, said.document["error_code"]) == (2, "usage")


def test_a_job_is_canceled_and_retried(manage: Shell) -> None:
    job = factories.job()
    said = manage("job", "cancel", job.pk, "--json")
    assert (said.code, said.document["state"], said.document["error_code"]) == (0, "canceled", "canceled")
    assert said.document.keys() == JOB
    said = manage("job", "retry", job.pk)
    assert (said.code, said.out) == (0, f"Job {job.pk} is queued again.\n")
    assert Job.objects.get().state == Job.State.QUEUED


@pytest.mark.parametrize("verb", ["cancel", "retry"])
def test_a_job_that_is_done_can_be_neither_canceled_nor_retried(verb: str, manage: Shell) -> None:
    job = factories.job()
    claims.succeed(factories.claim())
    said = manage("job", verb, job.pk, "--json")
    assert (said.code, said.document["state"]) == (1, "succeeded")
    assert f"there is nothing to {verb}" in said.err


@pytest.mark.parametrize("number", ["999999", "9" * 30, "-1", "first"])
def test_an_unknown_job_is_a_usage_error(number: str, manage: Shell) -> None:
    said = manage("job", "cancel", number, "--json")
    assert (said.code, said.document["error_code"]) == (2, "usage")


def test_reaping_tells_what_was_given_back(manage: Shell) -> None:
    assert manage("reap").out == "Every running job has a live worker.\n"
    job = factories.job()
    factories.claim()
    Job.objects.update(lease_until=timezone.now() - timedelta(seconds=1))
    said = manage("reap", "--json")
    assert (said.code, said.document) == (0, [{"id": job.pk, "state": "queued", "attempt": 1}])


@pytest.mark.slow
@pytest.mark.parametrize(
    "words",
    [
        ["jobs"],
        ["order", "--product", "P", "--output-type", "draft"],
        ["import_cad", str(PROJECT / "manage.py")],
        pytest.param(["run_workers"], marks=pytest.mark.cluster),
    ],
)
def test_a_database_that_does_not_answer_is_one_clear_line(words: list[str], tmp_path: Path) -> None:
    said = elsewhere(tmp_path, *words, DATABASE_URL="postgres://nobody:secret@127.0.0.1:1/none")
    assert said.returncode == 1
    (line,) = said.stderr.strip().splitlines()
    assert "Check DATABASE_URL" in line and "secret" not in line
    assert said.stdout == ""


@pytest.mark.slow
def test_a_database_that_does_not_answer_is_one_json_document(tmp_path: Path) -> None:
    said = elsewhere(tmp_path, "jobs", "--json", DATABASE_URL="postgres://nobody@127.0.0.1:1/none")
    assert said.returncode == 1
    assert json.loads(said.stdout)["error_code"] == "database"


@pytest.mark.slow
def test_tables_that_are_missing_are_named_with_the_next_step(tmp_path: Path) -> None:
    said = elsewhere(tmp_path, "jobs", DATABASE_URL=f"sqlite:///{tmp_path}/new.sqlite3")
    assert said.returncode == 1
    assert "manage.py migrate" in said.stderr and "Traceback" not in said.stderr


@pytest.mark.slow
def test_the_doctor_says_line_by_line_what_works(tmp_path: Path) -> None:
    said = elsewhere(
        tmp_path,
        "doctor",
        "--json",
        DATABASE_URL="postgres://nobody@127.0.0.1:1/none",
        BLENDER_EXECUTABLE="/no/such/blender",
        CYCLES_DEVICE="banana",
    )
    findings = {finding["name"]: finding for finding in json.loads(said.stdout)}
    assert said.returncode == 1
    assert findings.pop("confinement")["detail"].startswith("Blender and readers of files: ")
    assert {name: finding["state"] for name, finding in findings.items()} == {
        "Blender": "fail",
        "OpenCASCADE": "ok",
        "database": "fail",
        "storage": "ok",
        "disk": "ok",
        "settings": "fail",
    }
    assert "/no/such/blender" in findings["Blender"]["detail"]
    assert "banana" in findings["settings"]["detail"]


def test_another_blender_than_the_last_pictures_is_a_finding_of_the_doctor(tmp_path: Path) -> None:
    assert doctor.pictures().state == "ok"
    cad, kind = factories.cad_file(), factories.output_type()
    made = factories.master(cad, kind, tmp_path)
    made.receipt |= {"blender_version": "4.5.0"}
    made.save()
    finding = doctor.pictures()
    assert (finding.state, "4.5.0" in finding.detail, "4.5.0" in finding.hint) == ("warn", True, True)


def test_a_database_of_a_later_version_is_a_finding_of_the_doctor() -> None:
    assert doctor.database().state == doctor.OK
    MigrationRecorder(connection).record_applied("rendering", "0999_of_tomorrow")
    finding = doctor.database()
    assert finding.state == doctor.FAIL and "rendering.0999_of_tomorrow" in finding.detail


def test_a_lane_without_a_gpu_is_a_finding_of_the_doctor() -> None:
    GpuDevice.objects.create(host="h", backend="CUDA", vendor_id="1", name="A", serves_heavy=False)
    finding = doctor.work_queues()
    assert (finding.state, "heavy" in finding.detail, bool(finding.hint)) == ("fail", True, True)


def test_workers_for_a_queue_that_is_not_there_are_refused(manage: Shell, settings: Any) -> None:
    settings.CYCLES_DEVICE = "cpu"
    said = manage("run_workers", "--queue", "nonsense")
    assert said.code == 2
    assert "This host has no queue nonsense" in said.err


def elsewhere(tmp_path: Path, *words: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run a command as a process of its own with settings of its own."""
    return subprocess.run(
        [sys.executable, "manage.py", *words],
        cwd=PROJECT,
        env={
            **os.environ,
            "RENDERDESK_VAR_DIR": str(tmp_path / "var"),
            "SECRET_KEY": "x" * 50,
            **environment,
        },
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


@pytest.mark.slow
def test_a_reader_that_has_enough_gets_no_traceback(tmp_path: Path) -> None:
    read_end, write_end = os.pipe()
    os.close(read_end)
    environment = {**os.environ, "DATABASE_URL": f"sqlite:///{tmp_path}/none.sqlite3"}
    said = subprocess.run(
        [sys.executable, "manage.py", "jobs", "--json"],
        cwd=PROJECT,
        env=environment,
        stdout=write_end,
        stderr=subprocess.PIPE,
        text=True,
    )
    os.close(write_end)
    assert said.returncode == 1
    assert "manage.py migrate" in said.stderr
    assert "Traceback" not in said.stderr
    assert "BrokenPipe" not in said.stderr
