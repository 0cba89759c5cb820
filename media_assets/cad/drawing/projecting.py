"""Draws a product that was read and meshed: its lines in each view, checked against what hides them.

Exact shapes go through OpenCASCADE's polygonal hidden-line removal, and afterwards, where that is wanted, through its
exact one, view by view; meshes, and products that are too large for it, are drawn by the edges of their triangles and a
depth buffer. Runs in the child process only.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt
from OCP.Bnd import Bnd_Box
from OCP.BRepBndLib import BRepBndLib
from OCP.gp import gp_Trsf
from OCP.TopLoc import TopLoc_Location

from media_assets.cad.bodies import compound
from media_assets.cad.contract import ConversionProgress
from media_assets.cad.drawing.arcs import Arc, joined
from media_assets.cad.drawing.chains import chained
from media_assets.cad.drawing.depth import Buffer, MeshEdges, runs
from media_assets.cad.drawing.hidden_lines import ExactLines, axes_of, exact_lines_of, lines_of
from media_assets.cad.drawing.wanted import FAILED, NO_SHAPE, SLOW, STAGE, VIEWS, Drawing
from media_assets.cad.loading import Loaded
from media_assets.cad.placing import Floats, world_matrices
from media_assets.cad.product_tree import Node
from media_assets.cad.stages import Tell

MOST_TRIANGLES = 500_000
"""Of all places together: hidden-line removal compares edges with triangles, and takes minutes above that."""

NEAR_PIXELS = 2
"""Lines of the kernel and edges of the triangles this near to each other are the same."""

BEYOND = 0.03
"""Of the product's size: so much a center line is longer than its axis."""

DIGITS = 4

DRAWN = ("visible", "smooth")
"""The layers that show what can be seen."""

FINE_PIXELS = 0.05
"""How far the segments of an exact curve may be from it."""

STRETCH_PIXELS = 3.0
"""Exact lines are compared with the depths in pieces of at most this length."""


@dataclass(frozen=True)
class Depths:
    """What the triangles say of a view: the segments (k, 2, 2) that are seen and hidden, and the buffer behind it."""

    buffer: Buffer
    seen: Floats
    hidden: Floats

    @property
    def step(self) -> float:
        """Ends of lines that are nearer to each other are one (mm)."""
        return 0.25 / self.buffer.scale

    def contradict(self, visible: Floats) -> npt.NDArray[np.bool_]:
        """Return which lines (k, 2, 2), said to be visible, lie on edges that are hidden and on none that is seen."""
        return _are_near(visible, self.hidden, self.buffer) & ~_are_near(visible, self.seen, self.buffer)

    def lacking(self, drawn: list[Floats]) -> Floats:
        """Return the edges that are seen and lie near none of the lines that are drawn."""
        return self.seen[~_are_near(self.seen, np.concatenate(drawn), self.buffer)]


