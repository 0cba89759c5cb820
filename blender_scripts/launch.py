"""Runs Blender in contained child processes: one warm session per worker, and one-shot scripts.

Host side, standard library only. A child has its own process group, dies with its parent (it arms that
itself, see `containment.py`), never shares the host's stdin, and is read without blocking.
"""

# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import contextlib
import json
import logging
import shutil
import time
from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from blender_scripts.children.ending import in_words
from blender_scripts.children.folders import private_folder, temporary_folder
from blender_scripts.children.lines import Line
from blender_scripts.children.program import TAIL_LINES, Child, Finished, contained, environment, run
from blender_scripts.containment import CONFINED
from blender_scripts.contract import (
    BACKENDS,
    CYCLES_LOG,
    DEVICE_POLICIES,
    DeviceUsed,
    ExitCode,
    Progress,
    RenderOutcome,
    RenderSpec,
)
from blender_scripts.executable import (
    Blender,
    BlenderError,
    BlenderInterrupted,
    BlenderMissing,
    BlenderTooOld,
    check_blender,
    command,
    find_blender,
)
from blender_scripts.jsonform import ContractError
from blender_scripts.reach import can_be_confined, of_blender
from blender_scripts.room import DiskFull, WriteFailed
from blender_scripts.staging import Staging, refused
from blender_scripts.tokens import parse_line

__all__ = [
    "Blender",
    "BlenderError",
    "BlenderInterrupted",
    "BlenderMissing",
    "BlenderTooOld",
    "Event",
    "LogLine",
    "ScriptResult",
    "Session",
    "SessionDied",
    "check_blender",
    "command",
    "find_blender",
    "run_reader",
    "run_script",
]

log = logging.getLogger("renderdesk.blender")

SCRIPTS = Path(__file__).resolve().parent


class SessionDied(RuntimeError):
    """A Blender process ended while it was needed; carries argv, exit code and the tail of its output."""

    def __init__(self, argv: list[str], returncode: int, tail: list[str]) -> None:
        self.argv = argv
        self.returncode = returncode
        self.tail = tail
        how = in_words(returncode)
        super().__init__(f"Blender ended with {how}. Its last words: {' / '.join(tail[-3:]) or 'none'}")

    @property
    def error_code(self) -> str:
        """gpu_required for the strict refusal, else crashed."""
        return "gpu_required" if self.returncode == ExitCode.GPU_REQUIRED else "crashed"


@dataclass(frozen=True, slots=True)
class LogLine:
    """A line of a child's output that is no token."""

    text: str


Event = LogLine | Progress | DeviceUsed | RenderOutcome


