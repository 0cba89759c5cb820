"""Finds Blender: an installed program, or the bpy module of this or another Python. Host side, stdlib only."""

# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import contextlib
import importlib.util
import json
import re
import shutil
import signal
import sys
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

from blender_scripts.children.confine import program_files
from blender_scripts.children.ending import in_words
from blender_scripts.children.program import run

OLDEST = (4, 2)
"""First Blender with glTF import, Khronos PBR Neutral and the Cycles options that the scripts use."""

LOG_OPTIONS_SINCE = (5, 0)
"""First Blender whose Cycles logs as options of the program say, not as contract.CYCLES_LOG does."""

DEBIAN_PACKAGES = (
    "libx11-6 libxrender1 libxfixes3 libxi6 libxkbcommon0 libsm6 libice6 libgl1 libegl1 libxext6 libexpat1"
)
"""Debian packages with the shared libraries that Blender links to, whether or not there is a display."""

OWN_PYTHON = Path(__file__).resolve().parent.parent / ".venv-blender" / "bin" / "python"
"""Where `./setup` puts a Python for Blender alone."""

_ASK = """
import importlib.util, json, sys, sysconfig
from importlib import metadata
from os.path import dirname, realpath
folders = [sysconfig.get_path(name) for name in ("stdlib", "platstdlib", "purelib", "platlib")]
folders += [sysconfig.get_config_var("LIBDIR"), sys.prefix + "/pyvenv.cfg"]
folders += [dirname(realpath(importlib.util.find_spec("bpy").origin))]
print(json.dumps({"version": metadata.version("bpy"), "files": folders}))
"""
"""A program for another Python that prints the version of its bpy and where its files are."""

_MISSING_LIBRARY = re.compile(r"(\S+\.so[.\d]*): cannot open shared object file")
_VERSION = re.compile(r"Blender (\d+)\.(\d+)(?:\.(\d+))?")


class BlenderError(RuntimeError):
    """Blender cannot be used on this machine; the message says why and what to do."""


class BlenderMissing(BlenderError):
    """There is no Blender, or it cannot start."""


class BlenderInterrupted(BlenderMissing):
    """Blender was ended from outside while it was asked who it is, which says nothing about it."""


class BlenderTooOld(BlenderError):
    """The Blender that was found is older than the scripts need."""


@dataclass(frozen=True, slots=True)
class Blender:
    """How Blender's Python is started: the argv before a script's path, its version, module or program.

    ``files`` are the folders and files that a module and its Python read.
    """

    prefix: tuple[str, ...]
    version: str
    is_module: bool
    files: tuple[str, ...] = ()


def find_blender(executable: str | None = None, *, timeout: float = 30.0) -> Blender:
    """The Blender to use: `executable` (a path or a name on PATH) when given, else the first that there is.

    That is the bpy module of this Python, that of `./setup`, or the program `blender`. A Python as `executable` is one
    that has the module. Does not import bpy. Raises BlenderMissing or BlenderTooOld.
    """
    if executable and Path(executable).name.startswith("python"):
        return _other_python(executable, timeout)
    if executable:
        return _program(executable, timeout)
    with contextlib.suppress(metadata.PackageNotFoundError):
        return _module(metadata.version("bpy"))
    if OWN_PYTHON.exists():
        return _other_python(str(OWN_PYTHON), timeout)
    if shutil.which("blender"):
        return _program("blender", timeout)
    raise BlenderMissing(
        "There is no Blender. There are three ways to get one: `./setup` (with Python 3.13 for Blender 5.2, or 3.11 "
        f"for 4.5), a package of the system where that is version {_dotted(OLDEST)} or newer, or BLENDER_EXECUTABLE "
        "for any other Blender."
    )


def check_blender(blender: Blender, *, timeout: float = 60.0) -> None:
    """Start Blender once and return; raises BlenderMissing, with the apt-get command for a missing library."""
    code = "import bpy, numpy, os; print('blender', bpy.app.version_string, flush=True); os._exit(0)"
    how = ["-c"] if blender.is_module else ["--background", "--factory-startup", "--python-expr"]
    argv = [*blender.prefix, *how, code]
    returncode, output = _run(argv, timeout)
    if returncode != 0 or "blender " not in output:
        raise BlenderMissing(_start_failure(argv, returncode, output))


