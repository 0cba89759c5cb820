"""Keeps the CAD reader imported and forks a child per file, which then starts without importing it.

Started by ``forkclient.ForkServer`` with the number of an open socket. Each message on it is a request with one end of
two socket pairs attached: on one the child writes its events, on the other, which the child has not, this process says
which the child is and how it died. It never reads CAD itself, so a crash of the reader leaves it alive; when its parent
dies the socket closes, and it ends with all its children. It has one thread, which forking with a C++ library in memory
requires. Whoever a child may have started becomes a child of this process when that dies, and is killed.
"""

from __future__ import annotations

import contextlib
import ctypes
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

from blender_scripts.children.confine import Reach, as_texts, confine, program_files
from blender_scripts.children.contained import PARENT, contain
from blender_scripts.children.ending import descendants, kill, signal_group
from blender_scripts.children.lines import send
from media_assets.cad import child
from media_assets.cad.contract import LOG_NAME, ConversionProgress, Request
from media_assets.cad.errors import CadError
from media_assets.cad.forkclient import PROJECT_ROOT
from media_assets.cad.warmup import warm_up

MAX_REQUEST = 1 << 20
MEGABYTE = 1 << 20
LOOK_FOR_STRAYS_S = 1.0
OPEN_FILES = 256
PR_SET_CHILD_SUBREAPER = 36  # prctl(2)
PROGRAM_FILES = (*program_files(), *(PROJECT_ROOT / name for name in ("media_assets", "blender_scripts")))


class Server:
    """The loop: requests in, children out."""

    def __init__(self, control: socket.socket) -> None:
        self.control = control
        self.children: dict[int, socket.socket] = {}
        """The socket on which the end of each child is told."""

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
            ready, _, _ = select.select(waiting, [], [], LOOK_FOR_STRAYS_S if self.children else None)
            self._kill_strays()
            for descriptor in asked.keys() & set(ready):
                # Owners send nothing, so this is the end of one: nobody waits for the result any more.
                self.given_up.add(asked[descriptor])
                self._kill(asked[descriptor])
            if self.wake_read in ready:
                os.read(self.wake_read, 4096)
                self._reap()
            if self.control.fileno() in ready and not self._accept():
                break
        for pid in self.children:
            self._kill(pid)
        self._kill_strays()

    def _accept(self) -> bool:
        """Start the child of one request; return False when nobody is left to ask."""
        message, descriptors, _, _ = socket.recv_fds(self.control, MAX_REQUEST, 2)
        if not message:
            return False
        notices, channel = (socket.socket(fileno=descriptor) for descriptor in descriptors)
        if _hung_up(notices):
            notices.close()
            channel.close()
            return True
        request = Request.from_json(json.loads(message))
        pid = os.fork()
        if pid == 0:
            notices.close()
            _become_child(request, channel, self)
        channel.close()
        # Both sides do it: whoever comes first, the group exists before anybody signals it.
        with contextlib.suppress(OSError):
            os.setpgid(pid, pid)
        self.children[pid] = notices
        with contextlib.suppress(OSError):
            send(notices.fileno(), {"event": "started", "pid": pid})
        return True

    def _kill(self, pid: int) -> None:
        """Kill a child with all that came of it."""
        strays = descendants(pid)
        signal_group(pid, signal.SIGKILL)
        kill(strays)

    def _kill_strays(self) -> None:
        """Kill whom a dead child has left behind: no child may start anybody, and all that it started are now ours."""
        mine = Path(f"/proc/self/task/{os.getpid()}/children")
        with contextlib.suppress(OSError):
            for pid in {
                int(number) for number in mine.read_text(encoding="ascii").split()
            } - self.children.keys():
                kill([*descendants(pid), pid])
                os.waitpid(pid, 0)

    def _reap(self) -> None:
        """Report to the owner of each dead child how it died."""
        for pid in list(self.children):
            found, status, usage = os.wait4(pid, os.WNOHANG)
            if found:
                notices = self.children.pop(pid)
                self.given_up.discard(pid)
                self._kill_strays()
                code = os.waitstatus_to_exitcode(status)
                with contextlib.suppress(OSError):
                    send(
                        notices.fileno(), {"event": "exit", "code": code, "peak_mb": usage.ru_maxrss // 1024}
                    )
                notices.close()


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
    contain(
        memory=memory,
        cpu=int(limits.wall_s) + 10,
        file=limits.output_mb * MEGABYTE,
        open_files=OPEN_FILES,
    )
    # Beyond the size limit a write shall fail with an error instead of ending the process.
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    inputs = filter(None, (request.source, request.kept, request.earlier))
    readable = [*PROGRAM_FILES, *map(Path, inputs)]
    confine(Reach(as_texts(readable), (request.out_dir, "/proc/self/clear_refs", "/dev/null")))


def _hung_up(channel: socket.socket) -> bool:
    """Return whether the asker has given up its request meanwhile."""
    waiting = select.poll()
    waiting.register(channel, select.POLLHUP)
    return any(events & select.POLLHUP for _, events in waiting.poll(0))


def main(argv: list[str]) -> int:
    """Serve the socket that the parent left open, until the parent closes it or dies."""
    os.environ[PARENT] = str(os.getpid())  # of each child
    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    warm_up()
    # What was imported is shared by all children; the collector must not touch, and so copy, it.
    gc.collect()
    gc.freeze()
    Server(socket.socket(fileno=int(argv[1]))).run()
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv))
