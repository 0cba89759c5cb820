"""Processes that stand still for seconds, some for longer than a lease."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from random import Random

from tests.faults.registry import Missed, kind
from tests.faults.site import Site, send


def _freeze(pids: list[int], seconds: float) -> Iterator[float]:
    for pid in pids:
        send(pid, signal.SIGSTOP)
    yield seconds
    for pid in pids:
        send(pid, signal.SIGCONT)


@kind(excuses="hung lost")
def freeze_blender(site: Site, draw: Random) -> Iterator[float]:
    """A Blender stands still, 1 to 30 s"""
    victim = yield from site.hunt(draw, "blender")
    yield from _freeze([victim], draw.uniform(1, 30))


@kind(excuses="hung lost blender_crashed")
def freeze_worker(site: Site, draw: Random) -> Iterator[float]:
    """A worker with a child stands still, 1 to 35 s"""
    victim = yield from site.hunt(draw, "worker")
    yield from _freeze([victim], draw.uniform(1, 35))


@kind(excuses="lost")
def freeze_cluster(site: Site, draw: Random) -> Iterator[float]:
    """Any worker of a cluster stands still, 1 to 30 s"""
    victim = yield from site.hunt(draw, "cluster")
    yield from _freeze([victim], draw.uniform(1, 30))


@kind(excuses="hung lost")
def freeze_reader(site: Site, draw: Random) -> Iterator[float]:
    """The CAD reader stands still, 1 to 10 s"""
    victim = yield from site.hunt(draw, "reader")
    yield from _freeze([victim], draw.uniform(1, 10))


@kind(excuses="lost", holds="supervisor")
def freeze_supervisor(site: Site, draw: Random) -> Iterator[float]:
    """run_workers stands still, 1 to 20 s"""
    if site.supervisor is None or site.supervisor.poll() is not None:
        raise Missed("it was not running")
    yield from _freeze([site.supervisor.pid], draw.uniform(1, 20))


@kind(excuses="hung lost blender_crashed")
def freeze_everything(site: Site, draw: Random) -> Iterator[float]:
    """All processes of the workers stand still, as in a suspended machine, 5 to 30 s"""
    yield from _freeze(list(site.desk.children()), draw.uniform(5, 30))


@kind(excuses="lost", holds="database")
def freeze_database(site: Site, draw: Random) -> Iterator[float]:
    """All processes of PostgreSQL stand still, 1 to 15 s"""
    yield from _freeze(site.postgres.processes(), draw.uniform(1, 15))
    site.postgres.thaw()
