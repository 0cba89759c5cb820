from __future__ import annotations

from gpu.models.device import GpuDevice, GpuProbe
from gpu.models.system_settings import SystemSettings
from gpu.models.worker import Worker

__all__ = ["GpuDevice", "GpuProbe", "SystemSettings", "Worker"]
