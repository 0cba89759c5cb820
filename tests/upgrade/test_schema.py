"""What an upgrade does to the tables, and what it refuses to touch."""

from __future__ import annotations

from io import StringIO

import pytest
from django.core.checks import run_checks
from django.core.management import call_command
from django.core.management.base import SystemCheckError
from django.db import connection
from django.db.migrations.recorder import MigrationRecorder

from rendering.management import doctor
from tests.upgrade.conftest import Upgrade
from tests.upgrade.old_desk import schema

pytestmark = [pytest.mark.django_db, pytest.mark.database]


def test_the_schema_is_that_of_a_new_installation(upgrade: Upgrade) -> None:
    fresh = schema()
    assert upgrade.schema.keys() == fresh.keys()
    for table, made in fresh.items():
        assert upgrade.schema[table] == made, table


@pytest.mark.parametrize("step", ["rendering.0022_names", "gpu.0006_queue_pause", "rendering.0020_standing"])
def test_a_database_that_stopped_half_way_is_told_which_release_to_install(step: str) -> None:
    app, name = step.split(".")
    for gone in (name, "0001_squashed", "0002_defaults"):
        MigrationRecorder(connection).record_unapplied(app, gone)
    with pytest.raises(
        SystemCheckError, match=rf"lacks {step}\.\n\s+HINT: Install release 0\.1\.0, run 'manage.py migrate'"
    ):
        call_command("migrate", skip_checks=False)
    assert step in doctor.database().detail


@pytest.mark.parametrize(
    "step", ["gpu.0002_last_probes", "media_assets.0008_revisions_and_groups", "rendering.0039_rows"]
)
def test_a_database_of_a_development_version_is_told_which_commit_to_migrate_with(step: str) -> None:
    app, name = step.split(".")
    for gone in (name, "0002_since_0_1_0", "0003_since_0_1_0"):
        MigrationRecorder(connection).record_unapplied(app, gone)
    with pytest.raises(
        SystemCheckError,
        match=rf"lacks {step}\.\n\s+HINT: Check out commit [0-9a-f]{{8}}, run 'manage.py migrate'",
    ):
        call_command("migrate", skip_checks=False)
    assert step in doctor.database().detail


def test_a_database_with_all_steps_of_the_development_versions_is_up_to_date() -> None:
    for gone in ("0002_since_0_1_0", "0003_since_0_1_0"):
        MigrationRecorder(connection).migration_qs.filter(name=gone).delete()
    assert not run_checks(databases=["default"])
    assert doctor.database().state == doctor.OK
    said = StringIO()
    call_command("migrate", stdout=said)
    assert "No migrations to apply" in said.getvalue()
    recorded = MigrationRecorder(connection).migration_qs.filter(name__endswith="_since_0_1_0")
    assert {one.app for one in recorded} == {"gpu", "media_assets", "rendering"}


def test_a_database_without_any_step_and_one_with_all_are_fine() -> None:
    assert not run_checks(databases=["default"])
    for app in ("media_assets", "gpu", "rendering"):
        MigrationRecorder(connection).migration_qs.filter(app=app).delete()
    assert not run_checks(databases=["default"])
