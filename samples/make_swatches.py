"""Renders a swatch of each finish of the library: `python samples/make_swatches.py` writes the admin's WebP files.

`--sheet FILE` writes one picture of all of them instead, to look at. Run it after a change to the finishes.
"""

# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import argparse
import json
import struct
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageDraw

PROJECT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(PROJECT))

from blender_scripts.contract import Look, RenderOutcome, RenderSpec  # noqa: E402
from blender_scripts.finish_library import NAMED  # noqa: E402
from blender_scripts.finish_rules import FinishSpec, Rule  # noqa: E402
from blender_scripts.launch import Session, find_blender  # noqa: E402

FOLDER = PROJECT / "rendering" / "static" / "rendering" / "finishes"
SIZE = 96
COLUMNS = 6
TURNS = 128
LOOK = Look(camera_view="three_quarter", elevation=32.0, margin=0.03, ground="none")
# What CAD programs draw such parts in; the finishes that show the CAD's color need one.
CAD_COLORS = {
    "rubber_colour": (0.45, 0.03, 0.02),
    "anodised_colour": (0.02, 0.10, 0.55),
    "plastic": (0.02, 0.02, 0.025),
    "plastic_glossy": (0.55, 0.04, 0.02),
    "plastic_matt": (0.10, 0.11, 0.12),
    "acrylic": (0.55, 0.75, 0.90),
    "paint": (0.02, 0.12, 0.40),
    "paint_glossy": (0.50, 0.02, 0.02),
    "paint_matt": (0.05, 0.22, 0.08),
    "powder_coat": (0.70, 0.30, 0.02),
    "pcb": (0.02, 0.12, 0.04),
}
GRAY = (0.53, 0.52, 0.50)


def profile() -> list[npt.NDArray[np.float64]]:
    """The outline of a knob, radius and height in meters, in pieces that are smooth in themselves."""
    bow = np.linspace(0.0, np.pi / 2, 24)
    dome = np.stack((0.030 * np.cos(bow), 0.016 + 0.028 * np.sin(bow)), axis=1)
    return [
        np.array(piece)
        for piece in (
            [(0.0, 0.0), (0.042, 0.0)],
            [(0.042, 0.0), (0.042, 0.012)],
            [(0.042, 0.012), (0.039, 0.016)],
            [(0.039, 0.016), (0.030, 0.016)],
            dome,
        )
    ]


def write_knob(path: Path, color: tuple[float, float, float]) -> Path:
    """Write the knob as a GLB (meters, Y up) and return its path."""
    points: list[npt.NDArray[np.float64]] = []
    normals: list[npt.NDArray[np.float64]] = []
    corners: list[npt.NDArray[np.intp]] = []
    count = 0
    turn = np.linspace(0.0, 2 * np.pi, TURNS + 1)
    for piece in profile():
        along = np.gradient(piece, axis=0)
        outward = np.stack((along[:, 1], -along[:, 0]), axis=1)
        outward /= np.linalg.norm(outward, axis=1, keepdims=True)
        for values, found in ((piece, points), (outward, normals)):
            radius, height = values[:, :1], np.repeat(values[:, 1:], TURNS + 1, axis=1)
            found.append(
                np.stack((radius * np.cos(turn), height, -radius * np.sin(turn)), axis=2).reshape(-1, 3)
            )
        for row in range(len(piece) - 1):
            at = count + row * (TURNS + 1) + np.arange(TURNS)
            up = at + TURNS + 1
            corners += [np.stack((at, at + 1, up + 1), axis=1), np.stack((at, up + 1, up), axis=1)]
        count += len(piece) * (TURNS + 1)
    arrays = (
        np.concatenate(points).astype("<f4"),
        np.concatenate(normals).astype("<f4"),
        np.concatenate(corners).astype("<u4").reshape(-1),
    )
    _write_glb(path, arrays, color)
    return path


