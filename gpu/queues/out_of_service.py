"""GPUs that are out of service for a lane after repeated failures, until somebody has checked them."""

from __future__ import annotations

import logging
from datetime import datetime

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from gpu.models import GpuDevice
from gpu.queues.topology import LANES

log = logging.getLogger("renderdesk.gpu")


def take_out(device: GpuDevice, lane: str, reason: str) -> bool:
    """Let a GPU take no more work of *lane* while another one may; return whether it was in service until now."""
    with transaction.atomic():
        row = GpuDevice.objects.select_for_update().get(pk=device.pk)
        if lane in row.out_of_service:
            return False
        row.out_of_service[lane] = {"since": timezone.now().isoformat(), "reason": reason}
        row.save(update_fields=["out_of_service"])
    log.error("%s is out of service for %s renders: %s", row, lane, reason)
    return True


def put_back(device: GpuDevice) -> list[str]:
    """Let a GPU take work of all its lanes again, all failures forgiven; return the lanes it comes back to."""
    with transaction.atomic():
        row = GpuDevice.objects.select_for_update().get(pk=device.pk)
        lanes = sorted(row.out_of_service)
        row.out_of_service, row.looked_at = {}, timezone.now()
        row.save(update_fields=["out_of_service", "looked_at"])
    return lanes


def words(device: GpuDevice) -> list[str]:
    """Return for each lane that it is out of service for, since when and why."""
    return [
        _("Out of service for %(lane)s renders since %(since)s: %(reason)s")
        % {"lane": label(lane), "since": _time(one["since"]), "reason": one["reason"]}
        for lane, one in sorted(device.out_of_service.items())
    ]


def label(lane: str) -> str:
    """Return a stored lane as pages call it."""
    return next((_(facts.label) for one, facts in LANES.items() if one.value == lane), lane)


def _time(text: str) -> str:
    return timezone.localtime(datetime.fromisoformat(text)).strftime("%Y-%m-%d %H:%M")
