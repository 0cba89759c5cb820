"""Reads by the API while a render runs and without one: the shipped gunicorn, PostgreSQL, a token, from outside."""

from __future__ import annotations

import asyncio
import itertools
import os
import signal
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote
from urllib.request import urlopen

import psutil

from blender_scripts.launch import Session, SessionDied, find_blender
from tests.benchmarks import figures
from tests.benchmarks.desk import database
from tests.benchmarks.machine import Machine
from tests.benchmarks.runs import ask, say, write
from tests.blender_scripts.conftest import spec_for
from tests.blender_scripts.glb import write_box
from tests.end_to_end.installation import Installation, free_port

BEGIN, END = "<!-- api: begin -->", "<!-- api: end -->"
SECONDS, BUSY_RATE, IDLE_RATE = 60, 50, 150
P95_AIM = 0.150  # seconds; issue 16 of the project
CONNECTIONS = 16
WARM = 5  # seconds that are not counted


@dataclass(frozen=True)
class Load:
    """What came of so many reads a second: seconds from when each was due, and the web server's processor time."""

    name: str
    rate: int
    seconds: tuple[float, ...]
    wrong: int
    own: float  # ms of processor time of the web server for each read
    load: float

    def at(self, share: float) -> float:
        ordered = sorted(self.seconds)
        return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def report(here: Machine, server: str, *, is_kept: bool) -> None:
    """Fill a database on *server*, ask, print the table; *is_kept*: also into docs/benchmarks.md."""
    if not server:
        say("The API was not measured: no PostgreSQL answers (DATABASE_URL, or the local socket).")
        return
    with tempfile.TemporaryDirectory(prefix="renderdesk-bench-") as folder, database(server, False) as url:
        desk = Installation(Path(folder), url)
        say("Filling a database with 100,000 assets and 20,000 jobs")
        known = ask(desk, "rows", 500, "api_inside")
        paths = list(itertools.islice(itertools.cycle(mix(known)), 5000))
        address = start(desk)
        found = []
        try:
            for name, rate, niceness in (
                ("while a render runs, niceness 10", BUSY_RATE, 10),
                ("while a render runs, niceness 0", BUSY_RATE, 0),
                ("without a render", IDLE_RATE, None),
            ):
                say(f"{rate} reads a second for {SECONDS} s {name}")
                with rendering(Path(folder), niceness):
                    found.append(measured(name, rate, address, known["key"], paths, desk.processes[-1].pid))
                say(
                    f"  p95 {figures.seconds(found[-1].at(0.95))}, {found[-1].own:.1f} ms of the processor each"
                )
        finally:
            desk.stop()
        scrape = ask(desk, "scrapes", 5, "api_inside")
    text = "\n\n".join(
        (
            "\n".join(
                [*here.lines(), f"- load average of the machine meanwhile: see the column; {told(scrape)}"]
            ),
            table(found),
        )
    )
    say("", text)
    if is_kept:
        write(text, BEGIN, END)


def told(scrape: dict[str, Any]) -> str:
    first, again = (figures.seconds(scrape[name]) for name in ("first", "again"))
    return (
        f"a scrape of /metrics with 100,000 jobs ended in this hour takes {first} the first time in a web process, "
        f"{again} after that ({scrape['queries']} queries, {scrape['bytes'] / 1000:.0f} kB)"
    )


def table(found: list[Load]) -> str:
    rows = [
        (
            one.name,
            f"{one.rate}/s",
            *(figures.seconds(one.at(share)) for share in (0.5, 0.95, 0.99)),
            str(one.wrong),
            f"{one.own:.1f} ms",
            f"{one.load:.1f}",
            figures.aim(one.at(0.95), P95_AIM),
        )
        for one in found
    ]
    return figures.table(
        (
            "reads",
            "rate",
            "median",
            "p95",
            "p99",
            "not 200",
            "web processor time each",
            "load average",
            "p95",
        ),
        rows,
    )


def mix(known: dict[str, Any]) -> Iterator[str]:
    """Yield the reads of a PIM and a shop: single products, pictures and orders, and now and then a list."""
    for product, asset, order in zip(
        itertools.cycle(known["products"]), itertools.cycle(known["assets"]), itertools.cycle(known["orders"])
    ):
        number = quote(product)
        yield from (
            *(f"products/{number}", f"assets/{asset}", f"products/{number}/deliverables", f"assets/{asset}"),
            *(f"orders/{order}", f"assets?product={number}&delivery_state=current", f"products/{number}"),
            *("products?limit=20", f"assets/{asset}", "orders?limit=10"),
        )


