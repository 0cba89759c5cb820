"""Measures what was made and compares it with what the file says it should measure. Runs in the child process only.

CAD programs may write volume, area and center of gravity of their parts into a STEP file (validation properties), so
that a reader can find out whether it understood the geometry.
"""

from __future__ import annotations

import math
import time
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from OCP.BRepGProp import BRepGProp
from OCP.GProp import GProp_GProps
from OCP.TopAbs import TopAbs_FACE, TopAbs_SOLID
from OCP.TopExp import TopExp_Explorer

from media_assets.cad.contract import Finding
from media_assets.cad.mesher import MeshedProduct
from media_assets.cad.meshes.normals import weld
from media_assets.cad.placing import Floats
from media_assets.cad.product_tree import IDENTITY, CadProduct, Part, Stated
from media_assets.cad.surfaces import Mesh

TOLERANCE = 0.01
"""A difference above this part of the stated value (of the size, for a center) is told."""

PATIENCE_S = 10.0
"""Seconds after which no more exact surfaces are measured, which is needed where triangles alone are too coarse."""

MAX_LISTED = 20

NOT_MOVED: Floats = np.zeros(3)

CHECKED_TRIANGLES = 2_000_000
"""Triangles of mesh files that are checked for holes, about 1 s a million; beyond that no volume is given."""


@dataclass(frozen=True)
class Sizes:
    """What a shape measures: mm3 (None when it is not closed), mm2, the center of its volume and its diagonal in mm."""

    volume: float | None
    area: float
    center: tuple[float, float, float]
    diagonal: float


@dataclass
class Validation:
    """The measured sizes, of each part and as values of the report, and the findings."""

    sizes: list[Sizes]
    facts: dict[str, Any] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)


def validate(
    product: CadProduct,
    meshes: list[Mesh],
    meshed: MeshedProduct,
    placed: dict[int, Floats],
    origin: Floats = NOT_MOVED,
) -> Validation:
    """Return area and volume of the product, and where it differs from what its file states.

    The volume is that of closed parts; None when there are none. ``origin`` is where that of the placements lies in the
    file (mm).
    """
    sizes = _sizes(product, meshes, meshed)
    scales = {look: np.abs(np.linalg.det(matrices[:, :3, :3])) for look, matrices in placed.items()}
    parts = [(sizes[product.looks[look].part], scale) for look, scale in scales.items()]
    volumes = [size.volume * float(scale.sum()) for size, scale in parts if size.volume is not None]
    area = sum(size.area * float((scale ** (2 / 3)).sum()) for size, scale in parts)
    result = Validation(
        sizes,
        {"area_mm2": round(area, 3), "volume_mm3": round(sum(volumes), 3) if volumes else None},
    )
    if product.stated_parts or product.stated:
        _Comparison(product, sizes, placed, origin, result).run()
    return result


def _sizes(product: CadProduct, meshes: list[Mesh], meshed: MeshedProduct) -> list[Sizes]:
    """Return what the triangles of each part measure."""
    sizes = [Sizes(None, 0.0, (0.0, 0.0, 0.0), 0.0)] * len(product.parts)
    known: set[int] = set()
    left = CHECKED_TRIANGLES
    for look, mesh in zip(product.looks, meshes, strict=True):
        if look.part in known or not mesh.surfaces:
            continue
        known.add(look.part)
        part = product.parts[look.part]
        if part.shape is not None:
            is_closed = _is_closed(part) and not meshed.parts[look.part].unmeshed_faces
        else:
            left -= mesh.triangles
            is_closed = left >= 0 and _is_watertight(mesh)
        size = _size(mesh, is_closed)
        if part.shape is None and size.volume is not None:
            size = replace(size, volume=abs(size.volume))  # a mesh turned inside out holds as much
        sizes[look.part] = size
    return sizes


def _size(mesh: Mesh, is_closed: bool) -> Sizes:
    area = volume = 0.0
    moment = np.zeros(3)
    points = np.concatenate([surface.points for _, surface in mesh.surfaces]).astype(np.float64)
    low, high = points.min(axis=0), points.max(axis=0)
    middle = (low + high) / 2
    for _, surface in mesh.surfaces:
        first, second, third = (
            surface.points[surface.corners[:, corner]].astype(np.float64) - middle for corner in range(3)
        )
        across = np.cross(second - first, third - first)
        area += float(np.linalg.norm(across, axis=1).sum()) / 2
        # Each triangle and the middle make a tetrahedron; those turned away from it count as negative.
        cones = np.einsum("ij,ij->i", first, across) / 6
        volume += float(cones.sum())
        moment += ((first + second + third) / 4 * cones[:, None]).sum(axis=0)
    diagonal = float(np.linalg.norm(high - low))
    center = middle + (moment / volume if volume else 0.0)
    return Sizes(volume if is_closed else None, area, tuple(center.tolist()), diagonal)


def _is_closed(part: Part) -> bool:
    if part.shape is None or part.shape.IsNull() or not part.solids:
        return False
    return not TopExp_Explorer(part.shape, TopAbs_FACE, TopAbs_SOLID).More()


def _is_watertight(mesh: Mesh) -> bool:
    """Return whether each edge of a mesh is passed as often in one direction as in the other, so that it has an inside.

    Corners at one place count as one, since a mesh has one for each normal and color.
    """
    corners, count = [], 0
    for _, surface in mesh.surfaces:
        corners.append(surface.corners.astype(np.int64) + count)
        count += len(surface.points)
    places, which = weld(np.concatenate([surface.points for _, surface in mesh.surfaces]))
    starts = which[np.concatenate(corners)]
    ends = np.roll(starts, -1, axis=1)
    there, back = starts * len(places) + ends, ends * len(places) + starts
    return np.array_equal(np.sort(there, axis=None), np.sort(back, axis=None))


