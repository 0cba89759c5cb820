"""From the result of a probe to the rows of the GPUs: creates new ones, refreshes known ones, marks lost ones."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from gpu.models import GpuDevice
from gpu.probing.probe import VENDORS, BackendState, Device, ProbeResult

FOUND = (
    *("vendor_id", "backend", "name", "ordinal", "pci_address", "cycles_id"),
    *("driver", "memory_mb", "last_seen", "lost_at"),
)


@dataclass
class Changes:
    """What a probe changed on its host."""

    new: list[GpuDevice] = field(default_factory=list)
    lost: list[GpuDevice] = field(default_factory=list)
    back: list[GpuDevice] = field(default_factory=list)
    moved: list[GpuDevice] = field(default_factory=list)  # used through another backend than before

    def __bool__(self) -> bool:
        return bool(self.new or self.lost or self.back or self.moved)


def register(result: ProbeResult, previous: ProbeResult | None, now: datetime) -> Changes:
    """Bring the rows of a host's GPUs to what *result* found. Call it inside a transaction.

    A backend that did not answer proves no loss by itself: its GPUs are lost when it did not answer the *previous*
    probe either.
    """
    changes = Changes()
    missing = list(GpuDevice.objects.filter(host=result.host))
    for found in result.devices:
        row = next((row for row in missing if is_same(row, found)), None)
        if row is None:
            row = GpuDevice(host=result.host, vendor_id=found.vendor_id, backend=found.backend)
            changes.new.append(row)
        else:
            missing.remove(row)
            if row.lost_at is not None:
                changes.back.append(row)
            elif row.backend != found.backend:
                changes.moved.append(row)
        refresh(row, found, now)
    for row in missing:
        if row.lost_at is None and is_proven_lost(row, result, previous):
            row.lost_at = now
            row.save(update_fields=["lost_at"])
            changes.lost.append(row)
    return changes


def is_same(row: GpuDevice, found: Device) -> bool:
    """Whether a known GPU is the one that was found: by UUID, or by its slot where one of them has no UUID."""
    if row.vendor_id == found.vendor_id:
        return True
    has_both = _has_uuid(row.vendor_id) and _has_uuid(found.vendor_id)
    same_slot = bool(found.pci) and row.pci_address == found.pci
    return same_slot and not has_both and VENDORS[row.backend] == VENDORS[found.backend]


def refresh(row: GpuDevice, found: Device, now: datetime) -> None:
    """Write what the probe found; figures that it did not find this time stay as they were."""
    if _has_uuid(found.vendor_id) or not _has_uuid(row.vendor_id):
        row.vendor_id = found.vendor_id
    row.backend, row.name, row.ordinal = found.backend, found.name, found.ordinal
    row.pci_address, row.cycles_id = found.pci, found.cycles_id
    row.driver = found.driver or row.driver
    row.memory_mb = row.memory_mb if found.memory_mb is None else found.memory_mb
    row.last_seen, row.lost_at = now, None
    # What an operator chose, or a failure changed, while the probe ran stays.
    row.save(update_fields=FOUND if row.pk else None)


def loss_of(host: str, gpu: str) -> str:
    """Return in a sentence that the GPU with this vendor id is lost; "" when it is there, or is none."""
    row = GpuDevice.objects.filter(host=host, vendor_id=gpu, lost_at__isnull=False).first() if gpu else None
    return f"The GPU {row.name} was lost while this ran: the probe no longer finds it." if row else ""


def is_proven_lost(row: GpuDevice, result: ProbeResult, previous: ProbeResult | None) -> bool:
    """Whether the backends of this GPU's vendor answered without it, or have failed twice in a row."""
    failed = [name for name in _ways(row) if _failed(result.state(name))]
    if not failed:
        return any(result.state(name) is not None for name in _ways(row))
    return previous is not None and any(_failed(previous.state(name)) for name in failed)


def _ways(row: GpuDevice) -> list[str]:
    return [name for name, vendor in VENDORS.items() if vendor == VENDORS[row.backend]]


def _failed(state: BackendState | None) -> bool:
    return state is not None and not state.is_answer


def _has_uuid(vendor_id: str) -> bool:
    return vendor_id.startswith(("GPU-", "MIG-"))
