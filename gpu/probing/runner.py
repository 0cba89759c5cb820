"""Runs requested probes of this host beside the supervisor's loop, so that a hanging driver blocks nothing."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable

from blender_scripts.children import process
from blender_scripts.launch import BlenderError
from gpu.models import GpuProbe
from gpu.probing import life, probe
from gpu.probing.probe import ProbeResult
from gpu.probing.registry import Changes

log = logging.getLogger("renderdesk.gpu")

LOOK_SECONDS = 5.0  # an operator's click is seen this soon
SCHEDULE_SECONDS = 60.0  # how often the regular probe's time is looked up


class Prober:
    """Takes one probe after the other. The thread only asks the drivers; the rows are written by `step`'s caller."""

    def __init__(self, run: Callable[[], ProbeResult] = probe.run) -> None:
        self._run = run
        self._probe: GpuProbe | None = None
        self._thread: threading.Thread | None = None
        self._answer: ProbeResult | Exception | None = None
        self._next_look = 0.0
        self._next_schedule = time.monotonic() + SCHEDULE_SECONDS

    def step(self) -> None:
        """Record what is done, else take what waits. Raises DatabaseError, and then goes on where it was."""
        if self._probe is not None:
            if self._thread is not None and self._thread.is_alive():
                return
            end(self._probe, self._answer)
            self._probe = self._thread = None
        now = time.monotonic()
        if now < self._next_look:
            return
        self._next_look = now + LOOK_SECONDS
        if now >= self._next_schedule:
            self._next_schedule = now + SCHEDULE_SECONDS
            life.expire()
            life.request_if_due(process.HOST)
        self._probe = life.take(process.HOST)
        if self._probe is not None:
            self._thread = threading.Thread(target=self._ask, name="probe", daemon=True)
            self._thread.start()

    def give_up(self) -> None:
        """Record that a running probe will not finish, because the supervisor stops."""
        if self._probe is not None:
            life.fail(self._probe, life.STOPPED)
            self._probe = None

    def _ask(self) -> None:
        self._answer = None
        self._answer = answer(self._run)


def answer(run: Callable[[], ProbeResult]) -> ProbeResult | Exception:
    """Probe and return the result, or why there is none."""
    try:
        return run()
    except Exception as error:
        if not isinstance(error, BlenderError):
            log.exception("The GPU probe failed")
        return error


def end(row: GpuProbe, found: ProbeResult | Exception | None) -> Changes:
    """Record how a probe ended, and log what it changed."""
    if not isinstance(found, ProbeResult):
        life.fail(row, str(found) or type(found).__name__)
        return Changes()
    changes = life.succeed(row, found)
    for device in changes.new:
        log.info("New GPU: %s.", device)
    for device in changes.lost:
        log.error("GPU lost: %s. Look at its driver and at the GPU probe's page.", device)
    for device in changes.back:
        log.info("GPU found again: %s.", device)
    return changes


def probe_now(
    trigger: GpuProbe.Trigger, run: Callable[[], ProbeResult] = probe.run
) -> tuple[GpuProbe, Changes]:
    """Probe this host here and now; return the probe as it ended, and what it changed."""
    life.expire()
    row = life.start(trigger)
    found: ProbeResult | Exception = InterruptedError("The probe was interrupted.")
    try:
        found = answer(run)
    finally:
        changes = end(row, found)
    row.refresh_from_db()
    return row, changes
