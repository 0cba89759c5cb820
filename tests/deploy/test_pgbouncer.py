"""A real PgBouncer in transaction mode between us and PostgreSQL: each transaction may meet another process."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from tests.databases import database
from tests.end_to_end.installation import Installation, free_port
from tests.on_databases import LOCAL, trouble

pytestmark = [pytest.mark.slow, pytest.mark.skipif(bool(trouble(LOCAL)), reason="no PostgreSQL answers here")]

CONFIGURATION = """
[databases]
* = host={socket} user={user}
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = {port}
unix_socket_dir =
auth_type = any
pool_mode = transaction
default_pool_size = 3
ignore_startup_parameters = options
"""


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Installation]:
    """An installation that reaches its database through PgBouncer alone."""
    program = shutil.which("pgbouncer") or shutil.which("pgbouncer", path="/usr/sbin")
    if program is None:
        pytest.skip("there is no PgBouncer. On Debian: apt-get install pgbouncer")
    # It refuses to run as root, and PostgreSQL lets each user of the machine in under their own name.
    as_root = Path("/").owner() == "root" == Path.home().owner()
    user = "postgres" if as_root else Path.home().owner()
    port = free_port()
    with psycopg.connect(LOCAL.replace("postgres://", "postgresql://")) as connection:
        socket = connection.execute("SHOW unix_socket_directories").fetchone()[0].split(",")[0]  # type: ignore[index]
    text = CONFIGURATION.format(socket=socket, user=user, port=port)
    (tmp_path / "pgbouncer.ini").write_text(text)
    argv = [program, "--quiet", *(["--user", user] if as_root else []), "pgbouncer.ini"]
    with database(tmp_path, LOCAL) as url:
        bouncer = subprocess.Popen(argv, cwd=tmp_path)
        own = f"postgres://anybody@127.0.0.1:{port}/{url.rpartition('/')[2]}"
        installation = Installation(tmp_path, own)
        try:
            installation.wait_until(lambda: not trouble(own), "PgBouncer answers", 10)
            yield installation
        finally:
            installation.stop()
            bouncer.terminate()
            bouncer.wait(10)


TWO_ITERATORS = """
from django.contrib.auth.models import Permission
forwards, backwards = (Permission.objects.order_by(order).iterator(chunk_size=5) for order in ("id", "-id"))
print(len(list(zip(forwards, backwards))) == Permission.objects.count() > 10)
"""
LOCKS = """
from concurrent.futures import ThreadPoolExecutor
from django.db import transaction
from media_assets.storage import holding
def alone():
    with transaction.atomic():
        return holding.hold_alone("cad/a")
with ThreadPoolExecutor(1) as somebody:
    with transaction.atomic():
        holding.hold("cad/a")
        held = somebody.submit(alone).result()
    print(held, somebody.submit(alone).result())
"""

EAR = """
from django.conf import settings
from gpu.queues import wake
from gpu.queues.ear import EVERYTHING, Listening
settings.DIRECT_DATABASE_URL = {url!r}
ear = Listening()
print(ear.heard() is EVERYTHING, ear.is_pooled, ear.pause() > 2)
wake.wake("asset_pipeline")
print(ear.heard())
ear.close()
"""


def test_results_and_locks_are_right_and_a_backup_is_refused(desk: Installation) -> None:
    assert desk.shell(TWO_ITERATORS).strip() == "True"
    assert desk.shell(LOCKS).strip() == "False True"
    refused = desk.manage("backup", str(desk.folder / "backup"))
    assert refused.code == 1 and refused.document["error_code"] == "pooled"
    assert desk.command("jobs") == []  # nobody changed the connections that all share
    # Nobody can listen there: messages are looked for at a steady pace. Past PgBouncer somebody can.
    assert desk.shell(EAR.format(url="")).split() == ["True", "True", "False", "()"]
    name = desk.environment["DATABASE_URL"].rpartition("/")[2]
    direct = f"{LOCAL.rpartition('/')[0]}/{name}"
    assert desk.shell(EAR.format(url=direct)).split() == ["True", "False", "True", "{'asset_pipeline'}"]
