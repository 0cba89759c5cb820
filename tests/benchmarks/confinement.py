"""What confinement costs, in processor time of the same work: `python -m tests.benchmarks.confinement [PAIRS]`."""

from __future__ import annotations

import statistics
import sys
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

from blender_scripts.contract import RenderSpec
from blender_scripts.launch import Blender, Session, find_blender
from media_assets.cad.client import Conversion
from media_assets.cad.settings import PRESETS
from tests.blender_scripts.conftest import render, spec_for

SAMPLE = Path(__file__).resolve().parents[2] / "samples" / "tapered_roller_bearing.step"


def main(pairs: int) -> None:
    """Print medians of pairs: a render in two warm Blenders, and a start with its first picture."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        spec = spec_for(
            geometry(folder), folder / "a.png", width=128, height=128, samples=8, noise_threshold=0.0
        )
        blender = find_blender()
        warm = {confined: _started(blender, confined, folder) for confined in (True, False)}
        for session in warm.values():
            _spent(session, spec)
        _tell(
            "render",
            [_pair(number, lambda confined: _spent(warm[confined], spec)) for number in range(pairs)],
        )
        for session in warm.values():
            session.kill()
        _tell(
            "start",
            [
                _pair(number, lambda confined: _from_start(blender, confined, spec, folder))
                for number in range(pairs)
            ],
        )


def _pair(number: int, spent: Callable[[bool], float]) -> tuple[float, float]:
    """Return the processor time of one pair, confined and not; whichever goes first changes from pair to pair."""
    order = (True, False) if number % 2 else (False, True)
    found = {confined: spent(confined) for confined in order}
    return found[True], found[False]


def _tell(what: str, pairs: Sequence[tuple[float, float]]) -> None:
    confined, free = (statistics.median(one) for one in zip(*pairs, strict=True))
    ratios = [one / other for one, other in pairs]
    print(
        f"{what}: {len(pairs)} pairs, confined {confined:.3f} s, free {free:.3f} s, "
        f"median of ratios {statistics.median(ratios):.3f} ({min(ratios):.3f} to {max(ratios):.3f})",
        flush=True,
    )


def geometry(folder: Path) -> Path:
    conversion = Conversion(SAMPLE, folder, PRESETS["standard"], want_usd=False)
    conversion.start()
    while not conversion.done:
        conversion.poll(1.0)
    return conversion.result().glb


def _started(blender: Blender, confined: bool, folder: Path) -> Session:
    session = Session(blender, device_policy="cpu", cwd=folder, confined=confined)
    session.start()
    return session


def _spent(session: Session, spec: RenderSpec) -> float:
    """Return the processor time of one render (s)."""
    before = session.cpu_seconds()
    assert render(session, spec).outcome.ok
    return session.cpu_seconds() - before


def _from_start(blender: Blender, confined: bool, spec: RenderSpec, folder: Path) -> float:
    session = _started(blender, confined, folder)
    try:
        assert render(session, spec).outcome.ok
        return session.cpu_seconds()
    finally:
        session.kill()


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 20)
