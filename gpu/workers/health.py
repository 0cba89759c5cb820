"""Whether all workers that this machine or container should run are alive."""

from __future__ import annotations

from django.conf import settings
from django.utils.translation import gettext as _

from blender_scripts.children import process
from gpu.models import Worker
from gpu.workers.locks import held_in


def served_queues() -> list[str]:
    """Return the queues for which a run_workers of this machine, or this container, runs: it holds their lock files."""
    return held_in(settings.CACHE_DIR)


def complaints() -> list[str]:
    """Return in sentences what keeps this host's workers from being healthy; nothing when they are."""
    served = served_queues()
    if not served:
        return [_("No run_workers is running here. Start 'manage.py run_workers'.")]
    alive = set(Worker.objects.alive().filter(host=process.HOST).values_list("queue", flat=True))
    silent = [name for name in served if name not in alive]
    if not silent:
        return []
    return [
        _("No worker of %(queues)s has a heartbeat. run_workers restarts workers that died; check its log.")
        % {"queues": ", ".join(silent)}
    ]


def users_of_the_caches() -> list[str]:
    """Return the queues and GPUs whose workers may have kernel caches open, in other containers of this machine too."""
    gpus = [f"GPU {name}" for name in held_in(settings.KERNEL_CACHE_DIR)]
    return [*served_queues(), *gpus]
