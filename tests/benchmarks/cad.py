"""Conversion of CAD beside cascadio, which calls the same OpenCASCADE: `python -m tests.benchmarks.cad`.

Ours is a child forked by a server that has the reader imported, as workers have it; cascadio is a fresh process, as a
user calls it, and one that has it imported already. The runs alternate.
"""

from __future__ import annotations

import argparse
import math
import os
import subprocess
import sys
import tempfile
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from media_assets.cad.errors import CadError
from tests.benchmarks import figures, machine
from tests.benchmarks.__main__ import GEOMETRY_AIM
from tests.benchmarks.cad_revision import REVISED, revised
from tests.benchmarks.cad_runs import (
    ANGULAR,
    IMPORT_PATIENCE_S,
    LINEAR,
    Took,
    Warm,
    blender,
    convert,
    fresh,
    names_in,
    privately,
)
from tests.benchmarks.figures import Sample
from tests.benchmarks.runs import run, write
from tests.media_assets.cad.witness import Witness
from tests.paths import CORPUS, PROJECT, SAMPLE

BEGIN, END = "<!-- cad: begin -->", "<!-- cad: end -->"
GENERATED = ("instances_2000_flat", "instances_20000_nested", "plate_900_holes")
WALL_AIM, IMPORTED_AIM, IMPORT_AIM, AREA_AIM = 0.6, 1.0, 0.5, 0.002  # issues 3 and 15 of the project
MANY_INSTANCES = 1000  # from here a file counts as instance-heavy
ALONE = {"crowd_20000": (8.0, None), "crowd_100000": (40.0, None), "bearings_180_mb": (None, 2000.0)}
"""Files that take cascadio minutes, or no other can be compared: the aims of their seconds and their MB at the peak."""
LONG_S = 2.0  # a file that takes longer is measured three times at most
SETTINGS = (
    f"Both mesh with one deflection of {LINEAR} of the diagonal and {ANGULAR} rad; cascadio joins the faces of a part "
    "and meshes in parallel (its defaults), ours does from 250 faces on. Left of a stroke ours, right of it cascadio."
)
WHY_SLOW = "where most of the time is OpenCASCADE's translation of STEP and its meshing, which both wait for"


@dataclass
class Compared:
    """One file through both: what each run took, then what came of it."""

    name: str
    instances: int = 0
    ours: list[Took] = field(default_factory=list)
    all_of_it: list[Took] = field(default_factory=list)
    fresh: list[Took] = field(default_factory=list)
    warm: list[Took] = field(default_factory=list)
    peak: tuple[float, float] = (0.0, 0.0)
    private: tuple[float, float] = (0.0, 0.0)
    size: tuple[int, int] = (0, 0)
    names: str = "-"
    blender: tuple[dict[str, Any] | None, dict[str, Any] | None] = (None, None)
    own_import: dict[str, Any] | None = None

    @property
    def wall(self) -> float:
        return _wall(self.ours) / _wall(self.fresh)

    @property
    def processor(self) -> tuple[float, float]:
        """Our processor time as a part of that of a fresh cascadio, and of an imported one."""
        ours = _processor(self.ours)
        return ours / _processor(self.fresh), ours / _processor(self.warm)

    @property
    def imported(self) -> float | None:
        """How long Blender's importer takes for our GLB, as a part of what it takes for cascadio's."""
        ours, theirs = self.blender
        return float(ours["seconds"] / theirs["seconds"]) if ours and theirs else None

    @property
    def area(self) -> float | None:
        ours, theirs = self.blender
        if not ours or not theirs:
            return None
        return float(abs(ours["area"] - theirs["area"]) / theirs["area"]) if theirs["area"] else math.inf


def _median(values: list[float]) -> float:
    return Sample(tuple(values)).median


def _wall(runs: list[Took]) -> float:
    return _median([one.wall for one in runs])


def _processor(runs: list[Took]) -> float:
    return max(_median([one.processor for one in runs]), 0.001)


def sources(folder: Path, only: list[str]) -> list[Path]:
    """Return the sample, our generated files, and the sound files of the corpus where it is there.

    With *only*, those whose name holds one of these; no other is generated.
    """

    generated = _generated(folder, [name for name in GENERATED if _is_wanted(name, only)])
    known = [SAMPLE, *sorted(CORPUS.glob("*.st*p"))]
    return [path for path in known if path.is_file() and _is_wanted(path.name, only)] + generated


def _is_wanted(name: str, only: list[str]) -> bool:
    return not only or any(part in name for part in only)


def _generated(folder: Path, names: list[str]) -> list[Path]:
    if names:
        command = [sys.executable, "-m", "tests.benchmarks.cad_sources", str(folder), *names]
        subprocess.run(command, cwd=PROJECT, check=True, stdout=subprocess.DEVNULL)
    return [folder / f"{name}.step" for name in names]


