"""Lays labels on the parts of a model, where pictures have them (`blender_scripts/stage/labels.py`): as thin meshes.

Ink is the picture; an engraving is a shadow where the picture is dark, as models have no relief.
"""

from __future__ import annotations

import io
import math
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt
from PIL import Image

from blender_scripts.labels import FACING, INK_ROUGHNESS, LOOKS, LabelSpec
from rendering.pictures.shapes.dressing import BASIS
from rendering.pictures.shapes.model import TO_Y_UP, Floats, Model, ModelMesh, Triangles

NAME = "label"
MM = 1000.0
LIFT = 5e-4
"""Of the product's diagonal: how far a label lies over its part, or viewers could not tell which one is in front."""

LARGEST = 1024  # px
SHADOW = 0.45  # opacity of an engraving where its picture is black
SAMPLER = {"magFilter": 9729, "minFilter": 9987, "wrapS": 33071, "wrapT": 33071}

Bools = npt.NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class Decal:
    """A label on one node: `rows` (3, 4) lead from a place of its mesh (m, and 1) to widths to the right of the label's
    middle, heights above it and meters above the face; `reach` in m.
    """

    rows: Floats
    reach: float
    sha256: str
    is_engraved: bool


def find(model: Model, labels: Sequence[LabelSpec], files: Mapping[str, str]) -> dict[int, list[Decal]]:
    """Return the labels of each node of a geometry as it was read. Raises ValueError for one that meets nothing."""
    by_part: dict[str, list[LabelSpec]] = defaultdict(list)
    for label in labels:
        by_part[label.part].append(label)
    found: dict[int, list[Decal]] = {}
    for number, world in model.shown():
        node = model.nodes[number]
        for label in by_part.get(node["extras"]["part_key"], ()):
            decal = _decal(label, model.meshes[node["mesh"]], world, files[label.sha256])
            found.setdefault(number, []).append(decal)
    return found


def _decal(label: LabelSpec, mesh: ModelMesh, world: Floats, file: str) -> Decal:
    place = TO_Y_UP.T @ world[:3, :]
    normal, up = np.array(label.normal), np.array(label.up)
    right, across, above = (np.array(one) for one in label.axes())
    corners = np.concatenate([one.points[np.unique(one.corners)] for one, _ in mesh.primitives])
    cloud = corners @ place[:, :3].T + place[:, 3]
    middle = (cloud.min(axis=0) + cloud.max(axis=0)) / 2 + (right * label.x + up * label.y) / MM
    with Image.open(file) as picture:
        width, height = label.mm / MM, label.mm / MM * picture.height / picture.width
    axes = np.stack([across / width, above / height, normal])
    rows = axes @ place
    rows[:2, 3] -= axes[:2] @ middle
    heights = [_highest(_led(rows, one)[one.corners]) for one, _ in mesh.primitives]
    if (face := max(heights)) == -math.inf:
        raise ValueError(
            f"A label of {label.mm:g} mm does not meet the part {label.part}. Move it onto the part."
        )
    rows[2, 3] -= face
    return Decal(rows, label.reach / MM, label.sha256, label.depth > 0)


def _led(rows: Floats, one: Triangles) -> Floats:
    led: Floats = one.points @ rows[:, :3].T + rows[:, 3]
    return led


def _near(triangles: Floats) -> Bools:
    """Return which of the triangles (m, 3 corners, 3) reach into the label's rectangle, as far as their boxes say."""
    low, high = triangles[..., :2].min(axis=1), triangles[..., :2].max(axis=1)
    near: Bools = ((low <= 0.5) & (high >= -0.5)).all(axis=1)
    return near


def _highest(triangles: Floats) -> float:
    """Return how far out the triangles reach at the places of a label where they are looked for; -inf: nowhere."""
    triangles = triangles[_near(triangles)]
    low, high = triangles.min(axis=1), triangles.max(axis=1)
    best = -math.inf
    for u in LOOKS:
        for v in LOOKS:
            at = (low[:, 0] <= u) & (high[:, 0] >= u) & (low[:, 1] <= v) & (high[:, 1] >= v)
            a, b, c = triangles[at].transpose(1, 0, 2)
            one, other, to = b - a, c - a, np.array((u, v)) - a[:, :2]
            with np.errstate(divide="ignore", invalid="ignore"):
                area = one[:, 0] * other[:, 1] - one[:, 1] * other[:, 0]
                s = (to[:, 0] * other[:, 1] - to[:, 1] * other[:, 0]) / area
                t = (one[:, 0] * to[:, 1] - one[:, 1] * to[:, 0]) / area
            hit = (s >= -1e-9) & (t >= -1e-9) & (s + t <= 1 + 1e-9)
            outs = (a[:, 2] + s * one[:, 2] + t * other[:, 2])[hit]
            best = max(best, float(outs.max(initial=-math.inf)))
    return best


