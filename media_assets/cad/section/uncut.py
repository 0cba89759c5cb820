"""Which parts a section leaves whole, as drawings do (ISO 128-3): fasteners, shafts and balls.

A part is left whole by its name, or by its shape: a ball always; a solid turned part without a bore that is longer
than thick (a shaft, a pin, a roller) where a plane cuts it lengthwise. Runs in the child process only.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from OCP.BRepAdaptor import BRepAdaptor_Surface
from OCP.BRepClass3d import BRepClass3d_SolidClassifier
from OCP.GeomAbs import (
    GeomAbs_Cone,
    GeomAbs_Cylinder,
    GeomAbs_Plane,
    GeomAbs_Sphere,
    GeomAbs_SurfaceOfRevolution,
    GeomAbs_Torus,
)
from OCP.gp import gp_Pnt
from OCP.TopAbs import TopAbs_IN, TopAbs_SOLID

from media_assets.cad.bodies import shape_map
from media_assets.cad.mesher import faces_of
from media_assets.cad.placing import Floats
from media_assets.cad.section.clipping import Plane

_FASTENERS = r"""screws? bolts? nuts? washers? pins? dowels? rivets? studs? circlips? split\ ?pins? set\ ?screws?
\w*schrauben? \w*muttern? unterlegscheiben? federscheiben? \w*stifte? \w*bolzen \w*nieten? sicherungsringe?"""
_SHAFTS = r"shafts? axles? spindles? arbors? \w*wellen? \w*achsen?"
_BALLS = r"balls? rollers? needles? \w*kugeln? kegelrollen? zylinderrollen? tonnenrollen? nadelrollen?"
_OTHERS = r"""\w*bearings? \w*lager joints? \w*gelenke? valves? \w*ventile? cages? \w*käfige? retainers? housings?
\w*gehäuse covers? caps? blocks? plates? holders? nests? brackets? supports? seats? tables? rings? \w*ringe?"""


def _any_of(words: str) -> re.Pattern[str]:
    terms = "|".join(re.split(r"(?<!\\)\s+", words))
    return re.compile(rf"(?<![^\W\d_])(?:{terms})(?![^\W\d_])", re.IGNORECASE)


_NAMED = {"fastener": _any_of(_FASTENERS), "shaft": _any_of(_SHAFTS), "ball": _any_of(_BALLS)}
_NOT = _any_of(_OTHERS)
LONGEST_NAME = 200

SAME_ANGLE, SAME_PLACE = 1e-4, 1e-3
"""Radians, and parts of the size: axes nearer to each other are one."""

LENGTHWISE = 0.5
"""Sine of the angle between a plane and an axis; below it the plane cuts lengthwise."""

MOST_FACES = 60
"""A part with more faces is no simple turned part."""


@dataclass(frozen=True)
class Axis:
    """The axis of a turned part: a point on it and its direction; none for a ball."""

    point: Floats
    direction: Floats | None


def by_name(*names: str) -> str:
    """Return which kind of part that is left whole these names say: fastener, shaft, ball; "" for others."""
    text = " ".join(re.sub(r"(?<=[a-zäöüß])(?=[A-ZÄÖÜ])", " ", name[:LONGEST_NAME]) for name in names)
    text = text.replace("_", " ")
    if _NOT.search(text):
        return ""
    return next((kind for kind, words in _NAMED.items() if words.search(text)), "")


def by_shape(shape: Any, points: Floats, planes: Sequence[Plane]) -> str:
    """Return the same by a part's shape; ``points`` (n, 3) are on it, ``planes`` in its coordinates."""
    if shape is None or shape.IsNull() or shape_map(shape, TopAbs_SOLID).Extent() != 1:
        return ""
    axis = axis_of(shape)
    if axis is None:
        return ""
    if axis.direction is None:
        return "ball" if _is_solid_at(shape, [axis.point]) else ""
    along = (points - axis.point) @ axis.direction
    away = np.linalg.norm(points - axis.point - along[:, None] * axis.direction, axis=1)
    length = float(np.ptp(along))
    if length < 2 * float(away.max()):
        return ""
    if all(abs(float(plane.normal @ axis.direction)) > LENGTHWISE for plane in planes):
        return ""
    inside = [axis.point + (along.min() + share * length) * axis.direction for share in (0.3, 0.5, 0.7)]
    return "shaft" if _is_solid_at(shape, inside) else ""


def axis_of(shape: Any) -> Axis | None:
    """Return the axis around which all faces of a shape were turned; None where there is none."""
    faces = faces_of(shape)
    if not 0 < len(faces) <= MOST_FACES:
        return None
    flat, centers, axes = [], [], []
    for face in faces:
        surface = BRepAdaptor_Surface(face)
        kind = surface.GetType()
        if kind == GeomAbs_Plane:
            flat.append(_direction(surface.Plane().Axis().Direction()))
        elif kind == GeomAbs_Sphere:
            centers.append(_place(surface.Sphere().Location()))
        elif (found := _turned(surface, kind)) is not None:
            axes.append(found)
        else:
            return None
    if not axes:
        is_ball = bool(centers) and not flat and np.ptp(centers, axis=0).max() < SAME_PLACE
        return Axis(centers[0], None) if is_ball else None
    point, direction = axes[0]
    size = max([1.0, *(float(np.linalg.norm(other - point)) for other, _ in axes)])
    for other, its_direction in axes:
        if np.linalg.norm(np.cross(direction, its_direction)) > SAME_ANGLE or not _is_on(
            other, point, direction, size
        ):
            return None
    if any(np.linalg.norm(np.cross(direction, one)) > SAME_ANGLE for one in flat):
        return None
    if not all(_is_on(center, point, direction, size) for center in centers):
        return None
    return Axis(point, direction)


def _turned(surface: Any, kind: Any) -> tuple[Floats, Floats] | None:
    getters = {GeomAbs_Cylinder: "Cylinder", GeomAbs_Cone: "Cone", GeomAbs_Torus: "Torus"}
    if kind in getters:
        axis = getattr(surface, getters[kind])().Axis()
    elif kind == GeomAbs_SurfaceOfRevolution:
        axis = surface.AxeOfRevolution()
    else:
        return None
    return _place(axis.Location()), _direction(axis.Direction())


def _is_on(place: Floats, point: Floats, direction: Floats, size: float) -> bool:
    return bool(np.linalg.norm(np.cross(place - point, direction)) < SAME_PLACE * size)


def _is_solid_at(shape: Any, places: Sequence[Floats]) -> bool:
    """Return whether most of these places lie in the material."""
    classifier = BRepClass3d_SolidClassifier(shape)
    inside = 0
    for place in places:
        classifier.Perform(gp_Pnt(*(float(number) for number in place)), 1e-6)
        inside += classifier.State() == TopAbs_IN
    return 2 * inside > len(places)


def _place(point: Any) -> Floats:
    return np.array([point.X(), point.Y(), point.Z()])


_direction = _place
