"""Renders one thumbnail.

python blender_render.py -- SPEC.json
blender --background --factory-startup --python blender_render.py -- SPEC.json
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

from blender_scripts.scriptargs import render_spec_file

if __name__ == "__main__":
    containment.run(lambda: render_spec_file("thumbnail"))
