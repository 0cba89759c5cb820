"""Reads Wavefront OBJ: parts by object and group, polygons, normals and colors. In the child process only.

Colors are those of its points, or those of its materials (MTL), which lie beside it in a packed upload.
"""

from __future__ import annotations

import math
from array import array
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from media_assets.cad.centering import far_points
from media_assets.cad.contract import NO_FILES, Finding, Limits, Reading
from media_assets.cad.errors import CadError
from media_assets.cad.meshes.colors import SIMPLIFIED, Colored, by_color
from media_assets.cad.meshes.mtl import Materials, read_materials
from media_assets.cad.meshes.normals import given_surface, smooth_surface, usable
from media_assets.cad.meshes.polygons import cut
from media_assets.cad.meshes.scene import (
    UNIT_NAMES,
    Corners,
    Floats,
    MeshGroup,
    MeshScene,
    decimal_commas,
    dropped_triangles,
    flat_scene,
    number_with_comma,
    quoted,
    read_names,
    to_millimeters,
    too_many_triangles,
)
from media_assets.cad.surfaces import Surface, joined

CORNERS_OF_FACE = 10_000
"""A face with more corners is no face of a product."""

MOST_ODD, MOST_ODD_SHARE = 10, 0.01
"""Faces without three corners that one meets in sound files; more of them, and the file is damaged."""

LARGEST_SHARE = 1.5


@dataclass
class _Faces:
    """Triangles of one group: numbers of points, and of normals (-1: the file has none here), three each; of the
    material (-1: none), one each."""

    points: array[int] = field(default_factory=lambda: array("q"))
    normals: array[int] = field(default_factory=lambda: array("q"))
    materials: array[int] = field(default_factory=lambda: array("q"))


def read_obj(
    path: Path, name: str, reading: Reading, limits: Limits, companions: Mapping[str, Path] = NO_FILES
) -> MeshScene:
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
    reader.end()
    points = np.array(reader.points).reshape(-1, 3) * factor
    origin = far_points(points)
    if origin is not None:
        points -= origin
    normals = np.array(reader.normals).reshape(-1, 3)
    library = read_materials(reader.libraries, companions)
    colors = _Colors(reader, library)
    names = read_names({part for path_of_group in reader.groups for part in path_of_group}, reading.code_page)
    groups, dropped = [], 0
    for path_of_group, faces in reader.groups.items():
        surfaces, lost = _surfaces(points, normals, faces, colors)
        dropped += lost
        if surfaces:
            titles = (names.text[part] for part in path_of_group)
            groups.append(MeshGroup(tuple(title for title in titles if title), surfaces))
    return flat_scene(
        name,
        groups,
        UNIT_NAMES[reading.unit],
        limits,
        facts=names.facts,
        origin=origin,
        findings=reader.findings
        + dropped_triangles(dropped)
        + names.findings
        + library.findings
        + ([SIMPLIFIED] if colors.simplified else []),
    )


