"""Small sound files of every format that is read, to be damaged."""

from __future__ import annotations

import math
import struct
import tempfile
from pathlib import Path
from typing import Any

from media_assets.cad.client import Conversion
from media_assets.cad.settings import PRESETS
from tests.media_assets.cad.conftest import CORPUS, finish
from tests.media_assets.cad.witness import Witness

FROM_CORPUS = ("bearing_ball_608.step", "two_roots_metre.step", "nist_ctc_01_ap242.stp")
RINGS = 8

PART = {
    "name": "Käfig",
    "kind": "plate",
    "size": [30, 20, 5],
    "color": [1, 0.4, 0, 1],
    "faces": {"0": [0, 0, 1, 0.5]},
}


def sound_files(folder: Path, witness: Witness) -> list[Path]:
    """Write one file of each format into a folder, and return them with some of the corpus where that is there."""
    made = [folder / f"made.{suffix}" for suffix in ("step", "igs", "brep")]
    for path in made:
        witness.ask("write", _assembly(), str(path))
    with tempfile.TemporaryDirectory() as out:
        glb = finish(Conversion(made[0], Path(out), PRESETS["draft"], want_usd=False)).glb
        made.append(glb.rename(folder / "made.glb"))
    triangles = _ball()
    made.append(folder / "ball.stl")
    made[-1].write_bytes(
        bytes(80)
        + struct.pack("<I", len(triangles))
        + b"".join(
            struct.pack("<12fH", 0, 0, 0, *(n for point in one for n in point), 0) for one in triangles
        )
    )
    made.append(folder / "ball.obj")
    lines = ["o Kugel"] + [f"v {x:.5f} {y:.5f} {z:.5f}" for one in triangles for x, y, z in one]
    lines += [f"f {3 * number + 1} {3 * number + 2} {3 * number + 3}" for number in range(len(triangles))]
    made[-1].write_text("\n".join(lines) + "\n", encoding="utf-8")
    return made + [CORPUS / name for name in FROM_CORPUS if (CORPUS / name).is_file()]


def _assembly() -> dict[str, Any]:
    """A set of three plates, which is placed twice."""

    def place(number: int, **what: int) -> dict[str, Any]:
        return {
            **what,
            "name": f"Ort {number}",
            "color": None,
            "move": [0, 40 * number, 9 * number],
            "axis": [1, 1, 0],
            "angle": 0.3 * number,
        }

    return {
        "schema": "AP214IS",
        "unit": "MM",
        "parts": [PART],
        "assemblies": [
            {"name": "Satz", "children": [place(number, part=0) for number in range(3)]},
            {"name": "Regal", "children": [place(number, assembly=0) for number in (0, 4)]},
        ],
    }


def _ball() -> list[tuple[tuple[float, float, float], ...]]:
    def point(ring: int, step: int) -> tuple[float, float, float]:
        polar, around = math.pi * ring / RINGS, math.pi * step / RINGS
        return (
            10 * math.sin(polar) * math.cos(around),
            10 * math.sin(polar) * math.sin(around),
            10 * math.cos(polar),
        )

    found = []
    for ring in range(RINGS):
        for step in range(2 * RINGS):
            a, b = point(ring, step), point(ring + 1, step)
            c, d = point(ring + 1, step + 1), point(ring, step + 1)
            found += [(a, b, c)] * (ring < RINGS - 1) + [(a, c, d)] * (ring > 0)
    return found
