"""One picture by the scripts that PYTHONPATH leads to; the last line is the processor time of its sampling."""

# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import json
import os
import resource
import sys

import bpy

from blender_scripts.contract import RenderSpec
from blender_scripts.stage.job import Stage


def main() -> None:
    """Render the spec of the first argument; what Blender loads before it samples is not counted."""
    spec = RenderSpec.from_json(json.loads(sys.argv[1]))
    stage = Stage()
    began: list[float] = []
    bpy.app.handlers.render_init.append(lambda *_: began.append(used()))
    outcome = stage.render(spec)
    if not outcome.ok:
        raise SystemExit(outcome.error)
    print(f"\n{used() - began[-1]:.2f}", flush=True)
    os._exit(0)  # to take the module of Blender down may never end


def used() -> float:
    spent = resource.getrusage(resource.RUSAGE_SELF)
    return spent.ru_utime + spent.ru_stime


if __name__ == "__main__":
    main()
