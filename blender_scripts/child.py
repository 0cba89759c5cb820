"""One contained child process: its own group, its output as lines, its memory, its end. Host side, stdlib only."""

# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import contextlib
import json
import os
import selectors
import signal
import subprocess
from collections import deque
from collections.abc import Mapping
from pathlib import Path
from typing import IO, NamedTuple

from blender_scripts.contract import CYCLES_LOG, ExitCode

TAIL_LINES = 200
KILL_AFTER = 0.7
"""Seconds between SIGTERM and SIGKILL: a canceled render must be gone within two."""

_READ = 65536
_READS = 16
_LONGEST_LINE = 262_144
_SECRETS = ("SECRET", "PASSWORD", "TOKEN", "DATABASE_URL")


class SessionDied(RuntimeError):
    """A Blender process ended while it was needed; carries argv, exit code and the tail of its output."""

    def __init__(self, argv: list[str], returncode: int, tail: list[str], peak_mb: float = 0.0) -> None:
        self.argv = argv
        self.returncode = returncode
        self.tail = tail
        self.peak_mb = peak_mb
        super().__init__(f"Blender ended with {self.how}. Its last words: {' / '.join(tail[-3:]) or 'none'}")

    @property
    def how(self) -> str:
        """Exit code or signal in words."""
        if self.returncode < 0:
            return f"signal {_signal_name(-self.returncode)}"
        return f"exit code {self.returncode}"

    @property
    def error_code(self) -> str:
        """gpu_required for the strict refusal, else crashed."""
        return "gpu_required" if self.returncode == ExitCode.GPU_REQUIRED else "crashed"


class Line(NamedTuple):
    """A line of a child's output; `said` on stdout, where scripts speak, and not on stderr with the noise."""

    text: str
    said: bool


class _Stream:
    """One pipe, cut into lines."""

    def __init__(self, pipe: IO[bytes], said: bool) -> None:
        os.set_blocking(pipe.fileno(), False)
        self.pipe = pipe
        self.eof = False
        self._said = said
        self._rest = b""

    def read(self) -> list[Line]:
        """The lines that are there now, a megabyte at most."""
        chunks = [self._rest]
        for _ in range(_READS):
            try:
                chunk = os.read(self.pipe.fileno(), _READ)
            except BlockingIOError:
                break
            self.eof = not chunk
            if self.eof:
                break
            chunks.append(chunk)
        *whole, rest = b"".join(chunks).split(b"\n")
        if (self.eof and rest) or len(rest) > _LONGEST_LINE:
            whole.append(rest)
            rest = b""
        self._rest = rest
        return [Line(line.decode("utf-8", "replace").rstrip("\r"), self._said) for line in whole]


class Child:
    """One contained process: its output as lines, its memory, its end."""

    def __init__(self, argv: list[str], *, env: Mapping[str, str] | None, cwd: Path | str | None) -> None:
        self.argv = argv
        self.tail: deque[str] = deque(maxlen=TAIL_LINES)
        self.peak_mb = 0.0
        self.process = subprocess.Popen(
            argv,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            cwd=cwd,
            env=_environment(env, cwd),
            start_new_session=True,
        )
        assert self.process.stdout is not None
        assert self.process.stderr is not None
        self._streams = [_Stream(self.process.stdout, said=True), _Stream(self.process.stderr, said=False)]
        self._selector = selectors.DefaultSelector()
        for stream in self._streams:
            self._selector.register(stream.pipe, selectors.EVENT_READ, stream)

    def send(self, document: Mapping[str, object]) -> None:
        """Write one JSON line to the child; a broken pipe is left for `lines` to notice."""
        assert self.process.stdin is not None
        with contextlib.suppress(BrokenPipeError):
            self.process.stdin.write(json.dumps(document).encode() + b"\n")
            self.process.stdin.flush()

    def close_stdin(self) -> None:
        """Tell the child that nothing more comes."""
        if self.process.stdin is not None:
            with contextlib.suppress(OSError):
                self.process.stdin.close()

    def lines(self, timeout: float) -> list[Line]:
        """Lines that arrived, waiting at most `timeout` seconds for the first ones."""
        if self._is_silent:
            return []
        found: list[Line] = []
        for key, _ in self._selector.select(max(0.0, timeout)):
            found += key.data.read()
            if key.data.eof:
                self._selector.unregister(key.fileobj)
        return found

    def ended(self, wait: float = 0.0) -> bool:
        """Whether the process is over and its output is read; gives a closing process `wait` seconds."""
        if self._is_silent and self.process.poll() is None:
            with contextlib.suppress(subprocess.TimeoutExpired):
                self.process.wait(wait)
        return self.process.poll() is not None and (self._is_silent or not self._selector.select(0))

    def rss_mb(self) -> float:
        """Resident memory in MB now; 0.0 when the process is gone."""
        try:
            fields = Path(f"/proc/{self.process.pid}/statm").read_text().split()
            now = int(fields[1]) * os.sysconf("SC_PAGE_SIZE") / 1e6
        except (OSError, IndexError, ValueError):
            return 0.0
        self.peak_mb = max(self.peak_mb, now)
        return now

    def cpu_seconds(self) -> float:
        """Processor time that the process has used, in seconds (proc(5), fields 14 and 15); 0.0 when it is gone."""
        try:
            fields = Path(f"/proc/{self.process.pid}/stat").read_text().rpartition(")")[2].split()
            return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
        except (OSError, IndexError, ValueError):
            return 0.0

    def kill(self, grace: float = KILL_AFTER) -> None:
        """End the whole process group: SIGTERM, then SIGKILL after `grace` seconds; waits 1 s more at most."""
        if self.process.poll() is None:
            self._signal(signal.SIGTERM)
            with contextlib.suppress(subprocess.TimeoutExpired):
                self.process.wait(grace)
        self._signal(signal.SIGKILL)
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.process.wait(1.0)
        self.close()

    def close(self) -> None:
        """Let go of the pipes."""
        self.close_stdin()
        for stream in self._streams:
            stream.eof = True
            stream.pipe.close()
        self._selector.close()

    def died(self) -> SessionDied:
        """The error that tells how this process ended."""
        return SessionDied(self.argv, self.process.returncode or 0, list(self.tail), self.peak_mb)

    @property
    def _is_silent(self) -> bool:
        return all(stream.eof for stream in self._streams)

    def _signal(self, number: signal.Signals) -> None:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self.process.pid, number)


def _environment(extra: Mapping[str, str] | None, cwd: Path | str | None) -> dict[str, str]:
    """The host's environment without its secrets, with what keeps Blender's output prompt and quiet."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if not any(word in name.upper() for word in _SECRETS)
    }
    kept |= {"PYTHONUNBUFFERED": "1", "PYTHONIOENCODING": "utf-8", "RENDERDESK_PARENT": str(os.getpid())}
    kept |= CYCLES_LOG
    if cwd is not None:
        kept["TMPDIR"] = str(cwd)
    return kept | dict(extra or {})


def _signal_name(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return str(number)
