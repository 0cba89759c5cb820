"""Removes from this process all rights that reading a file does not need: other files, programs, network, signals.

OpenCASCADE opens every absolute path that a file names, and a damaged file may make it run anything. Two mechanisms
of Linux need no privilege and cannot be undone: Landlock (files, since 5.13) and a seccomp filter (no new sockets).
Standard library only. Constants are those of the kernel's ``linux/landlock.h``, ``linux/filter.h``, ``linux/audit.h``.
"""

from __future__ import annotations

import ctypes
import os
import platform
import struct
import sysconfig
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

LIBC = ctypes.CDLL(None, use_errno=True)
CREATE_RULESET, ADD_RULE, RESTRICT_SELF = 444, 445, 446
ASK_VERSION = 1
PATH_BENEATH = 1
PR_SET_NO_NEW_PRIVS, PR_SET_SECCOMP, SECCOMP_MODE_FILTER = 38, 22, 2

WRITE_FILE, READ_FILE, READ_DIR = 1 << 1, 1 << 2, 1 << 3
REMOVE_FILE, MAKE_REGULAR, REFER, TRUNCATE, DEVICE_CONTROL = 1 << 5, 1 << 8, 1 << 13, 1 << 14, 1 << 15
REMOVE_DIR, MAKE_DIR = 1 << 4, 1 << 7
HANDLED_SINCE = ((1, (1 << 13) - 1), (2, REFER), (3, TRUNCATE), (5, DEVICE_CONTROL))
"""What each version of Landlock can refuse: its files' rights, by the version that brought them."""

FILE_RIGHTS = WRITE_FILE | READ_FILE | TRUNCATE | DEVICE_CONTROL
READING = READ_FILE | READ_DIR
WRITING = READING | WRITE_FILE | TRUNCATE | REMOVE_FILE | REMOVE_DIR | MAKE_REGULAR | MAKE_DIR | REFER
TCP_SINCE, TCP = 4, 0b11
SCOPES_SINCE, SCOPES = 6, 0b11
"""Abstract Unix sockets and signals: only to processes that are confined as well."""

SYSTEM_LIBRARIES = ("/lib", "/lib64", "/usr/lib", "/usr/lib64", "/usr/local/lib")
SYSTEM_FILES = (
    "/etc/ld.so.cache",
    "/dev/urandom",
    "/dev/random",
    "/proc/self",
    "/proc/meminfo",
    "/proc/cpuinfo",
)

AUDIT_ARCHITECTURES = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}
SOCKET_CALLS = {"x86_64": (41, 53), "aarch64": (198, 199)}
"""The numbers of socket and socketpair."""

IO_URING_SETUP = 425  # makes sockets too
FOREIGN_CALLS = 0x40000000  # x32: the same calls under other numbers
LOAD, JUMP_EQUAL, JUMP_GREATER_EQUAL, RETURN = 0x20, 0x15, 0x35, 0x06
ALLOW, REFUSE = 0x7FFF0000, 0x00050000 | 13  # EACCES


@dataclass(frozen=True)
class Confinement:
    """What the kernel keeps this process from: ``files`` is Landlock's version (0: nothing), ``network`` sockets."""

    files: int
    network: bool

    def __str__(self) -> str:
        files = f"files (Landlock {self.files})" if self.files else ""
        kept = " and ".join(filter(None, [files, "network (seccomp)" if self.network else ""]))
        return (
            f"kept from other {kept}"
            if kept
            else "not confined: this kernel has neither Landlock nor seccomp"
        )


def confine(readable: Iterable[Path], writable: Iterable[Path]) -> Confinement:
    """Leave this process, for ever, only these files and folders, and no new socket; return what the kernel took on.

    A kernel that refuses leaves the process as it is. Nothing can be executed afterwards.
    """
    if LIBC.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0):
        return Confinement(0, False)
    return Confinement(_confine_files(readable, writable), _confine_network())


def version() -> int:
    """Return the version of Landlock that this kernel offers; 0 for none."""
    return max(0, int(LIBC.syscall(CREATE_RULESET, None, 0, ASK_VERSION)))


def program_files() -> list[Path]:
    """Return the folders and files that a running Python program may need: its libraries and its own package."""
    folders = [sysconfig.get_path(name) for name in ("stdlib", "platstdlib", "purelib", "platlib")]
    found = {Path(path) for path in (*folders, *SYSTEM_LIBRARIES, *SYSTEM_FILES) if Path(path).exists()}
    return [*sorted(path for path in found if found.isdisjoint(path.parents)), Path(__file__).parent.parent]


def _confine_files(readable: Iterable[Path], writable: Iterable[Path]) -> int:
    found = version()
    if not found:
        return 0
    handled = 0
    for since, rights in HANDLED_SINCE:
        handled |= rights if found >= since else 0
    # A field that a kernel does not know must not be there.
    fields = [handled, *([TCP] if found >= TCP_SINCE else []), *([SCOPES] if found >= SCOPES_SINCE else [])]
    attributes = struct.pack(f"={len(fields)}Q", *fields)
    ruleset = LIBC.syscall(CREATE_RULESET, attributes, len(attributes), 0)
    if ruleset < 0:
        return 0
    try:
        for paths, rights in ((readable, READING), (writable, WRITING)):
            for path in paths:
                with suppress(OSError):
                    _allow(ruleset, path, rights & handled)
        return found if LIBC.syscall(RESTRICT_SELF, ruleset, 0) == 0 else 0
    finally:
        os.close(ruleset)


def _allow(ruleset: int, path: Path, rights: int) -> None:
    place = os.open(path, os.O_PATH | os.O_CLOEXEC)
    try:
        allowed = rights if path.is_dir() else rights & FILE_RIGHTS
        LIBC.syscall(ADD_RULE, ruleset, PATH_BENEATH, struct.pack("=Qi", allowed, place), 0)
    finally:
        os.close(place)


def _confine_network() -> bool:
    machine = platform.machine()
    if machine not in AUDIT_ARCHITECTURES:
        return False
    refused = (*SOCKET_CALLS[machine], IO_URING_SETUP)
    steps = [
        (LOAD, 0, 0, 4),
        (JUMP_EQUAL, 0, len(refused) + 3, AUDIT_ARCHITECTURES[machine]),
        (LOAD, 0, 0, 0),
    ]
    steps.append((JUMP_GREATER_EQUAL, len(refused) + 1, 0, FOREIGN_CALLS))
    steps += [(JUMP_EQUAL, len(refused) - number, 0, call) for number, call in enumerate(refused)]
    steps += [(RETURN, 0, 0, ALLOW), (RETURN, 0, 0, REFUSE)]
    code = ctypes.create_string_buffer(b"".join(struct.pack("=HBBI", *step) for step in steps))
    program = ctypes.create_string_buffer(struct.pack("@HxxxxxxQ", len(steps), ctypes.addressof(code)))
    return bool(LIBC.prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, program, 0, 0) == 0)
