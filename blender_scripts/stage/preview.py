"""A small, coarse picture before a long render, because Cycles shows no intermediate picture in background mode."""

# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import contextlib
import math
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import bpy

from blender_scripts.contract import RenderSpec
from blender_scripts.stage.properties import held

LONGEST_SIDE, LEAST_SIDE = 192, 64  # px
SAMPLES = 4
SHARE = 0.01
"""Of the picture's own samples: with few of them, or few pixels, the preview is smaller."""


@contextmanager
def coarse(scene: bpy.types.Scene, spec: RenderSpec) -> Iterator[None]:
    """Make the scene that was set up for `spec` render small and quick; afterwards it is as it was.

    Only sizes and counts change: passes and objects stay, so that Cycles keeps all that it has built.
    """
    longest = max(spec.width, spec.height)
    cheap = math.sqrt(SHARE * spec.samples / SAMPLES)
    scale = min(1.0, LONGEST_SIDE / longest, max(LEAST_SIDE / longest, cheap))
    small = held(
        scene.render,
        resolution_x=max(4, round(spec.width * scale)),
        resolution_y=max(4, round(spec.height * scale)),
    )
    quick = held(scene.cycles, samples=min(SAMPLES, spec.samples), denoising_prefilter="FAST")
    with small, quick, held(scene.render.image_settings, color_depth="8"):
        yield


def save(path: Path) -> None:
    """Write the render result to `path` as PNG. A preview that can't be written is none, and no reason to fail."""
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    with contextlib.suppress(OSError, RuntimeError):
        bpy.data.images["Render Result"].save_render(str(part))
        part.replace(path)
