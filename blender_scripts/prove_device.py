"""Renders a picture of nothing and says what Cycles samples it with: prove_device.py -- [OPTIX|CUDA|HIP|ONEAPI ...].

The first of these backends that has a GPU is used, else the CPU. Prints one line RENDER_RESULT, whose `device_proof` is
what Cycles' log calls the device. Exit code 1 when the log names none, or when this Blender cannot denoise.
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

from blender_scripts.contract import ExitCode, RenderOutcome
from blender_scripts.scriptargs import after_dashes
from blender_scripts.tokens import result_line


def main() -> None:
    """Print the device and its proof."""
    from blender_scripts.stage import device
    from blender_scripts.stage.job import Stage

    proof, used = Stage(after_dashes()).prove_device()
    outcome = RenderOutcome(
        ok=bool(proof) and not device.NO_DENOISER,
        error=device.NO_DENOISER,
        device=used.device,
        compute_type=used.compute_type,
        device_name=used.name,
        device_id=used.id,
        device_proof=proof,
        blender_version=device.VERSION,
    )
    containment.say(result_line(outcome))
    containment.leave(ExitCode.DONE if outcome.ok else ExitCode.ERROR)


if __name__ == "__main__":
    containment.run(main)
