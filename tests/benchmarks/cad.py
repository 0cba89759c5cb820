"""Conversion of CAD beside cascadio, which calls the same OpenCASCADE: `python -m tests.benchmarks.cad`.

Both get one absolute deflection, 0.001 of the diagonal (cascadio: `tol_linear` in mm, `tol_relative` off), and 0.3 rad;
cascadio joins the faces of a part and meshes in parallel, as is its default. The runs alternate. Ours is a child forked
by a server that has the reader imported, as workers have it; cascadio is a fresh process, as a user calls it, and one
that has it imported already.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from media_assets.cad.client import Conversion
from media_assets.cad.contract import ConversionResult
from media_assets.cad.errors import CadError
from media_assets.cad.settings import Tessellation
from tests.benchmarks import figures
from tests.benchmarks.figures import Sample
from tests.paths import CORPUS, PROJECT, SAMPLE

LINEAR, ANGULAR = 0.001, 0.3
# No part is finer than the rest, and nothing is held back: cascadio knows one deflection for all.
EQUAL = Tessellation("benchmark", LINEAR, ANGULAR, part_linear=1e9, min_mm=0.0, max_mm=1e9)
WALL_AIM, IMPORT_AIM, AREA_AIM = 0.6, 0.5, 0.002  # issue 3 of the project
MANY_INSTANCES = 1000  # from here a file counts as instance-heavy
FRESH = (
    "import sys, cascadio; a = sys.argv; "
    "sys.exit(cascadio.step_to_glb(a[1], a[2], float(a[3]), float(a[4]), False, True, True))"
)


@dataclass
class Compared:
    """One file through both: seconds of each run, then what came of it."""

    name: str
    instances: int = 0
    ours: list[float] = field(default_factory=list)
    ours_usd: list[float] = field(default_factory=list)
    fresh: list[float] = field(default_factory=list)
    warm: list[float] = field(default_factory=list)
    peak: tuple[float, float] = (0.0, 0.0)
    size: tuple[int, int] = (0, 0)
    blender: tuple[dict[str, Any], dict[str, Any]] = field(default_factory=lambda: ({}, {}))

    @property
    def wall(self) -> float:
        return _median(self.ours) / _median(self.fresh)

    @property
    def imported(self) -> float:
        return float(self.blender[0]["seconds"] / self.blender[1]["seconds"])

    @property
    def area(self) -> float:
        ours, theirs = (one["area"] for one in self.blender)
        return float(abs(ours - theirs) / theirs) if theirs else math.inf


def _median(values: list[float]) -> float:
    return Sample(tuple(values)).median


def sources(folder: Path) -> list[Path]:
    """Return the sample, our generated files, and the sound files of the corpus where it is there."""
    command = [sys.executable, "-m", "tests.benchmarks.cad_sources", str(folder)]
    subprocess.run(command, cwd=PROJECT, check=True, stdout=subprocess.DEVNULL)
    corpus = sorted(path for path in CORPUS.glob("*.st*p") if path.is_file())
    return [SAMPLE, *sorted(folder.glob("*.step")), *corpus]


def convert(source: Path, folder: Path, *, want_usd: bool) -> tuple[float, ConversionResult]:
    """Convert as a worker does; the seconds from the request to the files on disk."""
    out = Path(tempfile.mkdtemp(dir=folder))
    began = time.perf_counter()
    conversion = Conversion(source, out, EQUAL, want_usd=want_usd)
    conversion.start()
    while not conversion.done:
        conversion.poll(1.0)
    return time.perf_counter() - began, conversion.result()


def fresh(source: Path, target: Path, linear: float) -> tuple[float, float]:
    """cascadio in a process of its own: seconds, and MB at its peak."""
    began = time.perf_counter()
    process = subprocess.Popen(
        [sys.executable, "-c", FRESH, str(source), str(target), str(linear), str(ANGULAR)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    taken = time.perf_counter() - began
    if process.returncode or not target.exists():
        raise RuntimeError(f"cascadio ended with {process.returncode}")
    return taken, usage.ru_maxrss / 1000


class Warm:
    """cascadio in a process that has it imported."""

    def __init__(self) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tests.benchmarks.cascadio_server"],
            cwd=PROJECT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        self._answer()

    def convert(self, source: Path, target: Path, linear: float) -> float:
        assert self.process.stdin is not None
        self.process.stdin.write(json.dumps([str(source), str(target), linear, ANGULAR]) + "\n")
        self.process.stdin.flush()
        code, seconds = json.loads(self._answer())
        if code:
            raise RuntimeError(f"cascadio returned {code}")
        return float(seconds)

    def _answer(self) -> str:
        assert self.process.stdout is not None
        if not (line := self.process.stdout.readline()):
            raise RuntimeError("cascadio died")
        return line

    def close(self) -> None:
        self.process.kill()
        self.process.communicate()


def blender(glb: Path) -> dict[str, Any]:
    """Import a GLB in a fresh Blender and return what that took and gave."""
    command = [sys.executable, "-m", "tests.benchmarks.cad_blender", str(glb)]
    done = subprocess.run(command, cwd=PROJECT, capture_output=True, text=True, check=True)
    found: dict[str, Any] = json.loads(done.stdout.strip().splitlines()[-1])
    return found


def compare(source: Path, repeats: int, folder: Path, warm: Warm) -> Compared:
    _, result = convert(source, folder, want_usd=False)
    linear = LINEAR * math.dist(result.report["box_mm"]["low"], result.report["box_mm"]["high"])
    found = Compared(source.name, int(result.report["instances"]))
    theirs = folder / f"{source.stem}.cascadio.glb"
    for _ in range(repeats):
        seconds, result = convert(source, folder, want_usd=False)
        found.ours.append(seconds)
        seconds, peak = fresh(source, theirs, linear)
        found.fresh.append(seconds)
        found.warm.append(warm.convert(source, theirs, linear))
        found.ours_usd.append(convert(source, folder, want_usd=True)[0])
    found.peak = (float(result.report["peak_mb"]), peak)
    found.size = (result.glb.stat().st_size, theirs.stat().st_size)
    found.blender = (blender(result.glb), blender(theirs))
    return found


def tables(found: list[Compared], failed: dict[str, str]) -> str:
    """Return the table of ratios, what was aimed for, and the files that one of the two could not read."""
    header = (
        "file (ours / cascadio)", "instances", "GLB, ours", "with USD", "cascadio, fresh", "imported",
        "ours / fresh", "peak MB", "GLB kB", "Blender import s", "import ratio", "objects, meshes", "area differs",
    )  # fmt: skip
    rows = []
    for one in found:
        ours, theirs = one.blender
        times = [figures.seconds(_median(runs)) for runs in (one.ours, one.ours_usd, one.fresh, one.warm)]
        rows.append(
            (
                one.name, str(one.instances), *times, f"{one.wall:.2f}", "{:.0f} / {:.0f}".format(*one.peak),
                f"{one.size[0] / 1000:.0f} / {one.size[1] / 1000:.0f}",
                f"{ours['seconds']:.2f} / {theirs['seconds']:.2f}", f"{one.imported:.2f}",
                f"{ours['objects']}, {ours['meshes']} / {theirs['objects']}, {theirs['meshes']}", f"{one.area:.2%}",
            )
        )  # fmt: skip
    heavy = [one.imported for one in found if one.instances >= MANY_INSTANCES]
    worst = max(one.area for one in found)
    aims = [
        f"- median of our wall time to a fresh cascadio's: {_median([one.wall for one in found]):.2f} (aim {WALL_AIM})",
        f"- area differs by at most {worst:.2%} (aim {AREA_AIM:.1%})",
    ]
    if heavy:
        aims.append(
            f"- Blender's import, instance-heavy files, median: {_median(heavy):.2f} (aim {IMPORT_AIM})"
        )
    aims += [f"- not compared: {name}: {why}" for name, why in failed.items()]
    return figures.table(header, rows) + "\n\n" + "\n".join(aims)


def measure(repeats: int, only: list[str]) -> str:
    """Compare every source whose name holds one of *only* (all, when empty)."""
    found, failed = [], {}
    with tempfile.TemporaryDirectory(prefix="renderdesk-bench-") as name:
        folder = Path(name)
        for source in sources(folder):
            if only and not any(part in source.name for part in only):
                continue
            print(f"Converting {source.name}", flush=True)
            warm = Warm()
            try:
                found.append(compare(source, repeats, folder, warm))
            except (CadError, RuntimeError) as error:
                failed[source.name] = str(error)
            finally:
                warm.close()
    return tables(found, failed)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.cad", description=__doc__)
    parser.add_argument("--repeats", type=int, default=5, help="runs of each (default %(default)s)")
    parser.add_argument("--only", nargs="*", default=[], help="parts of file names")
    options = parser.parse_args()
    print(measure(options.repeats, options.only))
