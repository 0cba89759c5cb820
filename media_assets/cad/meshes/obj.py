"""Reads Wavefront OBJ: parts by object and group, polygons, normals and colors. In the child process only.

Colors are those of its points, or those of its materials (MTL), which lie beside it in a packed upload.
"""

from __future__ import annotations

import math
from array import array
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import BinaryIO

import numpy as np
import numpy.typing as npt

from media_assets.cad.centering import far_points
from media_assets.cad.contract import NO_FILES, Finding, Limits, Reading
from media_assets.cad.errors import CadError
from media_assets.cad.meshes.colors import Colored, shaded, tinted, to_linear
from media_assets.cad.meshes.mtl import Materials, read_materials
from media_assets.cad.meshes.normals import BARE, Carried, given_surface, in_reach, smooth_surface, usable
from media_assets.cad.meshes.polygons import cut
from media_assets.cad.meshes.scan import HEAD_BYTES
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
    same_colors,
    to_millimeters,
    too_many_triangles,
)
from media_assets.cad.prescan import NOTHING
from media_assets.cad.surfaces import Surface, joined

CORNERS_OF_FACE = 10_000
"""A face with more corners is no face of a product."""

MOST_ODD, MOST_ODD_SHARE = 10, 0.01
"""Faces without three corners that one meets in sound files; more of them, and the file is damaged."""

LARGEST_SHARE = 1.5


@dataclass
class _Faces:
    """Triangles of one group: numbers of points, and of normals and places in textures (-1: the file has none here),
    three each; of the material (-1: none), one each."""

    points: array[int] = field(default_factory=lambda: array("q"))
    normals: array[int] = field(default_factory=lambda: array("q"))
    uvs: array[int] = field(default_factory=lambda: array("q"))
    materials: array[int] = field(default_factory=lambda: array("q"))


def read_obj(
    path: Path, name: str, reading: Reading, limits: Limits, companions: Mapping[str, Path] = NO_FILES
) -> MeshScene:
    """Return what is in an OBJ file; ``name`` is for what has none.

    Raises CadError: unit_unknown, damaged, too_large, too_many_instances, nothing_to_show,
    no_usable_geometry.
    """
    factor = to_millimeters(reading.unit, "obj")
    reader = _ObjReader(limits, has_materials=bool(companions))
    with path.open("rb") as stream:
        begun: list[bytes] = []
        for line in _lines(stream):
            stripped = line.rstrip(NOTHING)
            if stripped.endswith(b"\\"):
                begun.append(stripped[:-1])
                continue
            reader.take(b" ".join([*begun, stripped]) if begun else stripped)
            begun.clear()
        reader.take(b" ".join(begun))
    reader.end()
    if not reader.groups:
        raise CadError("nothing_to_show", "obj")
    points = np.array(reader.points).reshape(-1, 3) * factor
    origin = far_points(points)
    if origin is not None:
        points -= origin
    normals = np.array(reader.normals).reshape(-1, 3)
    library = read_materials(reader.libraries, companions)
    looks = _Looks(reader, library)
    names = read_names({part for path_of_group in reader.groups for part in path_of_group}, reading.code_page)
    groups, dropped = [], 0
    for path_of_group, faces in reader.groups.items():
        surfaces, lost = _surfaces(points, normals, faces, looks)
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
        findings=reader.findings + dropped_triangles(dropped) + names.findings + library.findings,
    )


def _lines(stream: BinaryIO) -> Iterable[bytes]:
    """Return the lines of a file, also where they end as on an old Mac."""
    head = stream.read(HEAD_BYTES)
    stream.seek(0)
    return stream.read().split(b"\r") if b"\r" in head and b"\n" not in head else stream


