"""Renders files as ours and as Blender's own importer shows them: reads JSON [[ours, theirs, folder], ...].

It leaves ours.png and theirs.png in each folder. `python -m tests.blender_scripts.beside`.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

import bpy

from blender_scripts.contract import Look, RenderSpec
from blender_scripts.stage import arrangement
from blender_scripts.stage.job import Stage
from tests.blender_scripts.imported import imported

LOOK = Look(
    camera_view="iso", ground="none", materials="cad", edges=False, view_transform="Standard", azimuth=15.0,
    elevation=20.0,
)  # fmt: skip


def beside(stage: Stage, ours: str, theirs: str, folder: Path, side: int, samples: int) -> None:
    """Render one file both ways."""
    for name, glb in (("ours", ours), ("theirs", theirs)):
        spec = RenderSpec(
            kind="still", glb_path=glb, geometry_key=f"{name} {glb}", output_path=str(folder / f"{name}.png"),
            look=LOOK, width=side, height=side, samples=samples, noise_threshold=0.0, device_policy="cpu",
            color_depth=8, denoise=True,
        )  # fmt: skip
        if name == "theirs":
            stage._clear()
            stage._subject = imported(stage._scene, Path(glb))
            stage._arranged = (spec.orientation, spec.subject)
            arrangement.arrange(stage._subject, spec.orientation, spec.subject)
            for material in bpy.data.materials:
                for node in material.node_tree.nodes:
                    if (
                        node.type == "VOLUME_ABSORPTION"
                    ):  # the stage enlarges the product, which the importer can't know
                        node.inputs["Density"].default_value /= stage._subject.scale
            stage._loaded = spec.geometry_key
            stage._finished = (LOOK.materials, LOOK.edges, spec.rules, spec.labels)
        outcome = stage.render(spec)
        if not outcome.ok:
            raise RuntimeError(f"{glb}: {outcome.error}")


if __name__ == "__main__":
    wanted = json.load(sys.stdin)
    scene = Stage()
    for ours, theirs, folder in wanted["files"]:
        beside(scene, ours, theirs, Path(folder), wanted["side"], wanted["samples"])
