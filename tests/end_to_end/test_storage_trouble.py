"""A disk that is really full, a folder that really is read-only, a Blender that is not there."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.end_to_end.installation import Answer, Installation, installation
from tests.paths import SAMPLE

pytestmark = pytest.mark.timeout(400)

DISK_MB = 12


@contextmanager
def small_disk(folder: Path) -> Iterator[Path]:
    """Mount a few MB of memory at *folder*/media, as the disk of the media files."""
    if os.geteuid() != 0 or shutil.which("mount") is None:
        pytest.skip("mounting a small disk needs root")
    media = folder / "media"
    media.mkdir()
    mounted = mount("-t", "tmpfs", "-o", f"size={DISK_MB}m", "renderdesk-test", media)
    if mounted.returncode:
        pytest.skip(f"this machine does not let root mount a tmpfs: {mounted.stderr.strip()}")
    try:
        yield media
    finally:
        subprocess.run(["umount", "--lazy", str(media)], check=True)


def mount(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(["mount", *map(str, arguments)], capture_output=True, text=True, check=False)


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    """An installation whose media disk is small; the tests that use it run in their order, each leaves it well."""
    folder = tmp_path_factory.mktemp("small")
    with small_disk(folder), installation(folder) as desk:
        desk.make_tiny("thumbnail")
        yield desk


@pytest.fixture
def alone(tmp_path: Path) -> Iterator[Installation]:
    """An installation without workers, with the sample imported."""
    with installation(tmp_path) as desk:
        desk.make_tiny("thumbnail")
        desk.command("import_cad", str(SAMPLE), "--product", "B-1")
        yield desk


def set_floor(desk: Installation, megabytes: int) -> None:
    desk.shell(
        "from gpu.models import SystemSettings\n"
        f"row = SystemSettings.load(); row.disk_floor_mb = {megabytes}; row.save()"
    )


def held(desk: Installation, code: str) -> dict[str, Any]:
    (job,) = desk.wait_until(
        lambda: [one for one in desk.jobs(state="queued") if one["held_since"]], f"a job is held: {code}", 120
    )
    assert job["error_code"] == code and job["attempt"] == 0, job["error"]
    assert not desk.jobs(state="failed")
    found: dict[str, Any] = job
    return found


def fill(media: Path, leave: int) -> Path:
    """Write a file that leaves *leave* bytes of the disk."""
    ballast = media / "ballast"
    usage = shutil.disk_usage(media)
    with ballast.open("wb") as out:
        out.write(bytes(usage.free - leave))
    return ballast


def assets(desk: Installation) -> str:
    return desk.shell(
        "from media_assets.models import MediaAsset\n"
        "print(*sorted(MediaAsset.objects.values_list('kind', flat=True)))"
    )


def assert_no_half_file(media: Path) -> None:
    """Every file under a content name has that content, and no draft is left."""
    for path in media.rglob("*"):
        if path.is_file() and path.name != "ballast":
            assert not path.name.startswith("."), path
            assert path.stem == hashlib.sha256(path.read_bytes()).hexdigest(), path


def another_file(folder: Path) -> Path:
    path = folder / "other.step"
    path.write_bytes(SAMPLE.read_bytes().replace(b"HEADER;", b"HEADER; /* another */", 1))
    return path


def order_another(desk: Installation, width: int) -> None:
    """Order a picture that no other test has rendered."""
    slug = f"draft-{width}"
    desk.make_tiny(slug, samples=3, width=width, height=96)
    desk.command("order", "--product", "B-1", "--output-type", slug)


def assert_one_picture_more(desk: Installation, before: int) -> None:
    desk.wait_until(lambda: len(desk.jobs("encode", "succeeded")) == before + 1, "it goes on by itself", 180)
    assert not desk.jobs(state="failed")


@pytest.mark.database
def test_a_full_disk_refuses_an_import_and_keeps_nothing_of_it(small: Installation) -> None:
    media = small.folder / "media"
    ballast = fill(media, leave=100_000)
    answer = small.manage("import_cad", str(SAMPLE))
    assert_one_error(answer, "disk_full", "512 MB are kept free")
    assert_no_half_file(media)
    assert small.shell("from media_assets.models import CadFile; print(CadFile.objects.count())") == "0"
    ballast.unlink()


@pytest.mark.database
def test_a_read_only_media_folder_is_named(small: Installation, tmp_path: Path) -> None:
    media = small.folder / "media"
    set_floor(small, 0)
    small.command("import_cad", str(SAMPLE), "--product", "B-1")
    assert mount("-o", "remount,ro", media).returncode == 0
    try:
        answer = small.manage("import_cad", str(another_file(tmp_path)))
        assert_one_error(answer, "media_read_only", "right to write")

        small.start_workers()
        job = held(small, "media_read_only")
        assert str(media) in job["error"] and "MEDIA_ROOT" in job["error"], job["error"]
        assert assets(small) == ""
    finally:
        assert mount("-o", "remount,rw", media).returncode == 0
    assert_one_picture_more(small, 0)


@pytest.mark.database
def test_work_waits_on_a_disk_below_its_floor_and_goes_on_by_itself(
    small: Installation, tmp_path: Path
) -> None:
    before = len(small.jobs("encode", "succeeded"))
    # An upload below the floor is refused; this one came when there was room.
    set_floor(small, 512)
    small.shell(
        "from pathlib import Path\nfrom media_assets.ingest.receive import receive\n"
        f"receive(Path({str(another_file(tmp_path))!r}), 'bearing.step', number='B-2', max_bytes=10**9)"
    )
    job = held(small, "disk_full")
    assert job["kind"] == "tessellate"
    assert "at least 512,000,000 bytes needed" in job["error"] and "bytes free" in job["error"], job["error"]
    assert "Free some space" in job["error"]
    findings = {finding["name"]: finding for finding in small.manage("doctor").document}
    assert findings["disk"]["state"] == "fail"
    set_floor(small, 0)
    assert_one_picture_more(small, before)
    assert [one["attempt"] for one in small.jobs("tessellate") if one["id"] == job["id"]] == [1]


@pytest.mark.database
def test_a_disk_that_fills_up_while_publishing_leaves_nothing_half(small: Installation) -> None:
    media = small.folder / "media"
    before, made = assets(small), len(small.jobs("encode", "succeeded"))
    ballast = fill(media, leave=4096)
    order_another(small, 96)
    job = held(small, "disk_full")
    assert "bytes needed" in job["error"] and "bytes free" in job["error"], job["error"]
    assert assets(small) == before
    assert_no_half_file(media)

    ballast.unlink()
    assert_one_picture_more(small, made)
    assert_no_half_file(media)


@pytest.mark.database
def test_a_media_disk_that_is_not_mounted_is_waited_for(small: Installation, tmp_path: Path) -> None:
    media, there = small.folder / "media", tmp_path / "there"
    before = len(small.jobs("encode", "succeeded"))
    there.mkdir()
    small.stop()
    assert mount("--move", media, there).returncode == 0
    try:
        order_another(small, 80)
        small.start_workers()
        job = held(small, "storage_away")
        assert "not mounted" in job["error"], job["error"]
        assert list(media.iterdir()) == []
    finally:
        assert mount("--move", there, media).returncode == 0
    assert_one_picture_more(small, before)


def test_a_missing_blender_is_said_before_anything_is_ordered(alone: Installation) -> None:
    missing = {"BLENDER_EXECUTABLE": "/nonexistent/blender"}
    order = alone.manage("order", "--product", "B-1", "--output-type", "draft", **missing)
    assert order.code == 2
    assert "/nonexistent/blender" in order.document["error"]
    assert "BLENDER_EXECUTABLE" in order.document["error"]
    finding = doctor_on_blender(alone, **missing)
    assert finding["state"] == "fail" and "/nonexistent/blender" in finding["detail"]


def test_an_import_without_blender_keeps_the_file_and_says_what_is_missing(tmp_path: Path) -> None:
    with installation(tmp_path) as desk:
        answer = desk.manage("import_cad", str(SAMPLE), BLENDER_EXECUTABLE="/nonexistent/blender")
        (arrival,) = answer.document
        assert (answer.code, arrival["error_code"]) == (1, "blender_missing")
        assert "BLENDER_EXECUTABLE" in arrival["error"]
        assert (arrival["state"], arrival["product"]) == ("uploaded", "tapered_roller_bearing")
        (job,) = desk.jobs()
        assert (job["kind"], job["state"]) == ("tessellate", "queued"), "it is converted all the same"


def test_an_old_blender_is_refused_by_name(alone: Installation, tmp_path: Path) -> None:
    old = tmp_path / "blender-3"
    old.write_text("#!/bin/sh\necho 'Blender 3.6.5'\n")
    old.chmod(0o755)
    order = alone.manage("order", "--product", "B-1", "--output-type", "draft", BLENDER_EXECUTABLE=str(old))
    assert order.code == 2
    assert "Blender 3.6.5" in order.document["error"] and "4.2 or newer" in order.document["error"]
    finding = doctor_on_blender(alone, BLENDER_EXECUTABLE=str(old))
    assert finding["state"] == "fail" and "3.6.5" in finding["detail"]


def doctor_on_blender(desk: Installation, **environment: str) -> dict[str, Any]:
    answer = desk.manage("doctor", **environment)
    assert answer.code == 1
    found: dict[str, Any] = next(one for one in answer.document if one["name"] == "Blender")
    return found


def assert_one_error(answer: Answer, code: str, words: str) -> None:
    """The command ended with 1 and its document says why."""
    assert answer.code == 1
    entry = answer.document[0] if isinstance(answer.document, list) else answer.document
    assert entry["error_code"] == code
    assert words in entry["error"], entry["error"]
