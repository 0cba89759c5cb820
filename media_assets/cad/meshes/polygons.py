"""Cuts polygons into triangles: a fan where the polygon is convex, ears where it is not. Standard library only."""

from __future__ import annotations

from collections.abc import Sequence

Point = Sequence[float]
Flat = list[tuple[float, float]]
Triangle = tuple[int, int, int]

MOST_EARS = 400
"""Finding ears takes time with the cube of the corners; larger polygons are cut as a fan."""


def cut(polygon: Sequence[Point]) -> list[Triangle]:
    """Return the triangles of a polygon with at least three corners (x, y, z), as numbers of its corners."""
    fan = [(0, second, second + 1) for second in range(1, len(polygon) - 1)]
    if len(polygon) == 3 or len(polygon) > MOST_EARS:
        return fan
    flat = _flattened(polygon)
    count = len(flat)
    if all(_turn(flat[number - 1], flat[number], flat[(number + 1) % count]) >= 0 for number in range(count)):
        return fan
    return _ears(flat)


def _flattened(polygon: Sequence[Point]) -> Flat:
    """Return the polygon seen along its normal (M. E. Newell's), turning to the left."""
    normal = [0.0, 0.0, 0.0]
    for number, here in enumerate(polygon):
        back = polygon[number - 1]
        for axis in range(3):
            one, other = (axis + 1) % 3, (axis + 2) % 3
            normal[axis] += (back[one] - here[one]) * (back[other] + here[other])
    axis = max(range(3), key=lambda number: abs(normal[number]))
    one, other = (axis + 1) % 3, (axis + 2) % 3
    if normal[axis] < 0:
        one, other = other, one
    return [(point[one], point[other]) for point in polygon]


def _turn(first: Point, second: Point, third: Point) -> float:
    """Return twice the area of a triangle, above 0 when it turns to the left."""
    return (second[0] - first[0]) * (third[1] - first[1]) - (second[1] - first[1]) * (third[0] - first[0])


def _ears(flat: Flat) -> list[Triangle]:
    left = list(range(len(flat)))
    triangles: list[Triangle] = []
    while len(left) > 3:
        ear = next((place for place in range(len(left)) if _is_ear(flat, left, place)), 0)
        triangles.append((left[ear - 1], left[ear], left[(ear + 1) % len(left)]))
        del left[ear]
    return [*triangles, (left[0], left[1], left[2])]


def _is_ear(flat: Flat, left: list[int], place: int) -> bool:
    before, here, after = left[place - 1], left[place], left[(place + 1) % len(left)]
    first, second, third = flat[before], flat[here], flat[after]
    if _turn(first, second, third) <= 0:
        return False
    for number in left:
        point = flat[number]
        if number in (before, here, after) or point in (first, second, third):
            continue
        if (
            _turn(first, second, point) >= 0
            and _turn(second, third, point) >= 0
            and _turn(third, first, point) >= 0
        ):
            return False
    return True
