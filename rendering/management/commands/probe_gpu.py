"""Ask Cycles here and now which GPUs of this host it can use."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.utils.timesince import timesince

from gpu import prober, probes
from gpu.caches import CacheSeen
from gpu.models import GpuProbe
from gpu.probe import ProbeResult
from rendering.console import DONE, FAILED, DeskCommand, Report


class Command(DeskCommand):
    help = "Probe this host's GPUs, each backend in a process of its own; exit code 1 when there is none."

    def report(self, **options: Any) -> Report:
        row, changes = prober.probe_now(GpuProbe.Trigger.COMMAND)
        result = probes.parsed(row.result)
        if result is None:
            self.stderr.write(row.error)
            return Report({"id": row.pk, "error_code": "probe_failed", "error": row.error}, [], FAILED)
        document = {
            "id": row.pk,
            **result.to_json(),
            "new": [device.vendor_id for device in changes.new],
            "lost": [device.vendor_id for device in changes.lost],
        }
        lost = [f"lost: {device.name} ({device.vendor_id})" for device in changes.lost]
        return Report(document, [*table(result), *lost], DONE if result.devices else FAILED)


def table(result: ProbeResult) -> list[str]:
    """Return the result as lines for people."""
    head = f"{result.host}: {result.words}. Blender {result.blender_version}, {result.seconds:g} s."
    lines = [head, *(f"  {one.backend:<7} {one.words} ({one.seconds:g} s)" for one in result.backends)]
    for device in result.devices:
        memory = "unknown" if device.memory_mb is None else f"{device.memory_mb} MB"
        facts = f"memory {memory}, driver {device.driver or 'unknown'}, {'/'.join(device.backends)}"
        lines.append(f"  GPU {device.name}: {device.vendor_id}, PCI {device.pci or 'unknown'}, {facts}")
    lines += [f"  kernels of {one.name}: {one.state}, {one.words}" for one in result.kernels]
    lines += [f"  cache {one.path}: {held(one)}" for one in result.caches if one.files]
    notes = [*result.notes, *filter(None, [result.cache_warning])]
    return [*lines, *(f"  note: {note}" for note in notes)]


def held(cache: CacheSeen) -> str:
    """Return a cache's size and age in words."""
    age = timesince(datetime.fromisoformat(cache.written)).replace("\xa0", " ")
    files = "1 file" if cache.files == 1 else f"{cache.files} files"
    return f"{cache.bytes / 1e6:.1f} MB in {files}, last written {age} ago"
