"""Studios made by a Blender, in .blend files: one as it should be, and what is wrong with others."""

from __future__ import annotations

import os
import subprocess
from functools import cache
from pathlib import Path

from blender_scripts.launch import command, find_blender

FORGE = Path(__file__).parents[1] / "blender_scripts" / "studio_forge.py"


@cache
def forged(folder: Path) -> dict[str, Path]:
    """Write the files into *folder* and return them by what they are."""
    argv = command(find_blender(os.environ.get("BLENDER_EXECUTABLE") or None), FORGE, str(folder))
    subprocess.run(argv, check=True, capture_output=True, timeout=120)
    return {path.stem: path for path in folder.glob("*.blend")}
