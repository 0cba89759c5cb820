from __future__ import annotations

from django.apps import AppConfig


class GpuConfig(AppConfig):
    name = "gpu"
    verbose_name = "GPUs and workers"

    def ready(self) -> None:
        from gpu import checks  # noqa: F401