def _write_glb(path: Path, arrays: tuple[npt.NDArray[np.generic], ...], color: tuple[float, ...]) -> None:
    points, normals, indices = arrays
    sizes = [array.nbytes for array in arrays]
    starts = [sum(sizes[:number]) for number in range(3)]
    bounds = {"min": points.min(axis=0).tolist(), "max": points.max(axis=0).tolist()}
    surface = {"baseColorFactor": [*color, 1.0], "metallicFactor": 0.0, "roughnessFactor": 0.5}
    document = {
        "asset": {"version": "2.0", "generator": "Renderdesk"},
        "scene": 0,
        "scenes": [{"name": "knob", "nodes": [0]}],
        "nodes": [{"name": "knob", "mesh": 0, "extras": {"part_key": "/knob", "product": "knob"}}],
        "meshes": [
            {
                "name": "knob",
                "primitives": [
                    {"attributes": {"POSITION": 0, "NORMAL": 1}, "indices": 2, "mode": 4, "material": 0}
                ],
            }
        ],
        "materials": [{"name": "knob", "pbrMetallicRoughness": surface, "extras": {}}],
        "accessors": [
            {"bufferView": 0, "componentType": 5126, "count": len(points), "type": "VEC3", **bounds},
            {"bufferView": 1, "componentType": 5126, "count": len(normals), "type": "VEC3"},
            {"bufferView": 2, "componentType": 5125, "count": len(indices), "type": "SCALAR"},
        ],
        "bufferViews": [
            {"buffer": 0, "byteOffset": start, "byteLength": size, "target": target}
            for start, size, target in zip(starts, sizes, (34962, 34962, 34963), strict=True)
        ],
        "buffers": [{"byteLength": sum(sizes)}],
    }
    text = json.dumps(document).encode()
    text += b" " * (-len(text) % 4)
    with path.open("wb") as out:
        out.write(struct.pack("<4sII", b"glTF", 2, 12 + 8 + len(text) + 8 + sum(sizes)))
        out.write(struct.pack("<I4s", len(text), b"JSON") + text)
        out.write(struct.pack("<I4s", sum(sizes), b"BIN\0"))
        for array in arrays:
            out.write(array.tobytes())


def swatches(folder: Path, size: int, only: Sequence[str]) -> Iterator[tuple[str, FinishSpec, Image.Image]]:
    """Render the finishes of these slugs, or all, and yield of each its name, itself and its picture."""
    session = Session(find_blender(), device_policy="auto", cwd=folder)
    session.start()
    try:
        for name, finish in NAMED:
            if only and finish.slug not in only:
                continue
            color = CAD_COLORS.get(finish.slug, GRAY)
            knob = write_knob(folder / f"{finish.slug}.glb", color)
            picture = folder / f"{finish.slug}.png"
            session.submit(
                RenderSpec(
                    kind="still",
                    glb_path=str(knob),
                    geometry_key=finish.slug,
                    output_path=str(picture),
                    look=LOOK,
                    width=size,
                    height=size,
                    samples=128,
                    color_depth=8,
                    rules=(Rule(finish),),
                )
            )
            while not (ended := [one for one in session.poll(1.0) if isinstance(one, RenderOutcome)]):
                pass
            if not ended[0].ok:
                raise SystemExit(f"{finish.slug}: {ended[0].error}")
            yield name, finish, Image.open(picture).convert("RGBA")
    finally:
        session.kill()


def sheet(found: list[tuple[str, FinishSpec, Image.Image]], size: int) -> Image.Image:
    """All swatches with their names on white."""
    rows = -(-len(found) // COLUMNS)
    whole = Image.new("RGB", (COLUMNS * size, rows * (size + 16)), "white")
    draw = ImageDraw.Draw(whole)
    for number, (_, finish, picture) in enumerate(found):
        x, y = number % COLUMNS * size, number // COLUMNS * (size + 16)
        whole.paste(picture, (x, y), picture)
        draw.text((x + 4, y + size), finish.slug, fill="black")
    return whole


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sheet", type=Path, help="write one picture of all swatches here")
    parser.add_argument("only", nargs="*", metavar="SLUG", help="only these finishes")
    parser.add_argument("--size", type=int, default=SIZE, help="px of each swatch")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        found = list(swatches(Path(name), options.size, options.only))
    if options.sheet:
        sheet(found, options.size).save(options.sheet)
        return
    FOLDER.mkdir(exist_ok=True)
    for _, finish, picture in found:
        picture.save(FOLDER / f"{finish.slug}.webp", quality=88, method=6)


if __name__ == "__main__":
    main()
