"""What a process that a stranger's file has taken over would try. It runs inside the real child, and prints JSON."""

from __future__ import annotations

import contextlib
import ctypes
import os
import resource
import socket
import stat
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

LIBC = ctypes.CDLL(None, use_errno=True)
NEW_USER, SET_DEATH_SIGNAL = 0x10000000, 1


def tried(secret: Path, port: int) -> dict[str, str]:
    """Return what became of each attempt: "refused", or what it gave. *secret* is a file outside, *port* listens."""
    parent = os.getppid()
    return {
        "read_secret": _try(secret.read_text),
        "read_passwd": _try(Path("/etc/passwd").read_text),
        "read_environment_of_parent": _try(Path(f"/proc/{parent}/environ").read_bytes),
        "read_memory_of_parent": _try(Path(f"/proc/{parent}/maps").read_bytes),
        "list_beside": _try(lambda: list(secret.parent.iterdir())),
        "write_secret": _try(lambda: secret.write_text("mine")),
        "write_beside": _try(lambda: secret.with_name("new").write_text("mine")),
        "remove_secret": _try(secret.unlink),
        "change_mode": _try(lambda: secret.chmod(0o777)),
        "change_owner": _try(lambda: os.chown(secret, 1, 1)),
        "change_time": _try(lambda: os.utime(secret, (0, 0))),
        "link_out": _try(lambda: Path("out").symlink_to(secret)),
        "connect": _try(lambda: socket.create_connection(("127.0.0.1", port), 1)),
        "socket_of_unix": _try(lambda: socket.socket(socket.AF_UNIX)),
        "start_shell": _try(lambda: subprocess.run(["/bin/sh", "-c", "true"], check=True)),
        "become_shell": _try(lambda: os.execv("/bin/sh", ["sh", "-c", "true"])),
        "fork_300": _try(lambda: [_fork() for _ in range(300)]),
        "new_session": _try(os.setsid),
        "new_group": _try(lambda: os.setpgid(0, 0)),
        "limits_of_parent": _try(lambda: resource.prlimit(parent, resource.RLIMIT_CPU, (1, 1))),
        "own_limits": _try(lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (9, 9))),
        "signal_parent": _try(lambda: os.kill(parent, 0)),
        "signal_first": _try(lambda: os.kill(1, 0)),
        "outlive_parent": _try(lambda: _call("prctl", SET_DEATH_SIGNAL, 0, 0, 0, 0)),
        "namespace": _try(lambda: _call("unshare", NEW_USER)),
        "shared_memory": _try(lambda: _call("shmget", 0, 100, 0o1600)),
        "trace_parent": _try(lambda: _call("ptrace", 16, parent, 0, 0)),
    }


def own_sockets() -> list[int]:
    """Return the descriptors of this process that are sockets: its channels."""
    found = []
    for number in [int(entry.name) for entry in Path("/proc/self/fd").iterdir()]:
        with contextlib.suppress(OSError):
            if stat.S_ISSOCK(os.fstat(number).st_mode):
                found.append(number)
    return found


def _try(what: Callable[[], Any]) -> str:
    try:
        return f"done: {what()!r}"[:80]
    except (PermissionError, ValueError):  # the latter: Python's word for limits that may not be set
        return "refused"
    except OSError as error:
        return f"{type(error).__name__} {error.errno}"


def _call(name: str, *arguments: int) -> int:
    result = int(getattr(LIBC, name)(*arguments))
    if result < 0:
        raise OSError(ctypes.get_errno(), name)
    return result


def _fork() -> int:
    pid = os.fork()
    if pid == 0:
        os._exit(0)
    return pid
