"""Reads in Cycles' own log which device a render will use, before its first sample."""

# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import os
import re
from collections.abc import Callable

import bpy

from blender_scripts.stage.cycles_log import cycles_log
from blender_scripts.tokens import parse_samples

_OUTPUTS = (1, 2)
_LAYOUT = re.compile(rb"Using (\w+) layout\.")
"""Blender 4.2 to 5.2, intern/cycles/scene/geometry_bvh.cpp: the tree that rays are shot at is built for the device,
after all the scene was synchronized and before any sample. Logged as contract.CYCLES_LOG asks, in Blender 5 as
executable.command or CyclesLog does. Seen on the CPU alone; of GPUs only the source is known."""

CPU_LAYOUT = "EMBREE"
"""OPTIX, BVH2 (CUDA, HIP), HIPRT, EMBREEGPU (oneAPI) and MULTI are GPUs'."""


def layout_in(log: bytes) -> str:
    """The layout that Cycles' log names; "" when it names none."""
    match = _LAYOUT.search(log)
    return match[1].decode() if match else ""


class Witness:
    """Keeps what a render prints until the device is known or sampling begins, and passes all of it on to stderr.

    `layout` is what the log said, "" until then. `judge` is called once with it, before the first sample and from
    Cycles' thread. A file in memory, not a pipe: a writer never waits for a reader.
    """

    def __init__(self, judge: Callable[[str], None]) -> None:
        self.layout = ""
        self._judge = judge
        self._read = 0
        self._outputs: list[int] = []

    def __enter__(self) -> Witness:
        cycles_log.speak()
        self._kept = os.memfd_create("output")
        self._outputs = [os.dup(one) for one in _OUTPUTS]
        for one in _OUTPUTS:
            os.dup2(self._kept, one)
        bpy.app.handlers.render_stats.insert(0, self._status)
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        bpy.app.handlers.render_stats.remove(self._status)
        if self._outputs:
            self._let_go()
            if kind is None:
                self._judge(self.layout)
        os.close(self._kept)

    def _status(self, status: str, *_: object) -> None:
        if not self._outputs:
            return
        self._pass_on()
        if self.layout or parse_samples(status):
            self._let_go()
            self._judge(self.layout)

    def _let_go(self) -> None:
        cycles_log.hush()
        for one, output in zip(_OUTPUTS, self._outputs, strict=True):
            os.dup2(output, one)
        self._pass_on()
        for output in self._outputs:
            os.close(output)
        self._outputs = []

    def _pass_on(self) -> None:
        news = os.pread(self._kept, 1 << 20, self._read)
        self._read += len(news)
        if news:
            os.write(self._outputs[-1], news)
        self.layout = self.layout or layout_in(news)
