"""Admin pages about GPUs; Django's autodiscovery finds them here."""

from gpu.admin import devices, probes, settings, workers

__all__ = ["devices", "probes", "settings", "workers"]
