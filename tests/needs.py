"""What a test needs beside Python and a database: a marker for each, by which `make test-fast` leaves tests out.

A test has the marker by its folder, by a fixture that it uses, or by its own `pytestmark`. One that starts such a
program and has no marker for it fails, so that the markers stay true.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from functools import cache
from pathlib import PurePath
from typing import Any

import pytest

from blender_scripts.executable import BlenderError, find_blender

# The fixtures that start one; in end_to_end/ every test that is not for a browser alone has an installation.
FIXTURES = {"blender": {"blender", "session"}, "browser": {"browser", "olga"}}
CLUSTERS = {"qcluster", "run_workers", "demo", "tests.faults"}
IN_BLENDER = {
    "gpu_probe.py",
    "studio_forge.py",
    "studio_reader.py",
    "tests.blender_scripts.assigned",
    "tests.blender_scripts.beside",
    "tests.blender_scripts.both_readers",
    "tests.blender_scripts.room_nodes",
    "tests.media_assets.cad.blender_facts",
}
RENDERS = {"session.py", "blender_render.py", "still_render.py", "turntable_render.py"}

_running: pytest.Item | None = None
_unmarked: list[str] = []


def mark(item: pytest.Item) -> None:
    """Give a test the markers that follow from its folder and fixtures."""
    used = set(getattr(item, "fixturenames", ()))
    for name, fixtures in FIXTURES.items():
        if used & fixtures:
            item.add_marker(name)
    if "end_to_end" in item.path.parts and "live_server" not in used:
        item.add_marker("cluster")
    if "cad" in item.path.parts:
        item.add_marker("cad")


def watch(item: pytest.Item | None) -> None:
    """Hold this test to its markers from now on; None: nobody."""
    global _running
    blender_python()  # known before anything is watched, as it starts a process itself
    _running = item


def unmarked() -> list[str]:
    """Return, once, what was started without its marker."""
    found = _unmarked.copy()
    _unmarked.clear()
    return found


@cache
def blender_python() -> str:
    """Return the Python that has bpy: Blender's own, or this one."""
    try:
        found = find_blender(os.environ.get("TEST_BLENDER"))
    except BlenderError:
        return sys.executable
    return found.prefix[0] if found.is_module else sys.executable


def program(argv: Sequence[str]) -> str:
    """Name what starts with *argv*: blender, browser, cluster, or "" for anything else."""
    names = [PurePath(word).name for word in argv]
    if names[0].startswith(("chrom", "google-chrome")):
        return "browser"
    if CLUSTERS & set(names[:3]):
        return "cluster"
    # A recorded machine renders with the module, too, and answers to a probe without it.
    is_module = argv[0] in (sys.executable, blender_python())
    if RENDERS & set(names) and (is_module or "fake_gpu" in PurePath(argv[0]).parts):
        return "blender"
    return "blender" if is_module and any("import bpy" in one or one in IN_BLENDER for one in names) else ""


def _audit(event: str, arguments: tuple[Any, ...]) -> None:
    if event != "subprocess.Popen" or _running is None:
        return
    words = arguments[1]
    argv = [words] if isinstance(words, (str, bytes, os.PathLike)) else words
    needed = program([os.fsdecode(word) for word in argv])
    if needed and _running.get_closest_marker(needed) is None:
        _unmarked.append(f"{_running.nodeid} starts a {needed} and is not marked {needed}: {argv}")


sys.addaudithook(_audit)
