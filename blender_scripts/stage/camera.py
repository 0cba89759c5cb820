"""Puts the camera where the whole subject fills the picture, by its projected bounds."""

# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import math
from collections.abc import Sequence

import bpy
import numpy as np
from mathutils import Matrix

from blender_scripts.contract import Look
from blender_scripts.stage.extent import Points
from blender_scripts.studios import CameraLimits

_SENSOR_MM = 36.0
_TURNS = 48
_F_STOP_SCALE = 0.05
"""An f-stop means what it does to a subject 100 mm across: our scene unit is half of it, and Blender's a meter."""


USUAL = CameraLimits()
_CLEAR = 0.95
"""Nearer than this share of the way to the subject, a studio may take things out of the picture."""


def build(scene: bpy.types.Scene) -> bpy.types.Object:
    """The scene's camera, not yet pointed at anything."""
    data = bpy.data.cameras.new("camera")
    data.sensor_width = _SENSOR_MM
    data.sensor_fit = "AUTO"
    camera = bpy.data.objects.new("camera", data)
    scene.collection.objects.link(camera)
    scene.camera = camera
    return camera


def frame(
    camera: bpy.types.Object,
    points: Points,
    look: Look,
    width: int,
    height: int,
    *,
    turning: bool,
    limits: CameraLimits = USUAL,
) -> None:
    """Aim `camera` so that `points` fit the picture with the look's margin; `turning`: in every rotation.

    With an f-stop the plane of focus lies at a third of the subject's depth, counted from the camera. It sees what is
    within the `limits`, and the points in any case.
    """
    if turning:
        points = _turned(points)
    axes = _axes(*look.direction, look.roll)
    seen = points @ axes
    half = _half(look, width, height)
    if look.orthographic:
        low, high = seen.min(axis=0), seen.max(axis=0)
        span = ((high - low)[:2] / 2 / half).max()
        middle = np.array((*((low + high) / 2)[:2], low[2] - 5.0))
    else:
        span, middle = 0.0, _station(seen, half * _SENSOR_MM / 2 / look.focal_length_mm)
    _place(camera, look, axes, middle, seen, span, limits)


def orbit(
    camera: bpy.types.Object,
    points: Points,
    look: Look,
    width: int,
    height: int,
    elevations: Sequence[float],
    *,
    limits: CameraLimits = USUAL,
) -> None:
    """Aim `camera` at the middle of the subject, from the one distance at which it fits the picture in every rotation
    seen from all of these elevations (degrees): the subject neither jumps nor grows between their rows.
    """
    turned = _turned(points)
    target = np.array((0.0, 0.0, (points[:, 2].min() + points[:, 2].max()) / 2))
    half = _half(look, width, height)
    slope = half * _SENSOR_MM / 2 / look.focal_length_mm
    distance = span = 0.0
    for elevation in elevations:
        seen = (turned - target) @ _axes(look.direction[0], elevation, look.roll)
        off, depth = np.abs(seen[:, :2]), seen[:, 2]
        span = max(span, float((off / half).max()))
        distance = max(distance, float((off / slope - depth[:, None]).max()), float(0.05 - depth.min()))
    axes = _axes(*look.direction, look.roll)
    seen = turned @ axes
    place = target @ axes - (0.0, 0.0, 5.0 if look.orthographic else distance)
    _place(camera, look, axes, place, seen, span, limits)


def _half(look: Look, width: int, height: int) -> Points:
    """Half the picture within its margins, in halves of the sensor: AUTO fits that to the longer side."""
    aspect = width / height
    return np.array((min(1.0, aspect), min(1.0, 1.0 / aspect))) * (1.0 - 2.0 * look.margin)


def _place(
    camera: bpy.types.Object,
    look: Look,
    axes: Points,
    middle: Points,
    seen: Points,
    span: float,
    limits: CameraLimits,
) -> None:
    """Put `camera` at a place along its own axes, as `seen` is given; `span`: what half an orthographic one shows."""
    data = camera.data
    data.type = "ORTHO" if look.orthographic else "PERSP"
    if look.orthographic:
        data.ortho_scale = float(2 * max(span, 1e-6))
    else:
        data.lens = look.focal_length_mm
    right, up, forward = axes.T
    position = right * middle[0] + up * middle[1] + forward * middle[2]
    matrix = Matrix.Identity(4)
    for column, axis in enumerate((right, up, -forward, position)):
        for row in range(3):
            matrix[row][column] = float(axis[row])
    camera.matrix_world = matrix
    depths = seen[:, 2] - middle[2]
    data.clip_start = max(USUAL.near, min(limits.near, float(depths.min()) * _CLEAR))
    data.clip_end = max(limits.far, float(depths.max()) / _CLEAR)
    data.dof.use_dof = look.f_stop is not None
    if look.f_stop is not None:
        near, far = seen[:, 2].min(), seen[:, 2].max()
        data.dof.focus_distance = float(near + (far - near) / 3 - middle[2])
        data.dof.aperture_fstop = look.f_stop * _F_STOP_SCALE


def _axes(azimuth: float, elevation: float, roll: float) -> Points:
    """Right, up and forward, the columns, of a camera that looks at the subject from these angles in degrees."""
    turn, rise, tilt = (math.radians(angle) for angle in (azimuth, elevation, roll))
    right = np.array((math.cos(turn), math.sin(turn), 0.0))
    forward = np.array((-math.sin(turn) * math.cos(rise), math.cos(turn) * math.cos(rise), -math.sin(rise)))
    up = np.cross(right, forward)
    return np.stack(
        (
            right * math.cos(tilt) + up * math.sin(tilt),
            up * math.cos(tilt) - right * math.sin(tilt),
            forward,
        ),
        axis=1,
    )


def _station(seen: Points, slope: Points) -> Points:
    """Nearest camera position (in camera axes) from which all points lie within `slope` on each axis, centered.

    A point fits when |x - cx| <= slope * (depth - cz); the tightest points on both sides give cz, and the
    other axis is then centered in the image by bisection on its projected extremes.
    """
    depth = math.inf
    for axis in (0, 1):
        outer = (seen[:, axis] - slope[axis] * seen[:, 2]).max()
        inner = (-seen[:, axis] - slope[axis] * seen[:, 2]).max()
        depth = min(depth, -(outer + inner) / (2 * slope[axis]))
    depth = min(depth, float(seen[:, 2].min()) - 0.05)
    distance = seen[:, 2] - depth
    station = [0.0, 0.0, depth]
    for axis in (0, 1):
        low, high = float(seen[:, axis].min()), float(seen[:, axis].max())
        for _ in range(40):
            center = (low + high) / 2
            projected = (seen[:, axis] - center) / distance
            low, high = (center, high) if projected.max() + projected.min() > 0 else (low, center)
        station[axis] = (low + high) / 2
    return np.array(station)


def _turned(points: Points) -> Points:
    """`points` in every rotation of a full turn; only the outermost of each height matter."""
    radius = np.hypot(points[:, 0], points[:, 1])
    order = np.lexsort((-radius, np.round(points[:, 2], 3)))
    _, first = np.unique(np.round(points[order, 2], 3), return_index=True)
    outer = order[first]
    angles = np.linspace(0.0, 2 * math.pi, _TURNS, endpoint=False)
    ring = radius[outer, None]
    return np.stack(
        (
            (ring * np.cos(angles)).ravel(),
            (ring * np.sin(angles)).ravel(),
            np.repeat(points[outer, 2], _TURNS),
        ),
        axis=1,
    )
