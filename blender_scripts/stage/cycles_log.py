"""Lets Cycles of the bpy module say what it does: in Blender 5 that is an option of the program."""

# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import ctypes
import mmap
import struct
import sys
from pathlib import Path

import numpy as np

_LEVEL = "_ZN3ccl9LOG_LEVELE"
_NAME_OF_LEVEL = "_ZN3ccl19log_level_to_stringENS_8LogLevelE"
"""Blender 5.0 to 5.2, intern/cycles/util/log.cpp: how much Cycles logs, and the function that names such a level."""

_ENTRY = "PyInit_bpy"
_SYMTAB = 2
_SYMBOL = np.dtype([("name", "<u4"), ("kind", "<u4"), ("value", "<u8"), ("size", "<u8")])
_MOST_LEVELS = 16


class CyclesLog:
    """How much Cycles of this process logs; without effect where it is not the module of Blender 5."""

    def __init__(self) -> None:
        self._level, self._info = _found() or (ctypes.c_int(0), 0)
        self._usual = self._level.value

    def speak(self) -> None:
        """Log as `--log cycles --log-level info` would."""
        self._level.value = max(self._usual, self._info)

    def hush(self) -> None:
        """Log as before."""
        self._level.value = self._usual


def _found() -> tuple[ctypes.c_int, int] | None:
    """The level's own variable, and the level called INFO; None if this is another Blender."""
    spec = getattr(sys.modules.get("bpy"), "__spec__", None)
    module = str(getattr(spec, "origin", ""))
    if not module.endswith(".so"):
        return None
    try:
        places = _symbols(Path(module), (_ENTRY, _LEVEL, _NAME_OF_LEVEL))
        entry = ctypes.cast(getattr(ctypes.PyDLL(module), _ENTRY), ctypes.c_void_p).value
    except (OSError, ValueError, LookupError, AttributeError, struct.error):
        return None
    if entry is None or len(places) != 3:
        return None
    start = entry - places[_ENTRY]
    level = ctypes.c_int.from_address(start + places[_LEVEL])
    name_of = ctypes.CFUNCTYPE(ctypes.c_char_p, ctypes.c_int)(start + places[_NAME_OF_LEVEL])
    names = [name_of(number) for number in range(_MOST_LEVELS)]
    return (level, len(names) - 1 - names[::-1].index(b"INFO")) if b"INFO" in names else None


def _symbols(path: Path, names: tuple[str, ...]) -> dict[str, int]:
    """Where a shared library has these symbols, exported or not: ELF-64, little-endian, System V ABI."""
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
        (table,) = struct.unpack_from("<Q", data, 40)
        size, count = struct.unpack_from("<HH", data, 58)
        sections = [struct.unpack_from("<IIQQQQIIQQ", data, table + size * one) for one in range(count)]
        found: dict[str, int] = {}
        for section in sections:
            kind, offset, length, link = section[1], section[4], section[5], section[6]
            if kind != _SYMTAB:
                continue
            symbols = np.frombuffer(data, _SYMBOL, length // _SYMBOL.itemsize, offset)
            begin, end = sections[link][4], sections[link][4] + sections[link][5]
            for name in names:
                at = data.find(b"\0" + name.encode() + b"\0", begin, end) + 1
                if at:
                    found[name] = int(symbols["value"][symbols["name"] == at - begin][0])
            del symbols
        return found


cycles_log = CyclesLog()
