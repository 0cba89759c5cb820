"""`python -m tests.benchmarks` (make bench): how long things take on this machine, on a private installation."""

from __future__ import annotations

import argparse
import tempfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from tests.benchmarks import api, claims, clone, desk, figures, idle, machine, pictures
from tests.benchmarks.figures import Row, Sample
from tests.benchmarks.runs import PAGE, postgresql, run, say, write
from tests.paths import PROJECT

BEGIN, END = "<!-- measured: begin -->", "<!-- measured: end -->"
FIRST_SAMPLE_AIM = 0.150  # seconds; issue 2 of the project
FRESH_THUMBNAIL_AIM, THUMBNAIL_AIM, ROUGH_AIM = 10.0, 3.0, 1.5  # seconds
GEOMETRY_AIM = 0.050  # seconds; issue 3 of the project
STAGES = ("start", "import", "geometry", "scene", "sync", "sample", "save", "encode", "claim to published")
PARTS = ("idle", "kicks", "throughput", "claims", "renders", "uploads", "routing", "pictures", "desk", "api")
ROUTING_BEGIN, ROUTING_END = "<!-- routing: begin -->", "<!-- routing: end -->"
ROUTING_SEEDS = 2


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks", description=__doc__)
    parser.add_argument("--only", nargs="+", choices=PARTS, default=PARTS, help="measure only these")
    parser.add_argument("--kicks", type=int, default=60, help="kicks a database (default %(default)s)")
    parser.add_argument(
        "--repeats", type=int, default=5, help="warm renders and uploads (default %(default)s)"
    )
    parser.add_argument(
        "--idle-seconds",
        type=float,
        default=60.0,
        help="how long idle workers are watched (default %(default)g)",
    )
    parser.add_argument("--still", action="store_true", help="also one still of 1024 px; takes minutes")
    parser.add_argument(
        "--demo", action="store_true", help="also 'make demo' from a clone; installs packages"
    )
    parser.add_argument(
        "--keep", action="store_true", help="leave the database of the desk's measurement where it is"
    )
    parser.add_argument("--write", action="store_true", help="put the result into docs/benchmarks.md")
    options = parser.parse_args()

    here = machine.describe()
    say(*here.lines(), "")
    databases = {"SQLite": "", **postgresql()}
    if len(databases) == 1:
        say("No PostgreSQL answers (DATABASE_URL, or the local socket): only SQLite is measured.", "")
    rows, stages = measure(databases, options)
    if options.demo:
        rows += demo()
    text = "\n\n".join(filter(None, ["\n".join(here.lines()), figures.main_table(rows), stages]))
    if rows:
        say("", figures.main_table(rows), "", stages)
    routings = simulated_routings() if "routing" in options.only else ""
    if options.write and rows:
        day = datetime.now(UTC).date().isoformat()
        write(f"Measured on {day}.\n\n{text}", BEGIN, END)
    if options.write and routings:
        write(routings, ROUTING_BEGIN, ROUTING_END)
    if "pictures" in options.only:
        pictures.report(
            here, tuple(pictures.ROWS), min(options.repeats, pictures.REPEATS), is_kept=options.write
        )
    if "desk" in options.only:
        desk.report(
            here,
            databases.get("PostgreSQL", ""),
            max(options.repeats, desk.REPEATS),
            is_kept=options.write,
            keeps_database=options.keep,
        )
    if "api" in options.only:
        api.report(here, databases.get("PostgreSQL", ""), is_kept=options.write)
    if options.write:
        say("", f"Written into {PAGE.relative_to(PROJECT)}.")


def measure(databases: dict[str, str], options: argparse.Namespace) -> tuple[list[Row], str]:
    """Return the rows of the main table and the table of stages."""
    parts, kicks, repeats = options.only, options.kicks, options.repeats
    rows: list[Row] = []
    stages = ""
    if "idle" in parts:
        rows += idle.report(databases, options.idle_seconds, kicks)
    if "kicks" in parts:
        rows += per_database(
            databases, "a job's row to its claim (idle worker)", "kicks", kicks, with_workers=True
        )
    if "throughput" in parts:
        for depth in (200, 5000):
            what = f"claim and end of a job, {depth} waiting (one worker)"
            rows += per_database(databases, what, "throughput", depth, with_workers=False)
    if "claims" in parts:
        rows += claims.rows(databases)
    if "renders" in parts:
        say("Rendering the sample cold and warm, on SQLite")
        section = "renders_and_still" if options.still else "renders"
        found = run(databases["SQLite"], section, repeats, with_workers=False)
        rows += first_samples(found)
        rows += geometries(found)
        stages = stage_tables(found)
    if "uploads" in parts:
        for name, server in databases.items():
            say(f"Uploading the sample {repeats + 1} times on {name}")
            first, *others = run(server, "uploads", repeats, with_workers=True)
            for key, what, fresh_aim, aim in (
                ("thumbnail", "CAD file arrives to its thumbnail", FRESH_THUMBNAIL_AIM, THUMBNAIL_AIM),
                ("rough", "end of its conversion to a rough picture", None, ROUGH_AIM),
            ):
                warm = Sample(tuple(one[key] for one in others))
                remark = figures.aim(first[key], fresh_aim) if fresh_aim else ""
                rows.append(
                    Row(f"{what}, fresh workers", name, figures.spread(Sample((first[key],))), remark)
                )
                rows.append(
                    Row(f"{what}, warm workers", name, figures.spread(warm), figures.aim(warm.median, aim))
                )
    return rows, stages


