"""Single runs for tests.benchmarks.cad: ours, cascadio in a fresh and in a kept process, and Blender's import."""

from __future__ import annotations

import json
import os
import struct
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import Any

from media_assets.cad.client import Conversion
from media_assets.cad.contract import ConversionResult
from media_assets.cad.settings import Tessellation
from tests.benchmarks import machine
from tests.paths import PROJECT

LINEAR, ANGULAR = 0.001, 0.3
# No part is finer than the rest, and nothing is held back: cascadio knows one deflection for all.
EQUAL = Tessellation("benchmark", LINEAR, ANGULAR, part_linear=1e9, min_mm=0.0, max_mm=1e9)
PATIENCE_S = 60.0  # for one run of cascadio
IMPORT_PATIENCE_S = 25.0
FRESH = (
    "import sys, cascadio; a = sys.argv; "
    "sys.exit(cascadio.step_to_glb(a[1], a[2], float(a[3]), float(a[4]), False, True, True))"
)


def convert(source: Path, folder: Path, *, all_of_it: bool) -> tuple[float, ConversionResult]:
    """Convert as a worker does, the GLB alone or all that is kept; the seconds from the request to the files."""
    out = Path(tempfile.mkdtemp(dir=folder))
    began = time.perf_counter()
    conversion = Conversion(source, out, EQUAL, want_usd=all_of_it, keep_document=all_of_it)
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
    clock = threading.Timer(PATIENCE_S, process.kill)
    clock.start()
    _, status, usage = os.wait4(process.pid, 0)
    clock.cancel()
    process.returncode = os.waitstatus_to_exitcode(status)
    taken = time.perf_counter() - began
    if process.returncode or not target.exists():
        raise RuntimeError(f"cascadio ended with {process.returncode} after {taken:.0f} s")
    return taken, usage.ru_maxrss / 1024


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
        """Return the seconds from the request to the answer."""
        assert self.process.stdin is not None
        began = time.perf_counter()
        self.process.stdin.write(json.dumps([str(source), str(target), linear, ANGULAR]) + "\n")
        self.process.stdin.flush()
        code = json.loads(self._answer())
        if code:
            raise RuntimeError(f"cascadio returned {code}")
        return time.perf_counter() - began

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
