"""How the device policy affects workers that start on this host: refuse, warn, or neither."""

from __future__ import annotations

import logging
from collections.abc import Iterable

from django.utils.translation import gettext as _

from blender_scripts.children import process
from gpu.models import GpuDevice, SystemSettings
from gpu.models.system_settings import DevicePolicy
from gpu.probing import life
from gpu.probing.caches import COMPILES
from gpu.queues import topology
from gpu.queues.topology import RENDERS, QueueSpec

log = logging.getLogger("renderdesk.workers")


class StartRefused(Exception):
    """The policy is gpu, and queues that render would have no GPU on this host."""


def allowed(host: str) -> list[QueueSpec]:
    """Return the queues that *host* serves now: none that renders on the CPU while the policy is gpu, so jobs wait."""
    specs = topology.current().of_host(host)
    if SystemSettings.load().device_policy != DevicePolicy.GPU:
        return list(specs)
    return [spec for spec in specs if spec.gpu or not spec.lanes & RENDERS]


def check(specs: Iterable[QueueSpec]) -> str:
    """Return a warning for the workers of *specs* ("" for none). Raises StartRefused when they must not start.

    Look at the last probe of this host: make one before.
    """
    specs = list(specs)
    hint_at_cold_kernels(specs)
    without = [spec.name for spec in specs if spec.device == "CPU" and spec.lanes & RENDERS]
    row = SystemSettings.load()
    if not without or row.device_policy == DevicePolicy.CPU:
        return ""
    reason = reason_for_no_gpu(process.HOST)
    names = ", ".join(without)
    if row.device_policy == DevicePolicy.GPU:
        raise StartRefused(
            _(
                "%(queues)s was not started: the device policy is gpu (set by: %(source)s) and this host has no usable "
                "GPU. %(reason)s Fix that and check with 'manage.py probe_gpu'; or set the policy to auto to allow the "
                "CPU; or start only the queue that needs no GPU: 'manage.py run_workers --queue asset_pipeline_cpu'."
            )
            % {"queues": names, "source": _(row.device_policy_source), "reason": reason}
        )
    return _("No usable GPU on this host: %(queues)s renders on the CPU. %(reason)s") % {
        "queues": names,
        "reason": reason,
    }


def hint_at_cold_kernels(specs: Iterable[QueueSpec]) -> None:
    """Log which GPUs of *specs* will compile in their first render, and how to do that before."""
    result = life.last_result(process.HOST)
    kernels = {one.vendor_id: one for one in result.kernels} if result else {}
    starting = {spec.device for spec in specs}
    for device in GpuDevice.objects.filter(host=process.HOST, enabled=True, lost_at=None):
        found = kernels.get(device.vendor_id)
        if str(device) in starting and device.backend in COMPILES and found and found.state != "warm":
            log.warning(
                "The kernels of %s are not known to be compiled (%s): its first render may take minutes. "
                "'manage.py probe_gpu --warm' compiles them beforehand.",
                device.name,
                found.words,
            )


def reason_for_no_gpu(host: str) -> str:
    """Return in sentences why *host* has no GPU to render on."""
    reasons = []
    for device in GpuDevice.objects.filter(host=host):
        if device.lost_at is not None:
            since = f"{device.lost_at:%Y-%m-%d %H:%M}"
            reasons.append(
                _("%(gpu)s has been lost since %(since)s UTC.") % {"gpu": device.name, "since": since}
            )
        elif not device.enabled:
            reasons.append(_("%(gpu)s is disabled in the admin.") % {"gpu": device.name})
    result = life.last_result(host)
    if result is None:
        reasons.append(_("No probe of this host has succeeded."))
    elif not result.devices:
        reasons.append(" ".join(f"{one.backend} {one.words}." for one in result.backends))
    return " ".join(reasons)