class _Comparison:
    """Compares stated with measured sizes; where triangles differ, the exact surfaces decide."""

    def __init__(
        self,
        product: CadProduct,
        sizes: list[Sizes],
        placed: dict[int, Floats],
        origin: Floats,
        result: Validation,
    ) -> None:
        self.origin = origin
        self.product = product
        self.sizes = sizes
        self.placed = placed
        self.result = result
        self.exact: set[int] = set()
        self.until = time.monotonic() + PATIENCE_S
        self.checked = 0
        self.unsure = 0
        self.differences: list[dict[str, Any]] = []

    def run(self) -> None:
        """Compare all parts and the whole, and note the result."""
        for one in self.product.stated_parts:
            self._compare(one.name, one.stated, one.bodies, lambda numbers=one.bodies: self._joined(numbers))
        whole = self.product.stated
        # What is left out is in the file's numbers, and so is how it stands.
        is_whole = not (self.product.hidden or self.product.strays) and self.product.root.matrix == IDENTITY
        if whole and self.product.root.children and is_whole:
            numbers = tuple({self.product.looks[look].part for look in self.placed})
            self._compare(self.product.root.name, whole, numbers, self._whole)
        self.result.facts["validation"] = {
            "checked": self.checked,
            "unsure": self.unsure,
            "differing": self.differences[:MAX_LISTED],
        }
        if self.differences:
            names = sorted({one["name"] for one in self.differences})
            self.result.findings.append(
                Finding(
                    "sizes_differ",
                    f"{len(names)} parts differ by more than {TOLERANCE:.0%} from the volume, area or center of "
                    "gravity that the file states for them, so some geometry may be missing or wrong. "
                    "Compare the picture with the CAD system; if it is wrong, export the file again.",
                    "\n".join(
                        f"{one['name']}: {one['what']} {one['found']} instead of {one['stated']}"
                        for one in self.differences[:MAX_LISTED]
                    ),
                )
            )

    def _compare(self, name: str, stated: Stated, numbers: tuple[int, ...], measured: Any) -> None:
        self.checked += 1
        found = _differences(stated, measured())
        if found and not self.exact.issuperset(numbers):
            if not self._measure_exactly(numbers):
                self.unsure += 1
                return
            found = _differences(stated, measured())
        self.differences += [{"name": name, **one} for one in found]

    def _measure_exactly(self, numbers: Iterable[int]) -> bool:
        """Put exact sizes in the place of those of the triangles; return False when that takes too long."""
        for number in numbers:
            if time.monotonic() > self.until:
                return False
            part, size = self.product.parts[number], self.sizes[number]
            if number not in self.exact and not part.shape.IsNull():
                surface, solid = GProp_GProps(), GProp_GProps()
                BRepGProp.SurfaceProperties_s(part.shape, surface)
                BRepGProp.VolumeProperties_s(part.shape, solid)
                at = solid.CentreOfMass()
                x, y, z = self._shift(number)
                volume = None if size.volume is None else float(solid.Mass())
                self.sizes[number] = Sizes(
                    volume, float(surface.Mass()), (at.X() - x, at.Y() - y, at.Z() - z), size.diagonal
                )
            self.exact.add(number)
        return True

    def _joined(self, numbers: tuple[int, ...]) -> Sizes:
        """Return the sizes of bodies that are one part in the file."""
        return _sum([(self.sizes[number], _moved(np.eye(4), self._shift(number))) for number in numbers])

    def _shift(self, number: int) -> tuple[float, float, float]:
        """Return where in a part's coordinates the origin of its mesh lies."""
        return self.product.shifts.get(number, (0.0, 0.0, 0.0))

    def _whole(self) -> Sizes:
        looks = self.product.looks
        return _sum(
            [
                (self.sizes[looks[look].part], _moved(matrix, self.origin))
                for look, matrices in self.placed.items()
                for matrix in matrices
            ]
        )


def _moved(matrix: Floats, by: Floats | tuple[float, float, float]) -> Floats:
    moved = matrix.copy()
    moved[:3, 3] += by
    return moved


def _sum(placed: list[tuple[Sizes, Floats]]) -> Sizes:
    volumes = [size.volume for size, _ in placed]
    known = [volume for volume in volumes if volume is not None]
    centers = np.array([matrix[:3, :3] @ size.center + matrix[:3, 3] for size, matrix in placed])
    weights = np.array(known if len(known) == len(placed) else [size.area for size, _ in placed])
    total = float(weights.sum())
    center = (centers * weights[:, None]).sum(axis=0) / total if total else centers.mean(axis=0)
    spread = float(np.linalg.norm(centers.max(axis=0) - centers.min(axis=0)))
    return Sizes(
        sum(known) if len(known) == len(placed) else None,
        sum(size.area for size, _ in placed),
        tuple(center.tolist()),
        spread + max(size.diagonal for size, _ in placed),
    )


def _differences(stated: Stated, found: Sizes) -> list[dict[str, Any]]:
    """Return what differs: volume (mm3), area (mm2) or center (mm)."""
    different: list[dict[str, Any]] = []
    for what, said, is_ in (("volume", stated.volume, found.volume), ("area", stated.area, found.area)):
        if said and is_ is not None and not abs(is_ - said) <= TOLERANCE * abs(said):
            different.append({"what": what, "stated": said, "found": round(is_, 3)})
    off = math.dist(stated.center, found.center) if stated.center and found.volume is not None else 0.0
    if stated.center and not off <= TOLERANCE * found.diagonal:
        shown = [round(value, 3) for value in found.center]
        different.append({"what": "centre", "stated": list(stated.center), "found": shown})
    return different
