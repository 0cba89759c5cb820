"""The desk of 0.1.0 after 'manage.py migrate' of this version."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command
from django.db import transaction

from tests.upgrade.old_desk import Schema, connected, counts, old_desk, schema


@dataclass(frozen=True)
class Upgrade:
    """A database of 0.1.0 that was migrated: its name, what migrate said, its rows before, its schema after."""

    name: str
    said: str
    before: dict[str, int]
    schema: Schema


@pytest.fixture(scope="session")
def upgrade(
    django_db_setup: None, django_db_blocker: Any, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Upgrade]:
    said = StringIO()
    with django_db_blocker.unblock(), old_desk(tmp_path_factory.mktemp("old")) as name:
        with connected(name):
            before = counts()
            call_command("migrate", stdout=said)
            made = Upgrade(name, said.getvalue(), before, schema())
        yield made


@pytest.fixture
def desk(upgrade: Upgrade, django_db_blocker: Any) -> Iterator[None]:
    """A test works on the upgraded desk and leaves it as it was."""
    with django_db_blocker.unblock(), connected(upgrade.name), transaction.atomic():
        yield
        transaction.set_rollback(True)
