"""A Blender that is a program, around the bpy module of a Python: for tests of programs where none is installed."""

from __future__ import annotations

import runpy
import sys
from importlib import metadata
from pathlib import Path


def write(path: str, python: str) -> None:
    """Write the program, which has the module of this Python."""
    program = Path(path)
    program.write_text(f'#!/bin/sh\nexec "{python}" "{Path(__file__).resolve()}" "$@"\n')
    program.chmod(0o755)


def main() -> None:
    """Do what Blender does for its options that are used here."""
    given = sys.argv[1:]
    if "--version" in given:
        print(f"Blender {metadata.version('bpy')}")
        return
    import bpy  # noqa: F401

    if "--python-expr" in given:
        exec(given[given.index("--python-expr") + 1])
        return
    sys.path[0] = ""  # not the folder of this file
    runpy.run_path(given[given.index("--python") + 1], run_name="__main__")


if __name__ == "__main__":
    main()
