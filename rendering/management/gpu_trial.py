"""A trial of this machine's GPUs: are they found, do they render, how fast, how much memory, alone and by two workers.

What it finds is to be sent in: it holds no name of a machine, person or file, and no address of a card.
"""

from __future__ import annotations

import os
import platform
import re
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median

from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext as _

from blender_scripts.children import process
from blender_scripts.children.folders import temporary_folder
from blender_scripts.contract import RenderOutcome, RenderSpec
from blender_scripts.jsonform import JsonForm
from blender_scripts.launch import Blender, Session, SessionDied, find_blender
from gpu.models import GpuDevice
from gpu.probing import caches, probe, warmup
from gpu.probing.probe import Device, ProbeResult
from gpu.probing.warmup import WarmingFailed
from gpu.queues.topology import pinning
from rendering.farm import contact_sheet
from rendering.management.demo import SAMPLE

PICTURES = 10
SIZES = {
    "thumbnail": 256,
    "still": 1024,
    "turntable": 720,
}  # px, as the output types that come with Renderdesk
FRAMES = 72
SMALLER = 4  # times, in each direction, on a CPU
NO_GPU = {"RENDERDESK_BACKENDS": "NONE", "CUDA_VISIBLE_DEVICES": "-1", "ROCR_VISIBLE_DEVICES": "-1"}
PATH = re.compile(r"\S*[A-Za-z]\S*[\\/]\S*|\S*[\\/]\S*[A-Za-z]\S*")  # a word with a slash; "3/4" is none


@dataclass(frozen=True, slots=True)
class Machine(JsonForm):
    """What was tried: versions, processor, memory in GB, and the load average before."""

    at: str
    renderdesk: str
    blender: str
    system: str
    processor: str
    cores: int
    memory_gb: float
    load: float


@dataclass(frozen=True, slots=True)
class BackendAnswer(JsonForm):
    """How one backend answered the probe, and in how many seconds."""

    backend: str
    state: str
    words: str
    seconds: float


@dataclass(frozen=True, slots=True)
class GpuModel(JsonForm):
    """One GPU: its model, memory in MB, driver, the backends that can use it."""

    name: str
    memory_mb: int | None
    driver: str
    backends: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class TimedPictures(JsonForm):
    """Pictures of one kind in a warm Blender: seconds of each, with the memory that Cycles and the process took (MB).

    `processor_seconds`: of all of them together. `by_two`: the seconds in which two Blenders at once rendered as many;
    0 where that was not tried.
    """

    kind: str
    px: int
    seconds: tuple[float, ...]
    processor_seconds: float
    cycles_mb: float
    process_mb: float
    by_two: float = 0.0

    @property
    def gain(self) -> float:
        """How many times as many pictures two workers make; 0 where that was not tried."""
        return sum(self.seconds) / self.by_two if self.by_two else 0.0


@dataclass(frozen=True, slots=True)
class Tried(JsonForm):
    """What one backend of one GPU did, or the CPU. `proof` is Cycles' own word for what it sampled with.

    Seconds of the tiny scene in two looks, from the start of Blender: with nothing compiled, and again.
    """

    name: str
    backend: str
    proof: str = ""
    cold_seconds: float = 0.0
    warm_seconds: float = 0.0
    pictures: tuple[TimedPictures, ...] = ()
    error: str = ""


@dataclass(frozen=True, slots=True)
class GpuTrial(JsonForm):
    """All of it. `strict`: what policy gpu did where no GPU can be seen; it has to refuse ("gpu_required")."""

    machine: Machine
    probe_seconds: float
    answers: tuple[BackendAnswer, ...]
    cards: tuple[GpuModel, ...]
    strict: str
    tried: tuple[Tried, ...]


@dataclass(frozen=True)
class RenderPlace:
    """Where Blender renders: a backend of a GPU, or the CPU, and the environment that shows it nothing else."""

    name: str
    backend: str
    environment: Mapping[str, str]
    pci: str = ""

    @property
    def is_gpu(self) -> bool:
        return self.backend != "CPU"

    @property
    def policy(self) -> str:
        return "gpu" if self.is_gpu else "cpu"


