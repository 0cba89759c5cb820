"""What a confined Blender may use of the machine: one table. Host side, standard library only.

The folders and devices of GPU drivers are written down from the vendors' documentation (what NVIDIA's container
toolkit, ROCm and Intel's compute runtime have in containers) and were not tried on a GPU. Where a driver needs more,
RENDERDESK_CONFINE_BLENDER=off leaves Blender its user's rights.
"""

# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from glob import glob
from pathlib import Path

from blender_scripts.children.confine import (
    LINKERS,
    SYSTEM_FILES,
    SYSTEM_LIBRARIES,
    Reach,
    as_texts,
)
from blender_scripts.executable import Blender

HERE = Path(__file__).resolve().parent

SYSTEM = (
    *SYSTEM_LIBRARIES,
    *SYSTEM_FILES,
    *("/usr/share", "/usr/local/share", "/etc/fonts", "/etc/localtime", "/etc/ld.so.preload"),
    *("/proc/stat", "/proc/version", "/proc/filesystems", "/proc/sys/vm", "/proc/sys/kernel"),
    *("/sys/devices/system", "/sys/fs/cgroup"),
)
NULL_DEVICES = ("/dev/null", "/dev/zero")
COMMANDS = ("/bin", "/usr/bin", "/usr/local/bin", "/sbin", "/usr/sbin")

CACHES = (
    *("OPTIX_CACHE_PATH", "CUDA_CACHE_PATH", "AMD_COMGR_CACHE_DIR", "SYCL_CACHE_DIR"),
    *("XDG_CACHE_HOME", "BLENDER_USER_RESOURCES"),
)
"""Variables that name folders for compiled kernels, which outlive the process."""


@dataclass(frozen=True)
class Drivers:
    """What one vendor's drivers use: what they read, and their devices. Patterns of paths."""

    readable: tuple[str, ...]
    devices: tuple[str, ...]


_ALL = (
    "/sys",
    "/proc/devices",
    "/proc/modules",
    "/etc/OpenCL",
    "/etc/vulkan",
    "/etc/glvnd",
    "/run/opengl-driver",
)
_NVIDIA = Drivers(
    (
        *_ALL,
        "/proc/driver/nvidia*",
        "/etc/nvidia*",
        "/usr/local/cuda*",
        "/usr/local/nvidia",
        "/run/nvidia*/driver",
    ),
    ("/dev/nvidia[0-9]*", "/dev/nvidiactl", "/dev/nvidia-uvm*", "/dev/nvidia-modeset", "/dev/nvidia-caps"),
)
DRIVERS: Mapping[str, Drivers] = {
    "OPTIX": _NVIDIA,
    "CUDA": _NVIDIA,
    "HIP": Drivers((*_ALL, "/opt/rocm*", "/opt/amdgpu*"), ("/dev/kfd", "/dev/dri")),
    "ONEAPI": Drivers((*_ALL, str(Path("/opt") / "intel")), ("/dev/dri",)),
}


def can_be_confined(blender: Blender) -> bool:
    """Whether this is Blender itself: of a script that starts it, or snap, nobody knows what else they need."""
    return blender.is_module or is_blender_itself(Path(blender.prefix[0]))


def is_blender_itself(program: Path) -> bool:
    """Whether this is a program, and not what starts one."""
    program = program.resolve()
    try:
        with program.open("rb") as stream:
            return stream.read(4) == b"\x7fELF" and program.name != "snap"
    except OSError:
        return False


def of_blender(
    blender: Blender,
    environment: Mapping[str, str],
    *,
    backends: Sequence[str],
    readable: Iterable[Path | str] = (),
    writable: Iterable[Path | str] = (),
) -> Reach:
    """Return what a Blender in this environment may use that renders with these backends, none for the CPU alone."""
    program = Path(blender.prefix[0]).resolve()
    drivers = [DRIVERS[name] for name in backends]
    own = blender.files if blender.is_module else as_texts(_around(program))
    read = {*SYSTEM, *own, str(HERE), *_named(environment), *as_texts(readable)}
    caches = [environment[name] for name in CACHES if environment.get(name)]
    return Reach(
        readable=tuple(sorted(read | _there(path for each in drivers for path in each.readable))),
        writable=(*as_texts(writable), *caches),
        devices=(*NULL_DEVICES, *sorted(_there(path for each in drivers for path in each.devices))),
        programs=(str(program), *LINKERS),
        drivers=True,
    )


def _around(program: Path) -> list[Path]:
    """An installed Blender has its files beside it, a distribution's among those of the system."""
    in_system = str(program.parent) in COMMANDS
    return [program] if in_system else [program.parent]


def _named(environment: Mapping[str, str]) -> set[str]:
    """Files and folders that the environment names for Blender and its libraries."""
    named = f"{environment.get('LD_LIBRARY_PATH', '')}:{environment.get('LD_PRELOAD', '').replace(' ', ':')}"
    paths = {path for path in named.split(":") if path.startswith("/") and path.strip("/")}
    config = Path(environment.get("OCIO", ""))
    return paths | ({str(config.parent)} if config.is_absolute() else set())


def _there(patterns: Iterable[str]) -> set[str]:
    return {path for pattern in patterns for path in glob(pattern)}  # noqa: PTH207 - absolute patterns
