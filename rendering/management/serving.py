"""Checks of a running installation: whether each lane is served, and how long its jobs wait."""

from __future__ import annotations

from collections.abc import Iterator

from django.conf import settings
from django.utils.translation import gettext as _

from blender_scripts.children import process
from rendering.management.doctor import FAIL, OK, WARN, Diagnosis, database
from rendering.queue import serving
from rendering.queue.serving import LaneService

OLDEST_MINUTES = 60


def examine(oldest_minutes: int) -> Iterator[Diagnosis]:
    """Yield a finding for each lane and for the control cluster; a job may wait for so many minutes."""
    answers = database()
    if answers.state != OK:
        yield answers
        return
    for lane in serving.lanes():
        yield _served(lane)
        yield _waiting(lane, oldest_minutes)
    yield _control()


def _served(lane: LaneService) -> Diagnosis:
    name = f"lane {lane.lane.value}"
    queues = ", ".join(queue.name for queue in lane.queues)
    if not lane.queues:
        return Diagnosis(
            name, FAIL, _("no GPU serves it: its jobs wait"), _("Let a GPU serve it: in the admin, GPUs.")
        )
    if not lane.workers:
        hosts = sorted({queue.host or process.HOST for queue in lane.queues})
        hint = _("Start 'manage.py run_workers' on {hosts}.").format(hosts=", ".join(hosts))
        return Diagnosis(name, FAIL, _("no worker of {queues} is alive").format(queues=queues), hint)
    if lane.is_paused:
        hint = _("Resume it on the desk, or with 'manage.py queue resume NAME'.")
        return Diagnosis(name, WARN, _("{queues} paused").format(queues=queues), hint)
    detail = _("{workers} workers alive in {queues}").format(workers=lane.workers, queues=queues)
    return Diagnosis(name, OK, detail)


def _waiting(lane: LaneService, oldest_minutes: int) -> Diagnosis:
    name = f"jobs of lane {lane.lane.value}"
    minutes = int(lane.oldest // 60)
    words = _("{waiting} waiting, the oldest for {minutes} min; {running} running")
    words = words if lane.waiting else _("none waiting; {running} running")
    detail = words.format(waiting=lane.waiting, minutes=minutes, running=lane.running)
    if lane.oldest <= 60 * oldest_minutes or lane.is_paused:
        return Diagnosis(name, OK, detail)
    if lane.workers and not lane.running:
        hint = _("Its workers take nothing: restart 'manage.py run_workers' and look at its log.")
    elif lane.workers:
        hint = _("More is ordered than it can do: raise the priority of what is urgent, or add a GPU.")
    else:
        hint = _("Start its workers first.")
    return Diagnosis(name, FAIL, detail, hint)


def _control() -> Diagnosis:
    name = settings.CONTROL_QUEUE
    if serving.has_control():
        return Diagnosis("control", OK, _("{queue} is alive").format(queue=name))
    hint = _("Start 'manage.py run_workers' on any host: it requeues lost jobs and sends notifications.")
    return Diagnosis("control", FAIL, _("no worker of {queue} is alive").format(queue=name), hint)
