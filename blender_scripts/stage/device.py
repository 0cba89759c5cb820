"""Chooses the device that Cycles samples on, and leaves it no way to fall back in silence."""

# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

# ruff: noqa: I001 - _cycles is part of bpy and not there before it
import bpy
import _cycles

from blender_scripts.contract import BACKENDS, DeviceUsed


class GpuRequired(RuntimeError):
    """The policy says gpu and Cycles would run on the CPU."""


def gpus(backend: str) -> list[DeviceUsed]:
    """The GPUs that Cycles can use through `backend`. A broken driver can crash the process here."""
    return [
        DeviceUsed(device="GPU", compute_type=backend, name=str(entry[0]), id=str(entry[2]))
        for entry in _cycles.available_devices(backend)
        if entry[1] == backend
    ]


def cpu() -> DeviceUsed:
    """The CPU as a device."""
    for entry in _cycles.available_devices("CPU"):
        if entry[1] == "CPU":
            return DeviceUsed(device="CPU", compute_type="NONE", name=str(entry[0]), id=str(entry[2]))
    return DeviceUsed(device="CPU", compute_type="NONE")


def select(policy: str, backend: str | None) -> DeviceUsed:
    """The device for `policy`, activated; raises GpuRequired when it must be a GPU and there is none.

    Activation is Cycles' device override: with it a device that is not there is an error, while the
    preferences would fall back to the CPU without a word.
    """
    tried = (backend,) if backend else BACKENDS
    used = None if policy == "cpu" else next((found[0] for one in tried if (found := gpus(one))), None)
    if used is None and policy == "gpu":
        raise GpuRequired(
            f"CYCLES_DEVICE is gpu, but Cycles finds no GPU ({', '.join(tried)}), so it would render on the CPU. "
            "Check the driver and the GPU pinning of this worker with `manage.py doctor`, "
            "or set CYCLES_DEVICE=auto to allow the CPU."
        )
    used = used or cpu()
    _cycles.set_device_override("CPU" if used.device == "CPU" else used.compute_type)
    return used


def apply(scene: bpy.types.Scene, used: DeviceUsed) -> None:
    """Tell the scene what the override says, so that denoising follows the device."""
    if scene.cycles.device != used.device:
        scene.cycles.device = used.device
    on_gpu = used.device == "GPU"
    if scene.cycles.denoising_use_gpu != on_gpu:
        scene.cycles.denoising_use_gpu = on_gpu
