"""A CMYK profile made by hand, whose colors can be computed: each ink takes its part of the light, in CIE Lab."""

from __future__ import annotations

import struct

import numpy as np

GRID, CURVE = 9, 2
PAPER, BLACK = 100.0, 12.0  # L* of white paper, and of all inks: a press prints no deeper black


def lightness(cyan: float, magenta: float, yellow: float, black: float) -> float:
    """L* of these inks (0 to 1) in the model: the mean of the colors, darkened by black."""
    return BLACK + (PAPER - BLACK) * (1 - (cyan + magenta + yellow) / 3) * (1 - black)


def cmyk_profile() -> bytes:
    """An ICC v2 output profile (ICC.1:2001-04): lut8 tables, neutral, gray by black ink alone."""
    tags = {
        b"desc": b"desc\0\0\0\0" + struct.pack(">I", 11) + b"Test press\0" + bytes(4 + 4 + 2 + 1 + 67),
        b"cprt": b"text\0\0\0\0none\0",
        b"wtpt": b"XYZ \0\0\0\0" + struct.pack(">3i", *(round(one * 65536) for one in (0.9642, 1.0, 0.8249))),
    }
    forward, backward = _to_lab(), _to_inks()
    for number in (0, 1):
        tags[b"A2B%d" % number], tags[b"B2A%d" % number] = forward, backward
    tags[b"gamt"] = _lut(3, 1, np.zeros((GRID**3, 1), dtype=np.uint8))
    body, table, at = b"", b"", 128 + 4 + 12 * len(tags)
    for name, content in tags.items():
        table += name + struct.pack(">II", at + len(body), len(content))
        body += content + b"\0" * (-len(content) % 4)
    head = struct.pack(
        ">I4sI4s4s4s12x4s4sIIIIII3i4s44x",
        at + len(body), b"lcms", 0x02400000, b"prtr", b"CMYK", b"Lab ", b"acsp", b"\0\0\0\0",
        0, 0, 0, 0, 0, 0, *(round(one * 65536) for one in (0.9642, 1.0, 0.8249)), b"none",
    )  # fmt: skip
    return head + struct.pack(">I", len(tags)) + table + body


def _to_lab() -> bytes:
    steps = np.linspace(0, 1, GRID)
    grid = [(c, m, y, k) for c in steps for m in steps for y in steps for k in steps]
    values = [(round(lightness(*inks) * 2.55), 128, 128) for inks in grid]
    return _lut(4, 3, np.array(values, dtype=np.uint8))


def _to_inks() -> bytes:
    steps = np.linspace(0, 1, GRID)
    values = []
    for light in steps * 100:
        black = min(1.0, max(0.0, (PAPER - light) / (PAPER - BLACK)))
        values += [(0, 0, 0, round(255 * black))] * GRID**2
    return _lut(3, 4, np.array(values, dtype=np.uint8))


def _lut(sources: int, targets: int, values: np.ndarray) -> bytes:
    straight = bytes(range(256))
    matrix = struct.pack(">9i", *(65536 * int(n % 4 == 0) for n in range(9)))
    head = b"mft1\0\0\0\0" + bytes([sources, targets, GRID, 0]) + matrix
    return head + straight * sources + values.tobytes() + straight * targets
