"""Ranges of a file for players: browsers request films in ranges, and Safari plays none without them.

RFC 9110, section 14: one range of bytes; anything else is answered with the whole file.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import IO, Self

CHUNK = 1 << 16  # bytes

_RANGE = re.compile(r"bytes=([0-9]{0,19})-([0-9]{0,19})")  # more digits than any file has bytes


class Unsatisfiable(ValueError):
    """The range begins beyond the end of the file."""


@dataclass(frozen=True)
class ByteRange:
    """The bytes of a file from *start* to *end*, both included."""

    start: int
    end: int

    @classmethod
    def asked(cls, header: str, size: int) -> Self | None:
        """Return which part of a file of *size* bytes a Range header asks for; None for all of it.

        Raises Unsatisfiable.
        """
        match = _RANGE.fullmatch(header.strip())
        if match is None or match[0] == "bytes=-":
            return None
        first, last = match[1], match[2]
        if not first:
            start, end = max(0, size - int(last)), size - 1
        else:
            start, end = int(first), min(int(last or size), size - 1)
            if last and int(last) < int(first):
                return None
        if start >= size:
            raise Unsatisfiable
        return cls(start, end)

    @property
    def length(self) -> int:
        return self.end - self.start + 1

    def chunks(self, stream: IO[bytes]) -> Iterator[bytes]:
        """Yield the part's bytes from *stream* and close it."""
        with stream:
            stream.seek(self.start)
            left = self.length
            while left and (chunk := stream.read(min(CHUNK, left))):
                left -= len(chunk)
                yield chunk
