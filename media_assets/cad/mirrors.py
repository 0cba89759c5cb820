"""Finds the placements that a STEP file mirrors and OpenCASCADE turns by half a turn. Runs in the child process only.

A CARTESIAN_TRANSFORMATION_OPERATOR_3D may be left-handed (ISO 10303-42); the kernel takes two of its three axes and
makes a right-handed placement of them.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from OCP.collections import Sequence_TDF_Label
from OCP.StepGeom import StepGeom_Axis2Placement3d, StepGeom_CartesianTransformationOperator3d
from OCP.StepRepr import StepRepr_MappedItem, StepRepr_RepresentationRelationshipWithTransformation
from OCP.TDocStd import TDocStd_Document
from OCP.XCAFDoc import XCAFDoc_DocumentTool, XCAFDoc_ShapeTool

from media_assets.cad.contract import Finding
from media_assets.cad.labels import entry_of, listed, placement_of
from media_assets.cad.placing import Floats
from media_assets.cad.product_tree import Matrix

KEYWORD = b"CARTESIAN_TRANSFORMATION_OPERATOR_3D"
UNITS_MM = (1.0, 1000.0, 25.4, 10.0, 304.8, 0.001)
"""Lengths in which a file may write; which one it is follows from where the kernel put the part."""

CLOSE = 1e-6  # of the size of the numbers


Made = list[tuple[Matrix, Floats]]


def mirrored(model: Any, document: TDocStd_Document) -> tuple[dict[str, Matrix], list[Finding]]:
    """Return the right matrix (mm) of each label's entry that the file mirrors, and what could not be placed right."""
    operators = list(_left_handed(model))
    found: dict[str, Matrix] = {}
    if not operators:
        return found, []
    components = _places(document)
    missing = 0
    for right, wrong, origin in operators:
        made = [(_as_matrix(_brings(wrong, origin, unit)), _brings(right, origin, unit)) for unit in UNITS_MM]
        if not _place(components, made, found):
            missing += 1
    if not missing:
        return found, []
    return found, [
        Finding(
            "mirror_unclear",
            f"The file mirrors {missing} placements in a way that could not be followed; they are turned instead. "
            "Compare the picture with the CAD system; export a part that is the wrong way round by itself.",
        )
    ]


def _place(components: dict[str, Matrix], made: Made, found: dict[str, Matrix]) -> bool:
    """Find the component that the kernel placed wrongly, and note where it belongs; return whether there is one."""
    for entry, matrix in components.items():
        if entry in found:
            continue
        for wrong, right in made:
            if _is_close(matrix, wrong):
                found[entry] = _as_matrix(right)
                return True
    return False


def _is_close(one: Matrix, other: Matrix) -> bool:
    """Return whether two placements are the same but for rounding."""
    size = max(1.0, max(map(abs, one)))
    return all(abs(a - b) <= CLOSE * size for a, b in zip(one, other, strict=True))


def _brings(placement: Floats, origin: Floats, unit: float) -> Floats:
    """Return where a placement brings what is drawn at ``origin``, with lengths in mm."""
    target, source = placement.copy(), origin.copy()
    target[:3, 3] *= unit
    source[:3, 3] *= unit
    made: Floats = target @ np.linalg.inv(source)
    return made


def _as_matrix(matrix: Floats) -> Matrix:
    return (*(float(number) for number in matrix.reshape(-1)),)


def _left_handed(model: Any) -> Iterator[tuple[Floats, Floats, Floats]]:
    """Yield the right, the kernel's and the original placement (4 x 4, in the file's unit) of each mirrored item."""
    for number in range(1, model.NbEntities() + 1):
        entity = model.Value(number)
        origin: Any = None
        if isinstance(entity, StepRepr_MappedItem):
            operator, origin = entity.MappingTarget(), entity.MappingSource().MappingOrigin()
        elif isinstance(entity, StepRepr_RepresentationRelationshipWithTransformation):
            chosen = entity.TransformationOperator()
            operator = chosen.Value() if chosen is not None else None
        else:
            continue
        if (
            not isinstance(operator, StepGeom_CartesianTransformationOperator3d)
            or operator.LocalOrigin() is None
        ):
            continue
        right, wrong = _axes(operator)
        if np.linalg.det(right[:3, :3]) < 0:
            yield right, wrong, _placed(origin)