class Session:
    """The warm Blender of one worker: geometry, light and kernels stay loaded between jobs.

    `device_policy` is auto, gpu (refuses with exit code 2 before the first sample) or cpu; `backends` are the
    GPU backends to try, and `gpu` the PCI address of the only GPU to use, as found by the probe. `env` is laid
    over the host's environment (GPU pinning, cache folders). The child works in a folder of its own below `cwd`, for
    temporary files as well. Address-space limits would break CUDA, so `memory_limit_mb` is for the caller:
    `over_memory()` compares it. `niceness` is how far it leaves the processors to others, from 0 to 19. A `confined`
    one reaches nothing of the machine but what `reach` lists, and a job's files by way of `staging`.
    Not thread-safe; the thread that calls `start` must outlive the session, as the child dies with it.
    """

    def __init__(
        self,
        blender: Blender,
        *,
        device_policy: str = "auto",
        backends: Sequence[str] = BACKENDS,
        gpu: str = "",
        env: Mapping[str, str] | None = None,
        memory_limit_mb: int = 0,
        cwd: Path | str | None = None,
        confined: bool = True,
        niceness: int = 0,
    ) -> None:
        if device_policy not in DEVICE_POLICIES:
            raise ContractError(f"device policy: expected one of {', '.join(DEVICE_POLICIES)}.")
        if unknown := [name for name in backends if name not in BACKENDS]:
            raise ContractError(f"backends: expected some of {', '.join(BACKENDS)}, got {unknown[0]!r}.")
        self.blender = blender
        self.device_policy = device_policy
        self.memory_limit_mb = memory_limit_mb
        self.geometry_key = ""
        self.jobs_done = 0
        self.busy = False
        self.backends = tuple(backends)
        arguments = ["--backends", *backends, *(("--gpu", gpu) if gpu else ()), "--policy", device_policy]
        self.argv = command(blender, SCRIPTS / "session.py", *arguments)
        self._env = env
        self._cwd = cwd
        self._niceness = niceness
        self._confined = confined and can_be_confined(blender)
        self._staging: Staging | None = None
        self._folder: Path | None = None
        self._refused: RenderOutcome | None = None
        self._child: Child | None = None
        self._spec: RenderSpec | None = None

    def start(self) -> None:
        """Start Blender and return at once; a job may be submitted before it is up."""
        if self._child is not None and not self._child.ended():
            return
        self._put_away()
        self._child = self._started()
        self.geometry_key = ""
        self.jobs_done = 0
        self.busy = False

    def _started(self) -> Child:
        if not self._confined:
            folder = self._folder = private_folder(self._cwd)
            env = _environment(self._env, folder)
            return Child(self.argv, env=env, cwd=folder, niceness=self._niceness)
        staging = self._staging = Staging(self._cwd)
        env = _environment(self._env, staging.scratch, confined=True)
        reach = of_blender(
            self.blender,
            env,
            backends=() if self.device_policy == "cpu" else self.backends,
            readable=[staging.inputs],
            writable=[staging.scratch],
        )
        argv = contained(self.argv, reach)
        return Child(argv, env=env, cwd=staging.scratch, niceness=self._niceness)

    def _put_away(self) -> None:
        """Delete the private folder, once nobody writes there any more."""
        if self._staging is not None:
            self._staging.remove()
            self._staging = None
        if self._folder is not None:
            shutil.rmtree(self._folder, ignore_errors=True)
            self._folder = None

    def submit(self, spec: RenderSpec) -> None:
        """Hand over one job; its Outcome comes from `poll`. Raises RuntimeError when a job runs already."""
        if self._child is None:
            raise RuntimeError("The Blender session was not started.")
        if self.busy:
            raise RuntimeError("The Blender session renders already; wait for its outcome.")
        if self.jobs_done:
            self._child.tail.clear()  # each job's log is its own; the first has the start of Blender
        self._spec = spec
        self.busy = True
        try:
            laid_out = self._staging.lay_out(spec) if self._staging else spec
        except (DiskFull, WriteFailed) as error:
            self._refused = refused(error)
            return
        self._child.send(laid_out.to_json())

    def poll(self, timeout: float = 0.0) -> list[Event]:
        """What happened, waiting at most `timeout` seconds for the first event.

        Raises SessionDied when the process is over and all its output was returned.
        """
        child = self._child
        if child is None:
            raise RuntimeError("The Blender session was not started.")
        if self._refused:
            outcome, self._refused, self.busy = self._refused, None, False
            return [outcome]
        events = [self._event(child, line) for line in child.lines(timeout) if line.text.strip()]
        if events and self._staging and self.busy:
            self._staging.collect()
        if not events and child.ended(wait=1.0):
            raise SessionDied(self.argv, child.process.returncode, list(child.tail))
        return events

    @property
    def alive(self) -> bool:
        """Whether the process runs, and its private folder, if it has one, is there."""
        has_folder = self._staging is None or self._staging.scratch.is_dir()
        return self._child is not None and self._child.process.poll() is None and has_folder

    @property
    def pid(self) -> int | None:
        """Process id, which is also the id of the process group."""
        return self._child.process.pid if self._child is not None else None

    def rss_mb(self) -> float:
        """Resident memory of the process in MB."""
        return self._child.rss_mb() if self._child is not None else 0.0

    def cpu_seconds(self) -> float:
        """Processor time that the process has used, in seconds."""
        return self._child.cpu_seconds() if self._child is not None else 0.0

    def over_memory(self) -> bool:
        """Whether the process holds more than its limit; always False without a limit."""
        return 0 < self.memory_limit_mb < self.rss_mb()

    def tail(self) -> list[str]:
        """The last lines that Blender printed for this job, tokens left out."""
        return list(self._child.tail) if self._child is not None else []

    def stop(self, timeout: float = 5.0) -> None:
        """End the session politely: an idle one leaves by itself, a busy or slow one is killed."""
        child = self._child
        if child is None:
            return
        child.close_stdin()
        deadline = time.monotonic() + timeout
        while child.process.poll() is None and time.monotonic() < deadline:
            child.lines(0.05)
        self.kill()

    def kill(self) -> None:
        """End the process group now, within about a second."""
        if self._child is not None:
            self._child.kill()
        self._put_away()
        self._refused = None
        self.busy = False
        self.geometry_key = ""

    def _event(self, child: Child, line: Line) -> Event:
        event = parse_line(line.text) if line.said else None
        if event is None:
            child.tail.append(line.text)
            log.debug("%s", line.text)
            return LogLine(line.text)
        if isinstance(event, RenderOutcome):
            self.busy = False
            self.jobs_done += 1
            if self._spec is not None:
                self.geometry_key = "" if event.error_code == "bad_geometry" else self._spec.geometry_key
            if self._staging is not None:
                return self._staging.delivered(event)
        return event


