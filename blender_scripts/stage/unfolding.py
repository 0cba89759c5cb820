"""The ways of parts in a product that was taken apart: lines along them, and films that follow them.

The geometry has the parts where they end, and on each the way there (`media_assets/cad/explode/product.py` writes it):
moves by stage, in mm and the axes of the product.
"""

# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import json
import math
from dataclasses import dataclass
from typing import Any

import bpy
import numpy as np
import numpy.typing as npt
from mathutils import Matrix

from blender_scripts.contract import Unfolding
from blender_scripts.stage import lines
from blender_scripts.stage.geometry import PlacedMesh, Subject

Points = npt.NDArray[np.float64]

MOVES, LEADER = "explode_moves", "explode_leader"
_METERS = 0.001
_LINE = 0.0035
"""Half the width of lines, in radii of the subject: three pixels of a picture of 1024 px."""

_CORNERS = 6
_GRAY = (0.16, 0.17, 0.19)
_APART, _TURNED, _TOGETHER = (0.05, 0.40), (0.40, 0.68), (0.68, 0.95)
"""When a film takes the product apart, turns it and puts it together again, as parts of its length."""


@dataclass(frozen=True, slots=True)
class _Way:
    """How one place came where it is: its moves (n, 3) in meters with their stages, and where its line begins."""

    place: PlacedMesh
    end: Matrix
    stages: Points
    moves: Points
    base: str = ""
    point: Points | None = None

    def left(self, done: float) -> Points:
        """How far it is from its end when so many stages are done, in meters and the axes of the product."""
        shares = _eased(np.clip(done - self.stages + 1.0, 0.0, 1.0))
        found: Points = ((shares - 1.0)[:, None] * self.moves).sum(axis=0)
        return found


class Ways:
    """All ways of a subject, as it is arranged now."""

    def __init__(self, subject: Subject) -> None:
        self._subject = subject
        places = [*subject.shown, *subject.others]
        is_apart = any(MOVES in place.thing for place in places)
        self._ways = {place.part.key: _way(place) for place in places} if is_apart else {}
        self._stages = max((float(way.stages.max(initial=0.0)) for way in self._ways.values()), default=0.0)
        self._lows = np.array([self._lowest(way) for way in self._ways.values()])
        self._lines: list[bpy.types.Object] = []

    def pose(self, wanted: Unfolding, turn: float) -> None:
        """Show the subject at this part of a film's length, from 0 to 1."""
        if wanted.motion == "turn" or not self._ways:
            self._subject.pivot.rotation_euler.z = math.tau * turn
            if self._ways:
                self._stand(wanted, self._stages)
            return
        self._subject.pivot.rotation_euler.z = math.tau * float(_eased(_within(turn, _TURNED)))
        self._stand(wanted, self._stages * (_within(turn, _APART) - _within(turn, _TOGETHER)))

    def forget(self) -> None:
        """Take the lines out of the scene."""
        lines.remove(self._lines)
        self._lines = []

    def _stand(self, wanted: Unfolding, done: float) -> None:
        """Put each part where it is when so many stages are done, and the lowest of them on the ground."""
        shifts = np.zeros((len(self._ways), 3))
        for at, way in enumerate(self._ways.values()):
            if len(way.moves):
                shifts[at] = self._subject.frame[:3, :3] @ way.left(done)
                way.place.thing.matrix_parent_inverse = Matrix.Translation(shifts[at].tolist()) @ way.end
        self._subject.pivot.location.z = -float((self._lows + shifts[:, 2]).min())
        self.forget()
        if wanted.lines:
            self._draw(done)

    def _lowest(self, way: _Way) -> float:
        """How far a place reaches down where it ends."""
        row = np.array(way.end)[2]
        return float((self._subject.outlines[way.place.mesh.name] @ row[:3]).min() + row[3])

    def _draw(self, done: float) -> None:
        """Draw a line from where each part was taken off to where it is."""
        ends = []
        for way in self._ways.values():
            base = self._ways.get(way.base)
            if way.point is None or base is None:
                continue
            start = way.point + _total(base) + base.left(done)
            end = way.point + _total(way) + way.left(done)
            if np.linalg.norm(end - start) > 1e-9:
                ends.append(
                    np.stack((start, end)) @ self._subject.frame[:3, :3].T + self._subject.frame[:3, 3]
                )
        if not ends:
            return
        paint = lines.ink("leaders", _GRAY)
        mesh = lines.strokes("leaders", np.array(ends), _LINE, paint, _CORNERS)
        self._lines = [lines.show(mesh, self._subject.pivot)]


def _way(place: PlacedMesh) -> _Way:
    end = place.thing.matrix_parent_inverse.copy()
    moves = np.array(_noted(place, MOVES, []), float).reshape(-1, 4)
    base, *point = _noted(place, LEADER, [""])
    return _Way(
        place,
        end,
        moves[:, 0],
        moves[:, 1:] * _METERS,
        base,
        np.array(point, float) * _METERS if point else None,
    )


def _noted(place: PlacedMesh, name: str, default: Any) -> Any:
    return json.loads(place.thing[name]) if name in place.thing else default


def _total(way: _Way) -> Points:
    found: Points = way.moves.sum(axis=0)
    return found


def _within(turn: float, span: tuple[float, float]) -> float:
    return min(1.0, max(0.0, (turn - span[0]) / (span[1] - span[0])))


def _eased(share: Any) -> Any:
    """Slow at both ends."""
    return share * share * (3.0 - 2.0 * share)
