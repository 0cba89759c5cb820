"""One probe of this machine: asks each GPU backend in a separate Blender process and merges the answers to devices.

Uses no database. A driver that crashes, hangs or prints nonsense affects its own backend only.
"""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext, ngettext

from blender_scripts.children import process
from blender_scripts.contract import BACKENDS, DevicesSeen, GpuFound
from blender_scripts.jsonform import JsonForm
from blender_scripts.launch import Blender, ScriptResult, find_blender, run_script
from blender_scripts.tokens import DEVICES_TOKEN, parse_devices
from gpu.probing import caches, cards
from gpu.probing.caches import CacheSeen, Kernels
from gpu.probing.cards import GraphicsCard
from gpu.probing.filesystems import NETWORK, VOLATILE, filesystem

BACKEND_SECONDS = 60.0  # a first call without a persistence daemon wakes each card
TAIL_LINES = 12
NAME_LENGTH = 200

VENDORS = {"OPTIX": "NVIDIA", "CUDA": "NVIDIA", "HIP": "AMD", "ONEAPI": "Intel"}
_LOG_HEAD = re.compile(r"[IWEF]\d{4} [\d:.]+ +\d+ |[\d:.]+ +cycles +\| (?:(?:WARNING|ERROR) )?")
"""What a line of Cycles' log begins with: severity, day, time, thread; since Blender 5 time, channel, severity."""

_ID = re.compile(r"_([0-9a-f]{4,8}:[0-9a-f]{2}:[0-9a-f]{2}(?:\.[0-7])?)(?:_OptiX)?\Z", re.IGNORECASE)


class BackendState(StrEnum):
    """How one backend answered."""

    OK = "ok"  # it lists devices
    NONE = "none"  # it answered, and has none
    CRASHED = "crashed"
    HUNG = "hung"
    GARBAGE = "garbage"
    NOT_COMPILED = "not_compiled"

    @property
    def is_answer(self) -> bool:
        """Whether what it said about devices, or their absence, can be relied on."""
        return self in (BackendState.OK, BackendState.NONE, BackendState.NOT_COMPILED)


@dataclass(frozen=True, slots=True)
class BackendResult(JsonForm):
    """One backend's answer: its state, the same in a sentence, seconds, its devices, the tail of its output."""

    backend: str
    state: str
    words: str
    seconds: float = 0.0
    found: tuple[GpuFound, ...] = ()
    tail: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Device(JsonForm):
    """One physical GPU: `backend` is the best that can use it, `backends` all of them.

    `vendor_id` is its UUID, else its PCI address, else Cycles' id. `ordinal` counts the vendor's GPUs in the order
    of their PCI addresses. Memory in MB; None and "" mean unknown.
    """

    backend: str
    vendor_id: str
    name: str
    cycles_id: str
    ordinal: int
    pci: str = ""
    memory_mb: int | None = None
    driver: str = ""
    backends: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ProbeResult(JsonForm):
    """One probe of one host. `at` is an ISO 8601 time; `notes` are complaints of the vendors' tools.

    `caches` are the kernel caches as they lie there, `kernels` says of each GPU whether its kernels are compiled.
    """

    host: str
    at: str
    seconds: float
    blender_version: str
    backends: tuple[BackendResult, ...]
    devices: tuple[Device, ...] = ()
    notes: tuple[str, ...] = ()
    cache_warning: str = ""
    caches: tuple[CacheSeen, ...] = ()
    kernels: tuple[Kernels, ...] = ()

    def state(self, backend: str) -> BackendState | None:
        """How *backend* answered; None if it was not asked."""
        return next((BackendState(one.state) for one in self.backends if one.backend == backend), None)

    @property
    def filled_caches(self) -> list[CacheSeen]:
        """The caches of drivers that hold something."""
        return [one for one in self.caches if one.written and caches.FOLDERS.get(one.name)]

    @property
    def words(self) -> str:
        """The result in one sentence."""
        if self.devices:
            told = ngettext("%(count)s GPU: %(names)s", "%(count)s GPUs: %(names)s", len(self.devices))
            names = ", ".join(device.name for device in self.devices)
            return told % {"count": len(self.devices), "names": names}
        failed = [one.backend for one in self.backends if not BackendState(one.state).is_answer]
        if failed:
            return gettext("no GPU (%(backends)s did not answer)") % {"backends": ", ".join(failed)}
        return gettext("no GPU")


def run(backends: Sequence[str] = BACKENDS, *, timeout: float = BACKEND_SECONDS) -> ProbeResult:
    """Probe this machine, all *backends* at the same time; takes *timeout* seconds at most, mostly two.

    Raises BlenderError when there is no Blender to ask.
    """
    started, at = time.monotonic(), timezone.now()
    blender = find_blender(settings.BLENDER_EXECUTABLE or None)
    env = caches.environment()
    answers: dict[str, BackendResult] = {}
    versions: list[str] = []

    def ask(backend: str) -> None:
        seen, answers[backend] = ask_backend(blender, backend, timeout, env)
        if seen is not None:
            versions.append(plain(seen.blender_version))

    # Daemons: whoever stops this process does not wait for a hanging driver; the children end with their thread.
    threads = [threading.Thread(target=ask, args=(name,), daemon=True) for name in backends]
    for thread in threads:
        thread.start()
    notes: list[str] = []
    told = cards.find(notes.append)
    for thread in threads:
        thread.join()
    ordered = tuple(answers[name] for name in backends)
    devices = merge((found for one in ordered for found in one.found), told)
    version = versions[0] if versions else blender.version
    return ProbeResult(
        host=process.HOST,
        at=at.isoformat(timespec="seconds"),
        seconds=round(time.monotonic() - started, 2),
        blender_version=version,
        backends=ordered,
        devices=devices,
        notes=tuple(plain(note) for note in notes),
        cache_warning=(disk_warning() or caches.root_warning()) if devices else "",
        caches=caches.look(),
        kernels=tuple(
            caches.judge(one.vendor_id, one.name, one.backend, one.driver, version) for one in devices
        ),
    )


