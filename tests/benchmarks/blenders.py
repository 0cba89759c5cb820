"""Two Blenders side by side, in turns: `python -m tests.benchmarks.blenders OTHER [TURNS]`.

OTHER is a Python that has `bpy`, or a Blender program; the first is the one that Renderdesk finds by itself. How far
their pictures are apart stands beside what another seed changes.
"""

from __future__ import annotations

import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from blender_scripts.contract import Look, RenderSpec
from blender_scripts.launch import Blender, Session, find_blender
from tests.benchmarks import figures, machine, quality
from tests.benchmarks.confinement import geometry
from tests.benchmarks.runs import say
from tests.blender_scripts.conftest import render, spec_for
from tests.blender_scripts.patches import rgb, write_chart
from tests.blender_scripts.test_color import COLORS, LIMITS, shown
from tests.color_difference import ciede2000, lab

LIGHTS = ("softbox", "high_key", "dark", "daylight")
SIDE = 128  # px
FRAMES = 6


@dataclass(frozen=True)
class Measure:
    """What is measured of a Blender in one turn; each returns seconds, or MB."""

    what: str
    of: Callable[[Blender, Session, RenderSpec], float]


def main(other: str, turns: int) -> None:
    """Print both tables."""
    here = machine.describe()
    pair = (find_blender(), find_blender(other))
    names = [f"Blender {one.version}" for one in pair]
    with tempfile.TemporaryDirectory(prefix="renderdesk-bench-") as name:
        folder = Path(name)
        spec = spec_for(geometry(folder), folder / "a.png", width=SIDE, height=SIDE, samples=64)
        sessions = [started(one, folder) for one in pair]
        looks = [pictures_row(light, sessions, spec) for light in LIGHTS]
        colors = [patches_row(transform, sessions, folder) for transform in LIMITS]
        speed = [speed_row(one, pair, sessions, spec, turns) for one in MEASURES]
        for session in sessions:
            session.kill()
    say("", *here.lines(), f"- {turns} turns, medians; ratio of each turn, its median and range", "")
    say(figures.table(("what", *names, "ratio"), speed), "")
    seed = "of another seed"
    say(figures.table(("picture", "FLIP of both", seed, "RMSE of both", seed), looks), "")
    off = [f"{one} from CAD" for one in names]
    say(figures.table(("patches", "largest difference of both", "mean", *off), colors))


def started(blender: Blender, folder: Path) -> Session:
    session = Session(blender, device_policy="cpu", cwd=folder)
    session.start()
    return session


def pixels(session: Session, spec: RenderSpec) -> quality.Pixels:
    done = render(session, spec, timeout=600).outcome
    assert done.ok, done.error
    with Image.open(done.files[0]) as picture:
        return quality.on_white(np.asarray(picture.convert("RGBA"), np.float32) / 255)


def pictures_row(light: str, sessions: Sequence[Session], spec: RenderSpec) -> list[str]:
    """How far the two are apart, beside how far each is from itself with another seed."""
    spec = replace(spec, look=Look(lighting=light))
    ours, theirs = (pixels(session, spec) for session in sessions)
    again = pixels(sessions[0], replace(spec, seed=1))
    found = [f"{quality.flip(one, ours):.4f}" for one in (theirs, again)]
    found += [f"{quality.rmse(one, ours):.2f}" for one in (theirs, again)]
    say(f"{light}: {', '.join(found)}")
    return [light, *found]


def patches_row(transform: str, sessions: Sequence[Session], folder: Path) -> list[str]:
    """CIEDE2000 between the two Blenders' charts, and of each from the CAD colors."""
    chart = write_chart(folder / "chart.glb", COLORS)
    ours, theirs = (shown(session, chart, folder, view_transform=transform) for session in sessions)
    apart = [ciede2000(ours[color], theirs[color]) for color in COLORS]
    off = [max(ciede2000(lab(rgb(color)), one[color]) for color in COLORS) for one in (ours, theirs)]
    return [transform, f"{max(apart):.2f}", f"{statistics.mean(apart):.2f}", *(f"{one:.2f}" for one in off)]


def speed_row(
    measure: Measure, pair: Sequence[Blender], sessions: Sequence[Session], spec: RenderSpec, turns: int
) -> list[str]:
    """Medians of both, in turns; who begins changes from turn to turn."""
    found: list[list[float]] = [[], []]
    for turn in range(turns):
        for which in (0, 1) if turn % 2 else (1, 0):
            found[which].append(measure.of(pair[which], sessions[which], spec))
    ratios = [theirs / ours for ours, theirs in zip(*found, strict=True)]
    ours, theirs = (f"{statistics.median(one):.3g}" for one in found)
    say(f"{measure.what}: {ours}, {theirs}")
    ratio = f"{statistics.median(ratios):.2f} ({min(ratios):.2f} to {max(ratios):.2f})"
    return [measure.what, ours, theirs, ratio]


def spent(session: Session, spec: RenderSpec) -> float:
    before = session.cpu_seconds()
    assert render(session, spec, timeout=600).outcome.ok
    return session.cpu_seconds() - before


def start(blender: Blender, _: Session, spec: RenderSpec) -> float:
    """Processor time from nothing to the first picture."""
    small = replace(spec, width=64, height=64, samples=1, denoise=False)
    fresh = started(blender, Path(spec.output_path).parent)
    try:
        return spent(fresh, small)
    finally:
        fresh.kill()


def memory(blender: Blender, _: Session, spec: RenderSpec) -> float:
    fresh = started(blender, Path(spec.output_path).parent)
    try:
        return render(fresh, spec, timeout=600).outcome.peak_mb
    finally:
        fresh.kill()


def another_view(_: Blender, session: Session, spec: RenderSpec) -> float:
    """Wall time of the smallest picture of a geometry that is loaded."""
    small = replace(spec, width=64, height=64, samples=1, denoise=False, kind="thumbnail")
    render(session, small)
    begun = time.monotonic()
    assert render(session, replace(small, look=Look(camera_view="front"))).outcome.ok
    return time.monotonic() - begun


def sampling(_: Blender, session: Session, spec: RenderSpec) -> float:
    return spent(session, replace(spec, samples=32, noise_threshold=0.0, denoise=False))


def picture(_: Blender, session: Session, spec: RenderSpec) -> float:
    return spent(session, replace(spec, seed=2))


def turntable(_: Blender, session: Session, spec: RenderSpec) -> float:
    folder = Path(spec.output_path).parent
    with tempfile.TemporaryDirectory(dir=folder) as place:
        turn: dict[str, Any] = {
            "kind": "turntable",
            "frames": FRAMES,
            "width": 128,
            "height": 128,
            "samples": 8,
        }
        return spent(session, replace(spec, output_path=place, **turn))


MEASURES = (
    Measure("start and first picture, 64 px, 1 sample (processor s)", start),
    Measure("another view of a loaded geometry, 64 px, 1 sample (s)", another_view),
    Measure(f"32 samples of each pixel, {SIDE} px (processor s)", sampling),
    Measure(f"picture of {SIDE} px, 64 samples to 0.02, denoised (processor s)", picture),
    Measure(f"turntable, {FRAMES} frames of 128 px, 8 samples (processor s)", turntable),
    Measure(f"peak memory of a fresh Blender, {SIDE} px (MB)", memory),
)


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 5)
