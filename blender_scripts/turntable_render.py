"""Renders one turntable.

python turntable_render.py -- SPEC.json
blender --background --factory-startup --python turntable_render.py -- SPEC.json
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

from blender_scripts.scriptargs import render_spec_file

if __name__ == "__main__":
    containment.run(lambda: render_spec_file("turntable"))
