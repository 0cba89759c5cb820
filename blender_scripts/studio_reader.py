"""Takes a studio out of a .blend: python studio_reader.py -- FILE ANSWER

ANSWER gets JSON: `studio` (see `studios.py`) and `notes`, or a code as `refused` and what a sentence about it needs.
The file is a stranger's: run this confined, with limits, in a process of its own.
"""

# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import json
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

from blender_scripts.jsonform import ContractError
from blender_scripts.scriptargs import after_dashes


def main() -> None:
    """Write the answer about the file that is named."""
    source, answer = map(Path, after_dashes())
    from blender_scripts.stage import studio_reading

    try:
        studio, notes = studio_reading.read(source)
        said = {"studio": studio.to_json(), "notes": notes.said}
    except studio_reading.RefusedStudio as why:
        said = {"refused": why.code, **why.details}
    except ContractError as error:
        said = {"refused": "damaged", "reason": str(error)[:200]}
    answer.write_text(json.dumps(said))


if __name__ == "__main__":
    containment.run(main)
