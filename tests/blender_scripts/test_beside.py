"""A surface looks as Blender's own importer shows it: each part of the picture, within the limit of the color test.

Light goes through glass of ours in shadows too, which Blender leaves out; so glass is the only one that differs at all.
"""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from media_assets.cad.contract import Limits, Reading
from media_assets.cad.glb import GlbWriter
from media_assets.cad.meshes.load import load_mesh
from tests import appearance
from tests.color_difference import ciede2000, lab
from tests.needs import blender_python

NAMES = ("metal", "coat", "moved picture", "colors of points")
SIDE, PIECES, SAMPLES = 64, 16, 4
LIMIT = 2.0

Shades = list[tuple[float, ...]]


def geometry(name: str, folder: Path) -> tuple[str, str, str]:
    """Write a case and what is made of it into a folder."""
    folder.mkdir()
    source, made = folder / "source.glb", folder / "geometry.glb"
    source.write_bytes(appearance.write(name))
    scene = load_mesh("glb", source, name, Reading(), Limits())
    GlbWriter(scene.product, scene.meshes).write(made)
    return str(made), str(source), str(folder)


def pieces(picture: Path) -> Shades:
    """The averages of square pieces of a picture (sRGB from 0 to 1), laid on gray."""
    with Image.open(picture) as image:
        levels = np.asarray(image.convert("RGBA")).astype(float) / 255
    shown = levels[..., :3] * levels[..., 3:] + 0.5 * (1 - levels[..., 3:])
    size = len(shown) // PIECES
    means = shown.reshape(PIECES, size, PIECES, size, 3).mean(axis=(1, 3)).reshape(-1, 3)
    return [tuple(one) for one in means.tolist()]


def differences(names: tuple[str, ...], folder: Path, side: int, samples: int) -> dict[str, list[float]]:
    """Render cases both ways; return how far each piece of the pictures is apart (CIEDE2000)."""
    files = [geometry(name, folder / name.replace(" ", "-")) for name in names]
    wanted = json.dumps({"files": files, "side": side, "samples": samples})
    argv = [blender_python(), "-m", "tests.blender_scripts.beside"]
    subprocess.run(argv, input=wanted, capture_output=True, text=True, check=True)
    found = {}
    for name, (*_, place) in zip(names, files, strict=True):
        ours, theirs = (pieces(Path(place) / f"{one}.png") for one in ("ours", "theirs"))
        found[name] = [ciede2000(lab(one), lab(other)) for one, other in zip(ours, theirs, strict=True)]
    return found


@pytest.mark.blender
def test_a_surface_looks_as_blenders_importer_shows_it(tmp_path: Path) -> None:
    found = differences(NAMES, tmp_path, SIDE, SAMPLES)
    assert {name: max(apart) for name, apart in found.items() if max(apart) > LIMIT} == {}
