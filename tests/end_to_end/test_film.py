"""A turntable through the real clusters: its worker is killed in the middle, and no frame is rendered twice."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import pytest

from tests.end_to_end.installation import Installation
from tests.end_to_end.test_survival import pids, worker_of
from tests.paths import SAMPLE

pytestmark = [pytest.mark.database, pytest.mark.timeout(300)]

FILM = {
    "kind": "turntable",
    "format": "webm",
    "background": "transparent",
    "frames": 10,
    "fps": 24,
    "width": 64,
    "height": 64,
    "samples": 24,
    "denoise": False,
    "materials": "clay",
}


def frames(desk: Installation) -> dict[str, int]:
    """The frames that were checked, and when each was written."""
    seals = (desk.folder / "media" / "frames").glob("*/frame_*.json")
    return {seal.stem: seal.with_suffix(".png").stat().st_mtime_ns for seal in seals}


def test_a_film_survives_the_death_of_its_blender_and_of_its_worker(desk: Installation) -> None:
    desk.command("import_cad", str(SAMPLE), "--product", "F-1")
    desk.make_tiny("film", **FILM)
    desk.command("order", "--product", "F-1", "--output-type", "film")
    kept: dict[str, int] = {}
    for number, victim in ((2, "blender"), (5, "worker")):
        desk.wait_until(lambda number=number: len(frames(desk)) >= number, f"{number} frames are there", 120)  # type: ignore[misc]
        (running,) = desk.wait_until(
            lambda: [job for job in desk.jobs("render", "running") if job["output_type"] == "film"],
            "a part of the film renders",
            30,
        )
        target = pids(desk, "session.py")[0] if victim == "blender" else worker_of(desk, running["id"])
        os.kill(target, signal.SIGKILL)
        now = frames(desk)
        assert {name: now.get(name) for name in kept} == kept, "what was there is left alone"
        kept |= now
    line = desk.wait_until(
        lambda: desk.shell(
            "from rendering.models import OrderLine\n"
            "for line in OrderLine.objects.filter(output_type__slug='film', state='done'):\n"
            "    print(line.asset.file.path, line.asset.mime_type, line.asset.duration)"
        ),
        "the film is there",
        120,
    )
    path, mime_type, duration = line.split()
    assert Path(path).stat().st_size > 1000
    assert (mime_type, round(float(duration), 3)) == ("video/webm", 0.417)
    codes = desk.shell(
        "from rendering.models import Attempt\n"
        "print(*Attempt.objects.filter(job__spec__film__isnull=False).values_list('error_code', flat=True))"
    )
    assert {"blender_crashed", "lost"} <= set(codes.split())
    assert not frames(desk), "the master has them"
