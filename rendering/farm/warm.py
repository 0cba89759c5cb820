"""The warm Blender of this worker process: started on demand, kept between jobs, restarted before it is too large."""

from __future__ import annotations

import os
from pathlib import Path

from django.conf import settings

from blender_scripts.children import folders, process
from blender_scripts.contract import BACKENDS
from blender_scripts.launch import Session
from gpu.models import SystemSettings
from gpu.models.system_settings import DevicePolicy
from gpu.probing import caches, life
from rendering.catalog import plan

_session: Session | None = None


def geometry_key() -> str:
    """Return the key of the geometry that the warm Blender has loaded; "" without one."""
    return _session.geometry_key if _session is not None and _session.alive else ""


def session(row: SystemSettings | None = None) -> Session:
    """Return a running Blender, the warm one unless it is used up. Raises launch's errors when there is none.

    *row*: the system settings, where the caller has just read them.
    """
    global _session
    row = row or SystemSettings.load()
    backends = wanted_backends()
    if _session is not None and not _is_good(_session, row, backends):
        drop()
    if _session is None:
        cwd = _folder()
        cwd.mkdir(parents=True, exist_ok=True)
        _session = Session(
            plan.blender(),
            device_policy=row.device_policy.value,
            backends=backends,
            gpu=os.environ.get("RENDERDESK_GPU", ""),
            env=caches.environment(),
            memory_limit_mb=row.render_memory_mb,
            cwd=cwd,
            confined=settings.CONFINE_BLENDER,
            niceness=_niceness(row),
        )
        _session.start()
    return _session


def wanted_backends() -> tuple[str, ...]:
    """Return the GPU backends this worker's Blender may try: its device's, without those that failed the last probe."""
    own = os.environ.get("RENDERDESK_BACKENDS", "").split() or BACKENDS
    safe = life.safe_backends(process.HOST)
    return tuple(name for name in BACKENDS if name in own and name in safe)


def _niceness(row: SystemSettings) -> int:
    """Return how far a Blender that samples on the processors leaves them to others; 0 for one that feeds a GPU."""
    feeds_gpu = bool(os.environ.get("RENDERDESK_GPU_ID")) and row.device_policy != DevicePolicy.CPU
    return 0 if feeds_gpu else settings.BLENDER_NICE


def _is_good(warm: Session, row: SystemSettings, backends: tuple[str, ...]) -> bool:
    return (
        warm.alive
        and warm.device_policy == row.device_policy
        and warm.backends == backends
        and warm.jobs_done < row.session_jobs
        and warm.rss_mb() < row.session_memory_mb
    )


def sweep() -> None:
    """Delete the folders that the Blenders of killed workers of this host left behind."""
    folders.sweep(_folder())


def _folder() -> Path:
    return Path(settings.CACHE_DIR) / "blender"


def drop() -> None:
    """End the warm Blender at once; the next job starts a fresh one."""
    global _session
    if _session is not None:
        _session.kill()
        _session = None
