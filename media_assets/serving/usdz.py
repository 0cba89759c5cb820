"""Packs one USD file as .usdz, the form that phones and viewers open.

The package is a ZIP archive of uncompressed files whose bytes begin at a multiple of 64, so that a reader can use them
in place (OpenUSD, "Usdz File Format Specification"). It is made while it is sent and never lies in memory or on disk.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import IO

from django.utils.translation import gettext as _

from media_assets.storage import CHUNK

ALIGNMENT = 64  # bytes
LOCAL = struct.Struct("<4s5H3I2H")
CENTRAL = struct.Struct("<4s6H3I5H2I")
END = struct.Struct("<4s4H2IH")
VERSION = 20
NEW_YEAR_1980 = (0, (1 << 5) | 1)
"""Time and date as ZIP counts them. Always the same, so that the same file gives the same package."""

PADDING_ID = 0x1986
"""The extra field that OpenUSD's own packages fill up their headers with."""


@dataclass(frozen=True)
class Package:
    """A package of one file: its stream, its size in bytes, and the CRC-32 of its bytes."""

    stream: IO[bytes]
    name: str
    size: int
    crc: int

    @classmethod
    def of(cls, stream: IO[bytes], name: str) -> Package:
        """Return the package of a file, which is read once for its checksum. Raises ValueError from 4 GiB on."""
        crc = size = 0
        stream.seek(0)
        while chunk := stream.read(CHUNK):
            crc = zlib.crc32(chunk, crc)
            size += len(chunk)
        if size > 0xFFFFFFFF - 2 * CHUNK:
            raise ValueError(
                _("A .usdz package can't contain a file of 4 GiB or more. Download the .usdc file instead.")
            )
        return cls(stream, name, size, crc)

    @property
    def length(self) -> int:
        """Return how many bytes the whole package has."""
        return len(self._head()) + self.size + len(self._tail())

    def chunks(self) -> Iterator[bytes]:
        """Yield the package; the stream is closed at the end."""
        with self.stream:
            yield self._head()
            self.stream.seek(0)
            while chunk := self.stream.read(CHUNK):
                yield chunk
            yield self._tail()

    def _head(self) -> bytes:
        name = self.name.encode("ascii")
        unpadded = LOCAL.size + len(name) + 4
        padding = -unpadded % ALIGNMENT
        fields = (b"PK\x03\x04", VERSION, 0, 0, *NEW_YEAR_1980, self.crc, self.size, self.size)
        extra = struct.pack("<2H", PADDING_ID, padding) + bytes(padding)
        return LOCAL.pack(*fields, len(name), len(extra)) + name + extra

    def _tail(self) -> bytes:
        name = self.name.encode("ascii")
        fields = (b"PK\x01\x02", VERSION, VERSION, 0, 0, *NEW_YEAR_1980, self.crc, self.size, self.size)
        listed = CENTRAL.pack(*fields, len(name), 0, 0, 0, 0, 0, 0) + name
        begin = len(self._head()) + self.size
        return listed + END.pack(b"PK\x05\x06", 0, 0, 1, 1, len(listed), begin, 0)