def first_samples(found: dict[str, Any]) -> list[Row]:
    """From the claim to the first sample of the warm session's renders, and of the cold one."""
    rows = []
    for name, what in (("sampling", "claim to Cycles sampling"), ("sampled", "claim to a sample done")):
        warm = Sample(tuple(one[name] for one in found["warm"]))
        cold = Sample((found["cold"][name],))
        remark = figures.aim(warm.median, FIRST_SAMPLE_AIM)
        rows.append(Row(f"{what}, warm session", "SQLite", figures.spread(warm), remark))
        remark = figures.ratio(cold.median, warm.median, "warm")
        rows.append(Row(f"{what}, cold session", "SQLite", figures.spread(cold), remark))
    return rows


def geometries(found: dict[str, Any]) -> list[Row]:
    """From the claim to the geometry being in Blender, of renders whose geometry exists: no CAD is read for them."""
    rows = []
    for name, what in (
        ("warm", "claim to geometry ready, loaded already"),
        ("switched", "claim to geometry ready, another was loaded"),
    ):
        if missed := [one["reused"] for one in found[name] if one["reused"] != "hit"]:
            raise SystemExit(f"A geometry that exists was not reused: {missed[0]}.")
        sample = Sample(tuple(one["ready"] for one in found[name]))
        is_loaded = name == "warm"
        remark = figures.aim(sample.median, GEOMETRY_AIM) if is_loaded else "Blender imports its GLB"
        rows.append(Row(f"{what}, warm session", "SQLite", figures.spread(sample), remark))
    return rows


def per_database(
    databases: dict[str, str], what: str, section: str, count: int, *, with_workers: bool
) -> list[Row]:
    """Measure *section* on each database; the remark compares with the first."""
    rows: list[Row] = []
    base = 0.0
    for name, server in databases.items():
        say(f"Measuring on {name}: {what}")
        sample = Sample(tuple(run(server, section, count, with_workers=with_workers)))
        remark = figures.ratio(sample.median, base, next(iter(databases))) if base else ""
        if section == "throughput":
            remark = f"{1 / sample.median:.0f} a second" + (f"; {remark}" if remark else "")
        rows.append(Row(what, name, figures.spread(sample), remark))
        base = base or sample.median
    return rows


def stage_tables(found: dict[str, Any]) -> str:
    """Seconds of each stage of the sample's conversion and renders, as Markdown."""
    warm = {
        stage: Sample(tuple(one["stages"].get(stage, 0.0) for one in found["warm"])).median
        for stage in STAGES
    }
    runs = {
        "thumbnail, cold": found["cold"]["stages"],
        f"thumbnail, warm (median of {len(found['warm'])})": warm,
    }
    if "still" in found:
        runs["still of 1024 px, warm (once)"] = found["still"]["stages"]
    renders = figures.table(
        ("seconds", *STAGES),
        [(name, *(cell(seconds.get(stage, 0.0)) for stage in STAGES)) for name, seconds in runs.items()],
    )
    steps = {name: value for name, value in found["tessellation"].items() if isinstance(value, (int, float))}
    conversion = figures.table(
        ("seconds", *steps), [("conversion of the sample", *map(cell, steps.values()))]
    )
    return f"Seconds in each stage:\n\n{renders}\n\n{conversion}"


def cell(value: float) -> str:
    return f"{value:.3f}" if value else "-"


def demo() -> list[Row]:
    say("Running 'make demo' from a clone; this takes minutes")
    with tempfile.TemporaryDirectory(prefix="renderdesk-demo-") as folder:
        first = clone.measure(Path(folder) / "renderdesk")
    remark = f"of that {figures.seconds(first.installed)} for cloning and installing packages"
    return [Row("clone, make demo, first picture", "SQLite", f"{first.picture:.0f} s (once)", remark)]


def simulated_routings() -> str:
    """The table of the routings. Its time is simulated: a busy machine changes nothing in it."""
    say("Simulating the routings")
    text = str(run("", "routing", ROUTING_SEEDS, with_workers=False))
    say("", text)
    return text


if __name__ == "__main__":
    main()