def run(count: int, say: Callable[[str], object]) -> GpuTrial:
    """Try everything, *count* pictures of each kind. Raises BlenderError without Blender, CadError, OSError."""
    blender = find_blender(settings.BLENDER_EXECUTABLE or None)
    say(_("Looking for GPUs"))
    found = probe.run()
    machine = machine_of(blender)
    with temporary_folder() as folder:
        strict = refusal(blender)
        geometry = contact_sheet.convert(settings.BASE_DIR / SAMPLE, folder / "geometry")
        tried = [tried_at(place, blender, geometry, count, say) for place in places(found, machine)]
    return GpuTrial(
        machine,
        found.seconds,
        tuple(
            BackendAnswer(one.backend, one.state, without_paths(one.words), one.seconds)
            for one in found.backends
        ),
        tuple(GpuModel(one.name, one.memory_mb, one.driver, one.backends) for one in found.devices),
        strict,
        tuple(tried),
    )


def machine_of(blender: Blender) -> Machine:
    """Return the machine as it is before the trial."""
    return Machine(
        at=timezone.now().date().isoformat(),
        renderdesk=settings.VERSION,
        blender=blender.version,
        system=platform.freedesktop_os_release().get("PRETTY_NAME", platform.system()),
        processor=_value("/proc/cpuinfo", "model name") or platform.machine(),
        cores=len(os.sched_getaffinity(0)),
        memory_gb=round(int((_value("/proc/meminfo", "MemTotal") or "0").split()[0]) / 1e6, 1),
        load=round(os.getloadavg()[0], 2),
    )


def places(found: ProbeResult, machine: Machine) -> Iterator[RenderPlace]:
    """Yield every backend of every GPU, and the CPU."""
    for device in found.devices:
        for backend in device.backends:
            yield RenderPlace(device.name, backend, _pinned(device, backend), device.pci)
    yield RenderPlace(machine.processor, "CPU", NO_GPU)


def _pinned(device: Device, backend: str) -> dict[str, str]:
    row = GpuDevice(
        backend=backend, vendor_id=device.vendor_id, pci_address=device.pci, ordinal=device.ordinal
    )
    return {**pinning(row), "RENDERDESK_BACKENDS": backend}


def refusal(blender: Blender) -> str:
    """Return how a Blender that must use a GPU ends where it sees none."""
    try:
        warmup.render(blender, "", caches.environment() | NO_GPU, "gpu")
    except SessionDied as error:
        return error.error_code
    except WarmingFailed as error:
        return without_paths(str(error))
    return "rendered"


def tried_at(
    place: RenderPlace, blender: Blender, geometry: Path, count: int, say: Callable[[str], object]
) -> Tried:
    """Return what a place did; what its driver or Blender does wrong is in its error."""
    say(_("Trying {backend}: {name}").format(backend=place.backend, name=place.name))
    proof, cold, warm = "", 0.0, 0.0
    pictures: list[TimedPictures] = []
    try:
        cold, warm, proof = compiled(place, blender)
        with temporary_folder() as folder, sessions(place, blender, folder) as both:
            for kind in SIZES:
                pictures.append(rendered(place, both, geometry, folder, kind, count))
                each = median(pictures[-1].seconds)
                say(_("  {kind}: {seconds:.2f} s each").format(kind=kind, seconds=each))
    except (WarmingFailed, SessionDied, OSError) as error:
        return Tried(place.name, place.backend, proof, cold, warm, tuple(pictures), without_paths(str(error)))
    return Tried(place.name, place.backend, proof, cold, warm, tuple(pictures))


def compiled(place: RenderPlace, blender: Blender) -> tuple[float, float, str]:
    """Return the seconds of the tiny scene with empty kernel caches, again, and what Cycles sampled with."""
    with temporary_folder() as empty:
        here, there = str(caches.root()), str(empty)
        environment = {name: text.replace(here, there) for name, text in caches.environment().items()}
        environment |= place.environment
        cold, _outcome = warmup.render(blender, place.pci, environment, place.policy)
        warm, outcome = warmup.render(blender, place.pci, environment, place.policy)
    return cold, warm, outcome.device_proof or outcome.compute_type


