"""Chooses the device that Cycles samples on, and prevents a silent fallback."""

# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from collections.abc import Sequence

# ruff: noqa: I001 - _cycles is part of bpy and not there before it
import bpy
import _cycles

from blender_scripts.contract import BACKENDS, DeviceUsed
from blender_scripts.stage.cycles_log import cycles_log

VERSION = ".".join(str(number) for number in bpy.app.version)
_TYPES = ("CUDA", "OPTIX", "HIP", "METAL", "ONEAPI", "HIPRT")  # the order of _cycles.get_device_types()


NO_DENOISER = (
    ""
    if _cycles.with_openimagedenoise
    else "This Blender was built without OpenImageDenoise and cannot denoise. Use the bpy package or a Blender from "
    "blender.org, or switch denoising off in the output type."
)
"""Why this Blender cannot denoise, as Debian's cannot; "" when it can."""


class NoDenoiser(RuntimeError):
    """A picture is to be denoised and this Blender cannot do that."""


class GpuRequired(RuntimeError):
    """The policy says gpu and Cycles would run on the CPU."""


def compiled() -> tuple[str, ...]:
    """The GPU backends that this Blender was built with, whether or not there is a device for them."""
    built = dict(zip(_TYPES, _cycles.get_device_types(), strict=False))
    return tuple(name for name in BACKENDS if built.get(name))


def gpus(backend: str) -> list[DeviceUsed]:
    """The GPUs that Cycles can use through `backend`. A broken driver can crash the process here."""
    cycles_log.speak()  # it says what became of the driver
    entries = _cycles.available_devices(backend)
    cycles_log.hush()
    return [
        DeviceUsed(device="GPU", compute_type=backend, name=str(entry[0]), id=str(entry[2]))
        for entry in entries
        if entry[1] == backend
    ]


def cpu() -> DeviceUsed:
    """The CPU as a device."""
    for entry in _cycles.available_devices("CPU"):
        if entry[1] == "CPU":
            return DeviceUsed(device="CPU", compute_type="NONE", name=str(entry[0]), id=str(entry[2]))
    return DeviceUsed(device="CPU", compute_type="NONE")


def select(policy: str, backends: Sequence[str] = BACKENDS, gpu: str = "") -> DeviceUsed:
    """The device for `policy`, activated; raises GpuRequired when it must be a GPU and there is none.

    `backends` are tried in their order. `gpu` is the PCI address (domain:bus:device) of the only GPU that may be
    used: Cycles takes every GPU that it sees, so seeing another one, or more, counts as seeing none.
    Activation is Cycles' device override: with it a device that is not there is an error, while the
    preferences would fall back to the CPU without a word.
    """
    used, trouble = None, ""
    if policy != "cpu":
        used, trouble = _first_gpu(backends, gpu)
    if used is None and policy == "gpu":
        raise GpuRequired(
            f"CYCLES_DEVICE is gpu, but {trouble}, so it would render on the CPU. "
            "Probe the GPUs (`manage.py probe_gpu`), check the driver and the GPU pinning of this worker, "
            "or set CYCLES_DEVICE=auto to allow the CPU."
        )
    if used is None and gpu:
        print(f"Rendering on the CPU: {trouble}.", flush=True)
    used = used or cpu()
    _cycles.set_device_override("CPU" if used.device == "CPU" else used.compute_type)
    return used


def _first_gpu(backends: Sequence[str], gpu: str) -> tuple[DeviceUsed | None, str]:
    """The first backend's GPUs as one device, or why there is none."""
    for backend in backends:
        found = gpus(backend)
        if not found:
            continue
        if gpu and (len(found) > 1 or gpu not in found[0].id):
            seen = ", ".join(one.id for one in found)
            return None, f"this worker is pinned to the GPU at {gpu} and Cycles sees {seen}"
        name, ids = (" + ".join(getattr(one, field) for one in found) for field in ("name", "id"))
        return DeviceUsed(device="GPU", compute_type=backend, name=name, id=ids), ""
    return None, f"Cycles finds no GPU ({', '.join(backends) or 'no backend answered the last probe'})"


def apply(scene: bpy.types.Scene, used: DeviceUsed) -> None:
    """Set the scene as the override says, so that denoising uses the same device."""
    if scene.cycles.device != used.device:
        scene.cycles.device = used.device
    on_gpu = used.device == "GPU"
    if scene.cycles.denoising_use_gpu != on_gpu:
        scene.cycles.denoising_use_gpu = on_gpu
