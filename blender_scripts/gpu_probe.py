"""Lists the GPUs that Cycles can use: python gpu_probe.py -- [OPTIX|CUDA|HIP|ONEAPI ...], all without a name.

Prints one line `RENDER_DEVICES: [{"name", "id", "type"}]`; exit code 1 when there is none. A broken driver can
crash the process that enumerates it: name one backend per process and give it a time limit.
"""

# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import sys
from pathlib import Path

# Blender and the bpy module start this file by its path: the package lies one folder up.
_HERE = Path(__file__).resolve().parent
sys.path[:] = [str(_HERE.parent), *(place for place in sys.path if Path(place or ".").resolve() != _HERE)]

from blender_scripts import containment

containment.arm()

from blender_scripts.contract import BACKENDS, ExitCode, GpuFound, devices_line
from blender_scripts.scriptargs import after_dashes


def main() -> None:
    """Print the devices of the backends that were named."""
    backends = after_dashes() or list(BACKENDS)
    unknown = [name for name in backends if name not in BACKENDS]
    if unknown:
        print(f"Unknown backend {', '.join(unknown)}; known are {', '.join(BACKENDS)}.", flush=True)
        containment.leave(ExitCode.ERROR)
    from blender_scripts.stage.device import gpus

    found = [
        GpuFound(name=one.name, id=one.id, type=one.compute_type) for name in backends for one in gpus(name)
    ]
    containment.say(devices_line(found))
    containment.leave(ExitCode.DONE if found else ExitCode.ERROR)


if __name__ == "__main__":
    containment.run(main)
