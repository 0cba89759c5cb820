"""What a picture shows besides its light: which part each pixel is, how far away, which way it looks; or its shadow.

Everything that one of these renders changes is changed back, so that the next picture of the same Blender is as before.
"""

# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import json
import zipfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import bpy

from blender_scripts.contract import RenderSpec
from blender_scripts.matte_hash import RANKS, told_apart
from blender_scripts.room import most_bytes
from blender_scripts.stage import nodes, output
from blender_scripts.stage.geometry import Subject
from blender_scripts.stage.properties import held

LAYERS, PARTS = "passes.exr", "parts.json"
"""In the ZIP: the layers as Blender writes them, and which part each number is."""

_POINT = 0.01
"""Width (px) of the filter that takes what is in the middle of a pixel."""

_DIGITS = 256
_MM = 1000.0


@contextmanager
def shown(scene: bpy.types.Scene, subject: Subject, kind: str, samples: int) -> Iterator[None]:
    """Let the scene show what a render of this kind does, until the end of the block."""
    with ExitStack() as changes:
        if kind == "shadow":
            for place in subject.places:
                changes.enter_context(held(place.thing, visible_camera=False))
        elif kind == "passes":
            _show_parts(scene, subject, samples, changes)
        yield


def save(path: Path, subject: Subject, spec: RenderSpec) -> None:
    """Write the layers of the render result and the list of parts to `path`; raises DiskFull or WriteFailed.

    The list has for each number, from 1, the part key and the name in the mattes; `mm` are in a unit of the depths.
    """
    said = {
        "parts": [{"key": place.part.key, "matte": place.thing.name} for place in subject.places],
        "mm": _MM / subject.scale,
    }
    with output.unfinished(path, most_bytes(spec)) as part:
        layers = part.with_suffix(".layers")
        try:
            output.export_layers(layers)
            with zipfile.ZipFile(part, "w", zipfile.ZIP_STORED) as packed:
                packed.write(layers, LAYERS)
                packed.writestr(PARTS, json.dumps(said))
        finally:
            layers.unlink(missing_ok=True)


def _show_parts(scene: bpy.types.Scene, subject: Subject, samples: int, changes: ExitStack) -> None:
    """Let each part shine in the three digits of its number, each as a part of 256, and nothing else be seen.

    What is shown with the parts that the picture is about is seen through, so it covers none of them.
    """
    layer = scene.view_layers[0]
    paint = _number_paint()
    changes.callback(bpy.data.materials.remove, paint)
    changes.enter_context(
        held(layer, material_override=paint, use_pass_z=True, use_pass_normal=True, **_mattes(samples))
    )
    changes.enter_context(held(scene.cycles, max_bounces=0, **_filter(samples)))
    names = told_apart([place.thing.name for place in subject.places])
    for number, (place, name) in enumerate(zip(subject.places, names, strict=True), start=1):
        digits = (number // _DIGITS**power % _DIGITS / _DIGITS for power in range(3))
        changes.enter_context(held(place.thing, color=(*digits, 1.0)))
        if name != place.thing.name:
            changes.enter_context(held(place.thing, name=name))
    for place in subject.others:
        changes.enter_context(held(place.thing, hide_render=True))


def _mattes(samples: int) -> dict[str, Any]:
    if samples == 1:
        return {}
    return {"use_pass_cryptomatte_object": True, "pass_cryptomatte_depth": RANKS}


def _filter(samples: int) -> dict[str, Any]:
    return {"pixel_filter_type": "BOX", "filter_width": _POINT} if samples == 1 else {}


def _number_paint() -> bpy.types.Material:
    tree, material = nodes.material("number")
    about = tree.nodes.new("ShaderNodeObjectInfo")
    paint = tree.nodes.new("ShaderNodeEmission")
    end = tree.nodes.new("ShaderNodeOutputMaterial")
    tree.links.new(about.outputs["Color"], paint.inputs["Color"])
    tree.links.new(paint.outputs["Emission"], end.inputs["Surface"])
    return material
