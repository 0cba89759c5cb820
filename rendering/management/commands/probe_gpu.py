"""Ask Cycles here and now which GPUs of this host it can use; warm or empty their kernel caches."""

from __future__ import annotations

from argparse import ArgumentParser
from datetime import datetime
from typing import Any

from django.utils.timesince import timesince
from django.utils.translation import gettext, ngettext

from gpu.models import GpuProbe
from gpu.probing import caches, life, runner, warmup
from gpu.probing.caches import CacheSeen
from gpu.probing.probe import ProbeResult
from gpu.probing.warmup import Warmed
from gpu.workers import health
from rendering.management.console import DONE, FAILED, DeskCommand, Report, UsageError

NOTHING_TO_WARM = gettext(
    "There is nothing to warm: this host has no GPU that may be used, and Blender comes with "
    "compiled kernels for the CPU."
)


class Command(DeskCommand):
    help = gettext(
        "Probe this host's GPUs, each backend in a process of its own; exit code 1 when there is none."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        super().add_arguments(parser)
        parser.add_argument(
            "--warm",
            action="store_true",
            help=gettext(
                "compile the kernels of each GPU now, with a tiny scene, and show how long that took, cold "
                "and warm"
            ),
        )
        parser.add_argument(
            "--reset-cache",
            nargs="*",
            choices=list(caches.FOLDERS),
            metavar="NAME",
            dest="reset",
            help=gettext(
                "empty the kernel caches, or these of them: {names}; probes only with --warm"
            ).format(names=", ".join(caches.FOLDERS)),
        )
        parser.add_argument(
            "--force",
            action="store_true",
            help=gettext("with --reset-cache: even while workers of this host run"),
        )

    def report(
        self, *, warm: bool, reset: list[str] | None, force: bool, as_json: bool, **options: Any
    ) -> Report:
        emptied: dict[str, int] = {}
        if force and reset is None:
            raise UsageError(gettext("--force does nothing without --reset-cache."))
        if reset is not None:
            try:
                emptied = self.reset(reset or list(caches.FOLDERS), force=force)
            except OSError as error:
                return self.problem(
                    "cache_not_emptied",
                    gettext("{error}. What is left can be reset again.").format(error=error),
                    FAILED,
                )
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
        lines += [
            gettext("lost: {name} ({vendor_id})").format(name=device.name, vendor_id=device.vendor_id)
            for device in changes.lost
        ]
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
                gettext(
                    "Workers of this machine run ({users}) and may have the caches open. Stop run_workers "
                    "first, or say --force: what they render then may fail or be compiled again."
                ).format(users=", ".join(users))
            )
        try:
            return caches.reset(names)
        except caches.ResetRefused as refusal:
            raise UsageError(str(refusal)) from refusal

    def warm(self, device: Any, *, quiet: bool) -> Warmed:
        if not quiet:
            self.stdout.write(
                gettext("Warming {name}; the first time may take minutes.").format(name=device.name)
            )
            self.stdout.flush()
        return warmup.warm(device)


def words_of(emptied: dict[str, int]) -> list[str]:
    """Return what was emptied as lines for people."""
    return [
        gettext("emptied {folder}: {size:.1f} MB").format(folder=caches.root() / name, size=size / 1000000.0)
        for name, size in emptied.items()
    ]


def table(result: ProbeResult) -> list[str]:
    """Return the result as lines for people."""
    head = gettext("{host}: {words}. Blender {blender_version}, {seconds:g} s.").format(
        host=result.host, words=result.words, blender_version=result.blender_version, seconds=result.seconds
    )
    lines = [head, *(f"  {one.backend:<7} {one.words} ({one.seconds:g} s)" for one in result.backends)]
    unknown = gettext("unknown")
    for device in result.devices:
        memory = unknown if device.memory_mb is None else f"{device.memory_mb} MB"
        facts = gettext("memory {memory}, driver {driver}, {backends}").format(
            memory=memory, driver=device.driver or unknown, backends="/".join(device.backends)
        )
        lines.append(
            "  "
            + gettext("GPU {name}: {vendor_id}, PCI {pci}, {facts}").format(
                name=device.name, vendor_id=device.vendor_id, pci=device.pci or unknown, facts=facts
            )
        )
    lines += [
        "  "
        + gettext("kernels of {name}: {state}, {words}").format(
            name=one.name, state=one.state, words=one.words
        )
        for one in result.kernels
    ]
    lines += [
        "  " + gettext("cache {path}: {held}").format(path=one.path, held=held(one))
        for one in result.filled_caches
    ]
    notes = [*result.notes, *filter(None, [result.cache_warning])]
    return [*lines, *("  " + gettext("note: {note}").format(note=note) for note in notes)]


def held(cache: CacheSeen) -> str:
    """Return a cache's size and age in words."""
    age = timesince(datetime.fromisoformat(cache.written)).replace("\xa0", " ")
    files = ngettext("{count} file", "{count} files", cache.files).format(count=cache.files)
    return gettext("{size:.1f} MB in {files}, last written {age} ago").format(
        size=cache.bytes / 1000000.0, files=files, age=age
    )
