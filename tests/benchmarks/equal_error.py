"""One picture and the processor time of its sampling: `python -m tests.benchmarks.equal_error JOB.json` prints JSON.

The settings are `truth` (the converged reference), `blender` (Cycles as it comes, with the samples and the threshold of
the job) or `ours`. The scene is the same for all; synchronising and loading are done before the clock runs.
"""

# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import json
import resource
import sys
import tempfile
from pathlib import Path
from typing import Any

import bpy
import numpy as np
import numpy.typing as npt

from blender_scripts.contract import RenderSpec
from blender_scripts.stage.job import Stage
from tests.benchmarks.blender_alone import as_blender_comes


def main(job: dict[str, Any]) -> None:
    """Render the job's `spec` with its `settings`, keep the pixels in `output` (npz), print the seconds."""
    spec = RenderSpec.from_json(job["spec"])
    stage = Stage()
    stage.use_device(spec.device_policy)
    subject = stage._show(spec)
    stage._dress(subject, spec)
    scene = bpy.context.scene
    if job["settings"] != "ours":
        as_blender_comes(scene, spec)
        scene.render.use_persistent_data = True
    if job["settings"] == "truth":
        scene.cycles.seed = 7  # as independent of the others as two renders can be
        scene.cycles.sample_clamp_indirect = 0.0
        scene.cycles.blur_glossy = 0.0
    scene.cycles.samples = 1
    bpy.ops.render.render()
    scene.cycles.samples = spec.samples
    seconds = []
    for _ in range(job["repeats"]):
        scene.update_tag()  # or Cycles would keep the old number of samples
        begun = _processor_seconds()
        bpy.ops.render.render()
        seconds.append(_processor_seconds() - begun)
    np.savez(job["output"], shown=_pixels(scene, "PNG"), light=_pixels(scene, "OPEN_EXR"))
    print(json.dumps(seconds))


def _processor_seconds() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def _pixels(scene: Any, file_format: str) -> npt.NDArray[np.float32]:
    """The last render, top row first (h, w, 4): PNG straight as displayed, OPEN_EXR linear times alpha."""
    image = scene.render.image_settings
    image.file_format = file_format
    image.color_mode = "RGBA"
    image.color_depth = "32" if file_format == "OPEN_EXR" else "16"
    with tempfile.NamedTemporaryFile(suffix=".exr" if file_format == "OPEN_EXR" else ".png") as file:
        bpy.data.images["Render Result"].save_render(file.name)
        read = bpy.data.images.load(file.name)
        if file_format == "PNG":
            read.colorspace_settings.name = "Non-Color"
            read.alpha_mode = "CHANNEL_PACKED"
        flat = np.empty(len(read.pixels), np.float32)
        read.pixels.foreach_get(flat)
        width, height = read.size
    return flat.reshape(height, width, 4)[::-1]


if __name__ == "__main__":
    main(json.loads(Path(sys.argv[1]).read_text()))
