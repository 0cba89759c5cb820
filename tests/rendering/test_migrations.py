"""Migrations: from nothing, again, and again after having been interrupted."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest
from django.apps import apps
from django.core.management import call_command
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.loader import MigrationLoader
from django_q.models import Schedule

from rendering.models import Finish, OutputType, Workflow
from rendering.orders import uploads
from tests.conftest import PROJECT

FILMS = {"turntable-mp4", "turntable-webm", "turntable-webp"}
DEFAULTS = {"draft", "thumbnail", "still-1024", "still-1024-webp", "still-2048", *FILMS}

FAIL_ONCE = """
import sys
import django
from django.conf import settings
django.setup()
from django.core.management import call_command
from django.db.backends.sqlite3 import schema
left = int(sys.argv[1])
real = schema.DatabaseSchemaEditor.execute
def execute(self, sql, params=()):
    global left
    left -= 1
    if left < 0:
        import os, signal
        os.kill(os.getpid(), signal.SIGKILL)
    return real(self, sql, params)
schema.DatabaseSchemaEditor.execute = execute
call_command("migrate", verbosity=0)
"""


@pytest.fixture
def database(tmp_path: Path) -> Path:
    return tmp_path / "desk.sqlite3"


def python(database: Path, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, *words],
        cwd=PROJECT,
        env={
            **os.environ,
            "DJANGO_SETTINGS_MODULE": "config.settings",
            "SECRET_KEY": "x",
            "DATABASE_URL": f"sqlite:///{database}",
        },
        capture_output=True,
        text=True,
        check=False,
    )


def migrate(database: Path, *words: str) -> None:
    done = python(database, "manage.py", "migrate", "--verbosity", "0", *words)
    assert (done.returncode, done.stderr) == (0, "")


def slugs(database: Path) -> list[str]:
    with sqlite3.connect(database) as rows:
        return [slug for (slug,) in rows.execute("select slug from rendering_outputtype order by slug")]


@pytest.mark.slow
def test_a_migration_that_was_killed_twice_can_be_run_again_and_another_run_changes_nothing(
    database: Path,
) -> None:
    for after in (3, 140):  # statements: at the beginning, and where the first left off
        killed = python(database, "-c", FAIL_ONCE, str(after))
        assert killed.returncode == -9
    for _ in range(2):
        migrate(database)
        assert slugs(database) == sorted(DEFAULTS)


@pytest.mark.slow
def test_each_app_can_be_migrated_by_itself(database: Path) -> None:
    migrate(database, "media_assets")
    migrate(database, "rendering")
    migrate(database)
    assert slugs(database) == sorted(DEFAULTS)


@pytest.mark.django_db
@pytest.mark.database
class TestDefaults:
    def test_the_promised_output_types_are_there(self) -> None:
        found = {
            kind.slug: (kind.kind, kind.format, kind.width, kind.samples)
            for kind in OutputType.objects.filter(is_active=True)
        }
        assert found["draft"] == ("still", "png", 128, 8)
        assert found["thumbnail"][:3] == ("thumbnail", "webp", 256)
        assert found["still-1024"][:3] == ("still", "png", 1024)
        assert found["still-1024-webp"][:3] == ("still", "webp", 1024)
        assert found["still-2048"][:3] == ("still", "png", 2048)
        films = OutputType.objects.filter(kind="turntable", is_active=True)
        assert set(films.values_list("slug", flat=True)) == FILMS
        assert {(kind.frames, kind.fps) for kind in films} == {(72, 24)}, "all three come from one render"

    def test_every_default_is_valid_in_the_admin(self) -> None:
        for kind in OutputType.objects.all():
            kind.full_clean()

    def test_making_them_again_leaves_what_operators_changed(self) -> None:
        OutputType.objects.filter(slug="draft").update(samples=99)
        OutputType.objects.filter(slug="still-2048").delete()
        operations = MigrationLoader(connection).get_migration("rendering", "0002_defaults").operations
        for make in operations[:2]:  # the materials of later versions have other fields
            make.code(apps, None)
        assert OutputType.objects.get(slug="draft").samples == 99
        assert set(OutputType.objects.values_list("slug", flat=True)) == DEFAULTS
        assert Workflow.objects.get(runs_on_upload=True).steps.get().output_type.slug == "thumbnail"

    def test_names_of_finishes_become_american_where_they_are_as_shipped(self) -> None:
        names = {
            "aluminium": "House metal",
            "paint": "Paint, CAD colour",
            "plastic_matt": "Plastic, matt",
            "rubber": "Plastic, matte",
        }
        for slug in ("rubber", "plastic_matt", "paint", "aluminium"):
            Finish.objects.filter(slug=slug).update(name=slug)
        for slug, name in names.items():
            Finish.objects.filter(slug=slug).update(name=name)
        operations = MigrationLoader(connection).get_migration("rendering", "0003_since_0_1_0").operations
        (rename,) = [one for one in operations if getattr(one, "code", print).__name__ == "rename_finishes"]
        rename.code(apps, connection.schema_editor())
        now = dict(Finish.objects.filter(slug__in=names).values_list("slug", "name"))
        assert now == {**names, "paint": "Paint, CAD color"}, "no name that people gave, and none twice"

    def test_the_schedules_are_there_once(self) -> None:
        uploads.on_migrated(using="default")
        uploads.on_migrated(using="default")
        assert Schedule.objects.get(name="renderdesk: reap").func == "rendering.tasks.reap"

    def test_the_models_have_no_change_without_a_migration(self) -> None:
        call_command("makemigrations", check_changes=True, dry_run=True, verbosity=0)

    def test_nothing_is_left_to_migrate(self) -> None:
        executor = MigrationExecutor(connection)
        assert executor.migration_plan(executor.loader.graph.leaf_nodes()) == []
