"""Ask Cycles here and now which GPUs of this host it can use; warm or empty their kernel caches."""

from __future__ import annotations

from argparse import ArgumentParser
from datetime import datetime
from typing import Any

from django.utils.timesince import timesince

from gpu.models import GpuProbe
from gpu.probing import caches, life, runner, warmup
from gpu.probing.caches import CacheSeen
from gpu.probing.probe import ProbeResult
from gpu.probing.warmup import Warmed
from gpu.workers import health
from rendering.management.console import DONE, FAILED, DeskCommand, Report, UsageError

NOTHING_TO_WARM = (
    "There is nothing to warm: this host has no GPU that may be used, and the kernels of the CPU come compiled with "
    "Blender."
)


class Command(DeskCommand):
    help = "Probe this host's GPUs, each backend in a process of its own; exit code 1 when there is none."

    def add_arguments(self, parser: ArgumentParser) -> None:
        super().add_arguments(parser)
        parser.add_argument(
            "--warm",
            action="store_true",
            help="compile the kernels of each GPU now, with a tiny scene, and say what that took, cold and warm",
        )
        parser.add_argument(
            "--reset-cache",
            nargs="*",
            choices=list(caches.FOLDERS),
            metavar="NAME",
            dest="reset",
            help=f"empty the kernel caches, or these of them: {', '.join(caches.FOLDERS)}; probes only with --warm",
        )
        parser.add_argument(
            "--force", action="store_true", help="with --reset-cache: even while workers of this host run"
        )

    def report(
        self, *, warm: bool, reset: list[str] | None, force: bool, as_json: bool, **options: Any
    ) -> Report:
        emptied: dict[str, int] = {}
        if force and reset is None:
            raise UsageError("--force does nothing without --reset-cache.")
        if reset is not None:
            try:
                emptied = self.reset(reset or list(caches.FOLDERS), force=force)
            except OSError as error:
                return self.problem("cache_not_emptied", f"{error}. What is left can be reset again.", FAILED)
            if not warm:
                return Report({"emptied": emptied}, words_of(emptied))
        row, changes = runner.probe_now(GpuProbe.Trigger.COMMAND)
        warmed: list[Warmed] = []
        if warm and row.result:
            warmed = [self.warm(device, quiet=as_json) for device in warmup.usable_gpus()]
            if warmed:
                row, _ = runner.probe_now(GpuProbe.Trigger.COMMAND)  # what the caches hold now
        result = life.parsed(row.result)
        if result is None:
            self.stderr.write(row.error)
            return Report({"id": row.pk, "error_code": "probe_failed", "error": row.error}, [], FAILED)
        document = {
            "id": row.pk,
            **result.to_json(),
            "new": [device.vendor_id for device in changes.new],
            "lost": [device.vendor_id for device in changes.lost],
        }
        lines = [*words_of(emptied), *table(result)]
        lines += [f"lost: {device.name} ({device.vendor_id})" for device in changes.lost]
        good = bool(result.devices)
        if warm:
            document |= {"emptied": emptied, "warmed": [one.to_json() for one in warmed]}
            lines += [one.words for one in warmed] or [NOTHING_TO_WARM]
            good = bool(warmed) and not any(one.error for one in warmed)
        return Report(document, lines, DONE if good else FAILED)

    def reset(self, names: list[str], *, force: bool) -> dict[str, int]:
        """Empty these caches; return the bytes each held."""
        users = health.users_of_the_caches()
        if users and not force:
            raise UsageError(
                f"Workers of this machine run ({', '.join(users)}) and may have the caches open. Stop run_workers "
                "first, or say --force: what they render then may fail or be compiled again."
            )
        try:
            return caches.reset(names)
        except caches.ResetRefused as refusal:
            raise UsageError(str(refusal)) from refusal

    def warm(self, device: Any, *, quiet: bool) -> Warmed:
        if not quiet:
            self.stdout.write(f"Warming {device.name}; the first time may take minutes.")
            self.stdout.flush()
        return warmup.warm(device)


def words_of(emptied: dict[str, int]) -> list[str]:
    """Return what was emptied as lines for people."""
    return [f"emptied {caches.root() / name}: {size / 1e6:.1f} MB" for name, size in emptied.items()]


def table(result: ProbeResult) -> list[str]:
    """Return the result as lines for people."""
    head = f"{result.host}: {result.words}. Blender {result.blender_version}, {result.seconds:g} s."
    lines = [head, *(f"  {one.backend:<7} {one.words} ({one.seconds:g} s)" for one in result.backends)]
    for device in result.devices:
        memory = "unknown" if device.memory_mb is None else f"{device.memory_mb} MB"
        facts = f"memory {memory}, driver {device.driver or 'unknown'}, {'/'.join(device.backends)}"
        lines.append(f"  GPU {device.name}: {device.vendor_id}, PCI {device.pci or 'unknown'}, {facts}")
    lines += [f"  kernels of {one.name}: {one.state}, {one.words}" for one in result.kernels]
    lines += [f"  cache {one.path}: {held(one)}" for one in result.filled_caches]
    notes = [*result.notes, *filter(None, [result.cache_warning])]
    return [*lines, *(f"  note: {note}" for note in notes)]


def held(cache: CacheSeen) -> str:
    """Return a cache's size and age in words."""
    age = timesince(datetime.fromisoformat(cache.written)).replace("\xa0", " ")
    files = "1 file" if cache.files == 1 else f"{cache.files} files"
    return f"{cache.bytes / 1e6:.1f} MB in {files}, last written {age} ago"
