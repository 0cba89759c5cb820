"""Takes away from this process what its work does not need: other files, programs, processes, the network.

A damaged file may make OpenCASCADE, Blender or a reader of pictures run anything. Two mechanisms of Linux need no
privilege and cannot be undone: Landlock for files (since 5.13), and a seccomp filter of system calls. A kernel that
lacks one gives what it has. Standard library only.
"""

# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import sys
import sysconfig
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Self

from blender_scripts.children import landlock, syscalls

SYSTEM_LIBRARIES = ("/lib", "/lib64", "/usr/lib", "/usr/lib64", "/usr/local/lib")
LINKERS = ("/lib64/ld-linux-x86-64.so.2", "/lib/ld-linux-aarch64.so.1")
"""What the kernel starts with every program."""

SYSTEM_FILES = (
    "/etc/ld.so.cache",
    "/dev/urandom",
    "/dev/random",
    "/proc/self",
    "/proc/meminfo",
    "/proc/cpuinfo",
)


@dataclass(frozen=True)
class Confinement:
    """What the kernel keeps this process from: ``files`` is Landlock's version (0: nothing), ``calls`` seccomp."""

    files: int
    calls: bool

    def __str__(self) -> str:
        kept = [f"files (Landlock {self.files})"] * bool(self.files)
        kept += ["processes and the network (seccomp)"] * self.calls
        if not kept:
            return "not confined: this kernel has neither Landlock nor seccomp"
        return f"kept from other {', '.join(kept)}"


@dataclass(frozen=True)
class Reach:
    """What a confined process may use, by paths: to read, to write, as a device, as a program to start.

    ``drivers`` adds the system calls of GPU drivers.
    """

    readable: tuple[str, ...] = ()
    writable: tuple[str, ...] = ()
    devices: tuple[str, ...] = ()
    programs: tuple[str, ...] = ()
    drivers: bool = False

    def to_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Self:
        """Return what ``to_json`` gave."""
        paths = {name: tuple(data[name]) for name in ("readable", "writable", "devices", "programs")}
        return cls(**paths, drivers=data["drivers"])


def confine(reach: Reach) -> Confinement:
    """Leave this process, for ever, only what *reach* names; return what the kernel took on."""
    rights = (
        (reach.readable, landlock.READING),
        (reach.writable, landlock.WRITING),
        (reach.devices, landlock.DEVICE),
        (reach.programs, landlock.STARTING),
    )
    files = landlock.allow_only((Path(path), right) for paths, right in rights for path in paths)
    calls = syscalls.allow_only_computing(drivers=reach.drivers, programs=bool(reach.programs))
    return Confinement(files, calls)


def offered() -> Confinement:
    """Return what `confine` would do here, and leave this process as it is."""
    return Confinement(landlock.version(), syscalls.is_offered())


def program_files() -> list[Path]:
    """Return the folders and files that a running Python program may need, its own package not among them."""
    folders = [sysconfig.get_path(name) for name in ("stdlib", "platstdlib", "purelib", "platlib")]
    folders += [str(sysconfig.get_config_var("LIBDIR") or ""), f"{sys.prefix}/pyvenv.cfg"]
    found = {
        Path(path) for path in (*folders, *SYSTEM_LIBRARIES, *SYSTEM_FILES) if path and Path(path).exists()
    }
    return sorted(path for path in found if found.isdisjoint(path.parents))


def as_texts(paths: Iterable[Path | str]) -> tuple[str, ...]:
    """Return paths as a `Reach` holds them."""
    return tuple(map(str, paths))