class _ObjReader:
    """Takes one line after the other."""

    def __init__(self, limits: Limits, *, has_materials: bool) -> None:
        self.limits = limits
        self._has_materials = has_materials
        self.points = array("d")
        self.normals = array("d")
        self.groups: dict[tuple[bytes, ...], _Faces] = {}
        self.uvs = array("d")
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
            case b"vt" if self._has_materials:
                self._add(self.uvs, rest + b" 0", 2)
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

    def _add(self, to: array[float], rest: bytes, count: int = 3) -> None:
        words = rest.split(None, count)[:count]
        try:
            to.extend([float(words[number]) for number in range(count)])
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
            points, normals, uvs = zip(*map(self._corner, words), strict=True)
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
                self._faces.uvs.append(uvs[corner])

    def _corner(self, word: bytes) -> tuple[int, int, int]:
        """Return the numbers of a corner's point, normal and place in textures, counted from 0; -1 without one."""
        try:
            fields = word.split(b"/")
            point = _index(int(fields[0]), len(self.points) // 3)
            normal = uv = -1
            if len(fields) > 2 and fields[2]:
                normal = _index(int(fields[2]), len(self.normals) // 3)
            if len(fields) > 1 and fields[1] and self.uvs:
                uv = _index(int(fields[1]), len(self.uvs) // 2)
        except ValueError as error:
            raise CadError("damaged", "face_corner", found=quoted(word)) from error
        return point, normal, uv


def _index(written: int, count: int) -> int:
    """Return a number from 0: files count from 1, or from -1 backwards. Raises ValueError."""
    number = written - 1 if written > 0 else count + written
    if written == 0 or not 0 <= number < count:
        raise ValueError
    return number


class _Looks:
    """The colors of points (n, 4; linear light, not a number for those without one), of materials (the last one: of
    triangles without), and the places in textures (k, 2)."""

    def __init__(self, reader: _ObjReader, library: Materials) -> None:
        self.points: Floats | None = None
        own = np.array(reader.colors).reshape(-1, 3)
        if len(own):
            missing = len(reader.points) // 3 - len(own)
            own = np.concatenate([own, np.full((missing, 3), np.nan)])
            if np.nanmax(own) > LARGEST_SHARE:
                own = own / 255  # as some programs write them
            self.points = np.column_stack([to_linear(np.clip(own, 0.0, 1.0)), np.ones(len(own))])
        self.materials = [library.colors.get(name.lower()) for name in reader.materials] + [None]
        # One more row, at -1; the images of glTF begin above.
        uvs = np.array([*reader.uvs, 0.0, 1.0]).reshape(-1, 2)
        self.uvs = in_reach(np.column_stack([uvs[:, 0], 1.0 - uvs[:, 1]]))


@dataclass
class _Triangles:
    """Some triangles: numbers of points, normals and places in textures, (m, 3) each."""

    corners: Corners
    facing: Corners
    mapped: Corners

    def some(self, rows: Corners | npt.NDArray[np.bool_]) -> _Triangles:
        return _Triangles(self.corners[rows], self.facing[rows], self.mapped[rows])


def _surfaces(points: Floats, normals: Floats, faces: _Faces, looks: _Looks) -> tuple[list[Colored], int]:
    """Return the surfaces of a group by color, and how many triangles were left out of it."""
    corners, facing, mapped = (
        np.array(numbers).reshape(-1, 3) for numbers in (faces.points, faces.normals, faces.uvs)
    )
    used, renumbered = np.unique(corners, return_inverse=True)
    places, corners = points[used], renumbered.reshape(-1, 3)
    sound = usable(places, corners)
    triangles = _Triangles(corners, facing, mapped).some(sound)
    materials = np.array(faces.materials)[sound]
    light = looks.points[used] if looks.points is not None else None
    has_own = np.zeros(len(materials), bool)
    if light is not None:
        has_own = np.isfinite(light[triangles.corners]).all(axis=(1, 2))
    found: list[Colored] = []
    if light is not None and has_own.any():
        found += _tinted(places, normals, triangles.some(has_own), light)
    distinct = list(dict.fromkeys(looks.materials))
    kinds = np.array([distinct.index(one) for one in looks.materials])[materials]
    for kind in np.unique(kinds[~has_own]):
        color = distinct[kind]
        some = triangles.some(~has_own & (kinds == kind))
        if color and color.described and color.described.uvs:
            surface = _textured(places, normals, some, looks.uvs)
        else:
            surface = _surface(places, normals, some)
        if surface:
            found.append((color, surface))
    return same_colors(found), int((~sound).sum())


def _tinted(places: Floats, normals: Floats, triangles: _Triangles, light: Floats) -> list[Colored]:
    carried = Carried()

    def make(rows: Corners) -> Surface | None:
        return _surface(places, normals, triangles.some(rows), carried)

    return [
        (shaded(color, None, is_tinted=surface.tints is not None), surface)
        for color, surface in tinted(triangles.corners, light, carried, make)
    ]


def _textured(places: Floats, normals: Floats, triangles: _Triangles, uvs: Floats) -> Surface | None:
    """Return a surface with places in textures: a point with two of them is two points."""
    mapped = np.where(triangles.mapped < 0, len(uvs) - 1, triangles.mapped)
    distinct, number = np.unique(triangles.corners * len(uvs) + mapped, return_inverse=True)
    point, uv = np.divmod(distinct, len(uvs))
    corners = number.reshape(-1, 3)
    return _surface(places[point], normals, replace(triangles, corners=corners), Carried((uvs[uv],)))


def _surface(
    places: Floats, normals: Floats, triangles: _Triangles, carried: Carried = BARE
) -> Surface | None:
    """Return triangles as one surface, with the normals that the file has where it has them."""
    corners, facing = triangles.corners, triangles.facing
    has_normals = (facing >= 0).all(axis=1)
    found = []
    if has_normals.any():
        # A point with two normals, as on an edge, is two points.
        pairs = corners[has_normals] * len(normals) + facing[has_normals]
        distinct, number = np.unique(pairs, return_inverse=True)
        place, normal = np.divmod(distinct, len(normals))
        found.append(given_surface(places[place], normals[normal], number.reshape(-1, 3), carried.of(place)))
    if not has_normals.all():
        found.append(smooth_surface(places, corners[~has_normals], carried))
    kept = [surface for surface in found if surface]
    return joined(kept) if kept else None
