"""Reads in Cycles' own log which device a render will use, before its first sample."""

# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import os
import re
from collections.abc import Callable

import bpy

from blender_scripts.contract import parse_samples

_STDERR = 2
_LAYOUT = re.compile(rb"Using (\w+) layout\.")
"""Blender 4.2 to 4.5, intern/cycles/scene/geometry_bvh.cpp: the tree that rays are shot at is built for the device,
after all the scene was synchronized and before any sample. Logged as contract.CYCLES_LOG asks."""

_CPU_LAYOUT = "EMBREE"
"""OPTIX, BVH2 (CUDA, HIP), HIPRT, EMBREEGPU (oneAPI) and MULTI are GPUs'."""


def layout_in(log: bytes) -> str:
    """The layout that Cycles' log names; "" when it names none."""
    match = _LAYOUT.search(log)
    return match[1].decode() if match else ""


class Witness:
    """Keeps a render's stderr until the device is known or sampling begins, and passes all of it on.

    `layout` is what the log said, "" until then. `on_cpu` is called once, from Cycles' thread, if that is the CPU's.
    A file in memory, not a pipe: a writer never waits for a reader.
    """

    def __init__(self, on_cpu: Callable[[], None]) -> None:
        self.layout = ""
        self._on_cpu = on_cpu
        self._read = 0
        self._stderr = -1

    def __enter__(self) -> Witness:
        self._log = os.memfd_create("stderr")
        self._stderr = os.dup(_STDERR)
        os.dup2(self._log, _STDERR)
        bpy.app.handlers.render_stats.insert(0, self._status)
        return self

    def __exit__(self, *_: object) -> None:
        bpy.app.handlers.render_stats.remove(self._status)
        self._let_go()
        os.close(self._log)

    def _status(self, status: str, *_: object) -> None:
        if self._stderr < 0:
            return
        self._pass_on()
        if self.layout or parse_samples(status):
            self._let_go()

    def _let_go(self) -> None:
        if self._stderr >= 0:
            os.dup2(self._stderr, _STDERR)
            self._pass_on()
            os.close(self._stderr)
            self._stderr = -1

    def _pass_on(self) -> None:
        news = os.pread(self._log, 1 << 20, self._read)
        self._read += len(news)
        if news:
            os.write(self._stderr, news)
        if not self.layout and (layout := layout_in(news)):
            self.layout = layout
            if layout == _CPU_LAYOUT:
                self._on_cpu()
