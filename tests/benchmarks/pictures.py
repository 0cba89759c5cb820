"""What a picture costs, beside what a careful user would script: `python -m tests.benchmarks.pictures`.

Each pair is measured in one run on this machine. `--only` names rows, `--write` puts the table into docs/benchmarks.md.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from PIL import Image

from tests.benchmarks import figures, machine, pictures_error
from tests.benchmarks.figures import Comparison, Sample
from tests.benchmarks.runs import PAGE, ask, postgresql, say, write
from tests.end_to_end.installation import Installation, installation
from tests.paths import PROJECT

BEGIN, END = "<!-- pictures: begin -->", "<!-- pictures: end -->"
INSIDE = "pictures_inside"
REPEATS = 3
WALL_AIM = 1.05
PARTS_AIM = 1.5
ORDERING_AIM = 2.0  # seconds on PostgreSQL
ORDERED = 5
SAVING_AIM = 0.5  # of PNG's bytes


@dataclass(frozen=True)
class Cost:
    """Wall and processor seconds."""

    wall: float
    processor: float


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.pictures", description=__doc__)
    parser.add_argument(
        "--only", nargs="+", choices=ROWS, default=tuple(ROWS), help="measure only these rows"
    )
    parser.add_argument(
        "--repeats", type=int, default=REPEATS, help="of what takes seconds (default %(default)s)"
    )
    parser.add_argument("--write", action="store_true", help="put the result into docs/benchmarks.md")
    options = parser.parse_args()
    here = machine.describe()
    say(*here.lines(), "")
    report(here, options.only, options.repeats, is_kept=options.write)


def report(here: machine.Machine, rows: Sequence[str], repeats: int, *, is_kept: bool) -> None:
    """Measure these rows and print their table; put it into docs/benchmarks.md if it is to be kept."""
    text = measure(rows, repeats)
    say("", text)
    if is_kept:
        day = datetime.now(UTC).date().isoformat()
        write(f"Measured on {day}.\n\n" + "\n".join(here.lines()) + f"\n\n{text}", BEGIN, END)
        say("", f"Written into {PAGE.relative_to(PROJECT)}.")


def measure(rows: Sequence[str], repeats: int) -> str:
    """Measure these rows; return their tables as Markdown."""
    found: list[Comparison] = []
    for name in rows:
        say(f"Measuring: {name}")
        began = time.monotonic()
        more = ROWS[name](repeats)
        found += more
        say(*(figures.comparison_line(one) for one in more), f"({time.monotonic() - began:.0f} s)", "")
    return figures.comparison_table(found)


def catalog(repeats: int) -> list[Comparison]:
    """One view in seven files: rendered once and derived, against a process for each file."""
    return [_set("catalog", "7 files of one view, up to 1024 px", "a process per file", 5.0, 1)]


def small(repeats: int) -> list[Comparison]:
    """Twelve small pictures of three products against a process for each."""
    return [_set("small", "12 pictures of 3 products, 128 px", "a process per picture", 5.0, repeats)]


def _set(section: str, what: str, against: str, aim: float, repeats: int) -> Comparison:
    ours, theirs = [], []
    with _desk() as desk:
        for _ in range(repeats):
            made = ask(desk, section, 1, INSIDE)
            ours.append(Cost(made["seconds"], made["processor"]))
            alone = [_alone(_job(file, "picture")) for file in made["files"]]
            theirs.append(Cost(sum(one.wall for one in alone), sum(one.processor for one in alone)))
    return _faster(what, against, ours, theirs, aim)


def turntable(repeats: int) -> list[Comparison]:
    """A small turntable, frames and film, against frames alone from plain Blender in three ways."""
    ours, frames, plain, kept = [], [], [], []
    with _desk() as desk:
        made = ask(desk, "turntable", 1, INSIDE)
        ours.append(Cost(made["seconds"], made["processor"]))
        file = made["files"][0]
        numbers = range(1, file["spec"]["frames"] + 1)
        each = [_alone(_job(file, "frame", frame=number)) for number in numbers]
        frames.append(Cost(sum(one.wall for one in each), sum(one.processor for one in each)))
        for repeat in range(repeats):
            plain.append(_alone(_job(file, "animation")))
            kept.append(_alone(_job(file, "animation_kept")))
            if repeat:
                made = ask(desk, "turntable", 1, INSIDE)
                ours.append(Cost(made["seconds"], made["processor"]))
    what = "turntable, 24 frames of 128 px"
    return [
        _faster(what, "a process per frame", ours, frames, 10.0),
        _faster(what, "Blender's animation render as it comes", ours, plain, 3.0),
        _faster(what, "the same, persistent data on", ours, kept, 1.0),
    ]


def parts(_: int) -> list[Comparison]:
    """A picture of each part of an assembly: everything from the order to the last file, against the sampling."""
    with _desk() as desk:
        made = ask(desk, "parts", 1, INSIDE)
    stages = made["stages"]
    share = made["seconds"] / stages["sample"]
    rest = ", ".join(
        f"{name} {figures.seconds(stages.get(name, 0.0))}" for name in ("geometry", "scene", "sync", "save")
    )
    return [
        Comparison(
            f"{made['parts']} parts of an assembly one by one, 256 px, order to last file",
            "their sampling",
            figures.seconds(made["seconds"]),
            figures.seconds(stages["sample"]),
            f"{share:.2f}",
            f"{PARTS_AIM:g} or less",
            share <= PARTS_AIM,
            f"geometry loaded {made['loads']} time(s); {rest}",
        )
    ]


def wall(repeats: int) -> list[Comparison]:
    """What a warm render job takes beside its sampling."""
    with _desk() as desk:
        runs = ask(desk, "wall", repeats, INSIDE)
    stages = [one["stages"] for one in runs]
    whole = Sample(tuple(one["claim to published"] for one in stages))
    sampled = Sample(tuple(one["sample"] for one in stages))
    share = Sample(tuple(one["claim to published"] / one["sample"] for one in stages)).median
    rest = {
        name: Sample(tuple(one.get(name, 0.0) for one in stages)).median
        for name in ("preview", "geometry", "scene", "sync", "save")
    }
    remark = ", ".join(f"{name} {figures.seconds(value)}" for name, value in rest.items() if value >= 0.001)
    return [
        Comparison(
            "render job, warm, claim to published",
            "its sampling",
            figures.seconds(whole.median),
            figures.seconds(sampled.median),
            f"{share:.3f}",
            f"{WALL_AIM:g} or less",
            share <= WALL_AIM,
            remark,
        )
    ]


def error(repeats: int) -> list[Comparison]:
    """Processor time of sampling at equal error."""
    with _desk() as desk:
        specs = {file["name"]: file["spec"] for file in ask(desk, "error", 1, INSIDE)["files"]}
        return pictures_error.compare(specs, repeats)


def ordering(_: int) -> list[Comparison]:
    """Ordering what exists."""
    found = []
    for name, server in ({"SQLite": ""} | postgresql()).items():
        with (
            tempfile.TemporaryDirectory(prefix="renderdesk-bench-") as folder,
            installation(Path(folder), server) as desk,
        ):
            taken = Sample(tuple(ask(desk, "ordering", ORDERED, INSIDE)))
        is_met = taken.median < ORDERING_AIM if name == "PostgreSQL" else None
        found.append(
            Comparison(
                f"ordering 1,000 lines that exist, {name}",
                "-",
                figures.seconds(taken.median),
                "",
                "",
                f"under {figures.seconds(ORDERING_AIM)}" if is_met is not None else "",
                is_met,
                f"n = {ORDERED}; no job, no Blender",
            )
        )
    return found


def webp(_: int) -> list[Comparison]:
    """Bytes of WebP at quality 90 against PNG, each picture."""
    with _desk() as desk:
        files = ask(desk, "webp", 1, INSIDE)["files"]
    sizes: dict[str, dict[str, int]] = {}
    for file in files:
        sizes.setdefault(file["name"], {})[file["format"]] = file["bytes"]
    return [
        Comparison(
            f"WebP quality 90, {name}, 512 px",
            "PNG",
            f"{size['webp'] / 1000:.1f} kB",
            f"{size['png'] / 1000:.1f} kB",
            f"{1 - size['webp'] / size['png']:.0%} less",
            "50 % less or more",
            size["webp"] <= size["png"] * SAVING_AIM,
        )
        for name, size in sizes.items()
    ]


ROWS: dict[str, Callable[[int], list[Comparison]]] = {
    one.__name__: one for one in (catalog, small, turntable, parts, wall, error, ordering, webp)
}


def _faster(what: str, against: str, ours: Sequence[Cost], theirs: Sequence[Cost], aim: float) -> Comparison:
    """Compare medians of wall time; the remark has those of processor time, which a busy machine distorts less."""
    mine, other = (Sample(tuple(one.wall for one in costs)).median for costs in (ours, theirs))
    used, spent = (Sample(tuple(one.processor for one in costs)).median for costs in (ours, theirs))
    times = other / mine
    return Comparison(
        what,
        against,
        figures.seconds(mine),
        figures.seconds(other),
        f"{times:.1f} times as fast",
        f"{aim:g} times" if aim > 1 else "not slower",
        times >= aim,
        f"processor time {used:.1f} s and {spent:.1f} s: {spent / used:.1f} times; n = {len(ours)}, {len(theirs)}",
    )


@contextmanager
def _desk() -> Iterator[Installation]:
    """An installation of its own on SQLite, without workers: what measures inside it works itself."""
    with (
        tempfile.TemporaryDirectory(prefix="renderdesk-bench-") as folder,
        installation(Path(folder), "") as desk,
    ):
        yield desk


def _job(file: dict[str, Any], mode: str, **more: Any) -> dict[str, Any]:
    still = file["format"] if mode == "picture" else "png"
    return {"mode": mode, "spec": file["spec"], "format": still, "quality": file["quality"], **more}


def _alone(job: dict[str, Any]) -> Cost:
    """Run one job as tests.benchmarks.blender_alone in a process of its own; what it cost.

    Blender writes no AVIF: Pillow makes it of Blender's PNG.
    """
    written = "png" if job["format"] == "avif" else job["format"]
    with tempfile.TemporaryDirectory(prefix="renderdesk-bench-") as folder:
        output = Path(folder) / "frames" if "animation" in job["mode"] else Path(folder) / f"out.{written}"
        told = Path(folder) / "job.json"
        told.write_text(json.dumps({**job, "format": written, "output": str(output)}))
        began = time.monotonic()
        with (Path(folder) / "log").open("wb") as log:
            process = subprocess.Popen(
                machine.blender_python("tests.benchmarks.blender_alone", str(told)),
                cwd=PROJECT,
                stdout=log,
                stderr=log,
            )
            _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        used = usage.ru_utime + usage.ru_stime
        if written != job["format"] and output.exists():
            converted = time.process_time()
            with Image.open(output) as picture:
                picture.save(output.with_suffix(f".{job['format']}"), quality=job["quality"])
            used += time.process_time() - converted
        taken = time.monotonic() - began
        is_there = (
            len(list(output.glob("*.png"))) == job["spec"]["frames"]
            if output.suffix == ""
            else output.exists()
        )
        if process.returncode or not is_there:
            said = (Path(folder) / "log").read_text(errors="replace")[-3000:]
            raise SystemExit(f"Blender ended with {process.returncode}, or left a file out:\n{said}")
    return Cost(taken, used)


if __name__ == "__main__":
    main()
