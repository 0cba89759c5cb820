"""Finds Blender: an installed executable, or the bpy module of this Python. Host side, stdlib only."""

# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import re
import shutil
import sys
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

from blender_scripts.children.program import run

OLDEST = (4, 2)
"""First Blender with glTF import, Khronos PBR Neutral and the Cycles options that the scripts use."""

SILENT_SINCE = (5, 0)
"""First Blender whose Cycles does not say on stderr what it samples with."""

DEBIAN_PACKAGES = (
    "libx11-6 libxrender1 libxfixes3 libxi6 libxkbcommon0 libsm6 libice6 libgl1 libegl1 libxext6 libexpat1"
)
"""Debian packages with the shared libraries that Blender links to, whether or not there is a display."""

_MISSING_LIBRARY = re.compile(r"(\S+\.so[.\d]*): cannot open shared object file")
_VERSION = re.compile(r"Blender (\d+)\.(\d+)(?:\.(\d+))?")


class BlenderError(RuntimeError):
    """Blender cannot be used on this machine; the message says why and what to do."""


class BlenderMissing(BlenderError):
    """There is no Blender, or it cannot start."""


class BlenderTooOld(BlenderError):
    """The Blender that was found is older than the scripts need."""


@dataclass(frozen=True, slots=True)
class Blender:
    """How Blender's Python is started: the argv before a script's path, its version, module or program."""

    prefix: tuple[str, ...]
    version: str
    is_module: bool

    @property
    def proves_device(self) -> bool:
        """Whether its Cycles can be made to log what it samples with (contract.CYCLES_LOG).

        Tried: bpy 4.5.15 does, bpy 5.0.1 prints nothing; since Blender 5.0 the log has options of the program instead.
        """
        return _numbers(self.version) < SILENT_SINCE


def find_blender(executable: str | None = None, *, timeout: float = 30.0) -> Blender:
    """The Blender to use: `executable` (a path or a name on PATH) when given, else the bpy module.

    Does not import bpy. Raises BlenderMissing or BlenderTooOld.
    """
    return _program(executable, timeout) if executable else _module()


def check_blender(blender: Blender, *, timeout: float = 60.0) -> None:
    """Start Blender once and return; raises BlenderMissing, with the apt-get command for a missing library."""
    code = "import bpy, os; print('blender', bpy.app.version_string, flush=True); os._exit(0)"
    argv = [*blender.prefix, "-c", code] if blender.is_module else [*blender.prefix, "--python-expr", code]
    returncode, output = _run(argv, timeout)
    if returncode != 0 or "blender " not in output:
        raise BlenderMissing(_start_failure(argv, returncode, output))


def command(blender: Blender, script: Path | str, *arguments: str) -> list[str]:
    """The argv that runs `script` inside Blender with `arguments` after the double dash."""
    separator = [] if blender.is_module else ["--background", "--factory-startup", "--python-exit-code", "1"]
    run = [str(script)] if blender.is_module else ["--python", str(script)]
    return [*blender.prefix, *separator, *run, "--", *arguments]


def _module() -> Blender:
    try:
        version = metadata.version("bpy")
    except metadata.PackageNotFoundError:
        raise BlenderMissing(
            "There is no Blender: the Python package bpy is not installed beside this Python. "
            "Run `make install`, or set BLENDER_EXECUTABLE to an installed Blender of version "
            f"{_dotted(OLDEST)} or newer."
        ) from None
    _refuse_old(version, "the Python package bpy")
    return Blender(prefix=(sys.executable,), version=version, is_module=True)


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
    tail = " / ".join(line.strip() for line in output.strip().splitlines()[-3:]) or "nothing"
    how = f"signal {-returncode}" if returncode < 0 else f"exit code {returncode}"
    return f"{argv[0]} is no Blender that works: {how}, it printed: {tail}"


def _refuse_old(version: str, what: str) -> None:
    if _numbers(version) < OLDEST:
        raise BlenderTooOld(
            f"{what} is Blender {version}; version {_dotted(OLDEST)} or newer is needed. "
            "Install a newer one, or unset BLENDER_EXECUTABLE to use the Python package bpy."
        )


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(number) for number in re.findall(r"\d+", version)[:2])


def _dotted(version: tuple[int, ...]) -> str:
    return ".".join(str(number) for number in version)