class _ObjReader:
    """Takes one line after the other."""

    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        self.points = array("d")
        self.normals = array("d")
        self.groups: dict[tuple[bytes, ...], _Faces] = {}
        self.colors = array("d")  # of the points, three each; empty as long as none has one
        self.libraries: list[bytes] = []
        self.materials: dict[bytes, int] = {}
        self.findings: list[Finding] = []
        self._lines = self._commas = self._odd_faces = 0
        self._odd = CadError("damaged", "face", corners=0)
        self._material = -1
        self._object = b""
        self._group = b""
        self._faces: _Faces | None = None
        self._triangles = 0

    def take(self, line: bytes) -> None:
        """Take in one line. Raises CadError damaged, too_large."""
        self._lines += 1
        word, _, rest = line.strip().partition(b" ")
        if b"\t" in word:
            word, _, rest = line.strip().partition(b"\t")
        match word:
            case b"v":
                self._point(rest)
            case b"vn":
                self._add(self.normals, rest)
            case b"f" | b"fo":
                self._face(rest.split())
            case b"o":
                self._object, self._group, self._faces = rest.strip(), b"", None
            case b"g":
                group = rest.strip()
                self._group, self._faces = b"" if group == b"default" else group, None
            case b"mtllib":
                self.libraries.append(rest.strip())
            case b"usemtl":
                self._material = self.materials.setdefault(rest.strip(), len(self.materials))

    def end(self) -> None:
        """Note what was left out. Raises CadError damaged where that is more than an odd face here and there."""
        if self._commas:
            self.findings.append(decimal_commas(self._commas))
        if not self._odd_faces:
            return
        if not self._triangles or self._odd_faces > max(MOST_ODD, self._triangles * MOST_ODD_SHARE):
            raise self._odd
        self.findings.append(
            Finding(
                "odd_faces",
                f"{self._odd_faces} faces were left out: they have fewer than three corners, or corners that are not "
                "in the file. Compare the picture with the model, and export it again if something is missing.",
            )
        )

    def _point(self, rest: bytes) -> None:
        if b"," in rest:
            self._commas = self._commas or self._lines
            rest = number_with_comma(rest)
        self._add(self.points, rest)
        words = rest.split(None, 7)[3:6]
        if len(words) == 3:
            # Those before it had none.
            missing = len(self.points) - 3 - len(self.colors)
            self.colors.extend([math.nan] * missing)
            self._add(self.colors, b" ".join(words))

    def _add(self, to: array[float], rest: bytes) -> None:
        words = rest.split(None, 3)[:3]
        try:
            to.extend([float(words[0]), float(words[1]), float(words[2])])
        except (ValueError, IndexError) as error:
            raise CadError("damaged", "point", found=quoted(rest)) from error
        if len(to) > 9 * self.limits.max_triangles:
            raise too_many_triangles(self.limits)

    def _face(self, words: list[bytes]) -> None:
        if len(words) > CORNERS_OF_FACE:
            raise CadError("damaged", "face", corners=len(words))
        try:
            if len(words) < 3:
                raise CadError("damaged", "face", corners=len(words))
            points, normals = zip(*map(self._corner, words), strict=True)
        except CadError as error:
            self._odd_faces += 1
            self._odd = error if self._odd_faces == 1 else self._odd
            return
        self._triangles += len(words) - 2
        if self._triangles > self.limits.max_triangles:
            raise too_many_triangles(self.limits)
        if self._faces is None:
            path = tuple(name for name in (self._object, self._group) if name)
            self._faces = self.groups.setdefault(path, _Faces())
        polygon = [self.points[3 * point : 3 * point + 3] for point in points] if len(points) > 3 else []
        for triangle in cut(polygon) if polygon else [(0, 1, 2)]:
            self._faces.materials.append(self._material)
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


class _Colors:
    """The colors of triangles: of their points, or of their materials. ``simplified`` says that there were too many."""

    def __init__(self, reader: _ObjReader, library: Materials) -> None:
        self.points = np.array(reader.colors).reshape(-1, 3)
        missing = len(reader.points) // 3 - len(self.points)
        if len(self.points):
            self.points = np.concatenate([self.points, np.full((missing, 3), np.nan)])
            if np.nanmax(self.points) > LARGEST_SHARE:
                self.points = self.points / 255  # as some programs write them
        # One more row for triangles without a material, at -1.
        self.materials = np.full((len(reader.materials) + 1, 4), np.nan)
        for name, number in reader.materials.items():
            color = library.colors.get(name.lower())
            if color:
                self.materials[number] = color
        self.simplified = False

    def of(self, corners: Corners, materials: Corners) -> Floats | None:
        """Return the colors (m, 4) of triangles; None when none has one."""
        rgb = self.materials[materials]
        if len(self.points):
            means = self.points[corners].mean(axis=1)
            own = np.isfinite(means).all(axis=1)
            rgb[own] = np.concatenate([means[own], np.ones((int(own.sum()), 1))], axis=1)
        return rgb if np.isfinite(rgb).any() else None


def _surfaces(points: Floats, normals: Floats, faces: _Faces, colors: _Colors) -> tuple[list[Colored], int]:
    """Return the surfaces of a group by color, and how many triangles were left out of it."""
    corners = np.array(faces.points).reshape(-1, 3)
    facing = np.array(faces.normals).reshape(-1, 3)
    rgb = colors.of(corners, np.array(faces.materials))
    used, renumbered = np.unique(corners, return_inverse=True)
    places, corners = points[used], renumbered.reshape(-1, 3)
    sound = usable(places, corners)
    dropped = int((~sound).sum())
    corners, facing = corners[sound], facing[sound]

    def make(rows: Corners) -> Surface | None:
        return _surface(places, normals, corners[rows], facing[rows])

    rows = np.arange(len(corners))
    if rgb is None:
        surface = make(rows)
        return [(None, surface)] if surface else [], dropped
    found, simplified = by_color(rows, rgb[sound], make)
    colors.simplified = colors.simplified or simplified
    return found, dropped


def _surface(places: Floats, normals: Floats, corners: Corners, facing: Corners) -> Surface | None:
    """Return triangles as one surface, with the normals that the file has where it has them."""
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
    return joined(kept) if kept else None
