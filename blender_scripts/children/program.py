"""One contained child process: its own group, its output as lines, its memory, its end."""

# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from blender_scripts.children.confine import Reach
from blender_scripts.children.contained import PARENT, be_unreadable
from blender_scripts.children.ending import end_group
from blender_scripts.children.lines import Line, Lines, send

TAIL_LINES = 200
_WRAPPED = Path(__file__).with_name("wrapped.py")
_SECRETS = ("SECRET", "PASSWORD", "TOKEN")
_INHERITED = (
    *("PATH", "HOME", "USER", "LOGNAME", "TMPDIR", "TZ", "VIRTUAL_ENV", "DISPLAY", "OCIO"),
    *("LANG", "LANGUAGE", "LD_LIBRARY_PATH", "LD_PRELOAD", "FAKETIME"),
)
_FAMILIES = (
    *("LC_", "PYTHON", "BLENDER_", "CYCLES_", "XDG_", "OIIO_", "OMP_", "KMP_", "TBB_", "OPENBLAS_", "MKL_"),
    *("CUDA_", "NVIDIA_", "OPTIX_", "HIP_", "HSA_", "ROCR_", "ROCM_", "GPU_", "AMD_", "DRI_", "MESA_"),
    *("ONEAPI_", "SYCL_", "ZE_", "ZES_", "UR_", "NEO_", "IGC_", "INTEL_"),
)
"""What of the environment a child has: the system's names, and those of Blender, drivers and numerical libraries."""


def contained(argv: Sequence[str], reach: Reach | None = None, **limits: int) -> list[str]:
    """The argv of a program that cannot contain itself, nor confine itself to *reach*; of the limits, see `contain`."""
    asked = {"limits": limits, "reach": reach.to_json() if reach else None}
    return [sys.executable, "-I", str(_WRAPPED), json.dumps(asked), *argv]


def environment(folder: Path | str | None = None) -> dict[str, str]:
    """What a child may know of the host's environment, no secret among it, with *folder* for temporary files."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if name in _INHERITED or (name.startswith(_FAMILIES) and not any(word in name for word in _SECRETS))
    }
    return kept if folder is None else kept | {"TMPDIR": str(folder)}


class Child:
    """One contained process; by default in the host's `environment`. *niceness*: how far others go before it (19)."""

    def __init__(
        self,
        argv: Sequence[str],
        *,
        env: Mapping[str, str] | None = None,
        cwd: Path | str | None = None,
        niceness: int = 0,
    ) -> None:
        be_unreadable()
        self.tail: deque[str] = deque(maxlen=TAIL_LINES)
        self.process = subprocess.Popen(
            argv,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            cwd=cwd,
            env={**(environment(cwd) if env is None else env), PARENT: str(os.getpid())},
            start_new_session=True,
        )
        if niceness:
            _give_way(self.process.pid, niceness)
        assert self.process.stdin and self.process.stdout and self.process.stderr
        self.stdin = self.process.stdin
        self._pipes = (self.process.stdout, self.process.stderr)
        self._lines = Lines(*(pipe.fileno() for pipe in self._pipes))

    def send(self, document: Mapping[str, object]) -> None:
        """Write one JSON line to the child; a broken pipe is left for `lines` to notice."""
        with contextlib.suppress(BrokenPipeError):
            send(self.stdin.fileno(), document)

    def close_stdin(self) -> None:
        """Close the child's stdin: nothing more comes."""
        with contextlib.suppress(OSError):
            self.stdin.close()

    def lines(self, timeout: float) -> list[Line]:
        """Lines that arrived, waiting at most `timeout` seconds for the first ones."""
        return self._lines.read(timeout)

    def ended(self, wait: float = 0.0) -> bool:
        """Whether the process is over and its output is read; gives a closing process `wait` seconds."""
        return self._is_gone(wait if self._lines.ended else 0.0) and not self._lines.waiting

    def rss_mb(self) -> float:
        """Resident memory in MB now (proc(5), statm); 0.0 when the process is gone."""
        return sum(map(int, self._fields("statm")[1:2])) * os.sysconf("SC_PAGE_SIZE") / 1e6

    def cpu_seconds(self) -> float:
        """Processor time that the process has used, in seconds (proc(5), stat 14 and 15); 0.0 when it is gone."""
        return sum(map(int, self._fields("stat")[11:13])) / os.sysconf("SC_CLK_TCK")

    def kill(self) -> None:
        """End the process with all that came of it and let go of its pipes: within 2 s, mostly at once."""
        end_group(self.process.pid, self._is_gone)
        self.close_stdin()
        self._lines.close()
        for pipe in self._pipes:
            pipe.close()

    def _fields(self, name: str) -> list[str]:
        """What the kernel says of the process, past its number and its name."""
        try:
            return Path(f"/proc/{self.process.pid}/{name}").read_text().rpartition(")")[2].split()
        except OSError:
            return []

    def _is_gone(self, wait: float) -> bool:
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.process.wait(wait)
        return self.process.returncode is not None


def _give_way(pid: int, niceness: int) -> None:
    """Let others go before a child that has just started, and before its session where the kernel weighs those.

    With automatic groups (sched(7), autogroup) a niceness alone counts only within a session, and each child has its
    own.
    """
    with contextlib.suppress(OSError):
        os.setpriority(os.PRIO_PGRP, pid, niceness)
        Path(f"/proc/{pid}/autogroup").write_text(str(niceness))


@dataclass(frozen=True)
class Finished:
    """How a program ended: its exit code (negative: signal), whether its time was up, and what it printed."""

    returncode: int
    timed_out: bool
    lines: Sequence[Line]

    def text(self, *, said: bool) -> str:
        """What it printed on stdout, or else on stderr."""
        return "\n".join(line.text for line in self.lines if line.said == said)


def run(
    argv: Sequence[str],
    seconds: float,
    *,
    env: Mapping[str, str] | None = None,
    cwd: Path | str | None = None,
    hear: Callable[[Line], object] | None = None,
) -> Finished:
    """Run a program to its end, with nothing on stdin; *hear* takes its lines, which are then not kept.

    After `seconds` it is killed with all that came of it. Raises OSError when it cannot be started.
    """
    kept: list[Line] = []
    child = Child(argv, env=env, cwd=cwd)
    child.close_stdin()
    deadline = time.monotonic() + seconds
    timed_out = False
    try:
        while not child.ended(wait=1.0) and not (timed_out := time.monotonic() > deadline):
            for line in child.lines(0.2):
                (hear or kept.append)(line)
    finally:
        child.kill()
    code = child.process.returncode
    return Finished(-signal.SIGKILL if code is None else code, timed_out, kept)