class Projector:
    """One drawing of one product. ``only_triangles`` says why the kernel is not asked; "" where it is."""

    def __init__(self, drawing: Drawing, loaded: Loaded, tell: Tell, only_triangles: str = "") -> None:
        self.drawing = drawing
        self.tell = tell
        _take_out(loaded.product.root, frozenset(drawing.hidden))
        self.loaded = replace(loaded, placed=world_matrices(loaded.product.root))
        loaded = self.loaded
        turn = np.array(drawing.orientation or np.eye(3).reshape(-1), np.float64).reshape(3, 3)
        self.views = {
            name: (np.array(right) @ turn, np.array(up) @ turn) for name, (right, up) in VIEWS.items()
        }
        self.turn = turn
        self.shape = self._shape()
        placed = sum(loaded.meshes[look].triangles * len(places) for look, places in loaded.placed.items())
        self.why = only_triangles
        if not self.why and self.shape is None:
            self.why = "the file is a mesh"
        if not self.why and placed > MOST_TRIANGLES:
            self.why = f"the product has {placed} triangles, more than {MOST_TRIANGLES}"
        self.depths: dict[str, Depths] = {}
        self.mended: dict[str, int] = {}
        self.drawn: dict[str, Any] = {}

    def run(self) -> dict[str, Any]:
        """Return the lines (mm, by view and layer), the size of the product and how it was drawn, as JSON values."""
        size = self._size()
        self.beyond = BEYOND * float(np.linalg.norm(size))
        axes = axes_of(self.shape) if self.shape is not None else []
        edges = [MeshEdges.of(self.loaded.meshes[look]) for look, _places in self._looks()]
        views = {}
        for number, name in enumerate(self.views):
            self.tell(ConversionProgress(0.86 + 0.02 * number, STAGE, "Drawing the views"))
            frame = self._frame(name)
            depths = self.depths[name] = self._depths(frame, edges)
            layers = self._layers(name, depths)
            views[name] = {layer: _rounded(chained(lines, depths.step)) for layer, lines in layers.items()}
            views[name]["center"] = _rounded([line for axis in axes for line in self._center(frame, *axis)])
        self.drawn = {
            "title": self.loaded.product.root.name,
            "views": views,
            "size_mm": size,
            "by": "triangles" if self.why else "kernel",
            "why": self.why,
            "mended": sum(self.mended.values()),
        }
        if self.drawing.exact:
            why = NO_SHAPE if self.why else SLOW
            self.drawn["by_view"] = {name: {"why": why} for name in self.views}
        return self.drawn

    def exactly(self) -> Iterator[dict[str, Any]]:
        """Yield the lines of ``run`` again, each time with one more view by exact hidden-line removal.

        ``by_view`` says which are: their seconds, or why not. The kernel may take longer than anybody waits.
        """
        for name in self.views if not self.why else ():
            begun = time.monotonic()
            try:
                self.drawn["views"][name].update(self._exact_layers(name))
                said: dict[str, Any] = {"seconds": round(time.monotonic() - begun, 2)}
            # Whatever OpenCASCADE throws: the polygonal lines are as good as they were.
            except Exception as error:
                said = {"why": FAILED, "error": f"{type(error).__name__}: {error}"[:200]}
            self.drawn["by_view"][name] = said
            self.drawn["mended"] = sum(self.mended.values())
            yield self.drawn

    def _exact_layers(self, name: str) -> dict[str, Any]:
        depths, frame = self.depths[name], self._frame(name)
        pixel = 1 / depths.buffer.scale
        found = exact_lines_of(self.shape, frame[0], frame[2], FINE_PIXELS * pixel)
        lines, arcs = self._mend_exact(name, depths, found)
        return {
            layer: [
                *_rounded(chained(lines[layer], depths.step)),
                *(arc.to_json(DIGITS) for arc in joined(arcs[layer], depths.step)),
            ]
            for layer in lines
        }

    def _frame(self, name: str) -> Floats:
        right, up = self.views[name]
        return np.stack([right, up, np.cross(right, up)])

    def _looks(self) -> Iterator[tuple[int, Floats]]:
        for look, places in self.loaded.placed.items():
            if self.loaded.meshes[look].surfaces:
                yield look, places

    def _shape(self) -> Any:
        """Return all places of exact shapes as one; None where a part has none."""
        shapes = []
        for look, places in self._looks():
            number = self.loaded.product.looks[look].part
            shape = self.loaded.product.parts[number].shape
            if shape is None or shape.IsNull() or number in self.loaded.product.shifts:
                return None
            for place in places:
                if np.linalg.det(place[:3, :3]) < 0 or not np.allclose(
                    place[:3, :3] @ place[:3, :3].T, np.eye(3)
                ):
                    return None
                moved = gp_Trsf()
                moved.SetValues(*place[:3].reshape(-1).tolist())
                shapes.append(shape.Moved(TopLoc_Location(moved)))
        return compound(shapes)

    def _depths(self, frame: Floats, edges: list[MeshEdges]) -> Depths:
        buffer, shown = self._buffer(frame, edges)
        pieces: dict[bool, list[Floats]] = {True: [], False: []}
        for segments in shown:
            for piece, is_seen in runs(buffer, segments):
                pieces[is_seen].append(piece)
        seen, hidden = (np.concatenate([np.zeros((0, 2, 2)), *pieces[one]]) for one in (True, False))
        return Depths(buffer, seen, hidden)

    def _layers(self, name: str, depths: Depths) -> dict[str, Floats]:
        if self.why:
            return {"visible": depths.seen, "smooth": depths.seen[:0], "hidden": depths.hidden}
        frame = self._frame(name)
        layers = lines_of(self.shape, frame[0], frame[2])
        wrong = depths.contradict(layers["visible"])
        missing = depths.lacking([layers["visible"], layers["smooth"]])
        self.mended[name] = int(wrong.sum()) + len(missing)
        return {
            **layers,
            "visible": np.concatenate([layers["visible"][~wrong], missing]),
            "hidden": np.concatenate([layers["hidden"], layers["visible"][wrong]]),
        }

    def _mend_exact(
        self, name: str, depths: Depths, found: dict[str, ExactLines]
    ) -> tuple[dict[str, Floats], dict[str, list[Arc]]]:
        """Return exact lines and arcs by layer, corrected by the depths: an arc by what holds for most of it."""
        pixel = 1 / depths.buffer.scale
        lines = {layer: _in_pieces(one.segments, STRETCH_PIXELS * pixel) for layer, one in found.items()}
        arcs = {layer: list(one.arcs) for layer, one in found.items()}
        flat = {layer: [_as_segments(arc, pixel) for arc in some] for layer, some in arcs.items()}
        missing = depths.lacking([*(lines[layer] for layer in DRAWN), *flat["visible"], *flat["smooth"]])
        wrong = depths.contradict(lines["visible"])
        false = [bool(depths.contradict(one).mean() > 0.5) for one in flat["visible"]]
        self.mended[name] = int(wrong.sum()) + sum(false) + len(missing)
        lines["hidden"] = np.concatenate([lines["hidden"], lines["visible"][wrong]])
        lines["visible"] = np.concatenate([lines["visible"][~wrong], missing])
        arcs["hidden"] += [arc for arc, is_false in zip(arcs["visible"], false, strict=True) if is_false]
        arcs["visible"] = [arc for arc, is_false in zip(arcs["visible"], false, strict=True) if not is_false]
        return lines, arcs

    def _buffer(self, frame: Floats, edges: list[MeshEdges]) -> tuple[Buffer, list[Floats]]:
        """Return the depths of a view, and the edges that a drawing shows in it (k, 2, 3: right, up, near)."""
        clouds, shown = [], []
        for (look, places), own in zip(self._looks(), edges, strict=True):
            surfaces = [surface for _, surface in self.loaded.meshes[look].surfaces]
            for place in places:
                matrix = frame @ place[:3, :3]
                moved = frame @ place[:3, 3]
                near = place[:3, :3].T @ frame[2]
                shown.append(own.shown(near) @ matrix.T + moved)
                clouds += [(surface.points @ matrix.T + moved)[surface.corners] for surface in surfaces]
        low = np.min([cloud.min(axis=(0, 1)) for cloud in clouds], axis=0)
        high = np.max([cloud.max(axis=(0, 1)) for cloud in clouds], axis=0)
        buffer = Buffer.around(low[:2], high[:2])
        for cloud in clouds:
            buffer.draw(cloud)
        return buffer, shown

    def _center(
        self, frame: Floats, one: Floats, other: Floats, radius: float
    ) -> list[list[tuple[float, float]]]:
        """Return the center lines of an axis in a view: along it, or a cross where it points to the viewer."""
        a, b = (frame @ end for end in (one, other))
        along = b[:2] - a[:2]
        length = float(np.linalg.norm(along))
        full = float(np.linalg.norm(other - one))
        if length > 0.999 * full:
            more = along / length * self.beyond
            return [[tuple(a[:2] - more), tuple(b[:2] + more)]]
        if length < 0.001 * full:
            arm = radius + self.beyond
            x, y = a[:2]
            return [[(x - arm, y), (x + arm, y)], [(x, y - arm), (x, y + arm)]]
        return []

    def _size(self) -> list[float]:
        """Return the size of the product as it stands: of its exact shape, or of its triangles."""
        if self.shape is not None:
            moved = gp_Trsf()
            moved.SetValues(*np.hstack([self.turn, np.zeros((3, 1))]).reshape(-1).tolist())
            box = Bnd_Box()
            BRepBndLib.AddOptimal_s(self.shape.Moved(TopLoc_Location(moved)), box, False, False)
            if not box.IsVoid() and not box.IsOpen():
                low, high = box.CornerMin(), box.CornerMax()
                sides = (high.X() - low.X(), high.Y() - low.Y(), high.Z() - low.Z())
                return [round(side, DIGITS) for side in sides]
        clouds = []
        for look, places in self._looks():
            points = np.concatenate([surface.points for _, surface in self.loaded.meshes[look].surfaces])
            clouds += [(points @ place[:3, :3].T + place[:3, 3]) @ self.turn.T for place in places]
        low_xyz = np.min([cloud.min(axis=0) for cloud in clouds], axis=0)
        high_xyz = np.max([cloud.max(axis=0) for cloud in clouds], axis=0)
        return [round(float(side), DIGITS) for side in high_xyz - low_xyz]


