"""Single runs for tests.benchmarks.cad: ours, cascadio in a fresh and in a kept process, and Blender's import."""

from __future__ import annotations

import json
import os
import re
import struct
import subprocess
import sys
import tempfile
import threading
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil

from media_assets.cad.client import Conversion
from media_assets.cad.contract import ConversionResult
from media_assets.cad.forkclient import ForkServer
from media_assets.cad.settings import Tessellation
from tests.benchmarks import machine
from tests.paths import PROJECT

LINEAR, ANGULAR = 0.001, 0.3
# No part is finer than the rest, and nothing is held back: cascadio knows one deflection for all.
EQUAL = Tessellation("benchmark", LINEAR, ANGULAR, part_linear=1e9, min_mm=0.0, max_mm=1e9)
PATIENCE_S = 60.0  # for one run of cascadio
IMPORT_PATIENCE_S = 25.0
SAMPLE_S = 0.003
PRIVATE = re.compile(r"^Private_(?:Clean|Dirty):\s+(\d+) kB", re.MULTILINE)
FRESH = (
    "import sys, cascadio; a = sys.argv; "
    "sys.exit(cascadio.step_to_glb(a[1], a[2], float(a[3]), float(a[4]), False, True, True))"
)


@dataclass(frozen=True)
class Took:
    """Seconds of one run: of wall time, and of processor time in all processes that work for it."""

    wall: float
    processor: float


def convert(
    source: Path,
    folder: Path,
    *,
    all_of_it: bool,
    quality: Tessellation = EQUAL,
    earlier: Path | None = None,
    memory: Private | None = None,
) -> tuple[Took, ConversionResult]:
    """Convert as a worker does, the GLB alone or all that is kept; what that took from the request to the files."""
    out = Path(tempfile.mkdtemp(dir=folder))
    server = psutil.Process(ForkServer.of_this_process().pid)
    before, began = sum(server.cpu_times()) + time.process_time(), time.perf_counter()
    conversion = Conversion(
        source, out, quality, want_usd=all_of_it, keep_document=all_of_it, earlier=earlier
    )
    conversion.start()
    while not conversion.done:
        conversion.poll(SAMPLE_S if memory else 1.0)
        if memory and conversion.pid:
            memory.look(conversion.pid)
    wall = time.perf_counter() - began
    return Took(wall, sum(server.cpu_times()) + time.process_time() - before), conversion.result()


class Private:
    """The most memory that one process had for itself alone: not that of others, nor that of files (proc(5))."""

    def __init__(self) -> None:
        self.most_mb = 0.0

    def look(self, pid: int) -> None:
        with suppress(OSError):
            text = Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="ascii")
            self.most_mb = max(self.most_mb, sum(map(int, PRIVATE.findall(text))) / 1024)


def privately(source: Path, target: Path, folder: Path, linear: float) -> tuple[float, float]:
    """Return the private MB of our child and of a fresh cascadio, looked at every few ms."""
    ours, theirs = Private(), Private()
    convert(source, folder, all_of_it=False, memory=ours)
    process = _cascadio(source, target, linear)
    until = time.monotonic() + PATIENCE_S
    while process.poll() is None and time.monotonic() < until:
        theirs.look(process.pid)
        time.sleep(SAMPLE_S)
    process.kill()
    process.wait()
    return ours.most_mb, theirs.most_mb


def _cascadio(source: Path, target: Path, linear: float) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-c", FRESH, str(source), str(target), str(linear), str(ANGULAR)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


def fresh(source: Path, target: Path, linear: float) -> tuple[Took, float]:
    """cascadio in a process of its own: what it took, and MB at its peak."""
    began = time.perf_counter()
    process = _cascadio(source, target, linear)
    clock = threading.Timer(PATIENCE_S, process.kill)
    clock.start()
    _, status, usage = os.wait4(process.pid, 0)
    clock.cancel()
    process.returncode = os.waitstatus_to_exitcode(status)
    taken = time.perf_counter() - began
    if process.returncode or not target.exists():
        raise RuntimeError(f"cascadio ended with {process.returncode} after {taken:.0f} s")
    return Took(taken, usage.ru_utime + usage.ru_stime), usage.ru_maxrss / 1024


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

    def convert(self, source: Path, target: Path, linear: float) -> Took:
        """Return what it took from the request to the answer."""
        assert self.process.stdin is not None
        process = psutil.Process(self.process.pid)
        before, began = sum(process.cpu_times()[:2]), time.perf_counter()
        self.process.stdin.write(json.dumps([str(source), str(target), linear, ANGULAR]) + "\n")
        self.process.stdin.flush()
        code = json.loads(self._answer())
        if code:
            raise RuntimeError(f"cascadio returned {code}")
        return Took(time.perf_counter() - began, sum(process.cpu_times()[:2]) - before)

    def _answer(self) -> str:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            if line[:1].isdigit() or line[:1] == "-" or line.startswith("ready"):
                return line
        raise RuntimeError("cascadio died")

    def close(self) -> None:
        self.process.kill()
        self.process.communicate()


def blender(reader: str, glb: Path) -> dict[str, Any] | None:
    """Import a GLB in a fresh Blender and return what that took and gave; None when it took too long."""
    command = machine.blender_python("tests.benchmarks.cad_blender", reader, str(glb))
    try:
        done = subprocess.run(
            command, cwd=PROJECT, capture_output=True, text=True, check=True, timeout=IMPORT_PATIENCE_S
        )
    except subprocess.TimeoutExpired:
        return None
    found: dict[str, Any] = json.loads(done.stdout.strip().splitlines()[-1])
    return found


def names_in(glb: Path) -> set[str]:
    """Return all names of nodes and meshes in a GLB, and of the products that our nodes are."""
    with glb.open("rb") as stream:
        (length,) = struct.unpack_from("<I", stream.read(20), 12)
        described = json.loads(stream.read(length))
    named = [*described.get("nodes", ()), *described.get("meshes", ())]
    products = {one.get("extras", {}).get("product") for one in named}
    return {one.get("name", "") for one in named} | products
