"""The way back, rehearsed: a working installation is backed up, and an empty one has every picture by its hash."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings

from tests import on_databases
from tests.end_to_end.installation import Answer, Installation, installation
from tests.paths import PROJECT

SERVER = os.environ.get("TEST_DATABASE_URL", on_databases.LOCAL)
pytestmark = pytest.mark.slow


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def server(request: pytest.FixtureRequest) -> str:
    """Where databases are made: "" for SQLite."""
    if request.param == "sqlite":
        return ""
    if why := on_databases.trouble(SERVER):
        pytest.skip(f"PostgreSQL: {why}")
    return f"{SERVER.rsplit('/', 1)[0]}/of_this_test"


@pytest.fixture(scope="module")
def desk(server: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    """An installation with products, pictures, orders and running jobs."""
    with installation(tmp_path_factory.mktemp("desk"), server) as it:
        it.shell("from tests.rendering.management.backup import filling; filling.fill()")
        yield it


@pytest.fixture(scope="module")
def kept(desk: Installation, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a backup of it."""
    folder = tmp_path_factory.mktemp("kept") / "backups"
    desk.command("backup", str(folder))
    return folder


@pytest.fixture
def empty(server: str, tmp_path: Path) -> Iterator[Installation]:
    (tmp_path / "empty").mkdir()
    with installation(tmp_path / "empty", server) as it:
        yield it


def state(of: Installation) -> dict[str, Any]:
    code = "import json; from tests.rendering.management.backup import filling; print(json.dumps(filling.state()))"
    found = json.loads(of.shell(code))
    assert isinstance(found, dict)
    return found


def told(of: Installation, *words: str, typed: str = "") -> Answer:
    """Run a command that may fail, without the second that a process takes to start."""
    code = (
        "import io, json, sys; from django.core.management import call_command\n"
        "out, err, code = io.StringIO(), io.StringIO(), 0\n"
        f"keyboard, sys.stdin = sys.stdin, io.StringIO({typed!r})\n"
        f"try: call_command(*{[*words, '--json']}, stdout=out, stderr=err)\n"
        "except SystemExit as end: code = end.code\n"
        "finally: sys.stdin = keyboard\n"
        "print(json.dumps([code, json.loads(out.getvalue()), err.getvalue()]))"
    )
    return Answer(*json.loads(of.shell(code)))


def refused(of: Installation, *words: str, typed: str = "") -> Answer:
    answer = told(of, *words, typed=typed)
    assert answer.code, answer.document
    return answer


def test_an_empty_installation_gets_everything_back(
    desk: Installation, kept: Path, empty: Installation
) -> None:
    before = state(desk)
    done = empty.manage("restore", str(kept), SECRET_KEY="another" * 10)
    assert done.code == 0, done.errors
    assert (done.document["returned_jobs"], done.document["same_secret_key"]) == (2, False)
    assert done.document["files"] == done.document["copied"] == len(before["assets"]) * 4 + 2
    after = state(empty)
    assert after["wrong"] == [] and after["panoramas"] == [True]
    for what in ("assets", "cad", "users", "lines"):
        assert after[what] == before[what] and after[what], what
    # What was alive then is not any more: one job waits again, the one that was being canceled is.
    assert (after["running"], after["workers"], after["lost"]) == (0, 0, [True])
    assert before["jobs"] == ["queued"] * 3 + ["running"] * 2
    assert "running" not in after["jobs"] and "canceled" in after["jobs"]
    assert [one["name"] for one in empty.command("doctor")].count("last backup") == 1
    # It works: the next backup is of what was restored.
    again = empty.command("backup", str(empty.folder / "more"))
    assert again["files"] == done.document["files"]


def test_it_goes_on_while_people_order_and_workers_publish(
    desk: Installation, tmp_path: Path, server: str
) -> None:
    folder = tmp_path / "backups"
    desk.shell(
        "import threading; from django.core.management import call_command\n"
        "from tests.rendering.management.backup import filling\n"
        "stop = threading.Event(); threads = filling.busy(stop)\n"
        "try:\n"
        f"    for _ in range(3): call_command('backup', {str(folder)!r}, '--json')\n"
        "finally:\n"
        "    stop.set(); [one.join() for one in threads]\n"
    )
    backups = sorted(path.name for path in folder.iterdir() if (path / "manifest.json").exists())
    assert len(backups) == 3
    for number, name in enumerate(backups):
        (tmp_path / str(number)).mkdir()
        with installation(tmp_path / str(number), server) as back:
            done = back.command("restore", str(folder), "--backup", name)
            assert done["missing"] == {} and done["damaged"] == {}
            found = state(back)
            assert found["wrong"] == []
            # Each order that was placed is whole, and so is each product with its pictures.
            assert found["lines"] == int(
                back.shell(
                    "from rendering.models import Order; from media_assets.models import Product\n"
                    "assert not Product.objects.filter(cad_file=None).exists()\n"
                    "print(sum(order.lines.count() for order in Order.objects.all()))"
                )
            )


