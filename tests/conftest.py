"""Every test has a media folder, a cache folder and static files of its own."""

from __future__ import annotations

import gc
import os
import shutil
import tempfile
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import Any

import hypothesis
import pytest
from pytest_django.plugin import blocking_manager_key

from gpu.workers import heartbeat
from tests import bucket, databases, needs
from tests.paths import CORPUS, PROJECT, SAMPLE

__all__ = ["CORPUS", "PROJECT", "SAMPLE"]

# A machine that does other things as well is no finding.
hypothesis.settings.register_profile("any machine", deadline=None)
hypothesis.settings.load_profile("any machine")


MEMORY = Path("/dev/shm")
ROOM = 2_000_000_000  # bytes; a run has about 300 MB there at a time


def pytest_configure(config: pytest.Config) -> None:
    """All processes of this run share what is made once, and write to memory where there is enough of it."""
    if databases.RUN in os.environ:
        return
    root = tempfile.gettempdir()
    if "TMPDIR" not in os.environ and os.access(MEMORY, os.W_OK) and shutil.disk_usage(MEMORY).free > ROOM:
        root = str(MEMORY)  # an fsync on a disk takes milliseconds
    os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", root)
    tempfile.tempdir = root
    # What a process leaves behind when it is killed goes with the folder of the run.
    os.environ["TMPDIR"] = str(databases.begin())
    tempfile.tempdir = None


def pytest_collection_finish() -> None:
    """What was imported stays: a collection of garbage need not look through it again and again."""
    gc.collect()
    gc.freeze()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what each test needs; on several workers the long files come first, so that none ends with one alone."""
    for item in items:
        needs.mark(item)
    if "PYTEST_XDIST_WORKER" in os.environ:
        items.sort(key=lambda item: "end_to_end" not in item.path.parts)


@pytest.fixture(autouse=True, scope="session")
def tables_are_emptied_quickly() -> None:
    """TRUNCATE writes new files for each of some eighty tables, which takes PostgreSQL a second; these hold few rows.

    Foreign keys are checked at the end of the transaction, so the order does not matter.
    """
    from django.db.backends.postgresql.operations import DatabaseOperations

    def sql_flush(self: Any, style: Any, tables: Any, **options: Any) -> list[str]:
        return [f"DELETE FROM {self.quote_name(table)}" for table in tables]

    DatabaseOperations.sql_flush = sql_flush  # type: ignore[method-assign]


@pytest.fixture(scope="session")
def django_db_setup(rows_are_restored_quickly: None, django_db_setup: None) -> None:
    pass


@pytest.fixture(scope="session")
def rows_are_restored_quickly() -> None:
    """Before the database is made, whose rows are kept then."""
    from tests import snapshot

    snapshot.install()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_teardown(item: pytest.Item, nextitem: pytest.Item | None) -> Iterator[None]:
    """A test with real transactions empties the database; what the migrations made is there again for the next."""
    yield
    marker = item.get_closest_marker("django_db")
    if nextitem is not None and marker and marker.kwargs.get("transaction"):
        assert marker.kwargs.get("serialized_rollback"), (
            "transaction=True needs serialized_rollback=True here"
        )
        from django.db import connection

        with item.config.stash[blocking_manager_key].unblock():
            connection.creation.deserialize_db_from_string(connection._test_serialized_contents)


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_protocol(item: pytest.Item) -> Generator[None, object, object]:
    """Hold each test to the markers that say what it starts."""
    needs.watch(item)
    try:
        return (yield)
    finally:
        needs.watch(None)


@pytest.fixture(autouse=True)
def private_folders(
    request: pytest.FixtureRequest, settings: Any, tmp_path: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    settings.MEDIA_ROOT = tmp_path / "media"
    if request.node.get_closest_marker("django_db"):
        settings.MEDIA_ROOT.mkdir()
    settings.CACHE_DIR = tmp_path / "cache"
    settings.KERNEL_CACHE_DIR = tmp_path / "cache" / "kernels"
    settings.STATIC_ROOT = tmp_path_factory.mktemp("static")
    settings.STORAGES = settings.STORAGES | {
        "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    }
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture(autouse=True)
def nothing_unmarked() -> Iterator[None]:
    yield
    found = needs.unmarked()
    assert not found, "\n".join(found)


@pytest.fixture(autouse=True)
def no_worker_of_another_test(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nor whose turn it was there."""
    from rendering.queue.claims import taking

    monkeypatch.setattr(heartbeat, "_current", None)
    taking.lookers.clear()


@pytest.fixture(scope="session")
def django_db_modify_db_settings(
    tmp_path_factory: pytest.TempPathFactory, django_db_modify_db_settings_parallel_suffix: None
) -> None:
    """A copy of the migrated database for each pytest-xdist worker.

    SQLite is in a file, as in real life: threads and processes share it.
    """
    from django.conf import settings

    test = settings.DATABASES["default"]["TEST"]
    if settings.DATABASES["default"]["ENGINE"].endswith("sqlite3"):
        test["NAME"] = str(tmp_path_factory.mktemp("db") / "test.sqlite3")
        shutil.copyfile(databases.migrated_file(), test["NAME"])
    else:
        test["TEMPLATE"] = databases.migrated_template(os.environ["DATABASE_URL"])


@pytest.fixture(scope="session")
def django_db_keepdb(django_db_keepdb: bool) -> bool:
    """Take the copied file as it is; on PostgreSQL the copy is made where Django makes a test's database."""
    from django.conf import settings

    return django_db_keepdb or settings.DATABASES["default"]["ENGINE"].endswith("sqlite3")


@pytest.fixture(scope="session")
def object_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[bucket.Server]:
    with bucket.running(tmp_path_factory.mktemp("bucket") / "server") as server:
        yield server


@pytest.fixture
def object_line(object_server: bucket.Server) -> Iterator[bucket.Line]:
    line = bucket.Line(object_server.ports[3])
    yield line
    line.cut()
    line.listener.close()


@pytest.fixture
def corpus() -> Path:
    if not CORPUS.is_dir():
        pytest.skip("the shared CAD corpus is not beside the project")
    return CORPUS
