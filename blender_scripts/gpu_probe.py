"""Lists the GPUs that Cycles can use: python gpu_probe.py -- [OPTIX|CUDA|HIP|ONEAPI ...], all without a name.

Prints one line `RENDER_DEVICES: {"blender_version", "compiled", "devices": [{"name", "id", "type"}]}`; exit code 1
when there is no device. A broken driver can crash the process that enumerates it, or never answer: name one backend
per process and give it a time limit. Messages of Cycles about a driver go to stderr.
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

from blender_scripts.contract import BACKENDS, DevicesSeen, ExitCode, GpuFound
from blender_scripts.scriptargs import after_dashes
from blender_scripts.tokens import devices_line


def main() -> None:
    """Print the devices of the backends that were named."""
    backends = after_dashes() or list(BACKENDS)
    unknown = [name for name in backends if name not in BACKENDS]
    if unknown:
        print(f"Unknown backend {', '.join(unknown)}; known are {', '.join(BACKENDS)}.", flush=True)
        containment.leave(ExitCode.ERROR)
    from blender_scripts.stage import device

    found = tuple(
        GpuFound(name=one.name, id=one.id, type=one.compute_type)
        for name in backends
        for one in device.gpus(name)
    )
    containment.say(
        devices_line(DevicesSeen(blender_version=device.VERSION, compiled=device.compiled(), devices=found))
    )
    containment.leave(ExitCode.DONE if found else ExitCode.ERROR)


if __name__ == "__main__":
    containment.run(main)
