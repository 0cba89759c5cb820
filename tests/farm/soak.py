"""100,000 jobs by eight workers while things break, then a hundred GPUs: `python -m tests.farm.soak` (make soak).

Renders are made up; supervisor, workers, leases, orders, queue and PostgreSQL are real. The same seed gives the same
faults.
"""

from __future__ import annotations

import argparse
import json
import signal
import sys
import tempfile
import time
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from tests.benchmarks import fleet, machine, runs
from tests.end_to_end.console import Console
from tests.faults import media, postgres
from tests.faults.kinds import KINDS
from tests.faults.report import Found
from tests.faults.run import Run
from tests.faults.site import Site

JOBS, GPUS = 100_000, 8
PICTURE_SECONDS = 0.2  # so that faults find renders that run
PRODUCTS, LEAST = 5, 200  # products of an order; jobs and lines in work, below which another one is placed
DRAIN_SECONDS = 300.0
FLEET_SHARE = 0.25  # of the seconds
BEGIN, END = "<!-- soak: begin -->", "<!-- soak: end -->"
BROKEN = (  # what needs no Blender, no reader and no disk of its own
    *(
        "cut_connections",
        "cut_connection",
        "kill_backend",
        "restart_database",
        "database_away",
        "freeze_database",
    ),
    *("kill_cluster", "freeze_cluster", "kill_supervisor", "stop_supervisor", "power_cut"),
    *("lose_messages", "double_messages", "delay_messages", "clock_of_workers", "clock_of_database"),
)


class FarmSite(Site):
    """A site with eight GPUs that are none, and renders that are made up."""

    console: Console | None = None

    def start_workers(self) -> None:
        if not self.starts:
            self.desk.environment["MADE_UP_SECONDS"] = str(PICTURE_SECONDS)
            self.ask(f"catalog.gpus({{process.HOST: {[1.0] * GPUS}}})")
        words = ("-m", "tests.farm.workers", "run_workers", "--drain-seconds", "1")
        self.supervisor, self.ended_at = self.desk.start(*words), None
        self.starts += 1

    def ask(self, call: str) -> Any:
        """Return what a call in the installation returns. Raises AssertionError while the database is away."""
        words = "import json; from blender_scripts.children import process; from tests.farm import catalog"
        self.console = self.console or Console(self.clients[0].environment)
        try:
            return json.loads(self.console.ask(f"{words}\nprint(json.dumps({call}))"))
        except (AssertionError, OSError, ValueError) as error:
            self.console.close()  # what it says later is no answer to the next question
            self.console = None
            raise AssertionError(str(error)) from error

    def end(self) -> None:
        if self.console:
            self.console.close()
        super().end()


class SoakRun(Run):
    """Orders until so many jobs are wanted."""

    site: FarmSite
    wanted = JOBS
    ordered = 0

    def begin(self) -> None:
        self._order()
        self.started = time.monotonic()

    def _order(self) -> None:
        if self.ordered >= self.wanted:
            return
        with suppress(AssertionError):
            if self.site.ask("catalog.live()") < LEAST:
                self.ordered += 2 * self.site.ask(
                    f"catalog.order({PRODUCTS})"
                )  # each line is rendered and encoded

    def drain(self, seconds: float = DRAIN_SECONDS) -> None:
        began = time.monotonic()
        while time.monotonic() < began + seconds:
            self.site.keep_running()
            with suppress(AssertionError):
                if self.site.ask("catalog.live()") == 0:
                    break
            time.sleep(0.5)
        self.found.drained = time.monotonic() - began


def broken(folder: Path, seed: int, seconds: float, jobs: int) -> tuple[str, list[str]]:
    """Break things for so many seconds, or until so many jobs are done; return what to print, and what was wrong."""
    found = Found(seed, seconds)
    with FarmSite.built(folder, is_mounted=False, has_gpus=False) as site:
        lacking = {name for name in BROKEN if KINDS[name].lacks(site)}
        run = SoakRun(site, found, {name: KINDS[name] for name in BROKEN if name not in lacking})
        run.wanted = jobs
        run.begin()
        run.work(seconds)
        run.wanted = 0
        run.drain()
        result = site.ask("catalog.outcome()")
    wrong = [*result["wrong"], *(f"{one.rule}: {one.what}" for one in found.violations)]
    taken = found.seconds + found.drained
    ends = ", ".join(f"{count:,} {outcome}" for outcome, count in sorted(result["attempts"].items()))
    lines = [
        f"- {result['jobs']:,} jobs of {result['lines']:,} lines by {GPUS} workers in {taken:.0f} s, "
        f"{len(found.happened)} faults of {len({one.kind for one in found.happened})} kinds, seed {seed}: "
        f"attempts {ends}; run_workers was started {site.starts} times",
        *(f"- not here: {name}" for name in sorted(lacking)),
        *(f"- **wrong**: {one}" for one in wrong),
        *([] if wrong else ["- nothing lost, nothing made twice"]),
    ]
    return "\n".join(lines), wrong


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.farm.soak", description=__doc__)
    parser.add_argument("--seconds", type=float, default=3600.0)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--jobs", type=int, default=JOBS)
    parser.add_argument("--waiting", type=int, default=fleet.WAITING, help="jobs, for the hundred GPUs")
    parser.add_argument("--only", choices=("faults", "fleet"))
    parser.add_argument("--write", action="store_true", help="put the result into docs/benchmarks.md")
    options = parser.parse_args()
    if postgres.programs() is None:
        print("NOT RUN: PostgreSQL's server programs are not installed: sudo apt-get install postgresql")
        return 2
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    here = machine.describe()
    parts, wrong = ["\n".join(here.lines())], []
    share = {None: FLEET_SHARE, "faults": 0.0, "fleet": 1.0}[options.only]
    if options.only != "fleet":
        media.own_namespaces()
        with tempfile.TemporaryDirectory(prefix="renderdesk-soak-", dir="/tmp") as folder:
            Path(folder).chmod(0o711)  # the server of PostgreSQL runs as another user
            text, wrong = broken(Path(folder), options.seed, options.seconds * (1 - share), options.jobs)
        print(text, flush=True)
        parts.append(text)
    if options.only != "faults":
        text = fleet.measure(options.seconds * share, options.waiting)
        print(text, flush=True)
        parts.append(text)
    if options.write:
        day = datetime.now(UTC).date().isoformat()
        runs.write("\n\n".join([f"Measured on {day}.", *parts]), BEGIN, END)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
