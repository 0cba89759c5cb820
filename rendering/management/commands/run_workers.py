"""Start and supervise the clusters of this host."""

from __future__ import annotations

import multiprocessing
import time
from argparse import ArgumentParser
from collections.abc import Collection
from typing import Any

from django.conf import settings
from django.db import connections
from django.utils.translation import gettext as _

from blender_scripts.children import folders, process
from gpu.models import GpuProbe, SystemSettings
from gpu.models.system_settings import DevicePolicy
from gpu.probing import runner
from gpu.queues import topology
from gpu.workers import startup
from gpu.workers.cluster import AlreadyRunning
from gpu.workers.locks import LockTrouble
from gpu.workers.supervisor import Supervisor
from gpu.workers.worker_process import let_go_of_ours
from media_assets.ingest import documents
from rendering import orders
from rendering.farm import previews, warm, workspace
from rendering.management.console import USAGE, DeskCommand, Report, UsageError
from rendering.models import Job
from rendering.orders import trials
from rendering.queue import claims, dispatch, schedules

REAP_SECONDS = 2.0  # while a job waits or runs; without one the schedule of each minute is enough
SWEEP_SECONDS = 300.0


class Command(DeskCommand):
    is_of_people = False
    help = _(
        "Run this host's workers until SIGTERM or Ctrl-C: one cluster per GPU, one for the CPU, "
        "one for schedules."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        super().add_arguments(parser)
        chosen = parser.add_mutually_exclusive_group()
        chosen.add_argument("--queue", nargs="+", default=[], metavar="NAME", help=_("only these queues"))
        chosen.add_argument(
            "--lane",
            nargs="+",
            default=[],
            choices=[lane.value for lane in topology.Lane],
            help=_("only the queues of these lanes, whatever their names: ")
            + ", ".join(f"{lane} ({_(lane.facts.takes)})" for lane in topology.Lane),
        )
        parser.add_argument(
            "--drain-seconds",
            type=float,
            default=30.0,
            help=_(
                "when stopping, give running jobs this long before they return to the queue (default "
                "%(default)s)"
            ),
        )

    def report(self, *, queue: list[str], lane: list[str], drain_seconds: float, **options: Any) -> Report:
        no_renders = {topology.CPU_QUEUE, settings.CONTROL_QUEUE}
        renders = not (queue and no_renders.issuperset(queue)) and (
            not lane or not topology.RENDERS.isdisjoint(lane)
        )
        if renders and SystemSettings.load().device_policy != DevicePolicy.CPU:
            runner.probe_now(GpuProbe.Trigger.WORKER_START)
        specs = topology.current().of_host(process.HOST)
        names = [spec.name for spec in specs]
        unknown = set(queue) - {*names, settings.CONTROL_QUEUE}
        if unknown:
            raise UsageError(
                _("This host has no queue {unknown}. It has: {known}.").format(
                    unknown=", ".join(sorted(unknown)), known=", ".join(names)
                )
            )

        def is_chosen(spec: topology.QueueSpec) -> bool:
            return bool(spec.lanes.intersection(lane)) if lane else not queue or spec.name in queue

        def plan() -> list[topology.QueueSpec]:
            return [spec for spec in startup.allowed(process.HOST) if is_chosen(spec)]

        try:
            if warning := startup.check(spec for spec in specs if is_chosen(spec)):
                self.stderr.write(warning)
        except startup.StartRefused as refusal:
            return self.problem("gpu_required", refusal, USAGE)
        try:
            keeper = Housekeeping()
            Supervisor(
                plan,
                keeper,
                look=keeper.look,
                at_loss=keeper.reap,
                at_stop=keeper.all_of_it,
                drain_seconds=drain_seconds,
            ).run()
        except (AlreadyRunning, LockTrouble) as error:
            raise UsageError(str(error)) from error
        return Report({"stopped": True, "queues": [spec.name for spec in plan()]})


class Housekeeping:
    """Look for work, reap and sweep at a steady pace, however often the supervisor looks around."""

    def __init__(self) -> None:
        self.next_reap = self.next_minute = self.next_sweep = 0.0
        self.has_work = True
        self.sweeper: multiprocessing.process.BaseProcess | None = None

    def look(self, queues: Collection[str]) -> Collection[str]:
        """Return which of *queues* have jobs that wait. One query while no job is live."""
        self.has_work = Job.objects.live().exists()
        return dispatch.with_work(queues) if self.has_work and queues else ()

    def reap(self) -> None:
        """Give back at once what a worker had that died."""
        orders.reap()

    def all_of_it(self) -> None:
        """Reap and sweep at once: nothing of this host's workers is left when they are gone."""
        orders.reap()
        if self.sweeper is not None:
            self.sweeper.join(SWEEP_SECONDS)
        sweep()

    def __call__(self) -> None:
        now = time.monotonic()
        if now >= self.next_reap and (self.has_work or not self.next_reap):
            self.next_reap = now + REAP_SECONDS
            orders.reap()
        if now >= self.next_minute:
            self.next_minute = now + 60.0
            schedules.bring_back()
            claims.bring_back()
        if self.sweeper is not None and not self.sweeper.is_alive():
            self.sweeper = None  # which also takes note of its end, so that no zombie stays
        if now >= self.next_sweep and self.sweeper is None:
            self.next_sweep = now + SWEEP_SECONDS
            connections.close_all()  # none may cross the fork
            # Beside the loop: folders may be large, or on a share that is slow.
            self.sweeper = multiprocessing.get_context("fork").Process(
                target=_sweep_beside, name="sweep", daemon=True
            )
            self.sweeper.start()


def _sweep_beside() -> None:
    let_go_of_ours()
    sweep()


def sweep() -> None:
    """Delete what killed workers and others left behind in the folders of this host and in shared ones."""
    workspace.sweep()
    warm.sweep()
    folders.sweep()
    orders.sweep()
    documents.sweep()
    previews.sweep()
    trials.sweep()
