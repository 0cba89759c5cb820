"""Keeps the CAD reader imported and forks a child per file, which then starts without importing it.

Started by ``forkclient.ForkServer`` with the number of an open socket. Each message on it is a request with one end of
a socket pair attached; the child writes its events there, and after its death this process adds how it died. It never
reads CAD itself, so a crash of the reader leaves it alive; when its parent dies the socket closes, and it ends with
all its children. It has one thread, which forking with a C++ library in memory requires.
"""

from __future__ import annotations

import contextlib
import gc
import json
import os
import resource
import select
import signal
import socket
import sys
import tempfile
import traceback
from pathlib import Path

from blender_scripts.children.contained import PARENT, contain
from blender_scripts.children.ending import signal_group
from blender_scripts.children.lines import send
from media_assets.cad import child, landlock
from media_assets.cad.contract import LOG_NAME, ConversionProgress, Request
from media_assets.cad.errors import CadError
from media_assets.cad.warmup import warm_up

MAX_REQUEST = 1 << 20
MEGABYTE = 1 << 20
PROGRAM_FILES = landlock.program_files()


class Server:
    """The loop: requests in, children out."""

    def __init__(self, control: socket.socket) -> None:
        self.control = control
        self.children: dict[int, socket.socket] = {}
        self.given_up: set[int] = set()
        self.wake_read, wake_write = os.pipe()
        os.set_blocking(wake_write, False)
        signal.set_wakeup_fd(wake_write, warn_on_full_buffer=False)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        # The worker that owns this process decides about its end; a Ctrl-C in its terminal does not.
        signal.signal(signal.SIGINT, signal.SIG_IGN)

    def run(self) -> None:
        """Serve until the other end of the control socket is closed."""
        while True:
            asked = {
                channel.fileno(): pid for pid, channel in self.children.items() if pid not in self.given_up
            }
            waiting = [self.control.fileno(), self.wake_read, *asked]
            ready, _, _ = select.select(waiting, [], [])
            for descriptor in asked.keys() & set(ready):
                # Owners send nothing, so this is the end of one: nobody waits for the result any more.
                self.given_up.add(asked[descriptor])
                signal_group(asked[descriptor], signal.SIGKILL)
            if self.wake_read in ready:
                os.read(self.wake_read, 4096)
                self._reap()
            if self.control.fileno() in ready and not self._accept():
                break
        for pid in self.children:
            signal_group(pid, signal.SIGKILL)

    def _accept(self) -> bool:
        """Start the child of one request; return False when nobody is left to ask."""
        message, descriptors, _, _ = socket.recv_fds(self.control, MAX_REQUEST, 1)
        if not message:
            return False
        channel = socket.socket(fileno=descriptors[0])
        if _hung_up(channel):
            channel.close()
            return True
        request = Request.from_json(json.loads(message))
        pid = os.fork()
        if pid == 0:
            _become_child(request, channel, self)
        # Both sides do it: whoever comes first, the group exists before anybody signals it.
        with contextlib.suppress(OSError):
            os.setpgid(pid, pid)
        self.children[pid] = channel
        with contextlib.suppress(OSError):
            send(channel.fileno(), {"event": "started", "pid": pid})
        return True

    def _reap(self) -> None:
        """Report to the owner of each dead child how it died."""
        for pid in list(self.children):
            found, status, usage = os.wait4(pid, os.WNOHANG)
            if found:
                channel = self.children.pop(pid)
                self.given_up.discard(pid)
                code = os.waitstatus_to_exitcode(status)
                with contextlib.suppress(OSError):
                    # The child may have died in the middle of a line.
                    channel.sendall(b"\n")
                    send(
                        channel.fileno(), {"event": "exit", "code": code, "peak_mb": usage.ru_maxrss // 1024}
                    )
                channel.close()


def _become_child(request: Request, channel: socket.socket, server: Server) -> None:
    """Convert one file in a fresh process of its own group, and end. Does not return."""
    code = 1
    try:
        os.setpgid(0, 0)
        signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        server.control.close()
        for other in server.children.values():
            other.close()
        _contain(request)
        # A child ends before collecting would pay.
        gc.disable()
        code = _convert(request, channel)
    except BaseException:
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        # Without the interpreter's and OpenCASCADE's teardown, which costs 0.1 s and can crash.
        os._exit(code)


def _convert(request: Request, channel: socket.socket) -> int:
    def tell(told: ConversionProgress) -> None:
        send(channel.fileno(), {"event": "progress", **told.__dict__})

    def done() -> None:
        send(channel.fileno(), {"event": "done"})
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(0)

    try:
        child.convert(request, tell, done)
    except CadError as error:
        send(
            channel.fileno(),
            {"event": "error", **error.failure.to_json()},
        )
        return 1
    return 0


def _contain(request: Request) -> None:
    """Give the child its private folder, its log and its limits, and take everything else away."""
    os.chdir(request.work_dir)
    tempfile.tempdir = request.work_dir
    log = os.open(LOG_NAME, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    os.dup2(log, 1)
    os.dup2(log, 2)
    os.close(log)
    limits = request.limits
    idle = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[0]) * resource.getpagesize()
    memory = idle + limits.memory_mb * MEGABYTE
    contain(memory=memory, cpu=int(limits.wall_s) + 10, file=limits.output_mb * MEGABYTE)
    # Beyond the size limit a write shall fail with an error instead of ending the process.
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    readable = [*PROGRAM_FILES, Path(request.source), *([Path(request.kept)] if request.kept else [])]
    landlock.confine(readable, [Path(request.out_dir), Path("/proc/self/clear_refs"), Path("/dev/null")])


def _hung_up(channel: socket.socket) -> bool:
    """Return whether the asker has given up its request meanwhile."""
    waiting = select.poll()
    waiting.register(channel, select.POLLHUP)
    return any(events & select.POLLHUP for _, events in waiting.poll(0))


def main(argv: list[str]) -> int:
    """Serve the socket that the parent left open, until the parent closes it or dies."""
    os.environ[PARENT] = str(os.getpid())  # of each child
    warm_up()
    # What was imported is shared by all children; the collector must not touch, and so copy, it.
    gc.collect()
    gc.freeze()
    Server(socket.socket(fileno=int(argv[1]))).run()
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv))
