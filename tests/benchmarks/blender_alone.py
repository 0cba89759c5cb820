"""What a careful user would script instead: `python -m tests.benchmarks.blender_alone JOB.json`, one process a job.

The studio, camera and finishes are ours, so that the pictures are the same ones. The rest is plain Blender: its own
importer, Cycles as it comes apart from samples, noise threshold and denoiser, and the file as Blender writes it.
"""

# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import json
import math
import sys
from pathlib import Path
from typing import Any

import bpy

from blender_scripts.contract import RenderSpec
from blender_scripts.stage import arrangement
from blender_scripts.stage.job import Stage
from tests.blender_scripts.imported import imported

KEPT = ("rna_type", "name", "device", "denoiser")  # to touch the denoiser makes Blender ask the OptiX driver
FORMATS = {"png": "PNG", "jpg": "JPEG", "webp": "WEBP"}


def main(job: dict[str, Any]) -> None:
    """Render one job: `spec` (as Renderdesk's own jobs), `mode`, `format`, `quality`, `output`, `frame`."""
    spec = RenderSpec.from_json(job["spec"])
    stage = staged(spec)
    scene = bpy.context.scene
    as_blender_comes(scene, spec)
    image = scene.render.image_settings
    image.file_format = FORMATS[job["format"]]
    image.color_mode = "RGB" if job["format"] == "jpg" else "RGBA"
    image.color_depth = "8"
    image.quality = job["quality"]
    output = Path(job["output"])
    if job["mode"] == "picture":
        still(scene, output)
        return
    assert stage._subject is not None
    turned(scene, stage._subject.pivot, spec.frames)
    if job["mode"] == "frame":
        scene.frame_set(job["frame"])
        still(scene, output)
    else:
        scene.render.use_persistent_data = job["mode"] == "animation_kept"
        scene.render.use_file_extension = True
        scene.render.filepath = str(output / "frame_")
        bpy.ops.render.render(animation=True)


def staged(spec: RenderSpec) -> Stage:
    """Return our scene with the geometry that Blender's importer makes of the GLB."""
    stage = Stage()
    stage.use_device(spec.device_policy)
    stage._subject = imported(bpy.context.scene, Path(spec.glb_path))
    stage._arranged = (spec.orientation, spec.subject)
    arrangement.arrange(stage._subject, spec.orientation, spec.subject)
    stage._loaded = spec.geometry_key
    stage._dress(stage._subject, spec)
    return stage


def as_blender_comes(scene: Any, spec: RenderSpec) -> None:
    """Set Cycles back to Blender's own settings, apart from the device and what a user would set."""
    for owner, kept in ((scene.cycles, KEPT), (scene.world.cycles, ("rna_type", "name"))):
        for known in owner.bl_rna.properties:
            if known.identifier not in kept and not known.is_readonly:
                owner.property_unset(known.identifier)
    scene.render.use_persistent_data = False
    scene.cycles.samples = spec.samples
    scene.cycles.use_adaptive_sampling = spec.noise_threshold > 0
    scene.cycles.adaptive_threshold = spec.noise_threshold or 0.01
    scene.cycles.use_denoising = spec.denoise


def still(scene: Any, output: Path) -> None:
    """Render the scene as it stands into one file."""
    scene.render.filepath = str(output)
    bpy.ops.render.render(write_still=True)


def turned(scene: Any, pivot: Any, frames: int) -> None:
    """Let the subject turn once in so many frames."""
    scene.frame_start, scene.frame_end = 1, frames
    for number in range(1, frames + 1):
        pivot.rotation_euler.z = math.tau * (number - 1) / frames
        pivot.keyframe_insert("rotation_euler", frame=number)


if __name__ == "__main__":
    main(json.loads(Path(sys.argv[1]).read_text()))