@dataclass(frozen=True, slots=True)
class ScriptResult:
    """How a one-shot script ended: exit code (negative: signal), outcome, device and its other output."""

    argv: tuple[str, ...]
    returncode: int
    outcome: RenderOutcome | None
    device: DeviceUsed | None
    output: tuple[str, ...]
    timed_out: bool


def run_script(
    blender: Blender,
    script: str,
    *arguments: str,
    spec: RenderSpec | None = None,
    timeout: float,
    env: Mapping[str, str] | None = None,
    cwd: Path | str | None = None,
    backends: Sequence[str] = BACKENDS,
    confined: bool = True,
) -> ScriptResult:
    """Run one of the scripts of this package (`still_render.py`, `gpu_probe.py`, ...) and wait for its end.

    `spec` goes through a temporary file as the script's first argument. After `timeout` seconds the
    process group is killed and `timed_out` is true. Unless it is not `confined`, it reaches the files of `spec` and the
    devices of `backends`, and nothing else.
    """
    with temporary_folder() as folder:
        if spec is not None:
            path = folder / "spec.json"
            path.write_text(json.dumps(spec.to_json()))
            arguments = (str(path), *arguments)
        argv = command(blender, SCRIPTS / script, *arguments)
        confined = confined and can_be_confined(blender)
        env = _environment(env, folder if cwd is None else cwd, confined=confined)
        run_as = argv
        if confined:
            places = [folder, *([cwd] if cwd else []), *_places(spec)]
            reads = spec.reads if spec else ()
            reach = of_blender(blender, env, backends=backends, readable=reads, writable=places)
            run_as = contained(argv, reach)
        outcome: RenderOutcome | None = None
        device: DeviceUsed | None = None
        output: deque[str] = deque(maxlen=TAIL_LINES)

        def hear(line: Line) -> None:
            nonlocal outcome, device
            event = parse_line(line.text) if line.said else None
            if isinstance(event, RenderOutcome):
                outcome = event
            elif isinstance(event, DeviceUsed):
                device = event
            elif event is None and line.text.strip():
                log.debug("%s", line.text)
                output.append(line.text)

        done = run(run_as, timeout, env=env, cwd=cwd, hear=hear)
        return ScriptResult(tuple(argv), done.returncode, outcome, device, tuple(output), done.timed_out)


def run_reader(
    blender: Blender,
    script: str,
    *arguments: str,
    folder: Path,
    source: Path,
    seconds: float,
    **limits: int,
) -> Finished:
    """Run a script that reads a stranger's file: it reaches *source*, writes in *folder* alone, and has these *limits*.

    Raises BlenderError for a Blender that can't be confined, whatever else is allowed to it.
    """
    if not can_be_confined(blender):
        raise BlenderError("A stranger's file is opened only by a Blender that can be confined.")
    env = _environment(None, folder, confined=True)
    reach = of_blender(blender, env, backends=(), readable=[source], writable=[folder])
    argv = command(blender, SCRIPTS / script, *arguments)
    return run(contained(argv, reach, **limits), seconds, env=env, cwd=folder)


def _places(spec: RenderSpec | None) -> list[Path]:
    """The folders in which a one-shot script writes, which are made."""
    if spec is None:
        return []
    named = [spec.output_path, *filter(None, (spec.linear_path, spec.preview_path))]
    places = [Path(spec.output_path)] if spec.kind == "turntable" else []
    places += [Path(path).parent for path in named[1 if places else 0 :]]
    for place in places:
        with contextlib.suppress(OSError):  # the script itself says what is wrong with it
            place.mkdir(parents=True, exist_ok=True)
    return places


def _environment(
    extra: Mapping[str, str] | None, cwd: Path | str | None, *, confined: bool = False
) -> dict[str, str]:
    """The environment of a Blender: with what keeps its output prompt and quiet, and *extra* over it."""
    own = {"PYTHONUNBUFFERED": "1", "PYTHONIOENCODING": "utf-8", **({CONFINED: "1"} if confined else {})}
    return {**environment(cwd), **own, **CYCLES_LOG, **(extra or {})}
