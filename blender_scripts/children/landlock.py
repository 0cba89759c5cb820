"""Leaves this process only some files and folders, by Landlock (Linux 5.13).

It needs no privilege and cannot be undone. Standard library only; constants are those of ``linux/landlock.h``.
"""

# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import ctypes
import os
import struct
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

LIBC = ctypes.CDLL(None, use_errno=True)
CREATE_RULESET, ADD_RULE, RESTRICT_SELF = 444, 445, 446
ASK_VERSION = 1
PATH_BENEATH = 1
PR_SET_NO_NEW_PRIVS = 38

EXECUTE, WRITE_FILE, READ_FILE, READ_DIR = 1 << 0, 1 << 1, 1 << 2, 1 << 3
REMOVE_DIR, REMOVE_FILE, MAKE_DIR, MAKE_REGULAR = 1 << 4, 1 << 5, 1 << 7, 1 << 8
REFER, TRUNCATE, DEVICE_CONTROL = 1 << 13, 1 << 14, 1 << 15
HANDLED_SINCE = ((1, (1 << 13) - 1), (2, REFER), (3, TRUNCATE), (5, DEVICE_CONTROL))
"""What each version of Landlock can refuse: its files' rights, by the version that brought them."""

FILE_RIGHTS = EXECUTE | WRITE_FILE | READ_FILE | TRUNCATE | DEVICE_CONTROL
READING = READ_FILE | READ_DIR
WRITING = READING | WRITE_FILE | TRUNCATE | REMOVE_FILE | REMOVE_DIR | MAKE_REGULAR | MAKE_DIR | REFER
DEVICE = READING | WRITE_FILE | DEVICE_CONTROL
STARTING = READING | EXECUTE
TCP_SINCE, TCP = 4, 0b11
SCOPES_SINCE, SCOPES = 6, 0b11
"""Abstract Unix sockets and signals: only to processes that are confined as well."""


def version() -> int:
    """Return the version of Landlock that this kernel offers; 0 for none."""
    return max(0, int(LIBC.syscall(CREATE_RULESET, None, 0, ASK_VERSION)))


def allow_only(rights: Iterable[tuple[Path, int]]) -> int:
    """Leave this process, for ever, only these rights below these paths; return Landlock's version, 0 if it is missing.

    A path that does not exist is left out, and so is a right that the kernel does not know.
    """
    found = version()
    if not found or LIBC.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0):
        return 0
    handled = 0
    for since, known in HANDLED_SINCE:
        handled |= known if found >= since else 0
    # A field that a kernel does not know must not be there.
    fields = [handled, *([TCP] if found >= TCP_SINCE else []), *([SCOPES] if found >= SCOPES_SINCE else [])]
    attributes = struct.pack(f"={len(fields)}Q", *fields)
    ruleset = LIBC.syscall(CREATE_RULESET, attributes, len(attributes), 0)
    if ruleset < 0:
        return 0
    try:
        for path, wanted in rights:
            with suppress(OSError):
                _allow(ruleset, path, wanted & handled)
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
