from __future__ import annotations

from gpu.models.device import GpuDevice, GpuProbe
from gpu.models.queue_pause import QueuePause
from gpu.models.system_settings import SystemSettings
from gpu.models.worker import Worker

__all__ = ["GpuDevice", "GpuProbe", "QueuePause", "SystemSettings", "Worker"]
