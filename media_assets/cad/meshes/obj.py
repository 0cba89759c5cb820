"""Reads Wavefront OBJ: parts by object and group, polygons, normals where the file has them. In the child process only.

Colors of an OBJ lie in another file (MTL), which an upload does not have.
"""

from __future__ import annotations

from array import array
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from media_assets.cad.contract import Finding, Limits, Reading
from media_assets.cad.errors import CadError
from media_assets.cad.meshes.normals import given_surface, smooth_surface, usable
from media_assets.cad.meshes.polygons import cut
from media_assets.cad.meshes.scene import (
    UNIT_NAMES,
    Floats,
    MeshGroup,
    MeshScene,
    dropped_triangles,
    flat_scene,
    joined,
    quoted,
    read_names,
    to_millimeters,
    too_many_triangles,
)
from media_assets.cad.triangles import Surface

CORNERS_OF_FACE = 10_000
"""A face with more corners is no face of a product."""


@dataclass
class _Faces:
    """Triangles of one group: numbers of points, and of normals (-1: the file has none here), three each."""

    points: array[int] = field(default_factory=lambda: array("q"))
    normals: array[int] = field(default_factory=lambda: array("q"))


def read_obj(path: Path, name: str, reading: Reading, limits: Limits) -> MeshScene:
    """Return what is in an OBJ file; ``name`` is for what has none.

    Raises CadError: unit_unknown, damaged, too_large, too_many_instances, no_usable_geometry.
    """
    factor = to_millimeters(reading.unit, "obj")
    reader = _ObjReader(limits)
    with path.open("rb") as stream:
        begun: list[bytes] = []
        for line in stream:
            stripped = line.rstrip()
            if stripped.endswith(b"\\"):
                begun.append(stripped[:-1])
                continue
            reader.take(b" ".join([*begun, stripped]) if begun else stripped)
            begun.clear()
        reader.take(b" ".join(begun))
    points = np.array(reader.points).reshape(-1, 3) * factor
    normals = np.array(reader.normals).reshape(-1, 3)
    names = read_names({part for path_of_group in reader.groups for part in path_of_group}, reading.code_page)
    groups, dropped = [], 0
    for path_of_group, faces in reader.groups.items():
        surface, lost = _surface(points, normals, faces)
        dropped += lost
        if surface:
            titles = (names.text[part] for part in path_of_group)
            groups.append(MeshGroup(tuple(title for title in titles if title), surface))
    return flat_scene(
        name,
        groups,
        UNIT_NAMES[reading.unit],
        limits,
        facts=names.facts,
        findings=dropped_triangles(dropped)
        + names.findings
        + ([_materials_left_out()] if reader.has_materials else []),
    )


def _materials_left_out() -> Finding:
    return Finding(
        "materials_left_out",
        "The colors of an OBJ lie in a file of their own (MTL), which is not part of the upload: the parts are shown "
        "in gray. Assign materials by part name, or export GLB, which holds both.",
    )


class _ObjReader:
    """Takes one line after the other."""

    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        self.points = array("d")
        self.normals = array("d")
        self.groups: dict[tuple[bytes, ...], _Faces] = {}
        self.has_materials = False
        self._object = b""
        self._group = b""
        self._faces: _Faces | None = None
        self._triangles = 0

    def take(self, line: bytes) -> None:
        """Take in one line. Raises CadError damaged, too_large."""
        word, _, rest = line.strip().partition(b" ")
        if b"\t" in word:
            word, _, rest = line.strip().partition(b"\t")
        match word:
            case b"v":
                self._add(self.points, rest)
            case b"vn":
                self._add(self.normals, rest)
            case b"f" | b"fo":
                self._face(rest.split())
            case b"o":
                self._object, self._group, self._faces = rest.strip(), b"", None
            case b"g":
                group = rest.strip()
                self._group, self._faces = b"" if group == b"default" else group, None
            case b"mtllib" | b"usemtl":
                self.has_materials = True

    def _add(self, to: array[float], rest: bytes) -> None:
        words = rest.split(None, 3)[:3]
        try:
            to.extend([float(words[0]), float(words[1]), float(words[2])])
        except (ValueError, IndexError) as error:
            raise CadError("damaged", "point", found=quoted(rest)) from error
        if len(to) > 9 * self.limits.max_triangles:
            raise too_many_triangles(self.limits)

    def _face(self, words: list[bytes]) -> None:
        if not 3 <= len(words) <= CORNERS_OF_FACE:
            raise CadError("damaged", "face", corners=len(words))
        self._triangles += len(words) - 2
        if self._triangles > self.limits.max_triangles:
            raise too_many_triangles(self.limits)
        if self._faces is None:
            path = tuple(name for name in (self._object, self._group) if name)
            self._faces = self.groups.setdefault(path, _Faces())
        points, normals = zip(*map(self._corner, words), strict=True)
        polygon = [self.points[3 * point : 3 * point + 3] for point in points] if len(points) > 3 else []
        for triangle in cut(polygon) if polygon else [(0, 1, 2)]:
            for corner in triangle:
                self._faces.points.append(points[corner])
                self._faces.normals.append(normals[corner])

    def _corner(self, word: bytes) -> tuple[int, int]:
        """Return the numbers of a corner's point and normal, counted from 0; the normal's is -1 without one."""
        try:
            fields = word.split(b"/")
            point = _index(int(fields[0]), len(self.points) // 3)
            normal = -1
            if len(fields) > 2 and fields[2]:
                normal = _index(int(fields[2]), len(self.normals) // 3)
        except ValueError as error:
            raise CadError("damaged", "face_corner", found=quoted(word)) from error
        return point, normal


def _index(written: int, count: int) -> int:
    """Return a number from 0: files count from 1, or from -1 backwards. Raises ValueError."""
    number = written - 1 if written > 0 else count + written
    if written == 0 or not 0 <= number < count:
        raise ValueError
    return number


def _surface(points: Floats, normals: Floats, faces: _Faces) -> tuple[Surface | None, int]:
    """Return the surface of a group, and how many triangles were left out of it."""
    corners = np.array(faces.points).reshape(-1, 3)
    facing = np.array(faces.normals).reshape(-1, 3)
    used, renumbered = np.unique(corners, return_inverse=True)
    places, corners = points[used], renumbered.reshape(-1, 3)
    sound = usable(places, corners)
    corners, facing = corners[sound], facing[sound]
    has_normals = (facing >= 0).all(axis=1)
    found = []
    if has_normals.any():
        # A point with two normals, as on an edge, is two points.
        pairs = corners[has_normals] * len(normals) + facing[has_normals]
        distinct, number = np.unique(pairs, return_inverse=True)
        place, normal = np.divmod(distinct, len(normals))
        found.append(given_surface(places[place], normals[normal], number.reshape(-1, 3)))
    if not has_normals.all():
        found.append(smooth_surface(places, corners[~has_normals]))
    kept = [surface for surface in found if surface]
    return joined(kept) if kept else None, int((~sound).sum())
