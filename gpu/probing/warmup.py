"""Compile the kernels of a GPU before an order waits for them: a tiny scene, rendered twice, each in a new Blender."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass

from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext as _

from blender_scripts.children import process
from blender_scripts.children.folders import temporary_folder
from blender_scripts.contract import BACKENDS, Look, RenderOutcome, RenderSpec
from blender_scripts.jsonform import JsonForm
from blender_scripts.launch import Blender, BlenderError, Session, SessionDied, find_blender
from gpu.models import GpuDevice
from gpu.probing import caches, life, tiny_scene
from gpu.probing.caches import Stamp
from gpu.queues.topology import pinning

LIMIT_SECONDS = 1800.0  # longest compilation that was reported: 338 s, on a fast CPU

LOOKS = (
    Look(),  # edges: the kernel that shoots rays while it shades, and the ground that catches shadows
    Look(edges=False, ground="reflective", lighting="dark"),
)
"""Between them, all kernels that output types can ask for. Denoising and adaptive sampling are on in both."""


class WarmingFailed(Exception):
    """The tiny scene could not be rendered on the GPU, and why."""


@dataclass(frozen=True, slots=True)
class Warmed(JsonForm):
    """What warming one GPU took: seconds from the start of Blender to the last picture, the first time and again.

    `before` is the cache's state until then: only if it was cold, the first time shows the cost of compiling.
    """

    vendor_id: str
    name: str
    before: str
    first_seconds: float | None = None
    again_seconds: float | None = None
    error: str = ""

    @property
    def words(self) -> str:
        """The same in one sentence."""
        if self.error:
            return _("%(gpu)s: not warmed. %(error)s") % {"gpu": self.name, "error": self.error}
        if self.before == "cold":
            told = _("%(gpu)s: cold %(first).1f s, warm %(again).1f s")
        else:
            told = _("%(gpu)s: %(first).1f s, then %(again).1f s (its cache was %(before)s before)")
        times = {"first": self.first_seconds, "again": self.again_seconds}
        return told % {"gpu": self.name, "before": self.before, **times}


def usable_gpus() -> list[GpuDevice]:
    """Return this host's GPUs that are there and switched on."""
    return list(GpuDevice.objects.filter(host=process.HOST, enabled=True, lost_at=None).order_by("id"))


def warm(device: GpuDevice) -> Warmed:
    """Compile what renders on *device* need and stamp its cache; never raises for what a driver or Blender does."""
    try:
        blender = find_blender(settings.BLENDER_EXECUTABLE or None)
    except BlenderError as error:
        return Warmed(device.vendor_id, device.name, "unknown", error=str(error))
    identity = (device.vendor_id, device.name, device.backend, device.driver)
    before = caches.judge(*identity, blender.version)
    known = before.stamp
    environment = caches.environment() | pinning(device)
    try:
        first = render(blender, device.pci_address, environment)[0]
        again, outcome = render(blender, device.pci_address, environment)
    except (WarmingFailed, SessionDied, OSError) as error:
        return Warmed(device.vendor_id, device.name, before.state, error=str(error))
    cold = first if before.state == "cold" else known.cold_seconds if known else None
    held = caches.bytes_of(device.backend)
    at = timezone.now().isoformat(timespec="seconds")
    try:
        caches.write_stamp(Stamp(*identity, outcome.blender_version, at, cold, again, held))
    except OSError as error:
        trouble = f"It was, but its cache can't be stamped: {error.strerror or error}."
        return Warmed(device.vendor_id, device.name, before.state, first, again, trouble)
    return Warmed(device.vendor_id, device.name, before.state, first, again)


def render(
    blender: Blender, pci: str, environment: Mapping[str, str], policy: str = "gpu"
) -> tuple[float, RenderOutcome]:
    """Render the tiny scene in every look with a new Blender; return the seconds that it took and the last outcome.

    Raises WarmingFailed for a picture that did not come, SessionDied when Blender ended.
    """
    wanted = environment.get("RENDERDESK_BACKENDS", "").split() or BACKENDS
    safe = life.safe_backends(process.HOST)
    backends = [name for name in BACKENDS if name in wanted and name in safe]
    with temporary_folder() as folder:
        scene = folder / "tiny.glb"
        scene.write_bytes(tiny_scene.glb())
        session = Session(
            blender,
            device_policy=policy,
            backends=backends,
            gpu=pci,
            env=environment,
            cwd=folder,
            confined=settings.CONFINE_BLENDER,
        )
        started = time.monotonic()
        try:
            session.start()
            for number, look in enumerate(LOOKS):
                spec = RenderSpec(
                    kind="still",
                    glb_path=str(scene),
                    geometry_key="tiny",
                    output_path=str(folder / f"{number}.png"),
                    look=look,
                    width=64,
                    height=64,
                    samples=16,
                    device_policy=policy,
                )
                outcome = _outcome(session, spec, started + LIMIT_SECONDS)
            return round(time.monotonic() - started, 2), outcome
        finally:
            session.kill()


def _outcome(session: Session, spec: RenderSpec, deadline: float) -> RenderOutcome:
    session.submit(spec)
    while time.monotonic() < deadline:
        for event in session.poll(0.5):
            if not isinstance(event, RenderOutcome):
                continue
            if not event.ok:
                raise WarmingFailed(event.error)
            return event
    raise WarmingFailed(f"The driver did not end within {LIMIT_SECONDS:g} s. Look at 'manage.py probe_gpu'.")
