"""Whether the workers that this machine, or this container, should have are alive."""

from __future__ import annotations

import fcntl
from pathlib import Path

from django.conf import settings

from gpu import process
from gpu.models import Worker
from gpu.supervisor import LOCKS


def served_queues() -> list[str]:
    """Return the queues for which a run_workers of this machine runs: it holds their lock files."""
    served = []
    for lock in sorted((Path(settings.CACHE_DIR) / LOCKS).glob("*.lock")):
        holder = lock.read_text(errors="replace")
        if (
            holder.count(":") >= 3
            and holder.startswith(f"{process.HOST}:")
            and not process.is_known_dead(holder)
        ):
            served.append(lock.stem)
    return served


def complaints() -> list[str]:
    """Return in sentences what keeps this host's workers from being healthy; nothing when they are."""
    served = served_queues()
    if not served:
        return ["No run_workers runs here. Start 'manage.py run_workers'."]
    alive = set(Worker.objects.alive().filter(host=process.HOST).values_list("queue", flat=True))
    silent = [name for name in served if name not in alive]
    if not silent:
        return []
    return [
        f"No worker of {', '.join(silent)} gives a sign of life. run_workers starts what died again; look at its log."
    ]


def users_of_the_caches() -> list[str]:
    """Return the queues and GPUs whose workers may have kernel caches open, in other containers of this machine too."""
    locks = (Path(settings.KERNEL_CACHE_DIR) / LOCKS).glob("*.lock")
    return sorted({*served_queues(), *(f"GPU {lock.stem}" for lock in locks if _is_held(lock))})


def _is_held(lock: Path) -> bool:
    with lock.open("rb") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
    return False
