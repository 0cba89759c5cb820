"""Settings come from the environment and a .env file; bad ones are errors with a hint."""

from __future__ import annotations

import json
import os
import shutil
import stat
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from django.core.checks import run_checks

from config.secret import load_or_make_secret, read_files
from tests.conftest import PROJECT

SHOW = (
    "import json, config.settings as s; print(json.dumps({name: str(getattr(s, name)) for name in ("
    "'SECRET_KEY', 'MEDIA_ROOT', 'CACHE_DIR', 'STATIC_ROOT', 'DEBUG', 'CYCLES_DEVICE', 'ALLOWED_HOSTS')}"
    " | {'database': s.DATABASES['default'] | {'TEST': None}}, default=str))"
)


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project with nothing but its settings, so that a .env can lie in it."""
    shutil.copytree(PROJECT / "config", tmp_path / "desk" / "config")
    return tmp_path / "desk"


def settings_of(project: Path, cwd: Path | None = None, **environment: str) -> dict[str, Any]:
    out = subprocess.run(
        [sys.executable, "-c", SHOW],
        cwd=cwd or project,
        env={"PATH": os.environ["PATH"], "PYTHONPATH": str(project), **environment},
        capture_output=True,
        text=True,
        check=True,
    )
    return json.loads(out.stdout)


class TestTheSecretKey:
    def test_is_made_once_and_read_by_its_owner_alone(self, tmp_path: Path) -> None:
        path = tmp_path / "var" / "secret_key"
        key = load_or_make_secret(path)
        assert len(key) >= 50 and load_or_make_secret(path) == key
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        assert list(path.parent.iterdir()) == [path]

    def test_is_another_one_for_another_installation(self, tmp_path: Path) -> None:
        assert load_or_make_secret(tmp_path / "a") != load_or_make_secret(tmp_path / "b")

    def test_is_one_for_all_processes_that_start_together(self, tmp_path: Path) -> None:
        code = (
            "import sys; from pathlib import Path; from config.secret import load_or_make_secret;"
            "sys.stdin.read(); print(load_or_make_secret(Path(sys.argv[1])))"
        )
        children = [
            subprocess.Popen(
                [sys.executable, "-c", code, str(tmp_path / "key")],
                cwd=PROJECT,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
            )
            for _ in range(4)
        ]
        for child in children:
            assert child.stdin is not None
            child.stdin.close()
        keys = {child.stdout.read().strip() for child in children if child.stdout}
        assert [child.wait() for child in children] == [0] * 4
        assert len(keys) == 1 and keys != {""}
        assert [path.name for path in tmp_path.iterdir()] == ["key"]

    def test_of_the_environment_wins_and_is_not_written(self, project: Path) -> None:
        assert settings_of(project, SECRET_KEY="from outside")["SECRET_KEY"] == "from outside"
        assert not (project / "var" / "secret_key").exists()


def test_a_fresh_installation_keeps_everything_in_var(project: Path) -> None:
    found = settings_of(project)
    assert found["MEDIA_ROOT"] == str(project / "var" / "media")
    assert found["CACHE_DIR"] == str(project / "var" / "cache")
    assert found["database"]["NAME"] == str(project / "var" / "db.sqlite3")
    assert (found["DEBUG"], found["CYCLES_DEVICE"]) == ("False", "")
    assert (project / "var" / "secret_key").exists()


def test_the_default_database_has_a_folder_to_be_made_in(project: Path) -> None:
    found = settings_of(project, SECRET_KEY="given, so that nothing else makes the folder")
    assert Path(found["database"]["NAME"]).parent.is_dir()


def test_a_dotenv_file_is_read_and_the_environment_wins_over_it(project: Path) -> None:
    (project / ".env").write_text(
        "DEBUG=on\nMEDIA_ROOT=/srv/media\nSECRET_KEY=x\nALLOWED_HOSTS=desk.example\n"
    )
    found = settings_of(project, MEDIA_ROOT="/mnt/media")
    assert (found["DEBUG"], found["MEDIA_ROOT"]) == ("True", "/mnt/media")
    assert found["ALLOWED_HOSTS"] == "['desk.example']"


def test_a_relative_folder_is_the_same_wherever_a_process_was_started(project: Path, tmp_path: Path) -> None:
    here = settings_of(project, MEDIA_ROOT="media", RENDERDESK_CACHE_DIR="cache", SECRET_KEY="x")
    there = settings_of(
        project, cwd=tmp_path, MEDIA_ROOT="media", RENDERDESK_CACHE_DIR="cache", SECRET_KEY="x"
    )
    assert here["MEDIA_ROOT"] == there["MEDIA_ROOT"] == str(project / "media")
    assert here["CACHE_DIR"] == there["CACHE_DIR"]


def test_sqlite_waits_for_its_lock_and_postgresql_keeps_its_connection(project: Path) -> None:
    sqlite = settings_of(project, SECRET_KEY="x")["database"]
    assert sqlite["OPTIONS"]["transaction_mode"] == "IMMEDIATE"
    assert "journal_mode=WAL" in sqlite["OPTIONS"]["init_command"]
    postgres = settings_of(project, SECRET_KEY="x", DATABASE_URL="postgres://u@db/desk")["database"]
    assert (postgres["ENGINE"], postgres["HOST"]) == ("django.db.backends.postgresql", "db")
    assert (postgres["CONN_MAX_AGE"], postgres["CONN_HEALTH_CHECKS"]) == (600, True)


@pytest.mark.parametrize(("media", "static"), [("a", "a"), ("a/media", "a"), ("a", "a/static")])
def test_media_and_static_files_in_each_other_are_an_error(
    media: str, static: str, settings: Any, tmp_path: Path
) -> None:
    settings.MEDIA_ROOT, settings.STATIC_ROOT = tmp_path / media, tmp_path / static
    (error,) = (found for found in run_checks() if found.id == "media_assets.E001")
    assert "Give each its own folder" in error.hint


def test_folders_side_by_side_are_fine(settings: Any, tmp_path: Path) -> None:
    settings.MEDIA_ROOT, settings.STATIC_ROOT = tmp_path / "media", tmp_path / "media-static"
    assert not [found for found in run_checks() if found.id == "media_assets.E001"]


def test_a_lease_that_is_too_short_is_an_error(settings: Any) -> None:
    settings.LEASE_SECONDS = 2
    assert [found.id for found in run_checks() if found.id.startswith("rendering.")] == ["rendering.E001"]


def test_the_defaults_pass_every_check() -> None:
    assert run_checks() == []


@pytest.mark.slow
def test_a_bad_setting_ends_a_command_before_it_does_anything(tmp_path: Path) -> None:
    ended = subprocess.run(
        [sys.executable, "manage.py", "jobs"],
        cwd=PROJECT,
        env={
            "PATH": os.environ["PATH"],
            "SECRET_KEY": "x",
            "RENDERDESK_VAR_DIR": str(tmp_path),
            "CYCLES_DEVICE": "banana",
        },
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.returncode == 1
    assert "CYCLES_DEVICE is 'banana'" in ended.stderr and "Traceback" not in ended.stderr


@pytest.mark.slow
def test_production_settings_pass_the_deployment_check(tmp_path: Path) -> None:
    checked = subprocess.run(
        [sys.executable, "manage.py", "check", "--deploy", "--fail-level", "WARNING"],
        cwd=PROJECT,
        env={
            "PATH": os.environ["PATH"],
            "RENDERDESK_VAR_DIR": str(tmp_path),
            "HTTPS": "on",
            "ALLOWED_HOSTS": "desk.example",
            "RENDERDESK_URL": "https://desk.example",
        },
        capture_output=True,
        text=True,
        check=False,
    )
    assert (checked.returncode, checked.stderr) == (0, "")


def deployment_findings() -> dict[str | None, str]:
    found = run_checks(include_deployment_checks=True)
    return {one.id: str(one.hint) for one in found if str(one.id).startswith("rendering.")}


@pytest.mark.parametrize("hosts", [["*"], ["desk.example", "*"]])
def test_any_host_at_all_is_an_error_in_production(hosts: list[str], settings: Any) -> None:
    settings.ALLOWED_HOSTS, settings.SITE_URL = hosts, "https://desk.example"
    assert "ALLOWED_HOSTS=render.example.com" in deployment_findings()["rendering.E004"]


def test_an_address_of_ours_that_is_no_allowed_host_is_a_warning_in_production(settings: Any) -> None:
    settings.ALLOWED_HOSTS, settings.SITE_URL = [".example"], "http://localhost:8000"
    assert set(deployment_findings()) == {"rendering.W001"}
    settings.SITE_URL = "https://desk.example"
    assert not deployment_findings()


class TestSecretsInFiles:
    def test_are_read_without_the_line_break_of_the_editor(self, project: Path, tmp_path: Path) -> None:
        (tmp_path / "key").write_text("from a file\n")
        (tmp_path / "db").write_text("postgres://u:p%40ss@db/desk\n")
        found = settings_of(
            project, SECRET_KEY_FILE=str(tmp_path / "key"), DATABASE_URL_FILE=str(tmp_path / "db")
        )
        assert found["SECRET_KEY"] == "from a file" and not (project / "var" / "secret_key").exists()
        assert (found["database"]["NAME"], found["database"]["PASSWORD"]) == ("desk", "p@ss")

    def test_do_not_reach_the_environment_of_children(self, project: Path, tmp_path: Path) -> None:
        (tmp_path / "mail").write_text("smtp+tls://u:hush@mail.example:587")
        shown = subprocess.run(
            [
                sys.executable,
                "-c",
                "import os, config.settings as s; print(s.EMAIL_HOST_PASSWORD, 'hush' in str(os.environ))",
            ],
            cwd=project,
            env={
                "PATH": os.environ["PATH"],
                "PYTHONPATH": str(project),
                "EMAIL_URL_FILE": str(tmp_path / "mail"),
            },
            capture_output=True,
            text=True,
            check=True,
        )
        assert shown.stdout.split() == ["hush", "False"]

    @pytest.mark.parametrize(
        ("content", "other", "words"),
        [
            (None, "", "cannot be read"),
            (b"", "", "is empty"),
            (b"\xff\xfe", "", "it is no text"),
            (b"key", "another key", "Both SECRET_KEY and SECRET_KEY_FILE"),
        ],
    )
    def test_that_are_not_there_or_there_twice_are_an_error_and_not_replaced(
        self, content: bytes | None, other: str, words: str, tmp_path: Path
    ) -> None:
        if content is not None:
            (tmp_path / "key").write_bytes(content)
        environment = {"SECRET_KEY_FILE": str(tmp_path / "key"), "SECRET_KEY": other}
        found, wrong = read_files(environment)
        assert not found.get("SECRET_KEY") and len(wrong) == 1 and words in wrong[0]

    def test_stop_commands_and_the_web_server(self, tmp_path: Path) -> None:
        environment = {
            "PATH": os.environ["PATH"],
            "RENDERDESK_VAR_DIR": str(tmp_path / "var"),
            "DATABASE_URL_FILE": str(tmp_path / "none"),
        }
        for command in (["manage.py", "jobs"], ["-c", "import config.wsgi"]):
            ended = subprocess.run(
                [sys.executable, *command],
                cwd=PROJECT,
                env=environment,
                capture_output=True,
                text=True,
                check=False,
            )
            assert ended.returncode == 1 and "DATABASE_URL_FILE" in ended.stderr, command
        assert not (tmp_path / "var" / "secret_key").exists()


def test_postgresql_compiles_nothing_unless_the_url_says_so(project: Path) -> None:
    plain = settings_of(project, DATABASE_URL="postgres:///x")["database"]["OPTIONS"]
    own = settings_of(project, DATABASE_URL="postgres:///x?options=-c%20jit%3Don")["database"]["OPTIONS"]
    assert plain["options"] == "-c jit=off -c plan_cache_mode=force_generic_plan"
    assert "jit=on" in own["options"]
