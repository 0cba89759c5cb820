"""Admin pages about GPUs: the registry of the site imports them, once the site is there."""

from gpu.admin import devices, probes, settings, workers

__all__ = ["devices", "probes", "settings", "workers"]