def start(desk: Installation) -> str:
    """Start gunicorn as the unit does, with its own settings; return its address."""
    address = f"127.0.0.1:{free_port()}"
    desk.start("-m", "gunicorn", "config.wsgi", RENDERDESK_BIND=address, RENDERDESK_API_RATE="1000/s")

    def answers() -> bool:
        with suppress(OSError), urlopen(f"http://{address}/livez", timeout=5) as response:
            return bool(response.status == 200)
        return False

    desk.wait_until(answers, "the web server answers", 60)
    return address


def measured(name: str, rate: int, address: str, key: str, paths: list[str], web: int) -> Load:
    asyncio.run(asked(address, key, paths, rate, WARM))
    began = processor_seconds(web)
    seconds, wrong = asyncio.run(asked(address, key, paths, rate, SECONDS))
    own = 1000 * (processor_seconds(web) - began) / len(seconds)
    return Load(name, rate, tuple(seconds), wrong, own, os.getloadavg()[0])


def processor_seconds(pid: int) -> float:
    master = psutil.Process(pid)
    times = [one.cpu_times() for one in (master, *master.children(recursive=True))]
    return sum(one.user + one.system for one in times)


async def asked(address: str, key: str, paths: list[str], rate: int, seconds: int) -> tuple[list[float], int]:
    """Ask so often a second, whether or not the answers come; return how long after its time each came."""
    due: asyncio.Queue[tuple[float, str]] = asyncio.Queue()
    taken: list[float] = []
    wrong = 0
    host, port = address.split(":")

    async def connection() -> None:
        nonlocal wrong
        reader, writer = None, None
        while True:
            at, path = await due.get()
            head = f"GET /api/v1/{path} HTTP/1.1\r\nHost: {address}\r\nAuthorization: Bearer {key}\r\n\r\n"
            for _ in range(2):  # a connection that was idle may have been closed meanwhile
                try:
                    if writer is None or reader is None:
                        reader, writer = await asyncio.open_connection(host, int(port))
                    writer.write(head.encode())
                    status, is_kept = await answer(reader)
                    break
                except (OSError, asyncio.IncompleteReadError):
                    reader = writer = None
            else:
                status, is_kept = 0, False
            taken.append(time.monotonic() - at)
            wrong += status != 200
            if not is_kept and writer is not None:
                writer.close()
                reader = writer = None
            due.task_done()

    tasks = [asyncio.create_task(connection()) for _ in range(CONNECTIONS)]
    began = time.monotonic()
    for number in range(rate * seconds):
        at = began + number / rate
        await asyncio.sleep(max(0.0, at - time.monotonic()))
        due.put_nowait((at, paths[number % len(paths)]))
    await due.join()
    for task in tasks:
        task.cancel()
    return taken, wrong


async def answer(reader: asyncio.StreamReader) -> tuple[int, bool]:
    """Read one answer to its end; return its status and whether the connection stays."""
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").lower()
    length = next((int(one[15:]) for one in head.split("\r\n") if one.startswith("content-length:")), 0)
    await reader.readexactly(length)
    return int(head.split(" ", 2)[1]), "connection: close" not in head


@contextmanager
def rendering(folder: Path, niceness: int | None) -> Iterator[None]:
    """Let a warm Blender sample on all processors meanwhile; None: let none."""
    if niceness is None:
        yield
        return
    box, is_over = folder / "box.glb", threading.Event()
    write_box(box)
    session = Session(find_blender(), device_policy="cpu", cwd=folder, niceness=niceness)
    session.start()
    session.submit(spec_for(box, folder / "slow.png", width=2048, height=2048, samples=65_536))
    assert session.pid
    has_begun = threading.Event()

    def listen() -> None:
        while not is_over.is_set():
            try:
                if any(getattr(event, "stage", "") == "sample" for event in session.poll(0.2)):
                    has_begun.set()
            except SessionDied:
                return

    listener = threading.Thread(target=listen)
    listener.start()
    try:
        if not has_begun.wait(180):
            raise SystemExit("The render did not begin.")
        yield
        if session.pid is None or not psutil.pid_exists(session.pid):
            raise SystemExit("The render ended before the measurement.")
    finally:
        is_over.set()
        listener.join()
        with suppress(ProcessLookupError):
            os.killpg(session.pid or 0, signal.SIGKILL)
        session.kill()
