"""One run: orders in a steady stream and faults at their times, then time to finish, then the checks."""

from __future__ import annotations

import re
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from random import Random
from typing import Any

import psycopg

from gpu.workers.locks import held_in
from tests.faults import checks
from tests.faults.checks import Happened, Violation
from tests.faults.frames import SealWatch
from tests.faults.registry import Kind, Missed
from tests.faults.report import Found, seen
from tests.faults.schedule import Planned, planned
from tests.faults.site import Site, role_of

LOOK_SECONDS = 0.1
LIVE_MOST = 24  # lines and jobs in work, beyond which nobody orders
TAKE_IN_EACH = 6  # orders to a CAD file that is new, unless a fault waits for one that is read
AGAIN_SECONDS = 5.0
REST_SECONDS = 4.0  # in which what a fault held is whole: a database that is always away shows nothing
DRAIN_SECONDS = 240.0
STOP_SECONDS = 40.0
GONE_SECONDS = 10.0  # from the end of run_workers to that of the last process that it left to itself
# What a client may hear: the database is away, the disk takes nothing, or it was killed itself.
EXPECTED = (
    "django.db.utils.OperationalError",
    "django.db.utils.InterfaceError",
    "media_assets.storage.errors.Storage",
    "Python inside the installation died",
    "no answer within",
    "closed",
)
LATE_SECONDS = 30.0  # after the last fault
IDLE_SECONDS = 3.0  # a transaction that does nothing for so long was forgotten


@dataclass
class Running:
    """A fault that lasts: what remains of it, and when it goes on (monotonic)."""

    plan: Planned
    kind: Kind
    steps: Iterator[float]
    began: float
    due: float = 0.0


class Run:
    """The faults and orders of one run on one site."""

    def __init__(self, site: Site, found: Found, kinds: Mapping[str, Kind]) -> None:
        self.site, self.found, self.kinds = site, found, kinds
        self.running: list[Running] = []
        self.waiting: list[Planned] = []
        self.ended: dict[str, float] = {}  # when a fault that held this was over
        self.orders = Random(f"orders of {found.seed}")
        self.placed = 0
        self.seconds = 0.0
        self.started = time.monotonic()

    def begin(self) -> None:
        """Take in the first CAD files, and see one of them converted."""
        client = self.site.clients[0]
        for _ in range(2):
            self._take_in().result()
        deadline = time.monotonic() + 120
        while client.ask("live") and time.monotonic() < deadline:
            time.sleep(0.5)
        self.started = time.monotonic()

    def work(self, seconds: float) -> None:
        """Break things for so many seconds, then make whole what is still broken."""
        self.seconds = seconds
        self.waiting = planned(self.found.seed, seconds, list(self.kinds))
        while time.monotonic() < self.started + seconds:
            self.step()
            time.sleep(LOOK_SECONDS)
        self.waiting.clear()
        deadline = time.monotonic() + 60
        while self.running and time.monotonic() < deadline:
            for one in self.running:
                one.due = 0.0
            self.step()
            time.sleep(LOOK_SECONDS)
        self.found.seconds = time.monotonic() - self.started

    def step(self) -> None:
        """Whatever is due now: the rest of a fault, the next one, run_workers, an order."""
        now = time.monotonic()
        for one in [one for one in self.running if one.due <= now]:
            self._go_on(one)
        held = {one.kind.holds for one in self.running} | {
            holds for holds, ended in self.ended.items() if now < ended + REST_SECONDS
        }
        held -= {""}
        for plan in list(self.waiting):
            if plan.at > now - self.started:
                break
            kind = self.kinds[plan.kind]
            if kind.holds in held:
                continue
            self.waiting.remove(plan)
            one = Running(plan, kind, kind.begin(self.site, Random(plan.seed)), time.time())
            self.running.append(one)
            self._go_on(one)
            held |= {kind.holds} - {""}
        self.site.keep_running()
        if self.site.clients[0].is_idle:
            self._order()

    def _go_on(self, one: Running) -> None:
        try:
            one.due = time.monotonic() + next(one.steps)
            return
        except StopIteration:
            self._note(one, "")
        except (Missed, psycopg.Error) as error:
            why = str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
            self.found.missed[one.kind.name, why] += 1
            self._note(one, why)
            self._try_again(one.plan)
        except Exception as error:
            self.found.violations.append(Violation("the fault itself failed", f"{one.kind.name}: {error!r}"))
            self._note(one, repr(error))
        self.running.remove(one)
        self.ended[one.kind.holds] = time.monotonic()

    def _try_again(self, plan: Planned) -> None:
        """Let a fault that found nothing to break come a little later, so that each kind comes equally often."""
        at = time.monotonic() - self.started + AGAIN_SECONDS
        if at < self.seconds:
            self.waiting = sorted([*self.waiting, replace(plan, at=at)], key=lambda one: one.at)

    def _note(self, one: Running, missed: str) -> None:
        now = time.time()
        if not missed:
            self.found.happened.append(Happened(one.kind.name, one.began, now, one.kind.excuses))
        entry = {"kind": one.kind.name, "number": one.plan.number, "began": round(one.began, 2)}
        self.found.log.append({**entry, "ended": round(now, 2), **({"missed": missed} if missed else {})})

    def _order(self) -> None:
        self.placed += 1
        if self.placed % TAKE_IN_EACH == 0 or self.site.hunted["reader"]:
            self._take_in()
        self.site.clients[0].call("place", number=self.orders.getrandbits(48), most=LIVE_MOST)

    def _take_in(self) -> Any:
        return self.site.clients[0].call(
            "take_in", number=self.orders.randrange(10**9), folder=str(self.site.folder), most=LIVE_MOST
        )

    def drain(self, seconds: float = DRAIN_SECONDS) -> None:
        """Let everything finish, for so many seconds at most."""
        began = time.monotonic()
        client = self.site.clients[-1]
        while time.monotonic() < began + seconds:
            self.site.keep_running()
            with suppress(AssertionError):
                if client.ask("live") == 0:
                    break
            time.sleep(0.5)
        self.found.drained = time.monotonic() - began