def test_one_that_was_killed_is_none_and_the_next_goes_on(desk: Installation, tmp_path: Path) -> None:
    folder = tmp_path / "backups"
    killed = (
        "import os, django; django.setup()\n"
        "from django.core.management import call_command; from media_assets import storage\n"
        "real, done = storage.copy_out, []\n"
        "def copy(*args):\n"
        "    done.append(real(*args))\n"
        "    if len(done) == 8: os.kill(os.getpid(), 9)\n"
        "    return done[-1]\n"
        f"storage.copy_out = copy; call_command('backup', {str(folder)!r})\n"
    )
    environment = desk.environment | {"DJANGO_SETTINGS_MODULE": "config.settings"}
    ended = subprocess.run(
        [sys.executable, "-c", killed], cwd=PROJECT, env=environment, check=False, timeout=60
    )
    assert ended.returncode == -signal.SIGKILL
    assert refused(desk, "backup", str(folder), "--verify").document["error_code"] == "usage"
    assert refused(desk, "restore", str(folder)).document["error_code"] == "usage"
    done = desk.command("backup", str(folder))
    assert 0 < done["copied"] <= done["files"] - 8
    assert desk.command("backup", str(folder), "--verify")["wrong"] == {}
    assert not list(folder.glob("*.part"))


def test_what_is_not_empty_is_replaced_only_when_that_is_said(kept: Path, empty: Installation) -> None:
    empty.shell("from tests.rendering.management.backup import filling; filling.fill(2)")
    mine = state(empty)
    answer = refused(empty, "restore", str(kept))
    assert answer.code == 2 and "This installation is not empty: 1 users, 2 CAD files" in answer.errors
    asked = refused(empty, "restore", str(kept), "--replace")  # nobody answers
    assert "all of that is lost" in asked.errors and "Nothing was changed." in asked.errors
    assert state(empty) == mine
    name = empty.environment["DATABASE_URL"].rpartition("/")[2]
    assert f"The database {name} will be replaced" in asked.errors
    refused(empty, "restore", str(kept), "--replace", typed="yes\n")
    assert state(empty) == mine
    done = told(empty, "restore", str(kept), "--replace", typed=f"{name}\n")
    assert done.code == 0, done.errors
    after = state(empty)
    assert (after["wrong"], len(after["cad"]), after["users"]) == ([], 5, ["anna"])


def test_an_older_backup_is_brought_up_to_date_and_a_newer_one_refused(
    empty: Installation, tmp_path: Path
) -> None:
    folder = tmp_path / "old"
    empty.shell(
        "from django.core.management import call_command; call_command('migrate', 'axes', '0008', verbosity=0)"
    )
    empty.command("backup", str(folder))
    assert empty.command("restore", str(folder))["files"] == 0
    pending = "from rendering.management.doctor import database; print(database().state)"
    assert empty.shell(pending) == "ok"
    (manifest,) = folder.glob("*/manifest.json")
    document = json.loads(manifest.read_text())
    document["migrations"]["rendering"].append("0099_of_tomorrow")
    manifest.write_text(json.dumps(document | {"version": "9.0"}))
    answer = refused(empty, "restore", str(folder))
    assert answer.document["error_code"] == "newer" and f"(9.0; this is {settings.VERSION})" in answer.errors
    manifest.write_text(json.dumps(document | {"version": "9.0", "format": 2}))
    assert "Use that version" in refused(empty, "restore", str(folder)).errors


def test_nothing_is_restored_under_the_hands_of_workers_or_into_another_database(
    desk: Installation, kept: Path
) -> None:
    worker = "from gpu.models import Worker; Worker.objects.filter(identity='h:b:1:1').delete()\n"
    desk.shell(
        worker + "Worker.objects.create(identity='h:b:1:1', host='h', pid=1, queue='asset_pipeline_cpu')"
    )
    answer = refused(desk, "restore", str(kept))
    assert answer.code == 2 and "Stop 'manage.py run_workers' on every host" in answer.errors
    desk.shell(worker)
    (manifest,) = kept.glob("*/manifest.json")
    right = manifest.read_text()
    try:
        manifest.write_text(right.replace('"vendor": "', '"vendor": "other'))
        answer = refused(desk, "restore", str(kept))
    finally:
        manifest.write_text(right)
    assert answer.code == 2 and "can only be restored into the same kind of database" in answer.errors