def rendered(
    place: RenderPlace, both: Sequence[Session], geometry: Path, folder: Path, kind: str, count: int
) -> TimedPictures:
    """Return what *count* pictures of a kind took: by one worker, and stills by two as well."""
    px = SIZES[kind] if place.is_gpu else SIZES[kind] // SMALLER
    specs = [spec_of(kind, px, place.policy, geometry, folder, number) for number in range(2 * count + 2)]
    first, other = both
    shoot([first], specs[:1])  # loads the geometry
    worked = first.cpu_seconds()
    alone = shoot([first], specs[2 : count + 2])
    worked = first.cpu_seconds() - worked
    by_two = 0.0
    if kind == "still":
        shoot([other], specs[1:2])
        by_two = shoot(both, specs[count + 2 :]).wall_seconds
    return TimedPictures(
        kind,
        px,
        tuple(round(one.seconds["total"], 3) for one in alone.outcomes),
        round(worked, 2),
        max(one.peak_mb for one in alone.outcomes),
        round(alone.process_mb, 1),
        round(by_two, 2),
    )


def spec_of(kind: str, px: int, policy: str, geometry: Path, folder: Path, number: int) -> RenderSpec:
    """Return the spec of a picture: no two are alike."""
    is_film = kind == "turntable"
    return RenderSpec(
        kind=kind,
        glb_path=str(geometry),
        geometry_key="sample",
        output_path=str(folder if is_film else folder / f"{kind}-{number}.png"),
        width=px,
        height=px,
        seed=number,
        frames=FRAMES if is_film else 1,
        only_frames=(number % FRAMES + 1,) if is_film else (),
        device_policy=policy,
    )


@contextmanager
def sessions(place: RenderPlace, blender: Blender, folder: Path) -> Iterator[list[Session]]:
    """Yield two Blenders at one place, and end them."""
    with ExitStack() as ending:
        started = []
        for _number in range(2):
            one = Session(
                blender,
                device_policy=place.policy,
                backends=(place.backend,) if place.is_gpu else (),
                gpu=place.pci,
                env={**caches.environment(), **place.environment},
                cwd=folder,
                confined=settings.CONFINE_BLENDER,
            )
            ending.callback(one.kill)
            one.start()
            started.append(one)
        yield started


@dataclass
class Shots:
    """How renders ended, the seconds of all of them, and the most that one process had in memory (MB)."""

    outcomes: list[RenderOutcome] = field(default_factory=list)
    wall_seconds: float = 0.0
    process_mb: float = 0.0


def shoot(blenders: Sequence[Session], specs: Sequence[RenderSpec]) -> Shots:
    """Have these Blenders render all specs, each the next one when it is free. Raises SessionDied, WarmingFailed."""
    found, left, began = Shots(), list(specs), time.monotonic()
    while len(found.outcomes) < len(specs):
        for one in blenders:
            if not one.busy and left:
                one.submit(left.pop(0))
            if one.busy:
                found.outcomes += [event for event in one.poll(0.02) if isinstance(event, RenderOutcome)]
                found.process_mb = max(found.process_mb, one.rss_mb())
        if failed := next((one for one in found.outcomes if not one.ok), None):
            raise WarmingFailed(failed.error)
        found.wall_seconds = time.monotonic() - began
        if found.wall_seconds > warmup.LIMIT_SECONDS:
            raise WarmingFailed(f"The pictures did not end within {warmup.LIMIT_SECONDS:g} s.")
    return found


def without_paths(text: str) -> str:
    """Return a program's words without the names of folders, files and this machine."""
    return PATH.sub("…", text.replace(process.HOST, "…"))[:500]


def _value(table: str, name: str) -> str:
    """Return the first value of *name* in a file of 'name: value' lines."""
    with Path(table).open() as lines:
        return next((line.partition(":")[2].strip() for line in lines if line.startswith(name)), "")
