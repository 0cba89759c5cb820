"""Cryptomatte: how many parts a pixel has, and the numbers that stand for their names. Standard library only.

J. Friedman and A. Jones, "Cryptomatte specification", version 1.2.0 (2021): MurmurHash3 (x86, 32 bits, seed 0) of the
name in UTF-8, as the bits of a float that is neither infinite nor denormal.
"""

# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

from collections.abc import Sequence

RANKS = 6
"""Parts that one pixel of a matte can be of, as programs that read Cryptomatte expect it."""

_BITS = 0xFFFFFFFF
_FIRST, _SECOND = 0xCC9E2D51, 0x1B873593


def hash_of(name: str) -> int:
    """Return the bits of the float that stands for a name."""
    found = murmur3(name.encode())
    return found ^ (1 << 23) if found >> 23 & 255 in (0, 255) else found


def murmur3(data: bytes) -> int:
    """Return MurmurHash3_x86_32 of *data* with seed 0 (A. Appleby, in the public domain)."""
    found = 0
    whole = len(data) & ~3
    for start in range(0, whole, 4):
        found ^= _mixed(int.from_bytes(data[start : start + 4], "little"))
        found = (_turned(found, 13) * 5 + 0xE6546B64) & _BITS
    found ^= _mixed(int.from_bytes(data[whole:], "little"))
    found ^= len(data)
    for shift, factor in ((16, 0x85EBCA6B), (13, 0xC2B2AE35)):
        found = ((found ^ found >> shift) * factor) & _BITS
    return found ^ found >> 16


def told_apart(names: Sequence[str]) -> list[str]:
    """Return names that differ in their hashes: the same ones, but for those whose hash an earlier one has."""
    taken: set[int] = set()
    found = []
    for name in names:
        tried, again = name, 1
        while hash_of(tried) in taken:
            tried, again = f"{name}.{again}", again + 1
        taken.add(hash_of(tried))
        found.append(tried)
    return found


def _mixed(word: int) -> int:
    return _turned(word * _FIRST & _BITS, 15) * _SECOND & _BITS


def _turned(word: int, by: int) -> int:
    return (word << by | word >> (32 - by)) & _BITS
