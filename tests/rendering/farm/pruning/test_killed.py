"""A prune that is killed by the system at any instant, while workers publish the same bytes: for real, in processes."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone

from media_assets import storage
from media_assets.models import MediaAsset
from rendering.farm import pruning
from tests import factories
from tests.media import path_of
from tests.paths import PROJECT
from tests.rendering.farm.pruning.test_deleting import aged
from tests.rendering.farm.pruning.world import made, rules

pytestmark = [
    pytest.mark.django_db(transaction=True, serialized_rollback=True),
    pytest.mark.database,
    pytest.mark.slow,
]

KILLED = 5
FILES = 150
PRUNE = """
import sys
import django
django.setup()
from django.conf import settings
settings.MEDIA_ROOT, settings.DATABASES["default"]["NAME"] = sys.argv[1], sys.argv[2]
from rendering.farm.pruning import deleting, run, running
deleting.BATCH = running.BATCH = 5
print("begins", flush=True)
run("test")
"""


def prune(media: Path) -> subprocess.Popen[str]:
    """Start a prune of this test's database in a process of its own; return when it has begun."""
    argv = [sys.executable, "-c", PRUNE, str(media), str(connection.settings_dict["NAME"])]
    child = subprocess.Popen(argv, cwd=PROJECT, stdout=subprocess.PIPE, text=True, env=os.environ.copy())
    assert child.stdout is not None and child.stdout.readline() == "begins\n"
    return child


def test_a_prune_that_is_killed_at_any_instant_leaves_what_the_next_one_completes(tmp_path: Path) -> None:
    random.seed(7)
    cad, media = factories.cad_file(), Path(settings.MEDIA_ROOT)
    rules(master_days=30)
    assets: dict[int, Any] = {number: made("render_master", tmp_path, cad, number) for number in range(FILES)}
    old = timezone.now() - timedelta(days=99)
    killed = 0
    for _ in range(KILLED):
        MediaAsset.objects.kept().update(last_used=old)
        began = timezone.now()
        child = prune(media)
        until = None  # soon after the first file of this round was marked
        while child.poll() is None and (until is None or time.monotonic() < until):
            if until is None:
                if MediaAsset.objects.filter(pruned__gt=began).exists():
                    until = time.monotonic() + random.uniform(0.0, 0.2)
                continue
            with transaction.atomic():
                made("render_master", tmp_path, cad, random.randrange(FILES))
        killed += child.poll() is None
        child.send_signal(signal.SIGKILL)
        child.wait()
        assert child.stdout is not None
        child.stdout.close()
        assert all(storage.exists(one.file) for one in MediaAsset.objects.kept())
    assert killed, "no prune was killed while it worked"
    for one in MediaAsset.objects.filter(pruned__isnull=False):
        if path_of(one).exists():
            aged(path_of(one))
    MediaAsset.objects.kept().update(last_used=old)
    pruning.run("test")
    assert not MediaAsset.objects.kept().exists()
    assert not [path for path in (media / "render_master").rglob("*") if path.is_file()]
    assert len(assets) == FILES
