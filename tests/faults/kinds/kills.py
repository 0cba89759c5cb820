"""Processes that die."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from random import Random

from tests.faults.registry import Missed, kind
from tests.faults.site import Site, send


@kind(excuses="blender_crashed gpu_failed")
def kill_blender(site: Site, draw: Random) -> Iterator[float]:
    """A Blender, SIGKILL"""
    victim = yield from site.hunt(draw, "blender")
    send(victim, signal.SIGKILL)


@kind(excuses="damaged reader_failed out_of_memory")
def kill_reader(site: Site, draw: Random) -> Iterator[float]:
    """The CAD reader, its server or the child with the file, SIGKILL"""
    victim = yield from site.hunt(draw, "reader")
    send(victim, signal.SIGKILL)


@kind(excuses="lost")
def kill_worker(site: Site, draw: Random) -> Iterator[float]:
    """A worker with a child, SIGKILL"""
    victim = yield from site.hunt(draw, "worker")
    send(victim, signal.SIGKILL)


@kind(excuses="lost")
def kill_cluster(site: Site, draw: Random) -> Iterator[float]:
    """Any worker of a django-q2 cluster, SIGKILL"""
    victim = yield from site.hunt(draw, "cluster")
    send(victim, signal.SIGKILL)


@kind(excuses="encoder_crashed blender_crashed lost")
def kill_helper(site: Site, draw: Random) -> Iterator[float]:
    """Another child (encoder, prober), SIGKILL"""
    victim = yield from site.hunt(draw, "helper")
    send(victim, signal.SIGKILL)


@kind(excuses="lost", holds="supervisor")
def kill_supervisor(site: Site, draw: Random) -> None:
    """run_workers, SIGKILL; started again"""
    if site.supervisor is None or site.supervisor.poll() is not None:
        raise Missed("it was not running")
    site.supervisor.kill()


@kind(excuses="lost", holds="supervisor")
def stop_supervisor(site: Site, draw: Random) -> Iterator[float]:
    """run_workers, SIGTERM; started again"""
    if site.supervisor is None or site.supervisor.poll() is not None:
        raise Missed("it was not running")
    site.supervisor.terminate()
    yield 1.0


@kind(excuses="lost", holds="database")
def power_cut(site: Site, draw: Random) -> Iterator[float]:
    """All of it at once, workers and PostgreSQL, SIGKILL; started again after 1 to 5 s"""
    for pid in (*site.desk.children(), *site.postgres.processes()):
        send(pid, signal.SIGKILL)
    yield draw.uniform(1, 5)
    site.postgres.start()


@kind()
def kill_client(site: Site, draw: Random) -> Iterator[float]:
    """A process that places an order, SIGKILL"""
    for _ in range(1_000):
        if busy := [client for client in site.clients if not client.is_idle]:
            yield draw.uniform(0.0, 0.2)
            draw.choice(busy).kill()
            return
        yield 0.02
    raise Missed("no client was busy")
