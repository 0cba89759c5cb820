"""Hostile uploads get a clear answer and leave nothing. ``make mutations`` sends many more to a real web server."""

from __future__ import annotations

import os
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings
from django.test import Client

from gpu.models import SystemSettings
from media_assets.models import CadFile
from tests.rendering.desk.test_upload import ADD
from tests.rendering.desk.uploads.hostile import uploads
from tests.rendering.desk.uploads.judging import escaped, judged, misplaced, table

COUNT = int(os.environ.get("RENDERDESK_UPLOADS", "48"))
SEED = int(os.environ.get("RENDERDESK_SEED", "1"))

pytestmark = pytest.mark.django_db


@pytest.fixture
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Where all temporary files go meanwhile."""
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setenv("TMPDIR", str(folder))
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    yield folder


@pytest.mark.timeout(600)
def test_each_has_a_clear_answer_and_leaves_nothing_behind(
    admin_client: Client, temporary: Path, tmp_path: Path
) -> None:
    SystemSettings.load()
    SystemSettings.objects.update(upload_max_mb=5)
    found = []
    for one in uploads(COUNT, SEED, cut=False):
        began = time.monotonic()
        answer = admin_client.generic(
            "POST", ADD, one.body, content_type=one.content_type, headers={"accept": "application/json"}
        )
        seconds = time.monotonic() - began
        found.append(judged(one.family, one.what, answer.status_code, answer.content, seconds))
    print(table(found))
    assert [one for one in found if one.wrong] == []
    assert list(temporary.iterdir()) == []
    assert escaped(temporary, Path(settings.MEDIA_ROOT) / "cad", Path.cwd()) == []
    assert misplaced(Path(settings.MEDIA_ROOT)) == []
    assert {path.name for path in tmp_path.iterdir()} <= {"temporary", "media", "cache"}
    for cad_file in CadFile.objects.all():
        assert cad_file.original_name.isprintable() and 0 < len(cad_file.original_name) <= 255


def test_a_seed_makes_the_same_uploads_again() -> None:
    assert list(uploads(16, 7, cut=True)) == list(uploads(16, 7, cut=True))
