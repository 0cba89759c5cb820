"""Textures made by hand."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from PIL import Image


def write_texture(
    path: Path, width: int = 48, height: int = 32, mode: str = "RGB", **options: object
) -> Path:
    """Write a picture of dark and bright squares in the format that *path* ends with, and return its path."""
    light = (np.indices((height, width)) // 8).sum(axis=0) % 2
    gray = Image.fromarray(np.where(light, 200, 40).astype(np.uint8))
    gray.convert(mode).save(path, **options)  # type: ignore[arg-type]
    return path
