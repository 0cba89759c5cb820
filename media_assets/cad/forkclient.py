"""The worker's end of the fork server: one server per process, started on demand and restarted if it dies."""

from __future__ import annotations

import atexit
import contextlib
import json
import os
import socket
import subprocess
import sys
import tempfile
import threading
from pathlib import Path
from typing import ClassVar

from blender_scripts.children.contained import be_unreadable
from media_assets.cad.contract import Request
from media_assets.cad.errors import CadError

PROJECT_ROOT = Path(__file__).resolve().parent.parent.parent
INHERITED = ("PATH", "HOME", "TMPDIR", "LANG", "LC_ALL", "LC_CTYPE", "LD_LIBRARY_PATH", "VIRTUAL_ENV")
SERVER = ("-m", "media_assets.cad.forkserver")
CLOSE_PATIENCE_S = 1.0


def child_environment() -> dict[str, str]:
    """Return the environment of a process that reads strangers' files: no secret of this program is in it."""
    kept = {name: os.environ[name] for name in INHERITED if name in os.environ}
    # One file, one thread: a pool of NumPy would have to be ended and started around each fork.
    return {**kept, "PYTHONUNBUFFERED": "1", "PYTHONUTF8": "1", "OPENBLAS_NUM_THREADS": "1"}


class ForkServer:
    """A process with the CAD reader imported, that forks a child per request."""

    _current: ClassVar[ForkServer | None] = None
    _lock: ClassVar[threading.RLock] = threading.RLock()

    def __init__(self) -> None:
        be_unreadable()
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self._errors = tempfile.TemporaryFile()  # noqa: SIM115
        self._control = ours
        with theirs:
            self._process = subprocess.Popen(
                [sys.executable, *SERVER, str(theirs.fileno())],
                cwd=PROJECT_ROOT,
                env=child_environment(),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=self._errors,
                pass_fds=[theirs.fileno()],
                start_new_session=True,
            )

    @classmethod
    def of_this_process(cls) -> ForkServer:
        """Return the server of this process, starting one if there is none."""
        with cls._lock:
            if cls._current is None:
                cls._current = cls()
            return cls._current

    @property
    def pid(self) -> int:
        return self._process.pid

    def submit(self, request: Request) -> tuple[socket.socket, socket.socket]:
        """Ask for a child; return the socket on which the server tells of it, and the one with the child's own words.

        To close the first is to have the child killed. A server that has died is replaced.
        """
        message = json.dumps(request.to_json()).encode()
        with self._lock:
            server = self
            for is_last in (False, True):
                notices, told = socket.socketpair()
                channel, spoken = socket.socketpair()
                with told, spoken:
                    try:
                        socket.send_fds(server._control, [message], [told.fileno(), spoken.fileno()])
                        return notices, channel
                    except OSError as error:
                        notices.close()
                        channel.close()
                        if is_last:
                            raise CadError(
                                "reader_missing", "server", words=server.last_words() or str(error)
                            ) from error
                server.close()
                server = type(self).of_this_process()
        raise AssertionError("unreachable")

    def last_words(self) -> str:
        """Return what a server said that has died; afterwards the next request starts a new one."""
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(CLOSE_PATIENCE_S)
        self._errors.seek(0)
        words = self._errors.read().decode("utf-8", "replace").strip()
        self.close()
        return words

    def close(self) -> None:
        """End the server and its children: they notice the closed socket."""
        with self._lock:
            if type(self)._current is self:
                type(self)._current = None
        self._control.close()
        try:
            self._process.wait(CLOSE_PATIENCE_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._errors.close()

    @classmethod
    def close_current(cls) -> None:
        """End the server of this process, if there is one."""
        if cls._current is not None:
            cls._current.close()

    @classmethod
    def forget(cls) -> None:
        """Let go of the parent's server in a process that was forked from it."""
        cls._lock = threading.RLock()
        if cls._current is not None:
            # An open copy of the socket would keep the server alive after its owner has died.
            cls._current._control.close()
            cls._current = None


atexit.register(ForkServer.close_current)
os.register_at_fork(after_in_child=ForkServer.forget)
