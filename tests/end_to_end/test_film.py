"""A turntable through the real clusters: its worker is killed in the middle, and no frame is rendered twice."""

from __future__ import annotations

import os
import signal
from contextlib import suppress
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


def strike(desk: Installation, victim: str) -> bool:
    """Kill the Blender of a part of the film that renders, or its worker; return whether there was one.

    The Blender stands still before, so that the part can't end in this instant.
    """
    blender, *_ = pids(desk, "session.py") or [0]
    if not blender:
        return False
    os.kill(blender, signal.SIGSTOP)
    running = [job for job in desk.jobs("render", "running") if job["output_type"] == "film"]
    if not running:
        os.kill(blender, signal.SIGCONT)
        return False
    os.kill(blender if victim == "blender" else worker_of(desk, running[0]["id"]), signal.SIGKILL)
    with suppress(ProcessLookupError):
        os.kill(
            blender, signal.SIGCONT
        )  # it may not have been contained yet, and must see that nobody is there
    return True


def codes(desk: Installation) -> set[str]:
    """The errors of the attempts at the film."""
    return set(
        desk.shell(
            "from rendering.models import Attempt\n"
            "print(*Attempt.objects.filter(job__spec__film__isnull=False).values_list('error_code', flat=True))"
        ).split()
    )


def test_a_film_survives_the_death_of_its_blender_and_of_its_worker(desk: Installation) -> None:
    desk.command("import_cad", str(SAMPLE), "--product", "F-1")
    desk.make_tiny("film", **FILM)
    desk.command("order", "--product", "F-1", "--output-type", "film")
    kept: dict[str, int] = {}
    for victim, code in (("blender", "blender_crashed"), ("worker", "lost")):
        while code not in codes(desk):
            before = len(frames(desk))
            desk.wait_until(lambda victim=victim: strike(desk, victim), "a part of the film renders", 120)  # type: ignore[misc]
            # A frame of before may still be checked. A second one means that the victim was idle in this instant.
            desk.wait_until(
                lambda code=code, before=before: code in codes(desk) or len(frames(desk)) > before + 1,  # type: ignore[misc]
                f"an attempt ends as {code}, or the film goes on",
                120,
            )
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
    assert not frames(desk), "the master has them"
