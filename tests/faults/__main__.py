"""Breaks an installation of its own at random instants and looks what is left: python -m tests.faults --seed 7.

It needs PostgreSQL's server programs, and root for what is done to the media disk. Everything that it starts, it ends;
nothing of this machine is touched. The same seed gives the same faults at the same seconds. An even one renders on the
CPU in a confined Blender, an odd one on two GPUs that are none.
"""

from __future__ import annotations

import argparse
import json
import shutil
import signal
import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path

from tests.benchmarks import machine, runs
from tests.faults import media, postgres
from tests.faults.frames import SealWatch
from tests.faults.kinds import KINDS
from tests.faults.report import Found, table
from tests.faults.run import Run, chosen, examine
from tests.faults.site import Site
from tests.paths import PROJECT

DRAINING = 240.0
BEGIN, END = "<!-- faults: begin -->", "<!-- faults: end -->"


def main() -> int:
    parser = argparse.ArgumentParser(prog="tests.faults", description=__doc__)
    parser.add_argument("--seconds", type=float, default=600.0, help="how long things are broken")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--kinds", nargs="*", default=[], metavar="KIND", help="only these kinds of faults")
    parser.add_argument("--list", action="store_true", help="name the kinds and end")
    parser.add_argument("--write", action="store_true", help="put the table into docs/benchmarks.md")
    parser.add_argument("--keep", action="store_true", help="keep the logs and the database in any case")
    parser.add_argument("--json", type=Path, help="where the result is written (var/faults/SEED.json)")
    options = parser.parse_args()
    if options.list:
        print(*(f"{name:20} {one.words}" for name, one in KINDS.items()), sep="\n")
        return 0
    try:
        kinds = chosen(options.kinds, KINDS)
    except KeyError as error:
        parser.error(str(error.args[0]))
    if postgres.programs() is None:
        print("NOT RUN: PostgreSQL's server programs are not installed: sudo apt-get install postgresql")
        return 2
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    target = options.json or PROJECT / "var" / "faults" / f"{options.seed}.json"
    target.parent.mkdir(parents=True, exist_ok=True)
    written = target.open("w")  # before /dev/shm is another one, where it may lie
    without = media.own_namespaces()
    folder = Path(tempfile.mkdtemp(prefix="renderdesk-faults-", dir=None if without else "/tmp"))
    folder.chmod(0o711)  # the server of PostgreSQL runs as another user
    here = machine.describe()
    found = Found(options.seed, options.seconds)
    try:
        with Site.built(folder, is_mounted=not without, has_gpus=options.seed % 2 == 1) as site:
            found.lacking = {name: why for name, one in kinds.items() if (why := one.lacks(site))}
            run = Run(site, found, {name: one for name, one in kinds.items() if name not in found.lacking})
            run.begin()
            watch = SealWatch(site.media.root)
            run.work(options.seconds)
            run.drain(DRAINING)
            evidence = examine(site, found, watch)
            (folder / "evidence.json").write_text(json.dumps(evidence, indent=1, default=str))
            signal.signal(signal.SIGINT, signal.SIG_IGN)
    except BaseException:
        print(f"The logs are in {folder}", file=sys.stderr)
        raise
    words = json.dumps(found.to_json(), indent=1)
    with written:
        written.write(words)
    text = table(found, kinds)
    print(text)
    if options.write:
        measured = f"Measured on {datetime.now(UTC).date().isoformat()}."
        runs.write("\n\n".join([measured, "\n".join(here.lines()), text]), BEGIN, END)
    print(f"written to {target}")
    if found.violations or options.keep:
        (folder / "found.json").write_text(words)
        print(f"The logs and the database are in {folder}")
    else:
        shutil.rmtree(folder, ignore_errors=True)
    return 1 if found.violations else 0


if __name__ == "__main__":
    sys.exit(main())
