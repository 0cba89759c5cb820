"""Contents of the GPU probe's page and JSON: each host with its last result, waiting probes, the policy in force."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.utils.translation import gettext, gettext_noop

from gpu.models import GpuDevice, GpuProbe, SystemSettings
from gpu.probing import life
from gpu.probing.probe import BackendState, ProbeResult

# The badge of each backend state: badges are named after states that operators know from elsewhere.
BADGES = {
    BackendState.OK: ("ready", "OK"),
    BackendState.NONE: ("pending", gettext_noop("none")),
    BackendState.NOT_COMPILED: ("pending", gettext_noop("not built in")),
    BackendState.CRASHED: ("failed", gettext_noop("crashed")),
    BackendState.HUNG: ("failed", gettext_noop("hung")),
    BackendState.GARBAGE: ("failed", gettext_noop("invalid answer")),
}
# Of kernels that are compiled, that are not, and of which nobody knows.
WARMTH = {"warm": "ready", "cold": "stale", "unknown": "pending"}


def overview() -> dict[str, Any]:
    """Return what the page shows."""
    results, alive = life.last_results(), life.alive_hosts()
    devices = list(GpuDevice.objects.all())
    names = sorted({*results, *alive, *(device.host for device in devices)})
    row = SystemSettings.load()
    return {
        "hosts": [_host(name, results.get(name), name in alive, devices) for name in names],
        "open": list(unfinished()),
        "is_nobody_alive": not alive,
        "policy": row.device_policy,
        "policy_source": gettext(row.device_policy_source),
        "interval": row.probe_interval_minutes,
        "gpu_is_required": row.device_policy == "gpu" and not any(_is_usable(device) for device in devices),
    }


def document() -> dict[str, Any]:
    """Return the last results as JSON values."""
    row = SystemSettings.load()
    last = [probe.finished for probe in life.last_probes() if probe.finished]
    return {
        "at": max(last).isoformat() if last else None,
        "policy": row.device_policy.value,
        "policy_source": row.device_policy_source,
        "alive_hosts": life.alive_hosts(),
        "hosts": {name: result.to_json() for name, result in life.last_results().items()},
        "open": [as_json(probe) for probe in unfinished()],
    }


def as_json(probe: GpuProbe) -> dict[str, Any]:
    """Return one probe as JSON values, its result included."""

    def moment(value: datetime | None) -> str | None:
        return value.isoformat() if value else None

    return {
        "id": probe.pk,
        "state": probe.state,
        "trigger": probe.trigger,
        "host": probe.host or None,
        "created": moment(probe.created),
        "started": moment(probe.started),
        "finished": moment(probe.finished),
        "result": probe.result,
        "error": probe.error or None,
    }


def unfinished() -> Any:
    states = (GpuProbe.State.REQUESTED, GpuProbe.State.RUNNING)
    return GpuProbe.objects.filter(state__in=states).select_related("requested_by").order_by("created")


def describe(result: ProbeResult) -> dict[str, Any]:
    """Return a result as the templates show it."""
    at = datetime.fromisoformat(result.at)
    backends = [
        {"one": one, "badge": _badge(BackendState(one.state)), "tail": "\n".join(one.tail)}
        for one in result.backends
    ]
    kernels = [{"one": one, "badge": WARMTH.get(one.state, "pending")} for one in result.kernels]
    filled = [{"one": one, "written": datetime.fromisoformat(one.written)} for one in result.filled_caches]
    return {"result": result, "at": at, "backends": backends, "kernels": kernels, "caches": filled}


def said(probe: GpuProbe) -> str:
    """Return why a probe failed; "" where it did not."""
    return gettext(probe.error) if probe.error else ""


def _badge(state: BackendState) -> tuple[str, str]:
    style, label = BADGES[state]
    return style, gettext(label)


def with_words(probe: GpuProbe) -> dict[str, Any]:
    """Return one probe as a line of the history shows it."""
    result = life.parsed(probe.result)
    return {
        "pk": probe.pk,
        "state": probe.state,
        "get_state_display": probe.get_state_display(),
        "is_open": probe.is_open,
        "words": result.words if result else said(probe),
    }


def _host(name: str, result: ProbeResult | None, is_alive: bool, devices: list[GpuDevice]) -> dict[str, Any]:
    shown = describe(result) if result else {}
    last = GpuProbe.objects.filter(host=name, finished__isnull=False).order_by("-finished").first()
    return {
        "name": name,
        "is_alive": is_alive,
        "devices": [device for device in devices if device.host == name],
        "failed": last if last is not None and last.state == GpuProbe.State.FAILED else None,
        "failure": said(last) if last is not None else "",
        **shown,
    }


def _is_usable(device: GpuDevice) -> bool:
    return device.enabled and device.lost_at is None
