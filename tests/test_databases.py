"""The databases of the tests: copied, restored and kept as they were made."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.apps import apps
from django.contrib.auth.models import Group, Permission
from django.core import serializers
from django.core.management import call_command
from django.db import connection

from rendering.models import OutputType, Workflow
from tests import kept
from tests.paths import PROJECT


@pytest.mark.database
@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_what_the_migrations_made_is_restored_to_the_letter_whatever_became_of_it() -> None:
    before = dumped()
    assert len(before) > 50_000
    Group.objects.all().delete()
    OutputType.objects.update(name="another", samples=1)
    Permission.objects.filter(codename="probe_gpu").delete()
    Workflow.objects.create(name="new")
    assert dumped() != before
    connection.creation.deserialize_db_from_string(connection._test_serialized_contents)  # type: ignore[attr-defined]
    assert not Workflow.objects.filter(name="new").exists()
    assert dumped() == before
    call_command("flush", verbosity=0, interactive=False, inhibit_post_migrate=True)
    assert not Permission.objects.exists()
    connection.creation.deserialize_db_from_string(connection._test_serialized_contents)  # type: ignore[attr-defined]
    assert dumped() == before
    made = Group.objects.create(name="with an id that nobody has")
    assert made.pk > max(Group.objects.exclude(pk=made.pk).values_list("pk", flat=True))


def dumped() -> str:
    stored = [model for model in apps.get_models() if model._meta.managed]
    return serializers.serialize("json", [row for one in stored for row in one._base_manager.order_by("pk")])


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project of one module and one migration, of which a database was made and kept."""
    for name in ("desk/models.py", "desk/migrations/0001_initial.py"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("one = 1\n")
    (tmp_path / "made").write_bytes(b"a database")
    monkeypatch.setattr(kept, "PROJECT", tmp_path)
    monkeypatch.setattr(kept, "FOLDER", tmp_path / "kept")
    kept.keep(tmp_path / "made", tmp_path / "kept" / "db", ["desk/models.py"])
    return tmp_path


def test_a_database_is_kept_until_what_it_was_made_of_changes(project: Path) -> None:
    known = project / "kept" / "db"
    assert kept.is_good(known) and known.read_bytes() == b"a database"
    assert not kept.is_good(project / "kept" / "another")
    for name in ("desk/models.py", "desk/migrations/0001_initial.py"):
        (project / name).write_text("one = 2\n")
        assert not kept.is_good(known), name
        (project / name).write_text("one = 1\n")
        assert kept.is_good(known)
    (project / "desk/migrations/0002_more.py").write_text("")
    assert not kept.is_good(known), "a new migration"
    (project / "desk/migrations/0002_more.py").unlink()
    (project / ".env").write_text("TIME_ZONE=Asia/Tokyo")
    assert not kept.is_good(known), "other settings"


@pytest.mark.parametrize("damage", [b"", b"a data", b"another da"])
def test_half_a_database_is_made_again(damage: bytes, project: Path) -> None:
    (project / "kept" / "db").write_bytes(damage)
    assert not kept.is_good(project / "kept" / "db")


def test_other_variables_of_the_settings_make_another_database(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RENDERDESK_PROBE_MINUTES", "7")
    assert not kept.is_good(project / "kept" / "db")


def test_where_nothing_can_be_kept_the_tests_go_on(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kept, "FOLDER", project / "made" / "no folder")
    kept.keep(project / "made", project / "made" / "no folder" / "db", [])
    assert not kept.is_good(project / "made" / "no folder" / "db")


def test_what_takes_part_in_a_migration_is_noted() -> None:
    files = kept.of_this_process()
    assert {"rendering/models/__init__.py", "tests/kept.py", "config/settings.py"} <= set(files)
    assert all((PROJECT / name).is_file() for name in files)
