"""The life of a probe: requested, taken by a host's supervisor, recorded. The only writer of GpuProbe's state.

The web process only requests probes; they run where the GPUs are.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.contrib.auth.models import AnonymousUser, User
from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext_noop

from blender_scripts.children import process
from blender_scripts.contract import BACKENDS
from blender_scripts.jsonform import ContractError
from gpu.models import GpuProbe, SystemSettings, Worker
from gpu.probing import registry
from gpu.probing.probe import ProbeResult
from gpu.probing.registry import Changes

State, Trigger = GpuProbe.State, GpuProbe.Trigger

LONGEST = timedelta(
    minutes=5
)  # a probe that ran longer was forgotten: its time limits add up to less than two
AFTER_FAILURE = timedelta(minutes=1)

# Kept in English, translated where they are shown.
ABANDONED = gettext_noop("The process that ran this probe ended before it was done. Ask for another one.")
STOPPED = gettext_noop("The workers of this host were stopped before it was done.")


def request(trigger: GpuProbe.Trigger, host: str = "", user: User | AnonymousUser | None = None) -> GpuProbe:
    """Request a probe of *host* ("": of any host); while one waits, return that one."""
    asker = user if isinstance(user, User) else None
    try:
        with transaction.atomic():
            return GpuProbe.objects.create(trigger=trigger, host=host, requested_by=asker)
    except IntegrityError:
        waiting = GpuProbe.objects.filter(host=host, state=State.REQUESTED).first()
        return waiting or request(trigger, host, user)


def request_everywhere(trigger: GpuProbe.Trigger, user: User | AnonymousUser | None = None) -> list[GpuProbe]:
    """Ask every host that is alive; when none is, the first one that comes."""
    return [request(trigger, host, user) for host in alive_hosts() or [""]]


def alive_hosts() -> list[str]:
    """Return the hosts whose supervisor runs: their workers, the control cluster's included, show signs of life."""
    return sorted(set(Worker.objects.alive().values_list("host", flat=True)))


def request_if_due(host: str) -> GpuProbe | None:
    """Ask for the regular probe of *host* when its last one, however it went, is `probe_interval_minutes` old."""
    horizon = timezone.now() - timedelta(minutes=SystemSettings.load().probe_interval_minutes)
    if GpuProbe.objects.filter(host=host, created__gt=horizon).exists():
        return None
    return request(Trigger.SCHEDULE, host)


def request_after_failure(host: str) -> GpuProbe | None:
    """Ask for a probe because a GPU of *host* failed a job: it may be gone. Many such jobs are one probe a minute."""
    horizon = timezone.now() - AFTER_FAILURE
    if GpuProbe.objects.filter(host=host, created__gt=horizon).exclude(finished=None).exists():
        return None
    return request(Trigger.FAILURE, host)


def take(host: str) -> GpuProbe | None:
    """Claim the oldest probe that waits for *host* or for anybody; None if there is none."""
    waiting = GpuProbe.objects.filter(state=State.REQUESTED, host__in=[host, ""]).order_by("created", "id")
    for probe in waiting[:3]:
        taken = GpuProbe.objects.filter(pk=probe.pk, state=State.REQUESTED).update(
            state=State.RUNNING, host=host, runner=process.identity(), started=timezone.now()
        )
        if taken:
            probe.refresh_from_db()
            return probe
    return None


def start(trigger: GpuProbe.Trigger, user: User | AnonymousUser | None = None) -> GpuProbe:
    """Return a new probe of this host that the caller runs at once."""
    return GpuProbe.objects.create(
        trigger=trigger,
        host=process.HOST,
        requested_by=user if isinstance(user, User) else None,
        state=State.RUNNING,
        runner=process.identity(),
        started=timezone.now(),
    )


def succeed(probe: GpuProbe, result: ProbeResult) -> Changes:
    """In one transaction: the probe's end, the rows of its host's GPUs, and what scripts read of the last results."""
    now = timezone.now()
    SystemSettings.load()
    with transaction.atomic():
        SystemSettings.objects.select_for_update().get()  # two hosts may end at the same time
        previous = last_result(result.host)
        ended = GpuProbe.objects.filter(pk=probe.pk, state=State.RUNNING).update(
            state=State.SUCCEEDED, host=result.host, result=result.to_json(), finished=now
        )
        if not ended:
            return Changes()
        changes = registry.register(result, previous, now)
        last = last_probes()
        SystemSettings.export_probes({one.host: one.result for one in last}, now)
    return changes


def fail(probe: GpuProbe, error: str) -> None:
    """Note that a probe could not be made at all; what is known of its host stays."""
    GpuProbe.objects.filter(pk=probe.pk, state=State.RUNNING).update(
        state=State.FAILED, error=error, finished=timezone.now()
    )


def expire() -> int:
    """Fail the probes whose runner is dead or has forgotten them; return how many."""
    horizon = timezone.now() - LONGEST
    forgotten = [
        probe
        for probe in GpuProbe.objects.filter(state=State.RUNNING)
        if (probe.started or probe.created) < horizon
        or (probe.runner and process.is_known_dead(probe.runner))
    ]
    for probe in forgotten:
        fail(probe, ABANDONED)
    return len(forgotten)


def last_results() -> dict[str, ProbeResult]:
    """Return the last result of each host, in the hosts' order; one that this version can't read is left out."""
    read = {one.host: parsed(one.result) for one in last_probes()}
    return {host: result for host, result in read.items() if result is not None}


def last_result(host: str) -> ProbeResult | None:
    """Return the last result of *host*; None if there is none that this version can read."""
    last = _succeeded().filter(host=host).order_by("-finished", "-id").first()
    return parsed(last.result) if last else None


def last_blender_version() -> str:
    """Return the version of Blender that the last probe of any host found; "" if there is none."""
    last = _succeeded().order_by("-finished", "-id").first()
    result = parsed(last.result) if last else None
    return result.blender_version if result else ""


def last_probes() -> list[GpuProbe]:
    """Return the last probe of each host that succeeded, in the hosts' order: a look into an index for each."""
    found: list[GpuProbe] = []
    host = ""
    while last := _succeeded().filter(host__gt=host).order_by("host", "-finished", "-id").first():
        found.append(last)
        host = last.host
    return found


def _succeeded() -> QuerySet[GpuProbe]:
    return GpuProbe.objects.filter(state=State.SUCCEEDED, finished__isnull=False)


def parsed(document: Any) -> ProbeResult | None:
    """Return a stored result; None if there is none or another version wrote it."""
    try:
        return ProbeResult.from_json(document)
    except ContractError:
        return None


def safe_backends(host: str) -> tuple[str, ...]:
    """Return the backends that may be asked inside a warm Blender: those that failed the last probe might kill it."""
    result = last_result(host)
    if result is None:
        return BACKENDS
    states = {name: result.state(name) for name in BACKENDS}
    return tuple(name for name, state in states.items() if state is None or state.is_answer)
