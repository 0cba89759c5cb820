"""Start and supervise the clusters of this host."""

from __future__ import annotations

import time
from argparse import ArgumentParser
from typing import Any

from gpu import prober, process, startup, topology
from gpu.models import GpuProbe, SystemSettings
from gpu.models.system_settings import DevicePolicy
from gpu.supervisor import AlreadyRunning, Supervisor
from rendering import orders, workspace
from rendering.console import USAGE, DeskCommand, Report, UsageError

REAP_SECONDS = 2.0
SWEEP_SECONDS = 300.0


class Command(DeskCommand):
    help = "Run this host's workers until SIGTERM or Ctrl-C: one cluster per GPU, one for the CPU, one for schedules."

    def add_arguments(self, parser: ArgumentParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("--queue", nargs="+", default=[], metavar="NAME", help="only these queues")
        parser.add_argument(
            "--drain-seconds",
            type=float,
            default=30.0,
            help="at the end, give running jobs this long before they go back to the queue (default %(default)s)",
        )

    def report(self, *, queue: list[str], drain_seconds: float, **options: Any) -> Report:
        if queue != [topology.CPU_QUEUE] and SystemSettings.load().device_policy != DevicePolicy.CPU:
            prober.probe_now(GpuProbe.Trigger.WORKER_START)
        specs = topology.current().of_host(process.HOST)
        unknown = set(queue) - {spec.name for spec in specs}
        if unknown:
            names = ", ".join(spec.name for spec in specs)
            raise UsageError(f"This host has no queue {', '.join(sorted(unknown))}. It has: {names}.")
        chosen = [spec for spec in specs if not queue or spec.name in queue]
        try:
            if warning := startup.check(chosen):
                self.stderr.write(warning)
        except startup.GpuRequired as refusal:
            return self.problem("gpu_required", refusal, USAGE)
        try:
            Supervisor(chosen, Housekeeping(), drain_seconds=drain_seconds).run()
        except AlreadyRunning as error:
            raise UsageError(str(error)) from error
        return Report({"stopped": True, "queues": [spec.name for spec in chosen]})


class Housekeeping:
    """Reap and sweep at a steady pace, however often the supervisor looks around."""

    def __init__(self) -> None:
        self.next_reap = self.next_sweep = 0.0

    def __call__(self) -> None:
        now = time.monotonic()
        if now >= self.next_reap:
            self.next_reap = now + REAP_SECONDS
            orders.reap()
        if now >= self.next_sweep:
            self.next_sweep = now + SWEEP_SECONDS
            workspace.sweep()
