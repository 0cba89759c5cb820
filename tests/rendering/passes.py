"""Masters of passes, made up: which part, how far and which way each of a few pixels is."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import OpenEXR

from blender_scripts.matte_hash import hash_of

KEYS = ("/Lager/Ring", "/Lager/Kugel#1", "/Lager/Kugel#2", "/Lager/Ölschraube")
NUMBERS = np.array([[0, 0, 1, 1], [0, 2, 2, 3]])
"""Of the places, from 1, in each pixel: the fourth can't be seen."""


def write_master(path: Path, numbers: Any = NUMBERS, *, mattes: bool = False, **changes: Any) -> Path:
    """Write a master as Blender before 5.0 does: all passes in one part of the EXR."""
    seen = (numbers > 0).astype(np.float32)
    layers = {
        "ViewLayer.Combined.R": (numbers % 256 / 256).astype(np.float32),
        "ViewLayer.Combined.G": (numbers // 256 % 256 / 256).astype(np.float32),
        "ViewLayer.Combined.B": (numbers // 65536 / 256).astype(np.float32),
        "ViewLayer.Combined.A": seen,
        "ViewLayer.Depth.Z": np.where(seen > 0, 2.0 + numbers, 1e10).astype(np.float32),
        **{f"ViewLayer.Normal.{axis}": seen * at for at, axis in enumerate("XYZ", start=-1)},
    }
    if mattes:
        names = np.array([0, *(hash_of(f"part.{at}") for at in range(len(KEYS)))], np.uint32).view(np.float32)
        half = (seen / 2).astype(np.float32)
        layers |= {
            "ViewLayer.CryptoObject00.r": names[numbers],
            "ViewLayer.CryptoObject00.g": half,
            "ViewLayer.CryptoObject00.b": names[np.where(numbers > 0, 3, 0)],
            "ViewLayer.CryptoObject00.a": half,
        }
    layers |= changes.pop("layers", {})
    said = {
        "parts": [{"key": key, "matte": f"part.{at}"} for at, key in enumerate(KEYS)],
        "mm": 10.0,
        **changes,
    }
    with OpenEXR.File({}, layers) as file:
        file.write(str(path.with_suffix(".exr")))
    with zipfile.ZipFile(path, "w") as packed:
        packed.write(path.with_suffix(".exr"), "passes.exr")
        packed.writestr("parts.json", json.dumps(said))
    return path