def _take_out(root: Node, keys: frozenset[str]) -> None:
    """Take parts and assemblies out of a tree."""
    for node in root.walk():
        node.children = [child for child in node.children if child.key not in keys]


def _in_pieces(lines: Floats, longest: float) -> Floats:
    """Return straight lines (k, 2, 2) cut into pieces that are not longer."""
    counts = np.ceil(np.linalg.norm(lines[:, 1] - lines[:, 0], axis=1) / longest).astype(np.int64).clip(1)
    line = np.repeat(np.arange(len(lines)), counts)
    number = np.arange(len(line)) - np.repeat(np.cumsum(counts) - counts, counts)
    along = (lines[:, 1] - lines[:, 0])[line]
    ends = [lines[line, 0] + along * ((number + end) / counts[line])[:, None] for end in (0, 1)]
    return np.stack(ends, axis=1)


def _as_segments(arc: Arc, pixel: float) -> Floats:
    points = np.array(arc.points(0.25 * pixel))
    return np.stack([points[:-1], points[1:]], axis=1)


def _are_near(lines: Floats, others: Floats, buffer: Buffer) -> npt.NDArray[np.bool_]:
    """Return of which lines (k, 2, 2; mm of a view) the middle lies near one of others."""
    height, width = buffer.depth.shape
    mask = np.zeros((height, width), bool)
    counts = np.ceil(np.linalg.norm(others[:, 1] - others[:, 0], axis=1) * buffer.scale).astype(np.int64) + 1
    line = np.repeat(np.arange(len(others)), counts)
    step = np.arange(len(line)) - np.repeat(np.cumsum(counts) - counts, counts)
    share = step / np.maximum(counts - 1, 1)[line]
    x, y = _pixels(others[line, 0] + (others[line, 1] - others[line, 0]) * share[:, None], buffer)
    for dx in range(-NEAR_PIXELS, NEAR_PIXELS + 1):
        for dy in range(-NEAR_PIXELS, NEAR_PIXELS + 1):
            mask[np.clip(y + dy, 0, height - 1), np.clip(x + dx, 0, width - 1)] = True
    x, y = _pixels(lines.mean(axis=1), buffer)
    near: npt.NDArray[np.bool_] = mask[np.clip(y, 0, height - 1), np.clip(x, 0, width - 1)]
    return near


def _pixels(points: Floats, buffer: Buffer) -> npt.NDArray[np.int64]:
    placed = buffer.at(np.pad(points, ((0, 0), (0, 1))))[:, :2]
    pixels: npt.NDArray[np.int64] = np.rint(placed).astype(np.int64).T
    return pixels


def _rounded(lines: list[Any]) -> list[list[list[float]]]:
    return [[[round(float(x), DIGITS), round(float(y), DIGITS)] for x, y in line] for line in lines]
