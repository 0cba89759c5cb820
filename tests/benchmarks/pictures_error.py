"""Processor time of sampling at equal error: ours against Blender's default settings and against an expert's.

The error is that against a converged picture of the same scene. Processor time, since wall time of two threads says
little on a machine that does something else as well.
"""

from __future__ import annotations

import json
import subprocess
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from tests.benchmarks import figures, machine, quality
from tests.benchmarks.figures import Comparison, Sample
from tests.benchmarks.quality import Error, Picture
from tests.benchmarks.runs import say
from tests.paths import PROJECT

TRUTH = {"samples": 2048, "noise_threshold": 0.0, "denoise": False}
DEFAULTS = {"samples": 4096, "noise_threshold": 0.01, "denoise": True}
EXPERTS = {"samples": 128, "noise_threshold": 0.02, "denoise": True}
RIVALS = (
    ("Blender's default settings (4096, 0.01)", DEFAULTS, 1 / 20),
    ("an expert's (128, 0.02)", EXPERTS, 0.6),
)


def compare(specs: Mapping[str, Any], repeats: int) -> list[Comparison]:
    """Render each scene converged, as Blender comes, as an expert would and as we do; a row for each pair."""
    found = []
    with tempfile.TemporaryDirectory(prefix="renderdesk-bench-") as name:
        folder = Path(name)
        for scene, spec in specs.items():
            _, truth = rendered("truth", spec | TRUTH, folder, 1)
            used, ours = rendered("ours", spec, folder, repeats)
            mine = quality.compare(ours, truth)
            say(f"{scene}: ours {used:.2f} s, {told(mine)}")
            for rival, settings, aim in RIVALS:
                spent, theirs = rendered("blender", spec | settings, folder, 1 if aim < 0.1 else repeats)
                other = quality.compare(theirs, truth)
                say(f"{scene}: {rival} {spent:.2f} s, {told(other)}")
                found.append(row(scene, rival, used, spent, mine, other, aim))
    return found


def row(
    scene: str, rival: str, used: float, spent: float, ours: Error, theirs: Error, aim: float
) -> Comparison:
    """One pair; the aim is met when the time is and neither error of the picture as shown is larger."""
    is_met = used <= spent * aim and ours.within(theirs)
    return Comparison(
        f"sampling, {scene}",
        rival,
        figures.seconds(used),
        figures.seconds(spent),
        f"{used / spent:.3f}",
        f"{aim:g} or less, error not larger",
        is_met,
        f"{told(ours)}; theirs {told(theirs)}",
    )


def told(error: Error) -> str:
    return f"FLIP {error.flip:.4f}, RMSE {error.rmse:.2f}, relative {error.relative:.4f}"


def rendered(settings: str, spec: Mapping[str, Any], folder: Path, repeats: int) -> tuple[float, Picture]:
    """Render in a process of its own; the median of the processor seconds of sampling, and the picture."""
    output, job = folder / "pixels.npz", folder / "job.json"
    job.write_text(
        json.dumps({"settings": settings, "spec": spec, "output": str(output), "repeats": repeats})
    )
    done = subprocess.run(
        machine.blender_python("tests.benchmarks.equal_error", str(job)),
        cwd=PROJECT,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise SystemExit(f"The picture could not be rendered:\n{done.stderr[-3000:]}")
    with np.load(output) as pixels:
        picture = Picture(pixels["shown"], pixels["light"])
    return Sample(tuple(json.loads(done.stdout.splitlines()[-1]))).median, picture