def _axes(operator: Any) -> tuple[Floats, Floats]:
    """Return the axes of an operator as the standard derives them, and as the kernel does."""
    third = _unit(_ratios(operator.Axis3()) if operator.HasAxis3() else np.array([0.0, 0.0, 1.0]))
    first = _across(_ratios(operator.Axis1()) if operator.HasAxis1() else np.array([1.0, 0.0, 0.0]), third)
    handed = np.cross(third, first)
    second = _ratios(operator.Axis2()) if operator.HasAxis2() else handed
    turned = handed if float(second @ handed) >= 0 else -handed
    scale = operator.Scale() if operator.HasScale() else 1.0
    origin = _point(operator.LocalOrigin())
    right = _matrix(first, turned, third, scale, origin)
    if not operator.HasAxis3():
        # The kernel then takes it from the other two.
        third = _unit(np.cross(first, second))
        first = _across(first, third)
        handed = np.cross(third, first)
    return right, _matrix(first, handed, third, scale, origin)


def _placed(placement: Any) -> Floats:
    if not isinstance(placement, StepGeom_Axis2Placement3d) or placement.Location() is None:
        return np.eye(4)
    third = _unit(_ratios(placement.Axis()) if placement.HasAxis() else np.array([0.0, 0.0, 1.0]))
    given = placement.HasRefDirection()
    first = _across(_ratios(placement.RefDirection()) if given else np.array([1.0, 0.0, 0.0]), third)
    return _matrix(first, np.cross(third, first), third, 1.0, _point(placement.Location()))


def _places(document: TDocStd_Document) -> dict[str, Matrix]:
    """Return the placement (mm) of each component and placed root by its entry, each label once."""
    found: dict[str, Matrix] = {}
    shapes = Sequence_TDF_Label()
    XCAFDoc_DocumentTool.ShapeTool_s(document.Main()).GetShapes(shapes)
    for label in listed(shapes):
        placed = [label] if XCAFDoc_ShapeTool.IsReference_s(label) else []
        if XCAFDoc_ShapeTool.IsAssembly_s(label):
            components = Sequence_TDF_Label()
            XCAFDoc_ShapeTool.GetComponents_s(label, components)
            placed = listed(components)
        found.update((entry_of(one), placement_of(one)) for one in placed)
    return found


def _matrix(first: Floats, second: Floats, third: Floats, scale: float, origin: Floats) -> Floats:
    matrix = np.eye(4)
    matrix[:3, :3] = np.column_stack([first, second, third]) * scale
    matrix[:3, 3] = origin
    return matrix


def _ratios(direction: Any) -> Floats:
    numbers = [direction.DirectionRatiosValue(axis) for axis in range(1, direction.NbDirectionRatios() + 1)]
    return np.array([*numbers, 0.0, 0.0, 0.0][:3])


def _point(point: Any) -> Floats:
    numbers = [point.CoordinatesValue(axis) for axis in range(1, point.NbCoordinates() + 1)]
    return np.array([*numbers, 0.0, 0.0, 0.0][:3])


def _unit(vector: Floats) -> Floats:
    length = float(np.linalg.norm(vector))
    return vector / length if length > 0 else np.array([0.0, 0.0, 1.0])


def _across(vector: Floats, axis: Floats) -> Floats:
    """Return the unit vector across an axis that is nearest to a vector, or any where there is none."""
    left = vector - (vector @ axis) * axis
    if float(np.linalg.norm(left)) < CLOSE:
        other = np.eye(3)[int(np.abs(axis).argmin())]
        left = other - (other @ axis) * axis
    return _unit(left)