def compare(source: Path, repeats: int, folder: Path, warm: Warm, witness: Witness) -> Compared:
    _, result = convert(source, folder, all_of_it=False)
    linear = LINEAR * math.dist(result.report["box_mm"]["low"], result.report["box_mm"]["high"])
    found = Compared(source.name, int(result.report["instances"]))
    theirs = folder / f"{source.stem}.cascadio.glb"
    for number in range(repeats):
        longest = max((one.wall for one in found.fresh), default=0.0)
        if number == 3 and longest > LONG_S:
            break
        took, result = convert(source, folder, all_of_it=False)
        found.ours.append(took)
        took, peak = fresh(source, theirs, linear)
        found.fresh.append(took)
        longest = max(longest, took.wall)
        if number == 0 or longest < 10 * LONG_S:
            found.warm.append(warm.convert(source, theirs, linear))
        found.all_of_it.append(convert(source, folder, all_of_it=True)[0])
        if longest > 10 * LONG_S:
            break
    found.private = privately(source, theirs, folder, linear)
    found.peak = (float(result.report["peak_mb"]), peak)
    found.size = (result.glb.stat().st_size, theirs.stat().st_size)
    if found.instances < MANY_INSTANCES:
        said = witness.ask("cad", str(source))
        wanted = {said["root"], *said["groups"]}.union(
            *((one["name"], one["product"]) for one in said["placed"])
        )
        wanted.discard("")
        kept = [len(wanted & names_in(glb)) for glb in (result.glb, theirs)]
        found.names = f"{kept[0]} / {kept[1]} of {len(wanted)}"
    found.blender = (blender("blender", result.glb), blender("blender", theirs))
    found.own_import = blender("ours", result.glb)
    return found


def alone(repeats: int, only: list[str]) -> str:
    """Convert the largest files, ours alone, and return the table."""
    rows = []
    with tempfile.TemporaryDirectory(prefix="renderdesk-bench-") as name:
        folder = Path(name)
        for source in _generated(folder, [one for one in ALONE if _is_wanted(one, only)]):
            print(f"Converting {source.name}, load {os.getloadavg()[0]:.1f}", flush=True)
            runs, result = [], None
            while len(runs) < repeats and sum(one.wall for one in runs) < 30 * LONG_S:
                took, result = convert(source, folder, all_of_it=False)
                runs.append(took)
            assert result is not None
            most_s, most_mb = ALONE[source.stem]
            peak = float(result.report["peak_mb"])
            met = [_met(_wall(runs), most_s)] if most_s else []
            met += [_met(peak, most_mb)] if most_mb else []
            rows.append(
                (
                    source.name, f"{source.stat().st_size / 1e6:.0f}", str(result.report["instances"]),
                    figures.seconds(_wall(runs)), figures.seconds(_processor(runs)), f"{peak:.0f}",
                    f"{most_s:.0f} s" if most_s else f"{most_mb:.0f} MB", ", ".join(met), str(len(runs)),
                )
            )  # fmt: skip
    header = ("file", "MB", "instances", "GLB, ours", "processor", "peak MB", "aim", "", "runs")
    return figures.table(header, rows) if rows else ""


def compared_table(found: list[Compared]) -> str:
    header = (
        "file", "instances", "GLB, ours", "with USD, document", "cascadio, fresh", "imported", "ours / fresh",
        "ours / imported", "processor time", "of fresh", "of imported", "peak MB", "private MB", "GLB kB",
        "names kept", "Blender's importer, s", "our importer, s",
        "objects", "meshes", "area differs",
    )  # fmt: skip
    rows = []
    for one in found:
        times = [figures.seconds(_wall(runs)) for runs in (one.ours, one.all_of_it, one.fresh, one.warm)]
        spent = [figures.seconds(_processor(runs)) for runs in (one.ours, one.fresh, one.warm)]
        rows.append(
            (
                one.name, str(one.instances), *times, f"{one.wall:.2f}",
                f"{_wall(one.ours) / _wall(one.warm):.2f}", " / ".join(spent),
                *(f"{part:.2f}" for part in one.processor),
                "{:.0f} / {:.0f}".format(*one.peak), "{:.0f} / {:.0f}".format(*one.private),
                f"{one.size[0] / 1000:.0f} / {one.size[1] / 1000:.0f}", one.names,
                " / ".join(_shown(which, "seconds") for which in one.blender),
                _shown(one.own_import, "seconds"),
                *(" / ".join(_shown(which, what) for which in one.blender) for what in ("objects", "meshes")),
                "-" if one.area is None else f"{one.area:.2%}",
            )
        )  # fmt: skip
    return figures.table(header, rows)


