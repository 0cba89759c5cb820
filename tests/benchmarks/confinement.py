"""What confinement costs, in processor time of the same work: `python -m tests.benchmarks.confinement [PAIRS]`."""

from __future__ import annotations

import statistics
import sys
import tempfile
from pathlib import Path

from blender_scripts.contract import RenderSpec
from blender_scripts.launch import Blender, Session, find_blender
from media_assets.cad.client import Conversion
from media_assets.cad.settings import PRESETS
from tests.blender_scripts.conftest import render, spec_for

SAMPLE = Path(__file__).resolve().parents[2] / "samples" / "tapered_roller_bearing.step"
PICTURES = 3


def main(pairs: int) -> None:
    """Print the medians: a Blender from its start through a few pictures of the sample, confined and not."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        spec = spec_for(
            _geometry(folder), folder / "a.png", width=128, height=128, samples=8, noise_threshold=0.0
        )
        blender = find_blender()
        confined, free, ratios = [], [], []
        for number in range(pairs + 1):
            order = (True, False) if number % 2 else (False, True)
            spent = {is_confined: _spent(blender, spec, is_confined, folder) for is_confined in order}
            if number == 0:
                continue  # the first pair reads the program from the disk
            confined.append(spent[True])
            free.append(spent[False])
            ratios.append(spent[True] / spent[False])
            print(f"{number}: confined {spent[True]:.2f} s, free {spent[False]:.2f} s", flush=True)
    print(f"pairs {pairs}, pictures each {PICTURES}")
    print(
        f"confined {statistics.median(confined):.2f} s, free {statistics.median(free):.2f} s of processor time"
    )
    print(f"median of ratios {statistics.median(ratios):.3f} ({min(ratios):.3f} to {max(ratios):.3f})")


def _geometry(folder: Path) -> Path:
    conversion = Conversion(SAMPLE, folder, PRESETS["standard"], want_usd=False)
    conversion.start()
    while not conversion.done:
        conversion.poll(1.0)
    return conversion.result().glb


def _spent(blender: Blender, spec: RenderSpec, confined: bool, folder: Path) -> float:
    session = Session(blender, device_policy="cpu", cwd=folder, confined=confined)
    session.start()
    try:
        for _ in range(PICTURES):
            assert render(session, spec).outcome.ok
        return session.cpu_seconds()
    finally:
        session.kill()


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 20)