def command(blender: Blender, script: Path | str, *arguments: str) -> list[str]:
    """The argv that runs `script` inside Blender with `arguments` after the double dash."""
    if blender.is_module:
        return [*blender.prefix, str(script), "--", *arguments]
    log = ["--log", "cycles", "--log-level", "info"] if _numbers(blender.version) >= LOG_OPTIONS_SINCE else []
    options = ["--background", "--factory-startup", "--python-exit-code", "1", *log]
    return [*blender.prefix, *options, "--python", str(script), "--", *arguments]


def _module(version: str) -> Blender:
    _refuse_old(version, "the Python package bpy")
    found = importlib.util.find_spec("bpy")
    own = [str(Path(found.origin).resolve().parent)] if found and found.origin else []
    files = (*map(str, program_files()), *own)
    return Blender(prefix=(sys.executable,), version=version, is_module=True, files=files)


def _other_python(executable: str, timeout: float) -> Blender:
    """The bpy module of another Python, which says itself where its files are."""
    path = shutil.which(executable)
    if path is None:
        raise BlenderMissing(f"There is no Python at {executable}, which BLENDER_EXECUTABLE names.")
    returncode, output = _run([path, "-c", _ASK], timeout)
    try:
        said = json.loads(output.strip().splitlines()[-1]) if returncode == 0 else {}
    except (ValueError, IndexError):
        said = {}
    if not said:
        words = output.strip()[-200:] or f"exit code {returncode}"
        raise BlenderMissing(
            f"{path} has no Python package bpy, or does not work: {words}. "
            f"Install one there ({path} -m pip install bpy), or unset BLENDER_EXECUTABLE."
        )
    _refuse_old(said["version"], f"the Python package bpy of {path}")
    found = {one for one in said["files"] if one and Path(one).exists()}
    return Blender(prefix=(path,), version=said["version"], is_module=True, files=tuple(sorted(found)))


def _program(executable: str, timeout: float) -> Blender:
    path = shutil.which(executable)
    if path is None:
        raise BlenderMissing(
            f"There is no program at {executable}. Set BLENDER_EXECUTABLE to the full path of an installed "
            "Blender, or leave it unset to use the Python package bpy."
        )
    argv = [path, "--version"]
    returncode, output = _run(argv, timeout)
    match = _VERSION.search(output)
    if match is None:
        raise BlenderMissing(_start_failure(argv, returncode, output))
    version = ".".join(part for part in match.groups() if part is not None)
    _refuse_old(version, path)
    return Blender(prefix=(path,), version=version, is_module=False)


def _run(argv: list[str], timeout: float) -> tuple[int, str]:
    try:
        done = run(argv, timeout)
    except OSError as error:
        raise BlenderMissing(f"{argv[0]} cannot be started: {error.strerror or error}.") from error
    if done.returncode in (-signal.SIGKILL, -signal.SIGTERM) and not done.timed_out:
        raise BlenderInterrupted(f"{argv[0]} was ended while it started: {in_words(done.returncode)}.")
    if done.timed_out:
        raise BlenderMissing(
            f"{argv[0]} did not answer within {timeout:g} s and was stopped. Start it by hand to see why: "
            f"{' '.join(argv)}"
        )
    return done.returncode, "\n".join(line.text for line in done.lines)


def _start_failure(argv: list[str], returncode: int, output: str) -> str:
    if match := _MISSING_LIBRARY.search(output):
        return (
            f"Blender cannot start: the shared library {match[1]} is missing. "
            f"On Debian or Ubuntu: apt-get install {DEBIAN_PACKAGES}"
        )
    if "No module named 'numpy'" in output:
        return f"The Python of {argv[0]} has no NumPy. On Debian or Ubuntu: apt-get install python3-numpy"
    tail = " / ".join(line.strip() for line in output.strip().splitlines()[-3:]) or "nothing"
    how = f"signal {-returncode}" if returncode < 0 else f"exit code {returncode}"
    return f"{argv[0]} is no Blender that works: {how}, it printed: {tail}"


def _refuse_old(version: str, what: str) -> None:
    if _numbers(version) < OLDEST:
        raise BlenderTooOld(
            f"{what} is Blender {version}; version {_dotted(OLDEST)} or newer is needed. "
            "`./setup --blender` installs a newer one, which is used where BLENDER_EXECUTABLE is unset."
        )


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(number) for number in re.findall(r"\d+", version)[:2])


def _dotted(version: tuple[int, ...]) -> str:
    return ".".join(str(number) for number in version)
