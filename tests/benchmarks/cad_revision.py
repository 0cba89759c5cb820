"""A new revision of a large assembly beside its first one: how much of the work is left."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path

from media_assets.cad.settings import PRESETS
from tests.benchmarks import figures
from tests.benchmarks.cad_runs import Took, convert
from tests.benchmarks.figures import Sample
from tests.paths import PROJECT

REVISED = "assembly_500"
AIM = 0.4  # issue 15 of the project
STAGES = ("read", "transfer", "mesh", "triangles")


def revised(repeats: int) -> str:
    """Convert 500 parts and their revision with one more, as a worker does; return a line of the result."""
    names = [REVISED, f"{REVISED}_revised"]
    first, second = [], []
    shares: dict[str, list[float]] = {stage: [] for stage in STAGES}
    reused = 0
    with tempfile.TemporaryDirectory(prefix="renderdesk-bench-") as name:
        folder = Path(name)
        command = [sys.executable, "-m", "tests.benchmarks.cad_sources", name, *names]
        subprocess.run(command, cwd=PROJECT, check=True, stdout=subprocess.DEVNULL)
        sources = [folder / f"{one}.step" for one in names]
        for _ in range(repeats):
            print(f"Converting {REVISED} and its revision, load {os.getloadavg()[0]:.1f}", flush=True)
            took, result = convert(sources[0], folder, all_of_it=True, quality=PRESETS["standard"])
            first.append(took)
            whole = sum(result.report["seconds"].values())
            for stage, share in shares.items():
                share.append(result.report["seconds"][stage] / whole)
            took, result = convert(
                sources[1], folder, all_of_it=True, quality=PRESETS["standard"], earlier=result.usd
            )
            second.append(took)
            reused = result.report["meshes_reused"]
    part = _part(first, second, "processor")
    spent = " and ".join(
        figures.seconds(_median([one.processor for one in runs])) for runs in (first, second)
    )
    stages = ", ".join(f"{stage} {_median(share):.0%}" for stage, share in shares.items())
    return (
        f"- a revision of 500 parts with one more ({reused} meshes reused), of the first: {part:.2f} of processor time "
        f"({spent}, median of {repeats} pairs; aim {AIM}: {'met' if part <= AIM else 'missed'}), "
        f"{_part(first, second, 'wall'):.2f} of wall time. The first spends {stages} of its time"
    )


def _part(first: list[Took], second: list[Took], what: str) -> float:
    return _median([getattr(two, what) / getattr(one, what) for one, two in zip(first, second, strict=True)])


def _median(values: list[float]) -> float:
    return Sample(tuple(values)).median
