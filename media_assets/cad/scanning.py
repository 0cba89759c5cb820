"""Has an uploaded file looked at by a contained child, so that no upload holds or fells who received it."""

from __future__ import annotations

import dataclasses
import json
import math
import sys
from pathlib import Path
from typing import Any, get_type_hints

from blender_scripts.children.folders import temporary_folder
from blender_scripts.children.program import run
from media_assets.cad.errors import CadError
from media_assets.cad.forkclient import PROJECT_ROOT, child_environment
from media_assets.cad.prescan import Prescan
from media_assets.cad.spoken import told_error, words

SECONDS = 60.0
"""How long a web page may wait for it. 1 GB takes 11 s of processor time, with comments 26 s."""

MEMORY = 1 << 30  # bytes, beside the file itself and its copy without comments
MEGABYTE = 1_000_000
LARGEST = 2**31 - 1  # what a column of the database holds


def scan(source: Path, *, max_bytes: int, code_page: str = "", seconds: float = SECONDS) -> Prescan:
    """Return what a file is, as `prescan` does; a packed one holds *max_bytes* at most. Raises CadError; OSError.

    Its child has so many seconds, or else the error is hung.
    """
    most = math.ceil(max_bytes / MEGABYTE)
    with temporary_folder() as folder:
        request = {
            "source": str(source.resolve()),
            "folder": str(folder),
            "source_mb": most,
            "code_page": code_page,
            "limits": {
                "memory": MEMORY + 3 * max_bytes,
                "cpu": math.ceil(seconds),
                "file": max_bytes + (1 << 20),
            },
        }
        argv = [sys.executable, "-m", "media_assets.cad.scan_child", json.dumps(request)]
        environment = {**child_environment(), "TMPDIR": str(folder)}
        done = run(argv, seconds, env=environment, cwd=PROJECT_ROOT)
    if done.timed_out:
        raise CadError("hung", "scan", seconds=seconds)
    answer = _understood(done.text(said=True))
    if answer is None:
        raise CadError("damaged", "scan")
    if isinstance(answer, CadError):
        raise answer
    return answer


def _understood(said: str) -> Prescan | CadError | None:
    """Return the child's answer; None for what is none, whatever it is."""
    try:
        answer = json.loads(said)
        if "error" in answer:
            return told_error(answer["error"])
        return _prescan(answer["scan"])
    except (ValueError, RecursionError, TypeError, KeyError, AttributeError):
        return None


def _prescan(said: dict[str, Any]) -> Prescan:
    """Return a scan of which every value is of its kind. Raises ValueError, TypeError, KeyError."""
    kinds = get_type_hints(Prescan)
    values: dict[str, Any] = {}
    for field in dataclasses.fields(Prescan):
        value, kind = said[field.name], kinds[field.name]
        if kind is int:
            values[field.name] = min(LARGEST, max(0, int(value)))
        elif kind is bool:
            values[field.name] = bool(value)
        else:
            values[field.name] = words(value) or ""
    return Prescan(**values)
