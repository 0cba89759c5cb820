"""What the figures were measured on."""

from __future__ import annotations

import os
import platform
import subprocess
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

from blender_scripts.executable import Blender, find_blender
from tests.paths import PROJECT

QUIET_LOAD = 0.5  # load average above which others take part in the measurement


@dataclass(frozen=True)
class Machine:
    """One machine at one moment: its parts, the versions that matter, and how busy it was before."""

    cpu: str
    cores: int
    memory_gb: float
    system: str
    versions: str
    commit: str
    load: float

    @property
    def is_quiet(self) -> bool:
        return self.load <= QUIET_LOAD

    def lines(self) -> list[str]:
        busy = "" if self.is_quiet else f" (above {QUIET_LOAD}: not a quiet machine, figures are too high)"
        return [
            f"- machine: {self.cpu}, {self.cores} cores, {self.memory_gb:.0f} GB, {self.system}",
            f"- versions: {self.versions}; commit {self.commit}",
            f"- load average before the run: {self.load:.2f}{busy}",
        ]


def describe() -> Machine:
    """Return this machine as it is now; call it before the first measurement."""
    packages = {"Django": "django", "django-q2": "django-q2", "OCP": "cadquery-ocp-novtk"}
    versions = [f"Python {platform.python_version()}"]
    versions += [f"{name} {metadata.version(package)}" for name, package in packages.items()]
    versions.insert(3, f"Blender {blender().version}")
    return Machine(
        cpu=_value(Path("/proc/cpuinfo"), "model name") or platform.machine(),
        cores=len(os.sched_getaffinity(0)),
        memory_gb=int((_value(Path("/proc/meminfo"), "MemTotal") or "0 kB").split()[0]) / 1e6,
        system=platform.freedesktop_os_release().get("PRETTY_NAME", platform.platform()),
        versions=", ".join(versions),
        commit=_commit(),
        load=os.getloadavg()[0],
    )


def blender() -> Blender:
    """Return the Blender that this machine renders with. Raises BlenderMissing."""
    return find_blender(os.environ.get("BLENDER_EXECUTABLE"))


def blender_python(module: str, *arguments: str) -> list[str]:
    """Return the argv that runs a module which imports bpy. Raises SystemExit where Blender is a program."""
    found = blender()
    if not found.is_module:
        raise SystemExit("This needs Blender as a Python module: ./setup brings it.")
    return [*found.prefix, "-m", module, *arguments]


def _value(table: Path, name: str) -> str:
    """Return the first value of *name* in a file of 'name: value' lines."""
    lines = table.read_text().splitlines() if table.exists() else []
    return next((line.partition(":")[2].strip() for line in lines if line.startswith(name)), "")


def _commit() -> str:
    def git(*arguments: str) -> str:
        done = subprocess.run(["git", *arguments], cwd=PROJECT, capture_output=True, text=True, check=False)
        return done.stdout.strip()

    code = ("config", "blender_scripts", "media_assets", "gpu", "rendering")
    changed = " with changes" if git("status", "--porcelain", "--untracked-files=no", "--", *code) else ""
    return f"{git('rev-parse', '--short', 'HEAD') or 'unknown'}{changed}"
