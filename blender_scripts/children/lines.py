"""Lines between a host and its children: read without waiting for the rest of one, and written whole."""

# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import json
import os
import selectors
from collections.abc import Mapping
from typing import NamedTuple

_READ = 65536
_READS = 16
_LONGEST_LINE = 262_144


class Line(NamedTuple):
    """A line of a child's output; `said`: on stdout, which scripts use for tokens, not on stderr with other output.

    One that is not `whole` has no end: the process died while it wrote it.
    """

    text: str
    said: bool
    whole: bool = True


class Lines:
    """The lines out of some pipes or sockets, given by their descriptors: the first has tokens, others other output."""

    def __init__(self, *descriptors: int) -> None:
        self._speaks = descriptors[0]
        self._rest = dict.fromkeys(descriptors, b"")
        self._selector = selectors.DefaultSelector()
        for descriptor in descriptors:
            os.set_blocking(descriptor, False)
            self._selector.register(descriptor, selectors.EVENT_READ)

    def read(self, timeout: float) -> list[Line]:
        """Lines that arrived, waiting at most `timeout` seconds for the first ones."""
        ready = [] if self.ended else self._selector.select(max(0.0, timeout))
        return [line for key, _ in ready for line in self._read(key.fd)]

    @property
    def ended(self) -> bool:
        """Whether everything is read and nothing more can come."""
        return not self._selector.get_map()

    @property
    def waiting(self) -> bool:
        """Whether something can be read now."""
        return not self.ended and bool(self._selector.select(0))

    def close(self) -> None:
        """Read no more; the descriptors stay their owner's."""
        self._selector.close()

    def _read(self, descriptor: int) -> list[Line]:
        """The lines that are there now, a megabyte at most."""
        chunks, is_over = [self._rest[descriptor]], False
        while not is_over and len(chunks) <= _READS:
            try:
                chunks.append(os.read(descriptor, _READ))
            except BlockingIOError:
                break
            except ConnectionResetError:
                chunks.append(b"")
            is_over = not chunks[-1]
        *whole, rest = b"".join(chunks).split(b"\n")
        cut = bool(is_over and rest)
        if cut or len(rest) > _LONGEST_LINE:
            whole.append(rest)
            rest = b""
        self._rest[descriptor] = rest
        if is_over:
            self._selector.unregister(descriptor)
        said = descriptor == self._speaks
        texts = [line.decode("utf-8", "replace").rstrip("\r") for line in whole]
        return [Line(text, said, not cut or text is not texts[-1]) for text in texts]


def send(descriptor: int, line: str | Mapping[str, object]) -> None:
    """Write one line; a document as JSON."""
    rest = (line if isinstance(line, str) else json.dumps(line)).encode() + b"\n"
    while rest:
        rest = rest[os.write(descriptor, rest) :]
