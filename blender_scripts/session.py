"""The warm Blender of one worker: JSON specs in on stdin, one a line; tokens out on stdout.

    python session.py -- --policy auto|gpu|cpu [--backends OPTIX CUDA ...] [--gpu 0000:01:00]
    blender --background --factory-startup --python session.py -- --policy auto

Geometry, light and kernels stay loaded between jobs. A failed job is an outcome, and the session continues.
Ends with 0 when stdin closes between jobs, 1 when it closes during one, 2 when the policy is gpu and
there is none.
"""

# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import sys
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path

# Blender and the bpy module start this file by its path, and a confined one can't look into the folder above.
_HERE = Path(__file__).resolve().parent
sys.path[:] = [place for place in sys.path if Path(place or ".").resolve() != _HERE]
_PACKAGE = spec_from_file_location(
    "blender_scripts", _HERE / "__init__.py", submodule_search_locations=[str(_HERE)]
)
assert _PACKAGE
sys.modules["blender_scripts"] = module_from_spec(_PACKAGE)

from blender_scripts import containment

containment.arm()

import argparse
import json
import queue
import threading
import time

from blender_scripts.contract import BACKENDS, DEVICE_POLICIES, ExitCode, RenderOutcome, RenderSpec
from blender_scripts.jsonform import ContractError
from blender_scripts.scriptargs import after_dashes
from blender_scripts.tokens import result_line


class _Inbox:
    """Lines of stdin, read by a thread of their own so that a closed stdin ends a running render too."""

    def __init__(self) -> None:
        self._lines: queue.SimpleQueue[str | None] = queue.SimpleQueue()
        self.busy = False
        threading.Thread(target=self._read, name="inbox", daemon=True).start()

    def next(self) -> str | None:
        """The next line; None at the end of stdin."""
        self.busy = False
        line = self._lines.get()
        self.busy = line is not None
        return line

    def _read(self) -> None:
        for line in sys.stdin:
            self._lines.put(line)
        if self.busy:
            containment.leave(ExitCode.ERROR)
        self._lines.put(None)


def main() -> None:
    """Serve jobs until stdin closes."""
    parser = argparse.ArgumentParser(prog="session.py")
    parser.add_argument("--policy", choices=DEVICE_POLICIES, default="auto")
    parser.add_argument("--backends", choices=BACKENDS, nargs="*", default=BACKENDS)
    parser.add_argument("--gpu", default="", help="PCI address of the only GPU that may be used")
    options = parser.parse_args(after_dashes())
    inbox = _Inbox()

    begun = time.monotonic()
    from blender_scripts.stage.device import GpuRequired
    from blender_scripts.stage.job import Stage

    stage = Stage(options.backends, options.gpu)
    try:
        stage.use_device(options.policy)
    except GpuRequired as refusal:
        print(refusal, flush=True)
        containment.leave(ExitCode.GPU_REQUIRED)
    imported: float | None = time.monotonic() - begun

    while (line := inbox.next()) is not None:
        try:
            spec = RenderSpec.from_json(json.loads(line))
        except ValueError as error:
            reason = (
                str(error) if isinstance(error, ContractError) else f"The job is no JSON document: {error}"
            )
            containment.say(result_line(RenderOutcome(ok=False, error_code="bad_spec", error=reason)))
            continue
        outcome = stage.render(spec, imported=imported)
        imported = None
        containment.say(result_line(outcome))
    containment.leave(ExitCode.DONE)


if __name__ == "__main__":
    containment.run(main)