def disk_warning() -> str:
    """Return in a sentence why the kernel caches' disk is no good for them; "" when it is."""
    folder = caches.root()
    kind = filesystem(folder)
    if kind in NETWORK:
        return f"The kernel cache {folder} is on a network share ({kind}), where OptiX's cache is undefined."
    if kind in VOLATILE:
        return f"The kernel cache {folder} is on {kind}: it is gone with the container or the next boot."
    return ""


def ask_backend(
    blender: Blender, backend: str, timeout: float, env: Mapping[str, str]
) -> tuple[DevicesSeen | None, BackendResult]:
    """Ask one backend in a process of its own; never raises for what the driver does."""
    started = time.monotonic()
    try:
        done = run_script(
            blender,
            "gpu_probe.py",
            backend,
            timeout=timeout,
            env=env,
            backends=(backend,),
            confined=settings.CONFINE_BLENDER,
        )
    except OSError as error:
        words = f"Blender cannot be started: {error.strerror or error}."
        return None, BackendResult(backend, BackendState.CRASHED, words)
    seen, result = judge(backend, done, timeout)
    return seen, replace(result, seconds=round(time.monotonic() - started, 2))


def judge(backend: str, done: ScriptResult, timeout: float) -> tuple[DevicesSeen | None, BackendResult]:
    """Say how a backend answered, from how its process ended and what it printed."""
    seen = [one for line in done.output if (one := parse_devices(line)) is not None]
    tail = tuple(
        plain(_LOG_HEAD.sub("", line, count=1)) for line in done.output if not line.startswith(DEVICES_TOKEN)
    )[-TAIL_LINES:]

    def result(state: BackendState, words: str, found: tuple[GpuFound, ...] = ()) -> BackendResult:
        return BackendResult(backend, state, words, found=found, tail=tail)

    if done.timed_out:
        return None, result(BackendState.HUNG, f"did not answer within {timeout:g} s and was ended")
    if done.returncode < 0 or done.returncode > 1:
        how = f"signal {-done.returncode}" if done.returncode < 0 else f"exit code {done.returncode}"
        return None, result(BackendState.CRASHED, f"its driver crashed the probe ({how})")
    if len(seen) != 1:
        has_traceback = any(line.startswith("Traceback") for line in done.output)
        if has_traceback:
            return None, result(BackendState.CRASHED, "the probe ended with an error")
        return None, result(BackendState.GARBAGE, "its answer is no list of devices")
    (answer,) = seen
    found = tuple(
        GpuFound(plain(one.name), plain(one.id), backend) for one in answer.devices if one.type == backend
    )
    if backend not in answer.compiled:
        return answer, result(BackendState.NOT_COMPILED, "this Blender was built without it")
    if not found:
        return answer, result(BackendState.NONE, "finds no GPU")
    count = "1 GPU" if len(found) == 1 else f"{len(found)} GPUs"
    return answer, result(BackendState.OK, f"finds {count}", found)


def merge(found: Iterable[GpuFound], told: Mapping[str, GraphicsCard]) -> tuple[Device, ...]:
    """Return each physical GPU once, in the order vendor, PCI address; OPTIX before CUDA.

    *told* has the vendors' facts by PCI address. A GPU without one in its Cycles id is known by that id alone.
    """
    seen: dict[tuple[str, str], list[GpuFound]] = {}
    for one in found:
        vendor = VENDORS[one.type]
        seen.setdefault((vendor, pci_of(one.id) or one.id.removesuffix("_OptiX")), []).append(one)
    devices: list[Device] = []
    counts = dict.fromkeys(VENDORS.values(), 0)
    for (vendor, place), ways in sorted(seen.items(), key=lambda item: (_rank(item[0][0]), item[0][1])):
        ways.sort(key=lambda one: BACKENDS.index(one.type))
        best, pci = ways[0], pci_of(ways[0].id)
        card = told.get(pci, GraphicsCard(pci))
        devices.append(
            Device(
                backend=best.type,
                vendor_id=(card.uuid or place)[:100],
                name=(best.name or card.name or "unknown GPU")[:NAME_LENGTH],
                cycles_id=best.id[:NAME_LENGTH],
                ordinal=counts[vendor],
                pci=pci,
                memory_mb=card.memory_mb,
                driver=card.driver,
                backends=tuple(dict.fromkeys(one.type for one in ways)),
            )
        )
        counts[vendor] += 1
    return tuple(devices)


def pci_of(cycles_id: str) -> str:
    """Return the PCI address (0000:01:00) in an id like CUDA_NVIDIA GeForce RTX 4090_0000:01:00_OptiX; "" without."""
    match = _ID.search(cycles_id)
    return cards.pci_address(match[1]) if match else ""


def plain(text: str) -> str:
    """Return a driver's words as one printable line that a database and a page can hold."""
    return "".join(letter if letter.isprintable() else " " for letter in text).strip()[:500]


def _rank(vendor: str) -> int:
    return list(VENDORS.values()).index(vendor)