def examine(site: Site, found: Found, watch: SealWatch) -> dict[str, Any]:
    """Look at everything, stop the workers on the way, and add the violations; return the evidence."""
    add = found.violations.extend
    time.sleep(IDLE_SECONDS)
    add(_transactions(site))
    orphans = site.clients[-1].ask("prune")
    evidence: dict[str, Any] = site.clients[-1].ask("evidence")
    canceled = {int(word) for word in noted(site.canceled)}
    add(checks.lines(evidence, found.happened, canceled))
    add(checks.attempts(evidence, found.happened))
    add(checks.rows(evidence))
    add(checks.frames(watch.stop(), evidence["forced_films"]))
    if not site.stop_workers(STOP_SECONDS):
        add([Violation("run_workers does not stop", f"for {STOP_SECONDS:.0f} s after SIGTERM")])
    for client in site.clients:
        client.close()
    add(_processes(site))
    add(Violation("a lock is held", name) for name in held_in(site.folder / "cache"))
    add(checks.files(evidence))
    add(checks.leftovers(site.folder))
    site.postgres.stop("fast")
    if site.media.is_mounted:
        add(_segments())
    refusals: Counter[str] = sum((client.refusals for client in site.clients), Counter())
    add(
        Violation("a client was refused for no fault's reason", f"{count} times: {words}")
        for words, count in refusals.items()
        if not words.startswith(EXPECTED)
    )
    states = Counter(line["state"] for line in evidence["lines"])
    found.facts = {
        "seen": seen(evidence, found.happened),
        "counts": {
            "orders": len(evidence["orders"]),
            **{f"lines {state}": count for state, count in sorted(states.items())},
            "jobs": len(evidence["jobs"]),
            "attempts": len(evidence["attempts"]),
            "files": len(evidence["files"]),
            "files without a row, pruned": orphans,
            "starts of run_workers": site.starts,
        },
        "refusals": dict(refusals.most_common(20)),
        "late": late(evidence, found),
        "logged": logged(site.folder),
    }
    return evidence


def noted(path: Path) -> list[str]:
    return path.read_text().split() if path.exists() else []


def _transactions(site: Site) -> Iterator[Violation]:
    with site.postgres.connection() as connection:
        idle = connection.execute(
            "SELECT pid, query FROM pg_stat_activity WHERE datname = current_database() "
            "AND state LIKE 'idle in transaction%%' AND clock_timestamp() - state_change > make_interval(secs => %s)",
            [IDLE_SECONDS],
        )
        for pid, query in idle.fetchall():
            yield Violation("a connection is idle in a transaction", f"{pid}: {query[:200]}")
        locks = connection.execute(
            "SELECT pid, mode FROM pg_locks WHERE locktype = 'advisory' OR NOT granted"
        )
        for pid, mode in locks.fetchall():
            yield Violation("a lock is held", f"in the database, by {pid}: {mode}")


def _processes(site: Site) -> Iterator[Violation]:
    deadline = time.monotonic() + GONE_SECONDS
    while (left := site.desk.children()) and time.monotonic() < deadline:
        time.sleep(0.2)
    for pid, command in left.items():
        yield Violation("a process is left", f"{role_of(command)} {pid}: {command[:160]}")


def _segments() -> Iterator[Violation]:
    """Segments of shared memory: this process has its own /dev/shm and its own System V namespace."""
    for path in sorted(Path("/dev/shm").iterdir()):
        if "faketime_" not in path.name:
            yield Violation("a shared memory segment is left", path.name)
    for kind in ("shm", "sem", "msg"):
        for line in Path(f"/proc/sysvipc/{kind}").read_text().splitlines()[1:]:
            yield Violation("a shared memory segment is left", f"System V {kind}: {line}")


def late(evidence: dict[str, Any], found: Found) -> list[str]:
    """Return the attempts that ended long after the last fault: what keeps an installation from coming to rest."""
    over = max((one.ended for one in found.happened), default=0.0) + LATE_SECONDS
    jobs = {job["pk"]: job for job in evidence["jobs"]}
    return [
        f"{jobs[one['job']]['kind']} {one['job']}, attempt {one['number']}: {one['outcome']} {one['error_code']} "
        f"{one['finished'] - over + LATE_SECONDS:.0f} s after the last fault"
        for one in evidence["attempts"]
        if one["finished"] and one["finished"] > over
    ][-12:]


def logged(folder: Path) -> dict[str, int]:
    """Return how often which exception ended a traceback in the logs of the processes."""
    found: Counter[str] = Counter()
    for path in folder.glob("process-*.log"):
        is_inside = False
        for line in path.read_text(errors="replace").splitlines():
            if line.startswith("Traceback"):
                is_inside = True
            elif is_inside and re.match(r"[\w.]+(Error|Exception|Full|ReadOnly|Died|\w+): |[\w.]+$", line):
                found[re.sub(r"\d+", "N", line)[:160]] += 1
                is_inside = False
    return dict(found.most_common(40))


def chosen(names: Sequence[str], kinds: Mapping[str, Kind]) -> dict[str, Kind]:
    """Return the kinds with these names, all for none. Raises KeyError with what there is."""
    if unknown := sorted(set(names) - set(kinds)):
        raise KeyError(
            f"no kind of fault is called {', '.join(unknown)}; there are {', '.join(sorted(kinds))}"
        )
    return {name: one for name, one in kinds.items() if not names or name in names}
