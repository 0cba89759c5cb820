"""The wire between the supervisor and one of its workers: whole messages, and the end of one tells the other."""

from __future__ import annotations

import json
import socket
from contextlib import suppress
from enum import StrEnum
from typing import Any

LONGEST = 1 << 20  # bytes of one message
Message = tuple[str, Any]


class Bidding(StrEnum):
    """What the supervisor says: a message of the queue, look for work without one, answer, drain by then, stop."""

    TASK = "task"
    LOOK = "look"
    ANSWER = "answer"
    DRAIN = "drain"
    STOP = "stop"


class Word(StrEnum):
    """What a worker says: it is idle, it has taken something, it works on this job."""

    IDLE = "idle"
    TAKEN = "taken"
    BUSY = "busy"


class Wire:
    """One end. It is never waited for when something is sent: who does not read is wedged, and found so."""

    def __init__(self, end: socket.socket) -> None:
        self._end = end

    @classmethod
    def pair(cls) -> tuple[Wire, Wire]:
        return tuple(map(cls, socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)))  # type: ignore[return-value]

    def fileno(self) -> int:
        return self._end.fileno()

    def say(self, kind: str, value: Any = None) -> bool:
        """Send one message; return whether it went out."""
        with suppress(OSError):
            self._end.send(json.dumps([kind, value]).encode(), socket.MSG_DONTWAIT)
            return True
        return False

    def hear(self, *, waits: bool = True) -> Message | None:
        """Return the next message; None when the other end is closed. Raises BlockingIOError when there is none yet."""
        try:
            data = self._end.recv(LONGEST, 0 if waits else socket.MSG_DONTWAIT)
        except ConnectionResetError:
            return None
        if not data:
            return None
        kind, value = json.loads(data)
        return kind, value

    def close(self) -> None:
        self._end.close()
