"""The identity of a process, so that a dead one is recognized even if its number is used again."""

from __future__ import annotations

import os
import socket
from pathlib import Path

HOST = os.environ.get("RENDERDESK_HOST") or socket.gethostname()


def boot_id() -> str:
    """Return the kernel's id of this boot (Linux, /proc/sys/kernel/random/boot_id)."""
    return Path("/proc/sys/kernel/random/boot_id").read_text().strip()


def namespace() -> str:
    """Return the kernel's number of the process namespace that this process's numbers are of (pid_namespaces(7))."""
    try:
        return Path("/proc/self/ns/pid").readlink().name.strip("pid:[]")
    except OSError:
        return ""


def start_ticks(pid: int) -> str:
    """Return when process *pid* started, in ticks since boot (proc(5), field 22); "" if it is gone or a zombie."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return ""
    return "" if fields[0] == "Z" else fields[19]


def identity(pid: int | None = None) -> str:
    """Return host:boot/namespace:pid:start of a process of this machine; no other process ever has the same."""
    pid = pid or os.getpid()
    return f"{HOST}:{boot_id()}/{namespace()}:{pid}:{start_ticks(pid)}"


def is_known_dead(who: str) -> bool:
    """Return True when *who* was a process of this host and lives no more.

    Never known: processes of other hosts, and of other containers of this machine that bear this host's name, whose
    numbers mean nothing here. Their leases and heartbeats decide.
    """
    host, place, pid, start = who.rsplit(":", 3)
    if host != HOST:
        return False
    boot, _, inside = place.partition("/")
    if boot != boot_id():
        return True
    if inside and inside != namespace():
        return False
    return start_ticks(int(pid)) != start and not _is_hidden(int(pid))


def _is_hidden(pid: int) -> bool:
    """Whether *pid* lives where /proc does not show it (hidepid= of the mount, ProtectProc= of a unit)."""
    try:
        Path(f"/proc/{pid}/stat").read_bytes()
    except OSError:
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            return False
        except PermissionError:
            return True
        return True
    return False
