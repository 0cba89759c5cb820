from __future__ import annotations

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class GpuConfig(AppConfig):
    name = "gpu"
    verbose_name = _("GPUs and workers")

    def ready(self) -> None:
        from gpu import checks  # noqa: F401