def _shown(imported: dict[str, Any] | None, what: str) -> str:
    if imported is None:
        return f"> {IMPORT_PATIENCE_S:.0f}" if what == "seconds" else "-"
    return f"{imported[what]:.2f}" if what == "seconds" else str(imported[what])


def notes(found: list[Compared], failed: dict[str, str]) -> list[str]:
    """Return what was aimed for, with what misses it."""
    lines = []
    if found:
        wall = _median([one.wall for one in found])
        slow = [f"{one.name} {one.wall:.2f}" for one in found if one.wall > WALL_AIM]
        lines.append(
            f"- median of our wall time to a fresh cascadio's: {wall:.2f} (aim {WALL_AIM}: {_met(wall, WALL_AIM)})"
            + (f"; above it: {', '.join(slow)}, {WHY_SLOW}" if slow else "")
        )
        for number, (what, limit) in enumerate((("a fresh", WALL_AIM), ("an imported", IMPORTED_AIM))):
            parts = {one.name: one.processor[number] for one in found}
            above = ", ".join(f"{name} {part:.2f}" for name, part in parts.items() if part > limit)
            middle = _median(list(parts.values()))
            lines.append(
                f"- median of our processor time to that of {what} cascadio: {middle:.2f} "
                f"(aim {limit}: {_met(middle, limit)})" + (f"; above it: {above}" if above else "")
            )
    areas = {one.name: one.area for one in found if one.area is not None}
    if areas:
        worst = max(areas, key=lambda name: areas[name])
        lines.append(
            f"- area differs by at most {areas[worst]:.2%}, {worst} "
            f"(aim {AREA_AIM:.1%}: {_met(areas[worst], AREA_AIM)})"
        )
    heavy = [one.imported for one in found if one.instances >= MANY_INSTANCES and one.imported is not None]
    if heavy:
        lines.append(
            f"- Blender's importer, instance-heavy files, ours to cascadio's, median: {_median(heavy):.2f} "
            f"(aim {IMPORT_AIM}: {_met(_median(heavy), IMPORT_AIM)})"
        )
    own = [
        one.own_import["seconds"] / one.blender[1]["seconds"]
        for one in found
        if one.instances >= MANY_INSTANCES and one.own_import and one.blender[1]
    ]
    if own:
        lines.append(
            f"- our importer with our GLB to Blender's with cascadio's, the same files: {_median(own):.2f}"
        )
    return lines + [f"- not compared: {name}: {why}" for name, why in failed.items()]


def _met(value: float, limit: float) -> str:
    return "met" if value <= limit else "missed"


def cached(repeats: int) -> str:
    """Measure what a render spends on a geometry that exists already, in an installation of its own."""
    ready = Sample(tuple(one["ready"] for one in run("", "renders", repeats, with_workers=False)["warm"]))
    remark = figures.aim(ready.median, GEOMETRY_AIM)
    return f"- another picture of a geometry that exists, from claim to geometry: {figures.spread(ready)}, {remark}"


def measure(repeats: int, only: list[str]) -> tuple[list[Compared], dict[str, str]]:
    """Compare every source whose name holds one of *only* (all, when empty); also say which could not be."""
    found, failed = [], {}
    witness = Witness()
    try:
        with tempfile.TemporaryDirectory(prefix="renderdesk-bench-") as name:
            folder = Path(name)
            for source in sources(folder, only):
                print(f"Converting {source.name}, load {os.getloadavg()[0]:.1f}", flush=True)
                warm = Warm()
                try:
                    found.append(compare(source, repeats, folder, warm, witness))
                except (CadError, RuntimeError, subprocess.CalledProcessError) as error:
                    failed[source.name] = str(error)
                finally:
                    warm.close()
    finally:
        witness.close()
    return found, failed


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.cad", description=__doc__)
    parser.add_argument("--repeats", type=int, default=5, help="runs of each (default %(default)s)")
    parser.add_argument("--only", nargs="*", default=[], help="parts of file names")
    parser.add_argument("--write", action="store_true", help="put the result into docs/benchmarks.md")
    options = parser.parse_args()
    here = machine.describe()
    print(*here.lines(), sep="\n", flush=True)
    found, failed = measure(options.repeats, options.only)
    lines = notes(found, failed) + ([] if options.only else [cached(options.repeats)])
    if _is_wanted(REVISED, options.only):
        lines.append(revised(options.repeats))
    tables = [
        table
        for table in (compared_table(found) if found else "", alone(options.repeats, options.only))
        if table
    ]
    text = "\n\n".join(["\n".join(here.lines()), SETTINGS, *tables, "\n".join(lines)])
    print(f"\n{text}")
    if options.write:
        write(f"Measured on {datetime.now(UTC).date().isoformat()}.\n\n{text}", BEGIN, END)


if __name__ == "__main__":
    main()
