"""The private folder of an attempt, and the disk it needs."""

from __future__ import annotations

import errno
from pathlib import Path
from typing import Any

import pytest

from gpu.models import SystemSettings
from media_assets.storage import StorageFull, disk
from rendering.farm.workspace import sweep, work_root, workspace

pytestmark = [pytest.mark.django_db, pytest.mark.database]


def test_it_is_empty_private_and_gone_afterwards() -> None:
    with workspace() as one, workspace() as two:
        assert one != two
        assert list(one.iterdir()) == []
        (one / "frame.png").write_bytes(b"x")
    assert not one.exists() and not two.exists()


def test_it_is_gone_after_a_failure_too() -> None:
    with pytest.raises(RuntimeError), workspace() as folder:
        raise RuntimeError
    assert not folder.exists()


@pytest.mark.parametrize("setting", ["MEDIA_ROOT", "CACHE_DIR"])
def test_below_the_floor_a_job_does_not_start_and_says_what_is_needed_and_free(
    setting: str, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    full = Path(getattr(settings, setting))
    monkeypatch.setattr(
        disk, "free_bytes", lambda folder: 7_000_000 if folder.is_relative_to(full) else 10**12
    )
    with pytest.raises(StorageFull) as caught, workspace():
        pytest.fail("it started")
    assert (caught.value.needed, caught.value.free) == (512_000_000, 7_000_000)
    assert full in (caught.value.folder, *caught.value.folder.parents)


def test_the_floor_is_the_operators(monkeypatch: pytest.MonkeyPatch) -> None:
    row = SystemSettings.load()
    row.disk_floor_mb = 5
    row.save()
    monkeypatch.setattr(disk, "free_bytes", lambda folder: 7_000_000)
    with workspace() as folder:
        assert folder.is_dir()


def test_a_cache_disk_that_fills_up_meanwhile_says_what_is_needed_and_free() -> None:
    with pytest.raises(StorageFull) as caught, workspace():
        raise OSError(errno.ENOSPC, "No space left on device")
    assert caught.value.needed == 512_000_000
    assert caught.value.free > 0


def test_what_a_killed_worker_left_behind_is_swept_and_what_is_in_use_is_not() -> None:
    with workspace() as mine:
        left = work_root() / "renderdesk-999999-1-abc"
        left.mkdir()
        (left / "frame.png").write_bytes(b"x")
        assert sweep() == 1
        assert mine.exists() and not left.exists()