def lay(model: Model, found: Mapping[int, Sequence[Decal]], files: Mapping[str, str]) -> Model:
    """Return the model with its labels on; the model itself stays as it is."""
    if not found:
        return model
    lift = LIFT * float(np.linalg.norm(np.ptp(model.box(), axis=0)))
    pictures = _Pictures(model, files)
    nodes, meshes = [dict(node) for node in model.nodes], list(model.meshes)
    used = Counter(node["mesh"] for node in nodes if "mesh" in node)
    for number, labels in found.items():
        plain = nodes[number]["mesh"]
        mesh = model.meshes[plain]
        decals = [
            (covered, pictures.material(one)) for one in labels if (covered := _covered(mesh, one, lift))
        ]
        labelled = replace(mesh, primitives=(*mesh.primitives, *decals))
        used[plain] -= 1
        if used[plain]:
            nodes[number]["mesh"] = len(meshes)
            meshes.append(labelled)
        else:
            meshes[plain] = labelled
    return replace(
        model,
        nodes=nodes,
        meshes=meshes,
        materials=pictures.materials,
        textures=pictures.textures,
        images=pictures.images,
    )


class _Pictures:
    """The materials of a model with those of labels, each picture once."""

    def __init__(self, model: Model, files: Mapping[str, str]) -> None:
        self.files = files
        self.materials = list(model.materials)
        self.images = list(model.images)
        lists: dict[str, list[Any]] = {"images": [], "samplers": [], "textures": [], **model.textures}
        self.textures = {name: list(known) for name, known in lists.items()}
        self._known: dict[tuple[str, bool], int] = {}

    def material(self, label: Decal) -> int:
        key = (label.sha256, label.is_engraved)
        if key not in self._known:
            image = _drawn(self.files[label.sha256], is_engraved=label.is_engraved)
            self.textures["samplers"].append(SAMPLER)
            self.textures["images"].append({"mimeType": "image/png"})
            self.textures["textures"].append(
                {"sampler": len(self.textures["samplers"]) - 1, "source": len(self.images)}
            )
            self.images.append(image)
            self._known[key] = len(self.materials)
            self.materials.append(
                {
                    "name": NAME,
                    BASIS: {
                        "baseColorTexture": {"index": len(self.textures["textures"]) - 1},
                        "metallicFactor": 0.0,
                        "roughnessFactor": INK_ROUGHNESS,
                    },
                    "alphaMode": "BLEND",
                }
            )
        return self._known[key]


def _drawn(file: str, *, is_engraved: bool) -> bytes:
    with Image.open(file) as picture:
        shown = picture.convert("RGBA")
    shown.thumbnail((LARGEST, LARGEST), Image.Resampling.LANCZOS)
    if is_engraved:
        light = np.asarray(shown.convert("L"), float) / 255
        alpha = np.asarray(shown.getchannel("A"), float) * SHADOW * (1 - light)
        shown = Image.merge(
            "RGBA", [*[Image.new("L", shown.size)] * 3, Image.fromarray(alpha.astype(np.uint8))]
        )
    out = io.BytesIO()
    shown.save(out, "PNG", optimize=True)
    return out.getvalue()


def _covered(mesh: ModelMesh, label: Decal, lift: float) -> Triangles | None:
    """Return what a label covers of a mesh, cut to its rectangle and its reach; None for nothing."""
    pieces = [piece for one, _ in mesh.primitives for piece in _pieces(one, label)]
    if not pieces:
        return None
    corners = np.concatenate(pieces).reshape(-1, 9).astype(np.float32)
    places, numbers = np.unique(corners, axis=0, return_inverse=True)
    normals = places[:, 6:] / np.linalg.norm(places[:, 6:], axis=1, keepdims=True)
    more = {"NORMAL": normals, "TEXCOORD_0": places[:, :2] * np.array((1, -1), np.float32) + np.float32(0.5)}
    points = (places[:, 3:6] + lift * normals).astype(np.float32)
    return Triangles(points, more, numbers.reshape(-1, 3).astype(np.uint32))


def _pieces(one: Triangles, label: Decal) -> Iterator[Floats]:
    """Yield triangles (n, 3, 9): place on the label and above the face, place in the mesh, normal."""
    led = _led(label.rows, one)
    near = one.corners[_near(led[one.corners])]
    out = label.rows[2, :3] / np.linalg.norm(label.rows[2, :3])
    near = near[one.more["NORMAL"][near].mean(axis=1) @ out > FACING]
    corners = np.concatenate([led, one.points, one.more["NORMAL"]], axis=1)[near]
    bounds = np.array((0.5, 0.5, label.reach))
    inside = (np.abs(corners[..., :3]) <= bounds).all(axis=(1, 2))
    if inside.any():
        yield corners[inside]
    for triangle in corners[~inside]:
        cut = list(triangle)
        for axis in range(3):
            for way in (1.0, -1.0):
                cut = _within(cut, axis, way, float(bounds[axis]))
        for last in range(2, len(cut)):
            yield np.stack([cut[0], cut[last - 1], cut[last]])[None]


def _within(polygon: list[Floats], axis: int, way: float, most: float) -> list[Floats]:
    """Return what of a polygon lies on this side of a plane."""
    found = []
    for at, here in enumerate(polygon):
        before = polygon[at - 1]
        over, was = way * here[axis] - most, way * before[axis] - most
        if (over > 0) != (was > 0):
            found.append(before + (here - before) * was / (was - over))
        if over <= 0:
            found.append(here)
    return found
