"""Compares what a CAD file holds with what a result shows."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from tests.media_assets.cad.shown import Shown

ROTATION, POSITION = 1e-6, 1e-4
"""The largest differences of a matrix: of its rotation's numbers, and of its position relative to the product."""


def differences(cad: dict[str, Any], shown: Shown, *, deflection: float, area: float) -> list[str]:
    """Return what differs, in words; [] when nothing was lost.

    ``deflection`` is how far, relative to a part's diagonal, triangles may be from its surface; ``area`` how much,
    relative to a color's area, they may differ in it.
    """
    return [
        *_parts(cad, shown, deflection, area),
        *_groups(cad, shown),
        *_box("whole", cad["low"], cad["high"], shown.low, shown.high, deflection),
    ]


def _parts(cad: dict[str, Any], shown: Shown, deflection: float, area: float) -> Iterator[str]:
    keys = [one.key for one in shown.placed]
    if len(set(keys)) != len(keys):
        yield "two parts have one part key"
    if len(keys) != len(cad["placed"]):
        yield f"{len(cad['placed'])} parts are placed, {len(keys)} are shown"
        return
    wanted = {(one["shape"], _rounded(one["areas"])) for one in cad["placed"]}
    meshes = {one.mesh for one in shown.placed}
    if len(meshes) != len(wanted):
        yield f"{len(wanted)} different parts, {len(meshes)} meshes"
    size = float(np.linalg.norm(np.subtract(cad["high"], cad["low"])))
    left = list(shown.placed)
    for part in sorted(cad["placed"], key=lambda one: (not one["name"], not one["product"])):
        here = [one for one in left if _close(part["matrix"], one.matrix, size)]
        shape = cad["shapes"][part["shape"]]
        fits = [
            one
            for one in here
            if _named(part, one.name, one.product)
            and not list(_colors(part["areas"], one.areas, area))
            and not list(_box("part", shape["low"], shape["high"], one.low, one.high, deflection))
        ]
        if fits:
            left.remove(fits[0])
            continue
        yield f"nothing shows {part['name']!r} of {part['product']!r} at {part['matrix'][0]}"
        for one in here:
            yield f"  there is {one.name!r} of {one.product!r}"
            yield from _colors(part["areas"], one.areas, area)
            yield from _box("part", shape["low"], shape["high"], one.low, one.high, deflection)


def _named(part: dict[str, Any], name: str, product: str) -> bool:
    """A name that means something is kept; a place without one is called like the product."""
    if part["product"] and product != part["product"]:
        return False
    return bool(name == (part["name"] or product))


def _close(wanted: list[list[float]], found: list[list[float]], size: float) -> bool:
    off = np.abs(np.subtract(wanted, found))
    return bool(off[:3, :3].max() <= ROTATION and off[:3, 3].max() <= POSITION * size)


def _colors(wanted: dict[str, float], found: dict[str, float], tolerance: float) -> Iterator[str]:
    if wanted.keys() != found.keys():
        yield f"  colors {sorted(wanted)} became {sorted(found)}"
        return
    for color, area in wanted.items():
        if abs(area - found[color]) > tolerance * area:
            yield f"  {color or 'no color'} covers {found[color]:.2f} instead of {area:.2f} mm2"


def _groups(cad: dict[str, Any], shown: Shown) -> Iterator[str]:
    lost = {name for name in cad["groups"] if name} - set(shown.groups)
    if lost:
        yield f"assemblies {sorted(lost)} are not there"


def _box(
    what: str,
    low: list[float],
    high: list[float],
    is_low: list[float],
    is_high: list[float],
    tolerance: float,
) -> Iterator[str]:
    off = max(np.abs(np.subtract(low, is_low)).max(), np.abs(np.subtract(high, is_high)).max())
    if off > tolerance * np.linalg.norm(np.subtract(high, low)):
        yield f"  the box of the {what} is {is_low} to {is_high} instead of {low} to {high}"


def _rounded(areas: dict[str, float]) -> tuple[tuple[str, float], ...]:
    return tuple(sorted((color, round(area, 3)) for color, area in areas.items()))
