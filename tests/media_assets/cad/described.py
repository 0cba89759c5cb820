"""What an assembly as ``assemblies.py`` takes it ought to show, worked out from its description alone."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from tests.media_assets.cad.shown import Floats

FACES = {"box": 6, "cylinder": 3, "cone": 3, "sphere": 1, "plate": 7}
MEANINGLESS = re.compile(
    r"(=>\[[\d:]+\]|SOLID|SHELL|FACE|COMPOUND|COMPSOLID|PART|NONE|ASSEMBLY|UNNAMED)?", re.I
)
NUMBER = re.compile(r"(NAUO)?[\s\d.:_#-]*", re.I)


@dataclass
class Leaf:
    """A part where the description places it."""

    name: str
    product: str
    matrix: Floats
    colors: set[str]


def lost_in_writing(described: dict[str, Any], cad: dict[str, Any]) -> list[str]:
    """Return what OpenCASCADE does not find in the file that it was asked to write; [] for a file as described."""
    left = list(cad["placed"])
    lost = []
    for leaf in _all(described):
        here = [one for one in left if np.allclose(one["matrix"], leaf.matrix, rtol=1e-6, atol=1e-4)]
        fits = [one for one in here if _is(leaf, one)]
        if fits:
            left.remove(fits[0])
        else:
            lost.append(f"{leaf} is not there, but {here}")
    return lost + [f"{one} was not asked for" for one in left]


def _is(leaf: Leaf, found: dict[str, Any]) -> bool:
    return (leaf.name, leaf.product, leaf.colors) == (found["name"], found["product"], set(found["areas"]))


def _all(described: dict[str, Any]) -> Iterator[Leaf]:
    """Yield every part that is shown: what no assembly places is a product of its own."""
    children = [child for one in described["assemblies"] for child in one["children"]]
    for number, part in enumerate(described["parts"]):
        if not any(child.get("part") == number for child in children):
            yield _leaf(part, "", np.eye(4), None)
    for number in range(len(described["assemblies"])):
        if not any(child.get("assembly") == number for child in children):
            yield from _leaves(described, number, np.eye(4), None)


def _leaf(part: dict[str, Any], name: str, matrix: Floats, color: Any) -> Leaf:
    faces = {face: value for face, value in part["faces"].items() if int(face) < FACES[part["kind"]]}
    colors = {_hex(value) for value in faces.values()}
    if len(faces) < FACES[part["kind"]]:
        colors.add(_hex(color or part["color"]))
    return Leaf(_meant(name, NUMBER), _meant(part["name"]), matrix, colors)


def _leaves(described: dict[str, Any], number: int, around: Floats, painted: Any) -> Iterator[Leaf]:
    for child in described["assemblies"][number]["children"]:
        matrix = around @ _matrix(child)
        color = painted or child["color"]
        if "assembly" in child:
            yield from _leaves(described, child["assembly"], matrix, color)
        else:
            yield _leaf(described["parts"][child["part"]], child["name"], matrix, color)


def _meant(name: str, number: re.Pattern[str] | None = None) -> str:
    text = " ".join(re.sub(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]+", " ", name).split())
    return "" if MEANINGLESS.fullmatch(text) or (number and number.fullmatch(text)) else text


def _hex(color: list[float] | None) -> str:
    if not color:
        return ""
    return "#" + "".join(f"{round(255 * one):02X}" for one in (color if color[3] < 1.0 else color[:3]))


def _matrix(child: dict[str, Any]) -> Floats:
    """Return the matrix of a place (Rodrigues' formula)."""
    matrix = np.eye(4)
    matrix[:3, 3] = child["move"]
    axis = np.array(child["axis"] if any(child["axis"]) else (0.0, 0.0, 1.0))
    x, y, z = axis / np.linalg.norm(axis)
    cross = np.array([[0, -z, y], [z, 0, -x], [-y, x, 0]])
    angle = child["angle"]
    matrix[:3, :3] += np.sin(angle) * cross + (1 - np.cos(angle)) * cross @ cross
    return matrix
